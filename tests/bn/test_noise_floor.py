"""What sampling alone makes of the gaps, beside what it makes of them in simulated batches."""

import pytest
import torch

from bn.architecture.noise_floor import NoiseFloor
from bn.functional import gaps


@pytest.mark.parametrize(("channels", "values", "most"), [(100, 60, 0.3), (16, 600, 0.25), (256, 32, 0.5)])
def test_where_nothing_is_amiss_the_gaps_are_seldom_above_it_and_never_far(
    channels: int, values: int, most: float
) -> None:
    floor = NoiseFloor.of(channels, values)
    drawn = torch.randn(300, channels, values, generator=torch.Generator().manual_seed(0))
    found = gaps(drawn.mean(2), drawn.var(2, correction=0), torch.zeros(channels), torch.ones(channels), 0.0)
    for gap, level, share in zip(found, (floor.mean_gap, floor.variance_ratio), (0.2, most), strict=True):
        assert 0.03 < (gap > level).double().mean() < share
        assert 0.7 * level < gap.median() < level
        assert gap.max() < 2 * level
