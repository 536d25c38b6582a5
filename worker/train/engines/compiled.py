"""The engine that takes each step by one call of a package made of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from bn.step_rows import loss_layout
from worker.train.arguments import rate_of
from worker.train.dropout import step_noise
from worker.train.engines.eager import Eager
from worker.train.engines.flat import learned_tensors, with_tensors
from worker.train.engines.library import call_of
from worker.train.engines.packages import Package, Unavailable
from worker.train.optimizers import Dials
from worker.train.state import Run, State
from worker.train.step import Measured


class Compiled:
    """Everything is measured at every step; batches of another size than the document's are taken eagerly.

    What is learned lies in tensors of the engine's own, which the package writes into: from one step to the next the
    state holds them, with other values. A package checks nothing, so all that it is given is laid out as it was made
    for, or is not given to it.
    """

    def __init__(self, run: Run, package: Package) -> None:
        """Raises Unavailable where the package cannot be loaded, or is of another step."""
        self._run, self._inputs = run, package.inputs
        self.identity: Mapping[str, str] = {"engine": "compiled", "package": package.key[:16]}
        try:
            self._call = call_of(package.library)
        except RuntimeError as error:
            raise Unavailable(f"package {package.key[:12]} cannot be loaded: {error}") from None
        self._eager = Eager(run)
        self._shape = (run.spec.data.batch_size, *run.plan.input)
        self._width = loss_layout(run.network).width
        self._dials: NDArray[Any] = np.zeros(len(Dials._fields))
        self._learned: object = None
        self._kept: list[Tensor] = []

    def take(self, state: State, pixels: Tensor, labels: Tensor) -> Measured:
        """Take the state one step on."""
        if pixels.shape != self._shape or not pixels.is_contiguous():
            return self._eager.take(state, pixels, labels)
        if state.learned is not self._learned:
            self._own(state)
        run, step = self._run, state.step + 1
        self._dials[:] = Dials(rate_of(run, step), step)  # type: ignore[arg-type]  # as numbers
        (row,) = self._call([*self._kept, pixels, labels, *step_noise(run, step, self._shape[0]).values()])
        state.step = step
        return Measured(row[: self._width], row[self._width :] if run.is_measured(step) else None)

    def _own(self, state: State) -> None:
        """Have what the state has learned in tensors of our own, laid out as the package takes them."""
        tensors = learned_tensors(state.learned)
        owned = [
            torch.empty_strided(each.shape, each.stride, dtype=getattr(torch, each.dtype)).copy_(tensor)
            for each, tensor in zip(self._inputs, tensors, strict=False)
        ]
        dials, dataset = torch.from_numpy(self._dials).unbind(), self._run.dataset
        self._kept = [*owned, *dials, dataset.shift, dataset.scale]
        self._learned = state.learned = with_tensors(state.learned, owned)
