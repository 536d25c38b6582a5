"""What bnlab records of each step, as somebody writes it who has torch alone: hooks, plain operations, `.item()`."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.tracked.runs import Histogram

BINS = 64
PERCENTILES = {"p15": 0.15, "p50": 0.50, "p85": 0.85}
SATURATED = 4.585  # |a| beyond which a sigmoid's slope is below 0.01


class Watch:
    """A network's statistics, of the last step; its BN layers are hooked."""

    def __init__(self, network: nn.Sequential) -> None:
        linears = [layer for layer in network if isinstance(layer, nn.Linear)]
        norms = [layer for layer in network if isinstance(layer, nn.BatchNorm1d)]
        hidden = [f"hidden{i}" for i in range(1, len(norms) + 1)]
        self.activations: dict[str, float] = {}
        self._taps: dict[str, Tensor] = {}
        self._parameters = list(network.parameters())
        self._linears = dict(zip([*hidden, "output"], linears, strict=True))
        for name, norm in zip(hidden, norms, strict=True):
            norm.register_forward_pre_hook(self._before(name))
            norm.register_forward_hook(self._behind(name))

    def weights(self) -> list[Tensor]:
        """Copies of the weights as they are."""
        return [linear.weight.detach().clone() for linear in self._linears.values()]

    @torch.no_grad()
    def updates(self, before: list[Tensor]) -> dict[str, float]:
        """Norms of weights, gradients and updates; `before`: the weights before the update."""
        found = {
            "gradient_norm": nn.utils.get_total_norm([p.grad for p in self._parameters if p.grad is not None]).item()
        }
        for (name, linear), old in zip(self._linears.items(), before, strict=True):
            assert linear.weight.grad is not None
            norm = old.norm()
            found[f"{name}.weight_norm"] = norm.item()
            found[f"{name}.gradient_norm"] = linear.weight.grad.norm().item()
            found[f"{name}.update_ratio"] = ((linear.weight - old).norm() / norm).item()
        return found

    def histograms(self) -> dict[str, Histogram]:
        """Of what each nonlinearity was given."""
        return {name: _histogram(tap) for name, tap in self._taps.items()}

    def _before(self, name: str) -> Callable[..., None]:
        def hook(norm: nn.BatchNorm1d, inputs: tuple[Tensor]) -> None:
            self.activations |= {f"{name}.{key}": value for key, value in _gaps(norm, inputs[0].detach()).items()}

        return hook

    def _behind(self, name: str) -> Callable[..., None]:
        def hook(_norm: nn.BatchNorm1d, _inputs: Any, output: Tensor) -> None:
            self._taps[name] = tap = output.detach()
            self.activations |= {f"{name}.{key}": value for key, value in _spread(tap).items()}

        return hook


def _gaps(norm: nn.BatchNorm1d, x: Tensor) -> dict[str, float]:
    """How far BN's running statistics are from the batch's moments."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    variance, mean = torch.var_mean(x, 0, correction=0)
    running = norm.running_var + norm.eps
    return {
        "mean_gap": ((mean - norm.running_mean).abs() / running.sqrt()).max().item(),
        "variance_ratio": ((variance + norm.eps) / running).log().abs().max().item(),
    }


def _spread(tap: Tensor) -> dict[str, float]:
    """Of all values."""
    quantiles = torch.quantile(tap, torch.tensor(list(PERCENTILES.values())))
    return {
        "mean": tap.mean().item(),
        "std": tap.std(correction=0).item(),
        "min": tap.min().item(),
        "max": tap.max().item(),
        **dict(zip(PERCENTILES, quantiles.tolist(), strict=True)),
        "saturated": (tap.abs() > SATURATED).float().mean().item(),
    }


def _histogram(tap: Tensor) -> Histogram:
    counts, edges = torch.histogram(tap, BINS)
    return Histogram(counts.numpy(), edges.numpy(), tap.sum().item(), tap.square().sum().item())
