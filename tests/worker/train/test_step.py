"""The step is a function of tensors: it changes nothing, depends on nothing else, and is the textbook's."""

from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx
from torch.nn.functional import cross_entropy
from torch.utils._pytree import tree_leaves

from bn.network import build
from bn.transform import Shifted, shifted_by_mean, shifted_by_pilot
from tests.support.small_runs import small_run
from tests.support.steps import each_batch
from worker.train.arguments import batch_of, fixed_of
from worker.train.optimizers import Dials, dials_of
from worker.train.state import Run, initial_state
from worker.train.step import Batch, Learned, Measured, train_step

CONVNET = [
    {"kind": "conv2d", "channels": 4, "kernel": 5, "stride": 2, "activation": "relu"},
    {"kind": "dropout", "rate": 0.3},
    {"kind": "flatten"},
    {"kind": "linear", "features": 10},
]
RUNS: dict[str, dict[str, Any]] = {
    "mlp": {"architecture": {"preset": "mlp", "hidden": [10, 7]}},
    "mlp without BN": {"architecture": {"preset": "mlp", "hidden": [10, 7]}, "batch_norm": False},
    "frozen": {"architecture": {"preset": "mlp", "hidden": [10, 7]}, "batch_norm": {"frozen": True}},
    "convnet with dropout": {"architecture": {"layers": CONVNET}},
    "noisy": {"architecture": {"preset": "mlp", "hidden": [10, 7]}, "batch_norm": {"noise": True}},
    "resnet": {"architecture": {"preset": "resnet", "channels": 2}},
}
EVERYTHING = {"optimizer": "adamw", "weight_decay": 0.1, "clip_gradient_norm": 0.5, "label_smoothing": 0.1, "steps": 9}


def run_of(name: str, training: dict[str, Any] | None = None) -> Run:
    return small_run(**{"batch_norm": True, **RUNS[name]}, training=training or EVERYTHING)


def given(run: Run, step: int = 1) -> tuple[Batch, Dials]:
    """What step number `step` is given beside what was learned."""
    ((pixels, labels),) = each_batch(run, step, step)
    return batch_of(run, step, pixels, labels), dials_of(0.1 / step, step, run.device)


def bits(tree: Any) -> list[bytes]:
    return [tensor.detach().contiguous().numpy().tobytes() for tensor in tree_leaves(tree)]


@pytest.mark.parametrize("name", RUNS)
def test_a_step_changes_nothing_that_it_is_given_and_depends_on_nothing_else(name: str) -> None:
    run = run_of(name)
    before, (batch, dials) = initial_state(run).learned, given(run)
    arguments = bits((before, batch, dials))
    layers = bits(list(run.network.buffers()))
    first = train_step(fixed_of(run), before, batch, dials, 1024)
    assert bits((before, batch, dials)) == arguments
    assert bits(list(run.network.buffers())) == layers
    torch.manual_seed(99)
    random = torch.get_rng_state()
    run.network.train()
    assert bits(train_step(fixed_of(run), before, batch, dials, 1024)) == bits(first)
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(tensor.requires_grad for tensor in tree_leaves(first))


@pytest.mark.parametrize("name", RUNS)
def test_what_is_learned_is_the_same_whether_the_inside_is_measured_or_not(name: str) -> None:
    run = run_of(name)
    arguments = (fixed_of(run), initial_state(run).learned, *given(run))
    (with_inside, measured), (without, unmeasured) = (train_step(*arguments, sample) for sample in (1024, None))
    assert bits(with_inside) == bits(without)
    assert torch.equal(measured.loss, unmeasured.loss)
    assert unmeasured.activations is None


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("name", ["mlp", "mlp without BN", "frozen", "resnet"])
def test_a_step_is_to_the_bit_what_modules_and_torch_optim_make_of_it(name: str, momentum: float) -> None:
    run = run_of(name, {"optimizer": {"kind": "momentum", "momentum": momentum}, "steps": 9})
    network = build(run.plan, run.spec.training.seed)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0, momentum=momentum, foreach=True)
    learned = initial_state(run).learned
    for step in (1, 2, 3):
        batch, dials = given(run, step)
        learned, measured = train_step(fixed_of(run), learned, batch, dials, None)
        optimizer.param_groups[0]["lr"] = 0.1 / step
        optimizer.zero_grad()
        loss = cross_entropy(network(run.dataset.inputs(batch.pixels)), batch.labels)
        loss.backward()  # type: ignore[no-untyped-call]  # declared so in torch
        optimizer.step()
        assert measured.loss[0] == loss
        assert bits(learned.parameters) == bits(dict(network.named_parameters()))
        assert bits(learned.buffers) == bits(dict(network.named_buffers()))


def test_the_step_of_one_linear_layer_is_the_textbooks() -> None:
    layers = [{"kind": "flatten"}, {"kind": "linear", "features": 10}]
    run = small_run(architecture={"layers": layers}, training={"steps": 9})
    before, (batch, dials) = initial_state(run).learned, given(run)
    after, measured = train_step(fixed_of(run), before, batch, dials, None)
    weight, bias = (values.double() for values in before.parameters.values())
    images = run.dataset.inputs(batch.pixels).flatten(1).double()
    shares = (images @ weight.T + bias).softmax(1)
    chosen = torch.eye(10, dtype=torch.float64)[batch.labels]
    into_logits = (shares - chosen) / len(chosen)  # d loss / d logits of softmax and cross-entropy
    expected = (weight - 0.1 * into_logits.T @ images, bias - 0.1 * into_logits.sum(0))
    for found, value in zip(after.parameters.values(), expected, strict=True):
        torch.testing.assert_close(found.double(), value, rtol=1e-5, atol=1e-7)
    assert measured.loss[0].item() == pytest.approx(-(shares * chosen).sum(1).log().mean().item(), rel=1e-6)
    assert measured.loss[1] == (shares.argmax(1) == batch.labels).sum()


def test_the_way_to_the_moments_is_the_one_that_is_asked_for() -> None:
    run = run_of("mlp", {"steps": 9})
    taken: list[Tensor] = []

    def watched(x: Tensor) -> Shifted:
        taken.append(x)
        return shifted_by_pilot(x)

    fixed, arguments = fixed_of(run), (initial_state(run).learned, *given(run), 1024)
    eager, _ = train_step(fixed, *arguments)
    by_pilot, _ = train_step(fixed_of(run, watched), *arguments)
    assert len(taken) == 2  # layers of the network with BN
    assert fixed.shifted is shifted_by_mean
    for name, value in eager.tensors.items():
        torch.testing.assert_close(by_pilot.tensors[name], value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["mlp", "convnet with dropout", "noisy"])
def test_a_graph_that_is_traced_of_one_step_takes_the_next_ones_too(name: str) -> None:
    run = run_of(name)
    step = partial(train_step, fixed_of(run), sample=1024)
    learned = initial_state(run).learned
    graph = make_fx(step)(learned, *given(run))
    for number in (1, 2, 3):
        expected: tuple[Learned, Measured] = step(learned, *given(run, number))
        found: tuple[Learned, Measured] = graph(learned, *given(run, number))
        torch.testing.assert_close(tree_leaves(found), tree_leaves(expected), rtol=1e-5, atol=1e-6)
        learned, _ = expected
