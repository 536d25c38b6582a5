"""The engine that takes each step by one call of a package made of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from worker.train.arguments import rate_of
from worker.train.dropout import step_noise
from worker.train.engines.library import call_of
from worker.train.engines.owning import Owning
from worker.train.engines.packages import Package, Unavailable
from worker.train.optimizers import Dials
from worker.train.state import Run


class Compiled(Owning):
    """A package checks nothing, so all that it is given is laid out as it was made for, or is not given to it."""

    def __init__(self, run: Run, package: Package) -> None:
        """Raises Unavailable where the package cannot be loaded, or is of another step."""
        super().__init__(run)
        self._inputs = package.inputs
        self.identity: Mapping[str, str] = {"engine": "compiled", "package": package.key[:16]}
        try:
            self._call = call_of(package.library)
        except RuntimeError as error:
            raise Unavailable(f"package {package.key[:12]} cannot be loaded: {error}") from None
        self._dials: NDArray[Any] = np.zeros(len(Dials._fields))
        self._kept: list[Tensor] = []

    def _own(self, tensors: list[Tensor]) -> list[Tensor]:
        """New tensors, laid out as the package takes them."""
        owned = [
            torch.empty_strided(each.shape, each.stride, dtype=getattr(torch, each.dtype)).copy_(tensor)
            for each, tensor in zip(self._inputs, tensors, strict=False)
        ]
        dials, dataset = torch.from_numpy(self._dials).unbind(), self._run.dataset
        self._kept = [*owned, *dials, dataset.shift, dataset.scale]
        return owned

    def _row(self, step: int, pixels: Tensor, labels: Tensor) -> Tensor:
        run = self._run
        self._dials[:] = Dials(rate_of(run, step), step)  # type: ignore[arg-type]  # as numbers
        (row,) = self._call([*self._kept, pixels, labels, *step_noise(run, step, self._shape[0]).values()])
        return row
