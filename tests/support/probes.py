"""Networks in the midst of their training, for diagnostics to look at."""

import copy

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import Architecture, Mlp
from bn.diagnostics.probe import Probe
from bn.network import Network, build

SHAPE = (1, 12, 12)


def randoms(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def probe_of(architecture: Architecture, batch_norm: BatchNorm | None, rate: float = 0.1, count: int = 32) -> Probe:
    """A network that has taken three steps of momentum on noise, and examples of noise."""
    network = build(plan(architecture, batch_norm, SHAPE, 10), seed=0)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9)
    images, labels = randoms(count, *SHAPE), torch.arange(count) % 10
    for seed in range(3):
        optimizer.zero_grad()
        loss = cross_entropy(network(randoms(count, *SHAPE, seed=seed)), labels)
        loss.backward()  # type: ignore[no-untyped-call]  # declared so in torch
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)

    def stepped(gradients: tuple[Tensor, ...]) -> list[Tensor]:
        moving, its_optimizer = copy.deepcopy((network, optimizer))
        for parameter, gradient in zip(moving.parameters(), gradients, strict=True):
            parameter.grad = gradient
        its_optimizer.step()
        return [parameter.detach() for parameter in moving.parameters()]

    return Probe(
        *(network, rate, stepped, cross_entropy, images, labels),
        lambda: torch.split(images, 8),
        lambda: (images, labels),
    )


def loss_of(network: Network, probe: Probe) -> Tensor:
    return cross_entropy(network.observe(probe.images)[0], probe.labels)


def mlp(**options: object) -> Mlp:
    return Mlp.model_validate(
        {"hidden": [16, 12, 9], "activation": "relu", "init": {"scheme": "kaiming_normal"}, **options}
    )
