import pytest
import torch

from bn.architecture.layers import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import PRESETS
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
    other.update_running(other.observe(IMAGES)[1])
    for mine, its in zip(one.buffers(), other.buffers(), strict=True):
        assert torch.equal(mine, its)


@pytest.mark.parametrize("placement", ["before_activation", "after_activation"])
def test_a_tap_is_the_input_of_the_nonlinearity(placement: str) -> None:
    model = network(batch_norm=BatchNorm.model_validate({"placement": placement}))
    _, observed = model.observe(IMAGES)
    mean = observed.taps["hidden1"].mean(0)
    assert (mean.abs().max() < 1e-5) == (placement == "before_activation")
    assert model.layers[1].normalizes_last == (placement == "after_activation")
