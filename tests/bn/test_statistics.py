import pytest
import torch

from bn import statistics
from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import PRESETS
from bn.architecture.sampling import sample_stride
from bn.network import build

IMAGES = torch.rand(32, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("batch_norm", [None, BatchNorm(), BatchNorm(affine=False, placement="after_activation")])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_row_holds_what_its_layout_says(preset: str, batch_norm: BatchNorm | None) -> None:
    network = build(plan(PRESETS[preset](), batch_norm, (1, 28, 28), 10), 0)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
    _, observed = network.observe(IMAGES.contiguous(memory_format=torch.channels_last))
    norms = statistics.norms(network.weights.values())
    row = statistics.activation_row(network, observed, statistics.norms(network.parameters()), 1024)
    layout = statistics.activation_layout(network, len(IMAGES), 1024)

    assert layout.of("")["update_norms"] == slice(len(row), len(row) + len(norms)) == slice(len(row), layout.width)
    for tap in network.plan.taps:
        logical = observed.taps[tap.name].contiguous().flatten()
        stride = sample_stride((len(IMAGES), *tap.output), 1024)
        assert torch.equal(row[layout.of(tap.name)["sample"]], logical[::stride])
    for name, moments in observed.moments.items():
        assert torch.equal(row[layout.of(name)["mean"]], moments.mean)
        assert torch.equal(row[layout.of(name)["variance"]], moments.variance)
    assert torch.equal(row[layout.of("")["norms"]], norms)


def test_norms_are_those_of_each_parameter() -> None:
    network = build(plan(PRESETS["mlp"](), None, (1, 28, 28), 10), 0)
    expected = torch.stack([p.detach().square().sum().sqrt() for p in network.parameters()])
    torch.testing.assert_close(statistics.norms(network.parameters()).detach(), expected)
