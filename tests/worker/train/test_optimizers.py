"""The rules beside torch.optim, bit for bit; what a job may say of them, beside a plain loop of torch's own parts."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from bn.network import build
from jobs.spec.training import Training
from tests.support.small_runs import small_run
from tests.support.steps import each_batch, take
from worker.train.engines.eager import Eager
from worker.train.evaluation import Evaluation
from worker.train.loop import blocks
from worker.train.optimizers import Dials, Memory, Rule, initial_memory, restored, stored, updated
from worker.train.state import Run, initial_state

STEPS = 12
MLP = {"preset": "mlp", "hidden": [10, 7], "activation": "relu"}
OUTPUT = {"kind": "linear", "features": 10, "init": {"scheme": "normal", "std": 0.1}}

OPTIMIZERS: dict[str, tuple[Any, type[torch.optim.Optimizer], dict[str, Any]]] = {
    "sgd": ("sgd", torch.optim.SGD, {"lr": 0.1}),
    "momentum": ({"kind": "momentum", "learning_rate": 0.05}, torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    "nesterov": ("nesterov", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "adam": ({"kind": "adam", "beta1": 0.8}, torch.optim.Adam, {"lr": 0.001, "betas": (0.8, 0.999)}),
    "adamw": ({"kind": "adamw", "epsilon": 1e-6}, torch.optim.AdamW, {"lr": 0.001, "eps": 1e-6, "weight_decay": 0}),
}

UPDATES = 25
SHAPES = [(1,), (2, 3), (7,), (16, 15), (17,), (3, 1, 5, 5), (64, 32, 1, 1), (1, 6, 3, 3), (1000,), (317, 316)]
SPARED = tuple(i % 3 == 0 for i in range(len(SHAPES)))
EQUAL = (1.0,) * len(SHAPES)
RULES: dict[str, tuple[dict[str, Any], type[torch.optim.Optimizer], dict[str, Any]]] = {
    "sgd": ({}, torch.optim.SGD, {}),
    "momentum": ({"momentum": 0.8}, torch.optim.SGD, {"momentum": 0.8}),
    "momentum of none": ({"momentum": 0.0}, torch.optim.SGD, {}),
    "nesterov": ({}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adam": ({"epsilon": 1e-6}, torch.optim.Adam, {"eps": 1e-6}),
    "adamw": ({"beta1": 0.7, "beta2": 0.98}, torch.optim.AdamW, {"betas": (0.7, 0.98)}),
}


def drawn(seed: int, scale: float = 1.0) -> tuple[Tensor, ...]:
    """Values of every size, zeros of both signs among them, laid out as a network's are."""
    generator = torch.Generator().manual_seed(seed)
    values = [scale * torch.randn(shape, generator=generator).exp().sub(1) for shape in SHAPES]
    values = [x * (x.abs() > scale / 20) for x in values]
    return tuple(x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x for x in values)


def rate(step: int) -> float:
    return 0.1 * 0.93**step


def by_our_rule(rule: Rule) -> Iterator[tuple[tuple[Tensor, ...], Memory]]:
    parameters = drawn(0)
    memory = initial_memory(rule, parameters)
    for step in range(1, UPDATES + 1):
        dials = Dials(*(torch.tensor(value, dtype=torch.float64) for value in (rate(step), float(step))))
        given = [parameters, drawn(step, 0.3), *memory.values()]
        before = [bits(tensors) for tensors in given]
        parameters, memory = updated(rule, parameters, given[1], memory, dials)
        assert [bits(tensors) for tensors in given] == before
        yield parameters, memory


