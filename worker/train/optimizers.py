"""How gradients change parameters: the rules that a job names, as pure functions of tensors.

Each of them gives what torch.optim gives (foreach=True), to the bit. Rate and step come as tensors, so that a program
that is made of a rule is right at every step.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from bn.architecture.plan import Plan
from bn.architecture.tensors import layer_of, rate_factors
from bn.diagnostics.probe import Turning
from bn.network import Network
from jobs.spec.training import Adam, Momentum, Nesterov, Optimizer, Training

Value = TypeVar("Value")
Tensors = tuple[Tensor, ...]  # one a parameter, in the order of the network's parameters
Memory = dict[str, Tensors]  # what is remembered from step to step, by torch.optim's names of it


class Dials(NamedTuple):
    """What is turned from step to step: scalars in float64, as torch.optim has them; float32 would show in Adam."""

    rate: Tensor
    step: Tensor  # counts from 1


def dials_of(rate: float, step: int, device: torch.device) -> Dials:
    """Those of a step. They are filled in on the device: a copy to it would be waited for."""
    values = (torch.full((), value, dtype=torch.float64, device=device) for value in (rate, step))
    return Dials(*values)


@dataclass(frozen=True)
class Rule:
    """An optimizer with its weight decay, for the parameters of one network."""

    options: Optimizer
    decay: float
    spared: tuple[bool, ...]  # of each parameter, whether it does not decay
    factors: tuple[float, ...]  # and what its rate is multiplied by

    @property
    def kind(self) -> str:
        """The name of the rule; momentum that keeps nothing of the last step is none, and remembers nothing."""
        return "sgd" if getattr(self.options, "momentum", None) == 0 else self.options.kind

    @cached_property
    def parts(self) -> tuple[tuple["Rule", tuple[int, ...]], ...]:
        """The rule of all parameters with one factor, and their places in the network's, for each of the factors."""
        places = (tuple(i for i, each in enumerate(self.factors) if each == one) for one in sorted(set(self.factors)))
        return tuple(
            (replace(self, spared=_chosen(self.spared, of), factors=_chosen(self.factors, of)), of) for of in places
        )

    @property
    def places(self) -> tuple[int, ...]:
        """The parameters in the order of torch.optim, by their places in the network's: what decays comes first."""
        return tuple(sorted(range(len(self.spared)), key=lambda place: self.spared[place]))


def rule_of(training: Training, network: Network, frozen: frozenset[str] = frozenset()) -> Rule:
    """The rule by which a network is trained, but for the parameters that are frozen, which do not decay either."""
    decay = training.weight_decay
    spares = decay is not None and not decay.batch_norm
    prefixes = tuple(f"{layer}.batch_norm." for layer in network.batch_norms)
    spared = tuple(name in frozen or (spares and name.startswith(prefixes)) for name in network.parameter_names)
    of_layer = rate_factors(training.rate_factors, network.plan)
    factors = tuple(
        1.0 if name.startswith(prefixes) else of_layer.get(layer_of(name), 1.0) for name in network.parameter_names
    )
    return Rule(training.optimizer, 0.0 if decay is None else decay.rate, spared, factors)


def initial_memory(rule: Rule, parameters: Tensors) -> Memory:
    """What is remembered before the first step."""
    fresh = _KINDS[rule.kind].fresh
    return {name: tuple(torch.full_like(parameter, value) for parameter in parameters) for name, value in fresh.items()}


def updated(
    rule: Rule, parameters: Tensors, gradients: Tensors, memory: Memory, dials: Dials
) -> tuple[Tensors, Memory]:
    """The parameters and what is remembered after a step along these gradients. What is given does not change."""
    if len(rule.parts) == 1:
        return _updated_alike(rule, parameters, gradients, memory, dials)
    after, remembered = list(parameters), {name: list(values) for name, values in memory.items()}
    for part, of in rule.parts:
        own = {name: _chosen(values, of) for name, values in memory.items()}
        moved, kept = _updated_alike(part, _chosen(parameters, of), _chosen(gradients, of), own, dials)
        for into, values in ((after, moved), *((remembered[name], values) for name, values in kept.items())):
            for place, value in zip(of, values, strict=True):
                into[place] = value
    return tuple(after), {name: tuple(values) for name, values in remembered.items()}


def _updated_alike(
    rule: Rule, parameters: Tensors, gradients: Tensors, memory: Memory, dials: Dials
) -> tuple[Tensors, Memory]:
    """The same of parameters that have one factor."""
    kind, factor = _KINDS[rule.kind], rule.factors[0]
    if factor != 1:
        dials = dials._replace(rate=dials.rate * factor)
    if rule.decay:
        parameters, gradients = kind.decayed(rule, parameters, gradients, dials.rate)
    after, memory = kind.update(rule.options, parameters, gradients, memory, dials)
    return tuple(map(_laid_out_as, after, parameters)), memory


def stored(rule: Rule, memory: Memory, step: int) -> dict[str, Tensor]:
    """What is remembered as torch.optim's state dict has it, by `<index>.<name>`; before the first step, nothing."""
    kept = {}
    for index, place in enumerate(rule.places if step else ()):
        if _KINDS[rule.kind].counts:
            kept[f"{index}.step"] = torch.tensor(float(step))
        kept |= {f"{index}.{name}": tensors[place] for name, tensors in memory.items()}
    return kept


