"""At which steps each table of a job gets a row: pure, from the specification alone."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from jobs.series.format.schema import ACTIVATIONS, HISTOGRAMS, TEST, TRAIN, UNITS, VALIDATION
from jobs.spec.document import JobSpec
from jobs.spec.evaluations import DEFAULT_EVERY, steps_growing


@dataclass(frozen=True)
class Schedule:
    """The steps `first`, `last` and every multiple of `every` between them; no step at all where last < first.

    >>> test = Schedule(0, 500, 1200)
    >>> test.next(-1), test.next(0), test.next(1000), test.next(1200)
    (0, 500, 1200, None)
    >>> 500 in test, 501 in test, test.count(0, 1200), test.count(1, 1199)
    (True, False, 4, 2)
    """

    first: int
    every: int
    last: int

    def __contains__(self, step: int) -> bool:
        return self.first <= step <= self.last and (step in (self.first, self.last) or step % self.every == 0)

    def next(self, step: int) -> int | None:
        """The least scheduled step after `step`, or None."""
        if self.last < self.first or step >= self.last:
            return None
        return self.first if step < self.first else min((step // self.every + 1) * self.every, self.last)

    def count(self, start: int, stop: int) -> int:
        """How many steps with start <= step <= stop are scheduled."""
        return self._count_to(stop) - self._count_to(start - 1)

    def _count_to(self, step: int) -> int:
        if self.last < self.first or step < self.first:
            return 0
        reached = min(step, self.last)
        odd_end = reached == self.last > self.first and self.last % self.every != 0
        return 1 + reached // self.every - self.first // self.every + odd_end


@dataclass(frozen=True)
class Listed:
    """These steps, in their order.

    >>> growing = Listed((0, 1, 2, 3, 5, 8, 10))
    >>> growing.next(-1), growing.next(5), growing.next(10), 8 in growing, growing.count(1, 5)
    (0, 8, None, True, 4)
    """

    steps: tuple[int, ...]

    def __contains__(self, step: int) -> bool:
        return self.count(step, step) > 0

    def next(self, step: int) -> int | None:
        """The least of them after `step`, or None."""
        return next(iter(self.steps[bisect_right(self.steps, step) :]), None)

    def count(self, start: int, stop: int) -> int:
        """How many are between start and stop, both included."""
        return max(0, bisect_right(self.steps, stop) - bisect_left(self.steps, start))


NEVER = Schedule(1, 1, 0)


def schedules(spec: JobSpec, last: int | None = None) -> dict[str, Schedule | Listed]:
    """Each table's schedule, from a resolved specification; `last`: the step at which the training was stopped.

    `train` at every step; evaluations, `units` and the diagnostics, which are measured between steps, also before the
    first and after the last; the others at their multiples alone.
    """
    steps, recording = spec.steps if last is None else last, spec.recording
    evaluation = spec.evaluation
    if evaluation.growth is None:
        evaluated: Schedule | Listed = Schedule(0, evaluation.every or DEFAULT_EVERY, steps)
    else:
        evaluated = Listed(steps_growing(evaluation.growth, steps))

    def multiples(every: int) -> Schedule:
        return Schedule(every, every, steps // every * every)

    return {
        TRAIN: Schedule(1, 1, steps),
        VALIDATION: evaluated if spec.data.validation else NEVER,
        TEST: evaluated,
        ACTIVATIONS: multiples(recording.activations_every),
        UNITS: Schedule(0, recording.probe_every, steps) if recording.units else NEVER,
        HISTOGRAMS: multiples(recording.histograms_every),
        **{asked.name: Schedule(0, asked.every, steps) for asked in recording.diagnostics},
    }
