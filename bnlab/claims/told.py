"""What is told of each claim beside its numbers, from the texts in `bnlab/claims/prose`: no result is told there."""

from dataclasses import dataclass
from importlib.resources import files

PROSE = files("bnlab.claims") / "prose"
HEADING = "## "


@dataclass(frozen=True)
class Told:
    """Of a claim, as Markdown."""

    asked: str
    """The question, in one or two sentences."""
    said: str
    """What the paper says of it, in our words, and where."""
    changed: str
    """What we do otherwise, and why."""
    since: str
    """What later literature says."""


def told_of(name: str) -> Told:
    """The texts of a claim. Raises FileNotFoundError where there is no such claim."""
    parts = (PROSE / f"{name}.md").read_text(encoding="utf-8").split(f"\n{HEADING}")
    texts = dict(part.removeprefix(HEADING).split("\n", 1) for part in parts)
    return Told(*(texts[heading].strip() for heading in ("Asked", "The paper", "Changed", "Since")))


def references() -> str:
    """The literature that the texts name, as a list."""
    return (PROSE / "references.md").read_text(encoding="utf-8").strip()
