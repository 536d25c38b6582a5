"""BatchNorm1d and BatchNorm2d: thin modules over bn.functional that torch's own tools take for its own."""

from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from bn import functional
from bn.functional import Normalized
from bn.transform import Shift, shifted_by_mean, shifted_by_pilot

RunningVariance = Literal["unbiased", "biased"]


class _TwoPassBatchNorm(_BatchNorm):
    """What the two layers share; they differ in the inputs that they accept.

    Training: y = weight * (x - mean_B) / sqrt(var_B + epsilon) + bias with the mini-batch's own moments, and the
    running ones move: running_decay * old + (1 - running_decay) * new. Evaluation: the same with the running moments.
    Source: Ioffe and Szegedy 2015, algorithms 1 and 2.

    num_features: C of inputs [N, C, ...]. running_decay: the weight that the old value keeps; torch's momentum is one
    minus it. running_variance: whether the running average is of m/(m-1) * var_B, as in torch, or of var_B, as in
    Keras. affine, track_running_stats: as in torch. State-dict names are torch's.
    frozen: normalize by the running moments and leave them alone, in training too: no `.train()` undoes it.
    """

    frozen: bool
    """May be set at any time; it is not in the state dict, and says nothing of whether weight and bias are trained."""

    def __init__(
        self,
        num_features: int,
        *,
        epsilon: float = 1e-5,
        running_decay: float = 0.9,
        affine: bool = True,
        track_running_stats: bool = True,
        running_variance: RunningVariance = "unbiased",
        frozen: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        factory: dict[str, Any] = {"device": device, "dtype": dtype}
        if frozen and not track_running_stats:
            raise ValueError("a frozen layer normalizes by running statistics: it needs track_running_stats")
        super().__init__(num_features, epsilon, 1 - running_decay, affine, track_running_stats, **factory)
        self.frozen = frozen
        self.running_variance = running_variance

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, ...] -> [N, C, ...]. Raises ValueError in training where a channel has a single value."""
        self._check_input_dim(x)  # type: ignore[no-untyped-call]  # declared so in torch
        trains = self.training and not self.frozen
        if not trains and self.running_mean is not None and self.running_var is not None:
            return functional.normalize(x, self.running_mean, self.running_var, self.weight, self.bias, self.eps)
        normalized = self.normalize_batch(x, shifted_by_pilot if torch.compiler.is_compiling() else shifted_by_mean)
        if trains and not _is_recomputing():
            self.update_running(normalized, x.numel() // self.num_features)
        return normalized.output

    def normalize_batch(self, x: Tensor, shifted: Shift = shifted_by_mean) -> Normalized:
        """Normalize by the mini-batch's own moments and leave the running ones alone."""
        return functional.normalize_batch(x, self.weight, self.bias, self.eps, shifted)

    @torch.no_grad()
    def update_running(self, normalized: Normalized, num_values: int) -> None:
        """Move the running moments towards a mini-batch's; num_values: a channel's values in it."""
        for name, value in self.moved_running(normalized, num_values).items():
            self.get_buffer(name).copy_(value)

    def moved_running(self, normalized: Normalized, num_values: int) -> dict[str, Tensor]:
        """The buffers, by name, that change once the running moments move towards a mini-batch's.

        num_values: a channel's values in it; 0 changes nothing, nor does anything where the layer is frozen.
        """
        if self.frozen or self.running_mean is None or self.running_var is None or num_values == 0:
            return {}
        assert self.num_batches_tracked is not None
        tracked = self.num_batches_tracked + 1
        # momentum None is torch's cumulative average, which swa_utils.update_bn sets for a while.
        weight = 1 / int(tracked) if self.momentum is None else self.momentum
        mean, variance = functional.updated_running(
            self.running_mean,
            self.running_var,
            normalized.mean,
            normalized.variance,
            num_values=num_values,
            decay=1 - weight,
            unbiased=self.running_variance == "unbiased",
        )
        return {"running_mean": mean, "running_var": variance, "num_batches_tracked": tracked}

    def extra_repr(self) -> str:
        """The options, by our names."""
        decay = None if self.momentum is None else round(1 - self.momentum, 12)
        return (
            f"{self.num_features}, epsilon={self.eps}, running_decay={decay}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}, running_variance={self.running_variance!r}"
            f"{', frozen=True' if self.frozen else ''}"
        )


class BatchNorm1d(_TwoPassBatchNorm):
    """Batch normalization of [N, C] or [N, C, L]."""

    def _check_input_dim(self, x: Tensor) -> None:
        if x.dim() not in (2, 3):
            raise ValueError(f"BatchNorm1d takes [N, C] or [N, C, L], got {list(x.shape)}")


class BatchNorm2d(_TwoPassBatchNorm):
    """Batch normalization of [N, C, H, W]."""

    def _check_input_dim(self, x: Tensor) -> None:
        if x.dim() != 4:
            raise ValueError(f"BatchNorm2d takes [N, C, H, W], got {list(x.shape)}")


def _is_recomputing() -> bool:
    """Whether this forward pass is one that activation checkpointing repeats inside a backward pass.

    A compiled graph repeats no update, and cannot be asked.
    """
    return not torch.compiler.is_compiling() and torch._C._current_graph_task_id() != -1
