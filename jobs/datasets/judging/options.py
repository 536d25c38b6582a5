"""How a file is to be read, as its uploader says."""

from dataclasses import dataclass

from jobs.datasets.judging.limits import MAX_SIDE


@dataclass(frozen=True)
class Options:
    """What a file does not say itself. Raises ValueError for what makes no sense."""

    test: float | None = None
    """The share of each class that is held out as the test part, where the file has none."""
    size: int | None = None
    """Images are scaled to size x size pixels; null: they stay as they are."""
    seed: int = 0
    """By which the test part is drawn."""

    def __post_init__(self) -> None:
        if self.test is not None and not 0 < self.test < 1:
            raise ValueError(f"test must be a share between 0 and 1, not {self.test:g}")
        if self.size is not None and not 1 <= self.size <= MAX_SIDE:
            raise ValueError(f"size must be from 1 to {MAX_SIDE} pixels, not {self.size}")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed must be from 0 to 2^63 - 1, not {self.seed}")
