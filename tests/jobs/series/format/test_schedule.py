from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jobs.series.format.manifest import Chunk, is_complete
from jobs.series.format.schedule import NEVER, Listed, Schedule, schedules
from jobs.storage.objects.protocol import Stored
from tests.support.documents import resolved

every_schedule = st.one_of(
    st.builds(Schedule, st.integers(0, 12), st.integers(1, 7), st.integers(0, 40)),
    st.sets(st.integers(0, 40), max_size=12).map(lambda steps: Listed(tuple(sorted(steps)))),
)


def steps_of(schedule: Schedule | Listed) -> list[int]:
    """What the schedule's docstring says, step by step."""
    if isinstance(schedule, Listed):
        return list(schedule.steps)
    first, every, last = schedule.first, schedule.every, schedule.last
    return [step for step in range(first, last + 1) if step in (first, last) or step % every == 0]


def chunk(steps: list[int]) -> Chunk:
    return Chunk("train", steps[0], steps[-1], len(steps), Stored("", 0, ""))


def chunks(steps: list[int], cuts: set[int]) -> list[Chunk]:
    """The steps as chunks, cut before each of these places."""
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(steps)), len(steps)]
    return [chunk(steps[a:b]) for a, b in pairwise(edges) if a < b]


@given(every_schedule, st.integers(-5, 50), st.integers(-5, 50))
def test_a_schedule_is_the_steps_that_it_describes(schedule: Schedule | Listed, start: int, stop: int) -> None:
    steps = steps_of(schedule)
    assert [step for step in range(-5, 50) if step in schedule] == steps
    assert schedule.next(start) == next((step for step in steps if step > start), None)
    assume(start <= stop + 1)
    assert schedule.count(start, stop) == sum(start <= step <= stop for step in steps)


@given(every_schedule, st.sets(st.integers(0, 40), max_size=5))
def test_a_whole_series_is_complete_wherever_it_was_cut(schedule: Schedule | Listed, cuts: set[int]) -> None:
    assert is_complete(chunks(steps_of(schedule), cuts), schedule)


@given(every_schedule, st.sets(st.integers(0, 40), max_size=5), st.data())
def test_a_series_that_lacks_a_step_is_not_complete(
    schedule: Schedule | Listed, cuts: set[int], data: st.DataObject
) -> None:
    steps = steps_of(schedule)
    assume(steps)
    steps.remove(data.draw(st.sampled_from(steps)))
    assert not is_complete(chunks(steps, cuts), schedule)


@given(every_schedule, st.sets(st.integers(0, 40), max_size=5), st.data())
def test_a_series_that_lacks_a_chunk_or_has_it_twice_is_not_complete(
    schedule: Schedule, cuts: set[int], data: st.DataObject
) -> None:
    whole = chunks(steps_of(schedule), cuts)
    assume(whole)
    i = data.draw(st.integers(0, len(whole) - 1))
    assert not is_complete([*whole[:i], *whole[i + 1 :]], schedule)
    assert not is_complete([*whole[: i + 1], *whole[i:]], schedule)


@pytest.mark.parametrize(
    "found",
    [
        [[0, 5, 10], [12, 13]],  # past the end
        [[0, 4, 10], [11]],  # the right number, and not the right end
        [[0, 5], [5, 10, 12]],  # 5 twice
        [[5, 10, 12]],  # no 0
        [[0, 5, 10]],  # no end
        [[0, 5, 11], [12]],  # cut at a step that is not due
    ],
)
def test_chunks_that_are_not_those_of_the_schedule_are_not_complete(found: list[list[int]]) -> None:
    schedule = Schedule(0, 5, 12)
    assert is_complete([chunk([0, 5]), chunk([10, 12])], schedule)
    assert not is_complete([chunk(steps) for steps in found], schedule)


def test_nothing_is_complete_only_where_nothing_is_due() -> None:
    assert is_complete([], NEVER)
    assert not is_complete([chunk([1])], NEVER)
    assert not is_complete([], Schedule(1, 1, 1))


def test_each_table_has_the_schedule_of_the_specification() -> None:
    recording = {"activations_every": 2, "histograms_every": 50, "probe_every": 100, "units": 1}
    spec = {"training": {"steps": 25}, "evaluation": {"every": 10}, "recording": recording}
    of = schedules(resolved(**spec).spec)
    assert steps_of(of["train"]) == list(range(1, 26))
    assert steps_of(of["test"]) == [0, 10, 20, 25]
    assert steps_of(of["activations"]) == list(range(2, 25, 2))
    assert steps_of(of["histograms"]) == []
    assert steps_of(of["units"]) == [0, 25]
    assert steps_of(schedules(resolved(**spec | {"training": {"steps": 250}}).spec)["units"]) == [0, 100, 200, 250]
    assert schedules(resolved(**spec | {"recording": {**recording, "units": 0}}).spec)["units"] == NEVER
