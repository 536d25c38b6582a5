"""At which steps each table of a job gets a row: pure, from the specification alone."""

from dataclasses import dataclass

from jobs.series.format.schema import ACTIVATIONS, HISTOGRAMS, TEST, TRAIN, UNITS
from jobs.spec.document import JobSpec


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


NEVER = Schedule(1, 1, 0)


def schedules(spec: JobSpec) -> dict[str, Schedule]:
    """Each table's schedule, from a resolved specification.

    `train` at every step; `test`, `units` and the diagnostics, which are measured between steps, also before the first
    and after the last; the others at their multiples alone.
    """
    steps, recording = spec.steps, spec.recording

    def multiples(every: int) -> Schedule:
        return Schedule(every, every, steps // every * every)

    return {
        TRAIN: Schedule(1, 1, steps),
        TEST: Schedule(0, spec.evaluation.every, steps),
        ACTIVATIONS: multiples(recording.activations_every),
        UNITS: Schedule(0, recording.probe_every, steps) if recording.units else NEVER,
        HISTOGRAMS: multiples(recording.histograms_every),
        **{asked.name: Schedule(0, asked.every, steps) for asked in recording.diagnostics},
    }