def restored(rule: Rule, fresh: Memory, kept: dict[str, Tensor]) -> Memory:
    """The memory of which `stored` gave this, and where it gave nothing the fresh one."""
    if not kept:
        return fresh
    indices = {place: index for index, place in enumerate(rule.places)}
    return {name: tuple(kept[f"{indices[place]}.{name}"] for place in range(len(indices))) for name in fresh}


def _chosen(values: Sequence[Value], places: Iterable[int]) -> tuple[Value, ...]:
    return tuple(values[place] for place in places)


def turning(training: Training, plan: Plan) -> Turning:
    """How far steps turn weights in front of batch normalization."""
    options = training.optimizer
    times = 1 / (1 - options.momentum) if isinstance(options, Momentum | Nesterov) else 1.0
    return Turning(times, _KINDS[options.kind].power, rate_factors(training.rate_factors, plan))


def _laid_out_as(after: Tensor, before: Tensor) -> Tensor:
    """With the same strides, also where they say nothing, as of dimensions of size 1: kernels are chosen by them."""
    return after if after.stride() == before.stride() else after.as_strided(before.shape, before.stride())


def _beside_gradient(rule: Rule, parameters: Tensors, gradients: Tensors, _rate: Tensor) -> tuple[Tensors, Tensors]:
    """An L2 penalty."""
    each = zip(gradients, parameters, rule.spared, strict=True)
    return parameters, tuple(g if spared else torch.add(g, p, alpha=rule.decay) for g, p, spared in each)


def _off_parameter(rule: Rule, parameters: Tensors, gradients: Tensors, rate: Tensor) -> tuple[Tensors, Tensors]:
    """Decoupled from the gradient (Loshchilov and Hutter 2019)."""
    kept = 1 - rate * rule.decay
    return tuple(p if spared else p * kept for p, spared in zip(parameters, rule.spared, strict=True)), gradients


def _sgd(
    _options: Any, parameters: Tensors, gradients: Tensors, memory: Memory, dials: Dials
) -> tuple[Tensors, Memory]:
    return _moved(parameters, gradients, dials.rate), memory


def _momentum(
    options: Momentum, parameters: Tensors, gradients: Tensors, memory: Memory, dials: Dials
) -> tuple[Tensors, Memory]:
    velocities = _velocities(options, gradients, memory)
    return _moved(parameters, velocities, dials.rate), {"momentum_buffer": velocities}


def _nesterov(
    options: Nesterov, parameters: Tensors, gradients: Tensors, memory: Memory, dials: Dials
) -> tuple[Tensors, Memory]:
    velocities = _velocities(options, gradients, memory)
    ahead = torch._foreach_add(gradients, velocities, alpha=options.momentum)
    return _moved(parameters, ahead, dials.rate), {"momentum_buffer": velocities}


def _adam(
    options: Adam, parameters: Tensors, gradients: Tensors, memory: Memory, dials: Dials
) -> tuple[Tensors, Memory]:
    means = torch._foreach_lerp(memory["exp_avg"], gradients, 1 - options.beta1)
    squares = torch._foreach_mul(memory["exp_avg_sq"], options.beta2)
    torch._foreach_addcmul_(squares, gradients, gradients, 1 - options.beta2)
    missing_mean, missing_square = (1 - torch.pow(beta, dials.step) for beta in (options.beta1, options.beta2))
    # torch.optim takes Python's ** 0.5: that is pow, which rounds otherwise than sqrt, and torch's of two tensors too.
    root = torch.pow(missing_square, torch.full_like(missing_square, 0.5))
    denominators = torch._foreach_sqrt(squares)
    torch._foreach_div_(denominators, root)
    torch._foreach_add_(denominators, options.epsilon)
    steps = torch._foreach_mul(means, dials.rate / missing_mean)
    after = torch._foreach_addcdiv(parameters, steps, denominators, value=-1)
    return after, {"exp_avg": means, "exp_avg_sq": squares}


def _velocities(options: Momentum | Nesterov, gradients: Tensors, memory: Memory) -> Tensors:
    velocities = torch._foreach_mul(memory["momentum_buffer"], options.momentum)
    torch._foreach_add_(velocities, gradients)
    return velocities


def _moved(parameters: Tensors, directions: Tensors, rate: Tensor) -> Tensors:
    """p - rate * d, multiplied and added with one rounding, as torch.optim does."""
    rates = (rate.to(parameters[0].dtype),) * len(parameters)
    return torch._foreach_addcmul(parameters, directions, rates, value=-1)


class _Kind(NamedTuple):
    """What makes up a rule."""

    update: Callable[[Any, Tensors, Tensors, Memory, Dials], tuple[Tensors, Memory]]
    decayed: Callable[[Rule, Tensors, Tensors, Tensor], tuple[Tensors, Tensors]]  # parameters and gradients
    fresh: dict[str, float]  # each value that is remembered, before the first step
    counts: bool  # whether torch.optim counts the steps
    power: int  # of a weight's norm, to which what a step turns it by is inverse


# -0 and what is added to it is what was added, 0 included: torch.optim's first velocity is the first gradient.
_KINDS = {
    "sgd": _Kind(_sgd, _beside_gradient, {}, False, 2),
    "momentum": _Kind(_momentum, _beside_gradient, {"momentum_buffer": -0.0}, False, 2),
    "nesterov": _Kind(_nesterov, _beside_gradient, {"momentum_buffer": -0.0}, False, 2),
    "adam": _Kind(_adam, _beside_gradient, {"exp_avg": 0.0, "exp_avg_sq": 0.0}, True, 1),
    "adamw": _Kind(_adam, _off_parameter, {"exp_avg": 0.0, "exp_avg_sq": 0.0}, True, 1),
}
