import pytest
import torch

from bn.architecture.layers import LocalResponseNorm
from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import PRESETS, Layers
from bn.network import Network, build

IMAGES = torch.rand(16, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def network(preset: str = "mlp", batch_norm: BatchNorm | None = None, seed: int = 0) -> Network:
    return build(plan(PRESETS[preset](), batch_norm, (1, 28, 28), 10), seed)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_same_seed_draws_the_same_weights_with_and_without_batch_norm(preset: str) -> None:
    plain, normalized = network(preset).state_dict(), network(preset, BatchNorm()).state_dict()
    weights = [name for name in plain if name.endswith("transform.weight")]
    assert weights
    assert all(torch.equal(plain[name], normalized[name]) for name in weights)
    assert not torch.equal(plain[weights[0]], network(preset, seed=1).state_dict()[weights[0]])


def test_drawing_weights_leaves_torchs_random_state_alone() -> None:
    before = torch.get_rng_state()
    network()
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("preset", PRESETS)
def test_observing_gives_the_training_output_and_changes_nothing(preset: str) -> None:
    observer = network(preset, BatchNorm())
    before = {key: value.clone() for key, value in observer.state_dict().items()}
    logits, observed = observer.observe(IMAGES)
    assert all(torch.equal(observer.state_dict()[key], value) for key, value in before.items())
    assert torch.equal(logits, observer(IMAGES))
    assert list(observed.taps) == [tap.name for tap in observer.plan.taps]


def test_updating_from_what_was_observed_is_what_a_training_pass_does() -> None:
    one, other = network(batch_norm=BatchNorm()), network(batch_norm=BatchNorm())
    one(IMAGES)
    before = dict(other.named_buffers())
    moved = other.moved_running(other.observe(IMAGES)[1])
    assert moved.keys() == before.keys()
    for name, buffer in one.named_buffers():
        assert torch.equal(buffer, moved[name])
        assert other.get_buffer(name) is before[name]


@pytest.mark.parametrize("placement", ["before_activation", "after_activation"])
def test_a_tap_is_the_input_of_the_nonlinearity(placement: str) -> None:
    model = network(batch_norm=BatchNorm.model_validate({"placement": placement}))
    _, observed = model.observe(IMAGES)
    mean = observed.taps["hidden1"].mean(0)
    assert (mean.abs().max() < 1e-5) == (placement == "before_activation")
    assert model.layers[1].normalizes_last == (placement == "after_activation")


def test_layers_within_layers_stand_under_their_dotted_names() -> None:
    resnet = network("resnet", BatchNorm())
    keys = [key for key in resnet.state_dict() if key.startswith("stage2.0.")]
    assert {key.rsplit(".", 2)[0] for key in keys} == {"stage2.0.conv1", "stage2.0.conv2", "stage2.0.shortcut.conv"}
    assert all(resnet.get_submodule(layer.name) is layer for layer in resnet.layers)
    assert [layer.name for layer in resnet.layers] == [placed.name for placed in resnet.plan.layers]


def test_a_residual_adds_its_shortcut_and_a_concatenate_puts_its_branches_side_by_side() -> None:
    double = {"kind": "average_pool", "kernel": 1}
    described = Layers.model_validate(
        {
            "layers": [
                {"kind": "concatenate", "branches": [[], [{"kind": "residual", "layers": [double]}]]},
                {"kind": "flatten"},
            ]
        }
    )
    joined = build(plan(described, None, (1, 28, 28), 1568), 0)
    torch.testing.assert_close(joined(IMAGES), torch.cat([IMAGES, 2 * IMAGES], 1).flatten(1))


def test_what_is_padded_does_not_count_in_a_mean() -> None:
    described = Layers.model_validate({"layers": [{"kind": "average_pool", "kernel": 3, "stride": 1, "padding": 1}]})
    pooled = build(plan(described, None, (1, 28, 28), 784), 0)
    torch.testing.assert_close(pooled(torch.ones(1, 1, 28, 28)), torch.ones(1, 1, 28, 28))


def test_dropout_acts_in_training_alone() -> None:
    described = Layers.model_validate({"layers": [{"kind": "flatten"}, {"kind": "dropout", "rate": 0.25}]})
    dropping = build(plan(described, None, (1, 28, 28), 784), 0)
    kept = dropping(torch.ones(64, 1, 28, 28))
    assert torch.all((kept == 0) | torch.isclose(kept, torch.tensor(4 / 3)))
    assert (kept == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(dropping.eval()(torch.ones(4, 1, 28, 28)), torch.ones(4, 784))


def test_a_frozen_network_is_what_it_would_be_without_batch_norm_but_for_epsilon() -> None:
    frozen, plain = network(batch_norm=BatchNorm(frozen=True)), network()
    logits, observed = frozen.observe(IMAGES)
    torch.testing.assert_close(logits, plain(IMAGES), rtol=1e-3, atol=1e-3)
    assert frozen.moved_running(observed) == {}
    torch.testing.assert_close(observed.moments["hidden1"].mean, plain.observe(IMAGES)[1].taps["hidden1"].mean(0))


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_local_response_normalization_is_torchs_to_the_bit(memory_format: torch.memory_format, size: int) -> None:
    layer = LocalResponseNorm(size=size, alpha=0.3, beta=0.6, k=2.0)
    ours = build(plan(Layers(layers=(layer,)), None, (7, 5, 6), 7), seed=0)
    torchs = torch.nn.LocalResponseNorm(size, 0.3, 0.6, 2.0)
    generator = torch.Generator().manual_seed(0)
    x, above = (torch.randn(4, 7, 5, 6, generator=generator).to(memory_format=memory_format) for _ in range(2))
    found = []
    for module in (ours, torchs):
        inputs = x.clone(memory_format=torch.preserve_format).requires_grad_()
        outputs = module(inputs)
        found.append((outputs, *torch.autograd.grad(outputs, inputs, above)))
    assert all(torch.equal(mine, its) for mine, its in zip(*found, strict=True))
