"""The optimizers of torch that a job names, with their weight decay."""

from typing import Any

import torch
from torch import nn

from bn.network import Network
from jobs.spec.training import Adam, Momentum, Nesterov, Sgd, Training


def optimizer_of(training: Training, network: Network) -> torch.optim.Optimizer:
    """The optimizer, with fresh state; its learning rate is set before each step."""
    options = training.optimizer
    kind = torch.optim.SGD if isinstance(options, Sgd | Momentum | Nesterov) else _ADAM[options.kind]
    return kind(_groups(training, network), **_options(options), foreach=True)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Of every group of parameters."""
    for group in optimizer.param_groups:
        group["lr"] = rate


_ADAM: dict[str, Any] = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def _options(options: Sgd | Momentum | Nesterov | Adam) -> dict[str, Any]:
    shared = {"lr": options.learning_rate}
    if isinstance(options, Sgd):
        return shared
    if isinstance(options, Adam):
        return {**shared, "betas": (options.beta1, options.beta2), "eps": options.epsilon}
    return {**shared, "momentum": options.momentum, "nesterov": isinstance(options, Nesterov)}


def _groups(training: Training, network: Network) -> list[dict[str, Any]]:
    """The parameters that decay, and those that do not."""
    decay = training.weight_decay
    rate = 0.0 if decay is None else decay.rate
    spared: set[nn.Parameter] = set()
    if decay is not None and not decay.batch_norm:
        spared = {parameter for norm in network.batch_norms.values() for parameter in norm.parameters()}
    groups = (
        {"params": [p for p in network.parameters() if p not in spared], "weight_decay": rate},
        {"params": [p for p in network.parameters() if p in spared], "weight_decay": 0.0},
    )
    return [group for group in groups if group["params"]]
