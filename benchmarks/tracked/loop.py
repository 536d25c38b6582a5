"""The paper's mlp with BN in a loop of a tutorial: bare, with its statistics computed and logged, or logged alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import torch
from torch import Tensor, nn

from benchmarks.tracked.runs import Histogram, Log
from benchmarks.tracked.statistics import Watch

BATCH, GATHERED = 60, 64  # examples a step; steps whose examples are gathered at once, as the trainer does
SIZES = (784, 100, 100, 100)
RATE = 0.1
HISTOGRAMS_EVERY = 50


@dataclass(frozen=True)
class Data:
    """The training set as it is stored, and the map to what the network gets."""

    images: Tensor  # [N, 1, 28, 28] uint8
    labels: Tensor  # [N] int64
    shift: Tensor
    scale: Tensor

    def inputs(self, pixels: Tensor) -> Tensor:
        """float32 [N, 1, 28, 28]."""
        return ((pixels.float() - self.shift) * self.scale).contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True)
class Logged:
    """What a step hands to a tracker."""

    values: dict[str, float]
    histograms: dict[str, Histogram]


def bare(data: Data, steps: int) -> None:
    """Records nothing."""
    network, optimizer = _fresh()
    for _, pixels, labels in _batches(data, steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(data.inputs(pixels)), labels)
        loss.backward()  # type: ignore[no-untyped-call]  # declared so in torch
        optimizer.step()


def recorded(data: Data, steps: int, log: Log) -> None:
    """Computes every statistic of every step with torch's own operations, and logs it."""
    network, optimizer = _fresh()
    watch = Watch(network)
    for step, pixels, labels in _batches(data, steps):
        optimizer.zero_grad()
        outputs = network(data.inputs(pixels))
        loss = nn.functional.cross_entropy(outputs, labels)
        loss.backward()  # type: ignore[no-untyped-call]  # declared so in torch
        before = watch.weights()
        optimizer.step()
        metrics = {
            "loss": loss.item(),
            "accuracy": (outputs.argmax(1) == labels).float().mean().item(),
            "learning_rate": optimizer.param_groups[0]["lr"],
        }
        histograms = watch.histograms() if step % HISTOGRAMS_EVERY == 0 else {}
        log(step, metrics | watch.activations | watch.updates(before), histograms)


def handed_over(data: Data, steps: int, logged: Logged, log: Log) -> None:
    """The bare loop, logging the same numbers at every step, which cost nothing."""
    network, optimizer = _fresh()
    for step, pixels, labels in _batches(data, steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(data.inputs(pixels)), labels)
        loss.backward()  # type: ignore[no-untyped-call]  # declared so in torch
        optimizer.step()
        log(step, logged.values, logged.histograms if step % HISTOGRAMS_EVERY == 0 else {})


def last_logged(data: Data) -> Logged:
    """The numbers of a step that has histograms."""
    found = []
    recorded(data, HISTOGRAMS_EVERY, lambda _step, values, histograms: found.append(Logged(values, histograms)))
    return found[-1]


def _fresh() -> tuple[nn.Sequential, torch.optim.Optimizer]:
    layers: list[nn.Module] = [nn.Flatten()]
    for fan_in, fan_out in pairwise(SIZES):
        layers += [nn.Linear(fan_in, fan_out, bias=False), nn.BatchNorm1d(fan_out), nn.Sigmoid()]
    network = nn.Sequential(*layers, nn.Linear(SIZES[-1], 10))
    return network, torch.optim.SGD(network.parameters(), lr=RATE)


def _batches(data: Data, steps: int) -> Iterator[tuple[int, Tensor, Tensor]]:
    """(step, pixels, labels) from step 1 on."""
    indices = islice(_indices(len(data.labels)), steps)
    for first in range(1, steps + 1, GATHERED):
        gathered = list(islice(indices, GATHERED))
        index, sizes = torch.cat(gathered), [len(each) for each in gathered]
        pixels, labels = data.images[index], data.labels[index]
        yield from zip(
            range(first, first + len(sizes)), torch.split(pixels, sizes), torch.split(labels, sizes), strict=True
        )


def _indices(number: int) -> Iterator[Tensor]:
    """Which examples make up a batch: each epoch in an order of its own, the last batch of what is left."""
    while True:
        yield from torch.split(torch.randperm(number), BATCH)
