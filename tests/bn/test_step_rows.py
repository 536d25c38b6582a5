import pytest
import torch

from bn import step_rows
from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import PRESETS
from bn.architecture.sampling import sample_stride
from bn.network import build
from bn.step_rows import Losses, Norms

IMAGES = torch.rand(32, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("batch_norm", [None, BatchNorm(), BatchNorm(affine=False, placement="after_activation")])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_row_holds_what_its_layout_says(preset: str, batch_norm: BatchNorm | None) -> None:
    network = build(plan(PRESETS[preset](), batch_norm, (1, 28, 28), 10), 0)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
    _, observed = network.observe(IMAGES.contiguous(memory_format=torch.channels_last))
    weights = step_rows.norms(network.weights.values())
    norms = Norms(weights, step_rows.norms(network.parameters()), weights + 1)
    row = step_rows.activation_row(network, observed, norms, 1024)
    layout = step_rows.activation_layout(network, len(IMAGES), 1024)

    assert layout.width == len(row)
    for what, values in norms._asdict().items():
        assert torch.equal(row[layout.of("")[what]], values)
    for tap in network.plan.taps:
        logical = observed.taps[tap.name].contiguous().flatten()
        stride = sample_stride((len(IMAGES), *tap.output), 1024)
        assert torch.equal(row[layout.of(tap.name)["sample"]], logical[::stride])
    for name, moments in observed.moments.items():
        assert torch.equal(row[layout.of(name)["mean"]], moments.mean)
        assert torch.equal(row[layout.of(name)["variance"]], moments.variance)
        for what in ("running_mean", "running_var", "weight", "bias"):
            own = getattr(network.batch_norms[name], what)
            assert (own is None) == (what not in layout.of(name))
            assert own is None or torch.equal(row[layout.of(name)[what]], own)
    for placed in network.plan.taps:
        by_channel = observed.taps[placed.name].transpose(0, 1).flatten(1)
        for what, extreme in (("high", by_channel.amax(1)), ("low", by_channel.amin(1))):
            if what in layout.of(placed.name):
                assert torch.equal(row[layout.of(placed.name)[what]], extreme)


def test_the_row_of_every_step_holds_what_its_layout_says() -> None:
    network = build(plan(PRESETS["mlp"](), None, (1, 28, 28), 10), 0)
    norms = step_rows.norms(network.parameters())
    row = step_rows.loss_row(Losses(torch.tensor(0.5), torch.tensor(3.0), norms))
    places = step_rows.loss_layout(network).of("")
    assert {what: row[place].tolist() for what, place in places.items()} == {
        "loss": [0.5],
        "correct": [3.0],
        "gradient_norms": norms.tolist(),
    }


def test_norms_are_those_of_each_parameter() -> None:
    network = build(plan(PRESETS["mlp"](), None, (1, 28, 28), 10), 0)
    expected = torch.stack([p.detach().square().sum().sqrt() for p in network.parameters()])
    torch.testing.assert_close(step_rows.norms(network.parameters()).detach(), expected)
