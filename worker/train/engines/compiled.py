"""The engine that takes the steps of a Block by one call of a package made of the step."""

from collections.abc import Mapping, Sequence
from itertools import chain

import torch
from torch import Tensor

from bn.step_rows import activation_layout
from worker.train.arguments import rate_of
from worker.train.data import Batches
from worker.train.engines.library import Library, Steps
from worker.train.engines.owning import Owning
from worker.train.engines.packages import Package, Unavailable
from worker.train.noise import step_noise
from worker.train.state import Run


class Compiled(Owning):
    """A package checks nothing, so all that it is given is laid out as it was made for, or is not given to it."""

    def __init__(self, run: Run, package: Package) -> None:
        """Raises Unavailable where the package cannot be loaded."""
        super().__init__(run)
        self.identity: Mapping[str, str] = {"engine": "compiled", "package": package.key[:16]}
        self._inputs = package.inputs
        layout = activation_layout(run.network, run.spec.data.batch_size, run.spec.recording.sample)
        self._width = self._loss_width + layout.width
        try:
            self._library = Library(package.place)
        except (OSError, RuntimeError) as error:
            raise Unavailable(f"package {package.key[:12]} cannot be loaded: {error}") from None

    def _own(self, tensors: list[Tensor]) -> list[Tensor]:
        """New tensors, laid out as the package takes them."""
        owned = [
            torch.empty_strided(each.shape, each.stride, dtype=getattr(torch, each.dtype)).copy_(tensor)
            for each, tensor in zip(self._inputs, tensors, strict=False)
        ]
        fixed = (self._run.dataset.shift, self._run.dataset.scale)
        self._steps = Steps(self._library, owned, fixed, self._width)
        return owned

    def _rows(self, steps: Sequence[int], batches: Batches) -> tuple[Tensor, Sequence[float]]:
        every = list(zip(steps, *batches, strict=True))
        size = 1 if self._run.drops else len(every)  # what dropout draws for a step may be larger than its batch
        rows, ended = zip(*(self._take(every[i : i + size]) for i in range(0, len(every), size)), strict=True)
        return torch.cat(rows), list(chain(*ended))

    def _take(self, every: Sequence[tuple[int, Tensor, Tensor]]) -> tuple[Tensor, list[float]]:
        """Take the steps of these numbers on these batches, all in one call."""
        run, size = self._run, self._shape[0]
        given = [(pixels, labels, *step_noise(run, step, size).values()) for step, pixels, labels in every]
        taken = self._steps.take(
            [(rate_of(run, step), run.steps_before + step) for step, _, _ in every], list(chain(*given))
        )
        run.alive()
        return taken
