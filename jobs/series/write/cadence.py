"""When what a run has made is stored next: its rows, and its checkpoints."""

from dataclasses import dataclass

from jobs.settings import Settings

FIRST_INTERVAL: float = Settings.model_fields["commit_seconds"].default  # until a young job's rows are committed
LONGEST_INTERVAL = 30.0  # seconds: what a crash can cost, and what bounds the number of chunks
SHARE = 0.01  # of a run's time, the most that is spent on storing checkpoints


@dataclass(frozen=True)
class Cadence:
    """When rows are committed next: after `interval` seconds from `since`, on whatever clock the caller reads."""

    since: float
    interval: float = FIRST_INTERVAL

    def due(self, now: float) -> bool:
        """Whether it is time."""
        return now - self.since >= self.interval

    def after(self, now: float, cost: float = 0.0) -> "Cadence":
        """The cadence after a commit that took `cost` seconds: the interval doubles, up to the longest.

        What is dear is done less often than that, so that it takes 1 % of the time.

        >>> Cadence(0.0).after(1.0), Cadence(100.0, 16.0).after(117.0).interval
        (Cadence(since=1.0, interval=2.0), 30.0)
        """
        return Cadence(now, max(min(2 * self.interval, LONGEST_INTERVAL), cost / SHARE))
