"""What a rule is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs.findings.evidence import Evidence


@dataclass(frozen=True)
class Finding:
    """What is wrong, in a sentence, and where: the layer and the step it began with, where there is one."""

    sentence: str
    layer: str | None = None
    step: int | None = None


Find = Callable[[Evidence, float], Finding | None]
"""Looks at the evidence with the rule's bound; None: nothing is wrong, or what it looks at is not recorded."""


@dataclass(frozen=True)
class Rule:
    """A question about a training, and when its answer is that something is wrong."""

    name: str
    question: str
    find: Find
    bound: float
    threshold: str
    """What the bound is of, in words; `{bound:g}` stands where it is named."""
    source: str
    """Where the bound comes from."""
    remedy: str
    """What to try."""
    explains: frozenset[str] = frozenset()
    """The rules whose findings follow from this one, and are left out beside it."""
