"""The loops that an engineer would write in PyTorch for the same network, with nothing recorded, and their floor."""

from collections.abc import Callable
from itertools import chain

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bn.architecture.layers import Weighted
from bn.architecture.plan import Placed, Plan
from bn.modules import ACTIVATION, JOIN, TRANSFORM
from worker.train.state import Run

Loop = Callable[[int], None]
"""Takes so many steps."""
Step = Callable[[Tensor, Tensor], None]
"""Takes one, on images [N, C, H, W] and labels [N]."""


class _Function(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self._function = function

    def forward(self, x: Tensor) -> Tensor:
        return self._function(x)


class _Joined(nn.Module):
    def __init__(self, kind: str, branches: list[nn.Module]) -> None:
        super().__init__()
        self._join, self._branches = JOIN[kind], nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        return self._join([branch(x) for branch in self._branches])


def network(plan: Plan) -> nn.Module:
    """A plan by torch's own layers, its batch normalization among them, with torch's own initial weights."""
    made = nn.Sequential(*chain(*(_layers(placed) for placed in plan.sequence)))
    return made.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]  # torch's stub lacks it


def _layers(placed: Placed) -> list[nn.Module]:
    if placed.branches:
        branches = [nn.Sequential(*chain(*map(_layers, branch))) for branch in placed.branches]
        transform: nn.Module = _Joined(placed.layer.kind, list(branches))
    else:
        transform = TRANSFORM[placed.layer.kind](placed)
        if isinstance(placed.layer, Weighted):
            transform.to_empty(device="cpu")
            transform.reset_parameters()  # type: ignore[operator]  # of linear layers and convolutions
    norms: list[nn.Module] = []
    if placed.normalization is not None:
        norms = [(nn.BatchNorm1d if len(placed.output) == 1 else nn.BatchNorm2d)(placed.output[0])]
    function = ACTIVATION[placed.activation]
    activations: list[nn.Module] = [] if function is None else [_Function(function)]
    behind = [*activations, *norms] if placed.normalizes_last else [*norms, *activations]
    return [transform, *behind]


def eager(run: Run) -> Loop:
    """The loop of a tutorial."""
    made, optimizer = _trained(run)

    def step(images: Tensor, labels: Tensor) -> None:
        optimizer.zero_grad()
        loss = cross_entropy(made(images), labels)
        loss.backward()  # type: ignore[no-untyped-call]  # declared so in torch
        optimizer.step()

    return _loop(run, step)


def compiled(run: Run, mode: str) -> Loop:
    """The same, forward pass with loss and update compiled by `torch.compile` in one of its modes."""
    made, optimizer = _trained(run)
    loss = torch.compile(lambda images, labels: cross_entropy(made(images), labels), mode=mode)
    update = torch.compile(optimizer.step)

    def step(images: Tensor, labels: Tensor) -> None:
        optimizer.zero_grad()
        loss(images, labels).backward()  # type: ignore[no-untyped-call]  # declared so in torch
        update()

    return _loop(run, step)


def products(run: Run) -> Loop:
    """The floor: the matrix products of a step of a network of linear layers alone, forward and backward."""
    size = run.spec.data.batch_size
    shapes = [(p.input[0], p.output[0]) for p in run.plan.layers if isinstance(p.layer, Weighted)]
    x = [torch.randn(size, fan_in) for fan_in, _ in shapes]
    weights = [torch.randn(fan_out, fan_in) for fan_in, fan_out in shapes]
    into = [torch.randn(size, fan_out) for _, fan_out in shapes]

    def step(_images: Tensor, _labels: Tensor) -> None:
        for a, weight in zip(x, weights, strict=True):
            a @ weight.t()
        for place, (a, weight, gradient) in enumerate(zip(x, weights, into, strict=True)):
            gradient.t() @ a
            if place:
                gradient @ weight

    return _loop(run, step)


def _trained(run: Run) -> tuple[nn.Module, torch.optim.Optimizer]:
    made = network(run.plan)
    return made, torch.optim.SGD(made.parameters(), lr=0.1)


def _loop(run: Run, step: Step) -> Loop:
    """Batches are gathered one by one, from images that were made floats before the loop."""
    images, labels = run.dataset.inputs(run.dataset.train.images), run.dataset.train.labels
    size = run.spec.data.batch_size

    def loop(steps: int) -> None:
        per_epoch = len(labels) // size
        for number in range(steps):
            if number % per_epoch == 0:
                order = torch.randperm(len(labels))
            chosen = order[number % per_epoch * size :][:size]
            step(images.index_select(0, chosen), labels[chosen])

    return loop