def by_torchs(
    decay: float, kind: type[torch.optim.Optimizer], options: dict[str, Any], factors: tuple[float, ...] = EQUAL
) -> Iterator[tuple[list[Tensor], dict[Any, Any]]]:
    parameters = [tensor.requires_grad_() for tensor in drawn(0)]
    of = list(zip(SPARED, factors, strict=True))
    groups = [
        {
            "params": [p for p, own in zip(parameters, of, strict=True) if own == (spared, factor)],
            "weight_decay": 0.0 if spared else decay,
            "factor": factor,
        }
        for spared, factor in sorted(set(of))
    ]
    optimizer: Any = kind(groups, lr=1.0, foreach=True, **options)  # type: ignore[call-arg]  # of each kind
    for step in range(1, UPDATES + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate(step) * group["factor"]
        for parameter, gradient in zip(parameters, drawn(step, 0.3), strict=True):
            parameter.grad = gradient
        optimizer.step()
        yield [parameter.detach() for parameter in parameters], optimizer.state_dict()["state"]


def bits(tensors: Iterable[Tensor]) -> list[bytes]:
    return [tensor.contiguous().numpy().tobytes() for tensor in tensors]


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("name", RULES)
def test_every_step_of_a_rule_gives_the_bits_of_torch_optim(name: str, decay: float) -> None:
    ours, kind, options = RULES[name]
    training = Training.model_validate({"optimizer": {"kind": name.split()[0], **ours}})
    rule = Rule(training.optimizer, decay, SPARED, EQUAL)
    pairs = zip(by_our_rule(rule), by_torchs(decay, kind, options), strict=True)
    for step, ((parameters, memory), (expected, remembered)) in enumerate(pairs, 1):
        assert bits(parameters) == bits(expected)
        assert [p.stride() for p in parameters] == [p.stride() for p in expected]
        kept = stored(rule, memory, step)
        theirs = {f"{index}.{name}": value for index, each in remembered.items() for name, value in each.items()}
        assert list(kept) == list(theirs)
        assert bits(kept.values()) == bits(theirs.values())
        assert restored(rule, dict.fromkeys(memory, ()), kept) == memory


@pytest.mark.parametrize("decay", [0.0, 0.05])
@pytest.mark.parametrize("name", RULES)
def test_a_factor_of_the_rate_gives_the_bits_of_a_group_of_torch_optims_with_that_rate(name: str, decay: float) -> None:
    ours, kind, options = RULES[name]
    training = Training.model_validate({"optimizer": {"kind": name.split()[0], **ours}})
    factors = tuple((1.0, 0.3, 4.0)[i % 3 - i % 2] for i in range(len(SHAPES)))
    rule = Rule(training.optimizer, decay, SPARED, factors)
    for (parameters, _), (expected, _) in zip(by_our_rule(rule), by_torchs(decay, kind, options, factors), strict=True):
        assert bits(parameters) == bits(expected)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.999, 0.9999999])
def test_what_is_missing_of_a_running_mean_is_to_the_bit_what_python_computes(beta: float) -> None:
    half = torch.tensor(0.5, dtype=torch.float64)
    for step in [*range(1, 3000), *range(3000, 2_000_000, 9973)]:
        missing = 1 - torch.pow(beta, torch.tensor(float(step), dtype=torch.float64))
        assert missing.item() == 1 - beta**step
        assert torch.pow(missing, half).item() == (1 - beta**step) ** 0.5


def run_of(training: dict[str, Any]) -> Run:
    return small_run(architecture=MLP, training={"steps": STEPS, **training}, recording={"activations_every": 3})


def trained(run: Run) -> dict[str, Tensor]:
    state = initial_state(run)
    for _ in blocks(run, state, Eager(run)):
        pass
    return state.learned.parameters


def plainly_trained(
    run: Run, groups: Any, kind: type[torch.optim.Optimizer], clip: float | None = None, **options: Any
) -> dict[str, Tensor]:
    """The same training as a tutorial has it. groups: from a network to what the optimizer is of."""
    network = build(run.plan, run.spec.training.seed)
    optimizer = kind(groups(network), **options)
    loss_of = nn.CrossEntropyLoss(label_smoothing=run.spec.training.label_smoothing)
    for pixels, labels in each_batch(run, 1, STEPS):
        optimizer.zero_grad()
        loss_of(network(run.dataset.inputs(pixels)), labels).backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
    return dict(network.named_parameters())


