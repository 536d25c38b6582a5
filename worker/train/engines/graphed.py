"""The engine for a GPU: a step's launches are captured once as a CUDA graph, and handed over together each time."""

import time
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from bn.step_rows import sample_index
from bn.transform import shifted_by_mean
from worker.train.arguments import batch_of, rate_of
from worker.train.data import Batches
from worker.train.engines.flat import FlatStep, flat, flat_batch, flat_step, learned_tensors
from worker.train.engines.owning import Owning
from worker.train.engines.packages import Unavailable
from worker.train.noise import step_noise
from worker.train.optimizers import dials_of
from worker.train.state import Run, initial_state

WARM_UPS = 3  # steps before the capture: libraries make their handles and workspaces in the first ones

Replay = Callable[[], Tensor]
"""Takes a step on the tensors that it was captured with, and gives its row, which the next replay writes into again."""

Capture = Callable[[FlatStep, list[Tensor]], Replay]


def captured(step: FlatStep, tensors: list[Tensor]) -> Replay:
    """A step as a CUDA graph that reads and writes these tensors, wherever they are used. Raises RuntimeError.

    What they hold is lost: the step is taken a few times before it is captured.
    """
    here, aside = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]  # declared so in torch
    aside.wait_stream(here)
    with torch.cuda.stream(aside):
        for _ in range(WARM_UPS):
            step(*tensors)
    here.wait_stream(aside)
    sample_index.cache_clear()  # a graph reads addresses: what a cache may let go of is made inside
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.stream(here), torch.cuda.graph(graph):  # the first is left as it was where the second fails
            row = step(*tensors)
    finally:
        sample_index.cache_clear()  # and what is made inside has its values at a replay alone

    def replay() -> Tensor:
        graph.replay()
        return row

    return replay


class Graphed(Owning):
    """The eager step's own kernels, so that there is nothing to compile. Nothing here waits for the device.

    All that differs from step to step is written into tensors that the graph reads, in the order of the device's
    queue: rate and step as arguments of a kernel that fills, the rest as copies on the device. Nothing is written into
    memory of the host that an earlier step may still have to read.
    """

    identity: Mapping[str, str] = {"engine": "compiled", "package": "cuda graph"}

    def __init__(self, run: Run, capture: Capture = captured) -> None:
        """Raises Unavailable where the step cannot be captured."""
        super().__init__(run)
        learned = initial_state(run).learned  # laid out as every state of the run, and free to be written into
        labels = torch.zeros(self._shape[0], dtype=torch.int64, device=run.device)
        pixels = torch.zeros(self._shape, dtype=run.dataset.train.images.dtype, device=run.device)
        batch, self._dials = batch_of(run, 1, pixels, labels), dials_of(0.0, 1, run.device)
        self._owned, self._batch = learned_tensors(learned), flat_batch(batch)
        step = flat_step(run, learned, batch, shifted_by_mean)
        try:
            self._replay = capture(step, flat(learned, self._dials, batch))
        except RuntimeError as error:
            raise Unavailable(f"its CUDA graph cannot be captured: {str(error).splitlines()[0]}") from None

    def _own(self, tensors: list[Tensor]) -> list[Tensor]:
        """The tensors that the graph knows."""
        for owned, tensor in zip(self._owned, tensors, strict=True):
            owned.copy_(tensor)
        return self._owned

    def _rows(self, steps: Sequence[int], batches: Batches) -> tuple[Tensor, Sequence[float]]:
        rows, ended = [], []
        for step, pixels, labels in zip(steps, *batches, strict=True):
            rows.append(self._row(step, pixels, labels))
            ended.append(time.monotonic())
            self._run.alive()
        return torch.stack(rows), ended

    def _row(self, step: int, pixels: Tensor, labels: Tensor) -> Tensor:
        self._dials.rate.fill_(rate_of(self._run, step))
        self._dials.step.fill_(self._run.steps_before + step)
        given = (pixels, labels, *step_noise(self._run, step, self._shape[0]).values())
        for held, value in zip(self._batch, given, strict=True):
            held.copy_(value)
        return self._replay().clone()
