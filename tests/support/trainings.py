"""Trainings of an experiment as they come out, without anything trained: test curves, and how their jobs ended."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from pydantic import JsonValue

from jobs.experiments.curves import Curve
from jobs.experiments.document import Member
from jobs.experiments.seeds import Result
from jobs.lifecycle.job import Job, JobError, Status
from tests.support.documents import resolved

STEPS = 400
EVERY = 100
ASKED = resolved(training={"steps": STEPS})  # of ten classes
CHANCE = 0.1

Course = Sequence[float] | None
"""The test accuracy at steps 0, 100, ...; None: it diverged at once."""


def result(
    variant: str,
    seed: int,
    course: Course,
    *,
    status: Status = Status.SUCCEEDED,
    point: Mapping[str, JsonValue] = MappingProxyType({}),
) -> Result:
    """A training that ended so, of a job that is named for its variant, the values of its point, and its seed."""
    accuracy = np.array(course or (), np.float32)
    curve = Curve(EVERY * np.arange(len(accuracy)), 1 - accuracy, accuracy)
    ended = Status.FAILED if course is None else status
    error = JobError("non_finite_loss", "it diverged") if course is None else None
    name = "".join(map(str, (variant, *point.values(), seed)))
    return Result(Member(variant, dict(point), seed), Job(name, ended, 1, ASKED, 0.0, error=error), curve)


def results(courses: Mapping[str, Sequence[Course]]) -> list[Result]:
    """Of each variant its seeds, from 0 on."""
    return [result(variant, seed, course) for variant, all_of in courses.items() for seed, course in enumerate(all_of)]


def along(axis: str, courses: Mapping[str, Mapping[float, Sequence[Course]]]) -> list[Result]:
    """The same at each value of an axis."""
    return [
        result(variant, seed, course, point={axis: value})
        for variant, by_value in courses.items()
        for value, all_of in by_value.items()
        for seed, course in enumerate(all_of)
    ]


def ending(final: float) -> list[float]:
    """A training that rises to a final accuracy."""
    return [CHANCE, final / 2, final * 0.8, final * 0.9, final]