def assert_same(mine: dict[str, Tensor], its: dict[str, Tensor]) -> None:
    assert mine.keys() == its.keys()
    torch.testing.assert_close(mine, its, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("document", "kind", "options"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_named_optimizer_is_torchs(document: Any, kind: type[torch.optim.Optimizer], options: dict[str, Any]) -> None:
    run = run_of({"optimizer": document})
    assert_same(trained(run), plainly_trained(run, nn.Module.parameters, kind, **options))


@pytest.mark.parametrize(("document", "kind", "options"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_weight_decay_spares_batch_normalization_unless_it_is_told_otherwise(
    document: Any, kind: type[torch.optim.Optimizer], options: dict[str, Any]
) -> None:
    def spared(network: nn.Module) -> list[dict[str, Any]]:
        named = dict(network.named_parameters())
        norms = [p for name, p in named.items() if ".batch_norm." in name]
        others = [p for name, p in named.items() if ".batch_norm." not in name]
        return [{"params": others}, {"params": norms, "weight_decay": 0.0}]

    run = run_of({"optimizer": document, "weight_decay": 0.5})
    assert_same(trained(run), plainly_trained(run, spared, kind, **options | {"weight_decay": 0.5}))
    everything = run_of({"optimizer": document, "weight_decay": {"rate": 0.5, "batch_norm": True}})
    reference = plainly_trained(everything, nn.Module.parameters, kind, **options | {"weight_decay": 0.5})
    assert_same(trained(everything), reference)
    assert not torch.equal(trained(run)["hidden1.batch_norm.weight"], reference["hidden1.batch_norm.weight"])


def test_a_gradient_that_is_too_long_is_scaled_down_and_recorded_as_it_was() -> None:
    run, free = run_of({"clip_gradient_norm": 0.2}), run_of({})
    assert_same(trained(run), plainly_trained(run, nn.Module.parameters, torch.optim.SGD, 0.2, lr=0.1))
    first, unclipped = (list(blocks(r, initial_state(r), Eager(r)))[1].losses[0].values[0] for r in (run, free))
    assert torch.equal(first, unclipped)
    assert first[2:].norm() > 0.2


def test_a_gradient_whose_norm_is_beyond_float32_is_clipped_to_its_length_all_the_same() -> None:
    run = run_of({"clip_gradient_norm": 0.5})
    state = initial_state(run)
    images, labels = run.dataset.inputs(run.dataset.train.images[:100]), run.dataset.train.labels[:100]
    # A loss of some 1e21, whose gradient's values are finite in float32 and their squares not.
    state.learned.parameters["output.transform.weight"].mul_(1e21)
    before = state.learned.parameters
    measured = take(Eager(run), state, images, labels)
    assert torch.isinf(measured.loss[2:].norm())
    steps = {name: weight.double() - before[name].double() for name, weight in state.learned.parameters.items()}
    small = [step.norm() for name, step in steps.items() if before[name].abs().max() < 1e6]
    assert torch.stack(small).norm().item() == pytest.approx(0.1 * 0.5, rel=1e-4)  # the rate times the norm


def test_label_smoothing_is_of_the_training_alone() -> None:
    run, plain = run_of({"label_smoothing": 0.3}), run_of({})
    assert_same(trained(run), plainly_trained(run, nn.Module.parameters, torch.optim.SGD, lr=0.1))
    untrained, unsmoothed = (next(blocks(r, initial_state(r), Eager(r))) for r in (run, plain))
    assert untrained.evaluations == unsmoothed.evaluations


def test_a_schedule_moves_the_rate_of_every_update() -> None:
    run = run_of({"schedule": {"kind": "step", "every": 1, "factor": 1e-12}})
    after_first = run_of({"steps": 1})
    for name, parameter in trained(run).items():
        torch.testing.assert_close(parameter, trained(after_first)[name], rtol=1e-6, atol=1e-7)


def test_a_factor_is_of_the_weights_and_biases_of_the_layers_that_its_pattern_matches() -> None:
    layers = [
        {"kind": "flatten"},
        {"kind": "linear", "features": 7, "activation": "relu"},
        {"kind": "batch_norm"},
        {"kind": "linear", "features": 10, "batch_norm": False},
    ]
    run = small_run(architecture={"layers": layers}, training={"steps": 1, "rate_factors": {"*2": 3, "linear1": 0.5}})
    factors = dict(zip(run.network.parameter_names, run.rule.factors, strict=True))
    assert factors == {
        "linear1.transform.weight": 0.5,
        "linear1.batch_norm.weight": 1.0,
        "linear1.batch_norm.bias": 1.0,
        "batch_norm1.batch_norm.weight": 1.0,
        "batch_norm1.batch_norm.bias": 1.0,
        "linear2.transform.weight": 3.0,
        "linear2.transform.bias": 3.0,
    }


@pytest.mark.parametrize("scale", [0.25, 8.0])
def test_weights_in_front_of_bn_times_a_with_their_rate_times_a_squared_train_to_the_same_bits(scale: float) -> None:
    """BN(aWu) = BN(Wu), and the gradient of aW is that of W over a (section 3.3). Powers of two are exact."""

    def trained_at(scale: float) -> tuple[dict[str, Tensor], list[Tensor], Evaluation]:
        hidden = {"kind": "linear", "activation": "sigmoid", "init": {"scheme": "normal", "std": 0.1 * scale}}
        run = small_run(
            architecture={"layers": [{"kind": "flatten"}, *({**hidden, "features": n} for n in (9, 8)), OUTPUT]},
            # The epsilon is lost beside every variance, else it broke the law; so would running averages, of which a
            # part is still the variance of 1 that they begin with.
            batch_norm={"epsilon": 1e-30, "population": "algorithm2"},
            training={"steps": STEPS, "rate_factors": {"linear[12]": scale**2}},
        )
        state = initial_state(run)
        *_, last = every = list(blocks(run, state, Eager(run)))
        unscaled = {
            name: value / scale if name in ("linear1.transform.weight", "linear2.transform.weight") else value
            for name, value in state.learned.parameters.items()
        }
        return unscaled, [rows.values[:, 0] for block in every for rows in block.losses], last.evaluations["test"]

    (mine, losses, evaluation), (its, expected, of_its) = trained_at(scale), trained_at(1.0)
    assert bits(mine.values()) == bits(its.values())
    assert bits(losses) == bits(expected)
    assert evaluation == of_its
