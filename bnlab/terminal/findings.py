"""Findings as a terminal shows them: a sentence each, and what to try."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from bnlab.terminal.printing import visible

NARROWEST = 20  # characters of a line
ENOUGH = 1000  # steps, after which every rule has enough to judge by


def lines_of(answer: dict[str, Any], width: int) -> list[str]:
    """What a job's findings say, of an answer of `Client.findings`, in lines that are no wider where words allow it."""
    return [line for indent, text in _paragraphs(answer) for line in _wrapped(visible(text), indent, width)]


def _paragraphs(answer: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Each paragraph with its indentation."""
    found, asked, step = answer["findings"], len(answer["rules"]), answer["watermark"] or 0
    up_to = f"up to step {step:,}"
    if not found and not step:
        yield 0, "findings: none yet; no step is recorded"
        return
    if not found:
        early = f"; some of them ask for {ENOUGH:,} steps" if step < ENOUGH else ""
        yield 0, f"findings: none; {asked} rules see nothing wrong {up_to}{early}"
        return
    yield 0, f"findings: {len(found)}, of {asked} rules, {up_to}"
    for each in found:
        yield 2, f"{each['rule']}: {each['sentence']}"
        yield 4, f"try: {each['remedy']}"


def _wrapped(text: str, indent: int, width: int) -> list[str]:
    margin = " " * indent
    return wrap(
        text, max(width, NARROWEST), initial_indent=margin, subsequent_indent=margin + "  ", break_on_hyphens=False
    )
