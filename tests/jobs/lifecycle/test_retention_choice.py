"""What retention chooses of jobs as values: within the limits, the oldest first, and nothing that must be kept."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.lifecycle.job import TERMINAL, Status
from jobs.lifecycle.retention import DAY, Kept, Limits, choose, limits_of
from jobs.settings import Settings

NOW = 1000 * DAY


@st.composite
def some_jobs(draw: st.DrawFn) -> tuple[Kept, ...]:
    """Jobs of every status, retained or not; those that have not ended may not go."""

    def job(number: int) -> Kept:
        status, retain = draw(st.sampled_from(Status)), draw(st.booleans())
        may_go = status in TERMINAL and not retain and draw(st.integers(0, 3)) > 0  # its experiment may go on
        finished = draw(st.integers(0, 20)) * DAY if status in TERMINAL else None
        return Kept(f"{number}", status, retain, may_go, finished, draw(st.integers(0, 5)))

    return tuple(job(number) for number in range(draw(st.integers(0, 12))))


some_limits = st.builds(
    Limits,
    st.none() | st.integers(1, 20).map(lambda days: days * DAY),
    st.none() | st.integers(1, 8),
    st.none() | st.integers(1, 30),
)


def is_within(jobs: tuple[Kept, ...], limits: Limits, now: float) -> bool:
    """Whether what is there may stay, by the words of the documentation."""
    free = [job for job in jobs if job.may_go]
    old = [job for job in free if job.finished is not None and job.finished + (limits.seconds or now) < now]
    return not (
        (limits.seconds is not None and old)
        or (limits.jobs is not None and len(free) > limits.jobs)
        or (limits.bytes is not None and sum(job.bytes for job in jobs) > limits.bytes)
    )


@given(some_jobs(), some_limits)
def test_what_is_left_is_within_the_limits_or_must_be_kept(jobs: tuple[Kept, ...], limits: Limits) -> None:
    gone = choose(jobs, limits, 20 * DAY)
    left = tuple(job for job in jobs if job.id not in gone)
    assert is_within(left, limits, 20 * DAY) or not any(job.may_go for job in left)


@given(some_jobs(), some_limits)
def test_nothing_goes_that_must_be_kept_and_what_ended_first_goes_first(jobs: tuple[Kept, ...], limits: Limits) -> None:
    gone = choose(jobs, limits, 20 * DAY)
    assert all(job.may_go for job in jobs if job.id in gone)
    ended = {job.id: job.finished or 0.0 for job in jobs if job.may_go}
    assert [ended[each] for each in gone] == sorted(ended[each] for each in gone)
    assert not gone or max(ended[each] for each in gone) <= min(
        (ended[i] for i in ended.keys() - set(gone)), default=NOW
    )


@given(some_jobs(), some_limits)
def test_no_more_goes_than_the_limits_ask_for(jobs: tuple[Kept, ...], limits: Limits) -> None:
    gone = choose(jobs, limits, 20 * DAY)
    for stop in range(len(gone)):
        left = tuple(job for job in jobs if job.id not in gone[:stop])
        assert not is_within(left, limits, 20 * DAY)


@given(some_jobs())
def test_without_limits_nothing_goes(jobs: tuple[Kept, ...]) -> None:
    assert choose(jobs, Limits(), NOW) == ()


def test_the_settings_are_days_jobs_and_gigabytes() -> None:
    assert limits_of(Settings(keep_days=2, keep_jobs=3, keep_gb=0.5)) == Limits(2 * DAY, 3, 5e8)
    assert limits_of(Settings()).are_none
