"""A traced step made into a library by inductor and the C++ compiler. It takes a gigabyte, and up to minutes."""

import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch._inductor import (
    aoti_compile_and_package,
    mkldnn_ir,
    mkldnn_lowerings,  # noqa: F401 - it registers inductor's own lowering of what is registered below
)
from torch._inductor.ir import TensorBox
from torch._inductor.lowering import register_lowering
from torch.export import ExportedProgram

from bn.transform import shifted_by_pilot
from jobs.datasets.catalogue import Dataset
from jobs.datasets.preprocessing import Preprocessing, map_shape
from jobs.spec.resolved import Resolved
from worker.train.arguments import batch_of
from worker.train.data import DeviceDataset, Examples
from worker.train.determinism import be_deterministic, device_for
from worker.train.engines.asking import LOOP_SOURCE, compiler
from worker.train.engines.flat import FlatStep, flat, flat_batch, flat_step, learned_tensors, with_tensors
from worker.train.engines.library import Library, Steps
from worker.train.engines.packages import LOOP, STEP, Input, Package, Packages, digest
from worker.train.engines.tracing import digest_of, traced
from worker.train.optimizers import dials_of
from worker.train.state import Run, initial_state
from worker.train.step import Batch, Learned

RATE = 0.01  # of the step that is traced, and of the one that is compared
CLOSE = 1e-2  # of its norm, the most by which what a step changes or measures may differ from the operations' own


class Wrong(Exception):
    """A package that computes something else than the step that it was made of."""


def make(packages: Packages, run: Run, inputs: dict[str, Any], work: Path) -> Package:
    """The package of a run's step, made unless there is one of an equal graph; `work`: a folder for what is between.

    inputs: all that the compiler's result depends on beside the graph. Raises Wrong, and what torch raises.
    """
    began = time.monotonic()
    state = initial_state(run)
    batch = batch_of(run, 1, *_examples(run))
    tensors = flat(state.learned, dials_of(RATE, 1, run.device), batch)
    step = flat_step(run, state.learned, batch, shifted_by_pilot)
    program = traced(step, tensors)
    key = digest({**inputs, "graph": digest_of(program)})
    if (package := packages.of_key(key)) is not None:
        return package
    _compile(program, inputs["options"], work)
    _compile_loop(work)
    layouts = tuple(Input(tuple(t.shape), t.stride(), str(t.dtype).removeprefix("torch.")) for t in tensors)
    _compare(Library(work), step, state.learned, batch)
    return packages.put(key, work, layouts, time.monotonic() - began)


def _examples(run: Run) -> tuple[Tensor, Tensor]:
    """A mini-batch as those of the run are laid out, of values that are as good as any."""
    size, classes, stored = run.spec.data.batch_size, run.plan.output[0], run.dataset.train.images.dtype
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 2, (size, *run.plan.input), generator=generator, dtype=stored)
    return pixels, torch.arange(size) % classes


def _compile(program: ExportedProgram, options: dict[str, Any], work: Path) -> None:
    """Make the library of the step, and take it out of the archive that inductor packs it into."""
    _let_products_be_of_what_changes()
    archive = work / "package.pt2"
    with torch.no_grad():
        aoti_compile_and_package(program, package_path=str(archive), inductor_configs=options)
    with zipfile.ZipFile(archive) as packed:
        (name,) = (name for name in packed.namelist() if name.endswith(".so"))
        (work / STEP).write_bytes(packed.read(name))


def _compile_loop(work: Path) -> None:
    """Make the library that calls the step. Raises CalledProcessError."""
    torch_folder = Path(torch.__file__).parent
    options = ["-O2", "-shared", "-fPIC", f"-I{torch_folder / 'include'}", f"-L{torch_folder / 'lib'}", "-ltorch_cpu"]
    subprocess.run([compiler(), str(LOOP_SOURCE), *options, "-o", str(work / LOOP)], check=True)  # noqa: S603 - what is compiled is ours


def _let_products_be_of_what_changes() -> None:
    """Have inductor take oneDNN's product of any two tensors: its own rule is for weights that never change alone."""

    @register_lowering(torch.ops.mkldnn._linear_pointwise.default, type_promotion_kind=None)
    def product(x: Any, weight: Any, bias: Any, attribute: str, scalars: list[Any], algorithm: str) -> Any:
        made = mkldnn_ir.LinearUnary.create(x, weight, bias, attribute, scalars, algorithm)  # type: ignore[no-untyped-call]  # declared so in torch
        return TensorBox.create(made)


def _compare(library: Library, step: FlatStep, learned: Learned, batch: Batch) -> None:
    """Take one step by the library and one by the operations themselves. Raises Wrong where they differ.

    All that is learned is compared as one: where a nonlinearity has a kink, a value that lies on it to the last bit may
    fall on either side, and then the gradient of a small tensor differs by more than rounding.
    """
    before = learned_tensors(learned)
    mine, its = ([tensor.clone() for tensor in before] for _ in range(2))
    expected = step(*flat(with_tensors(learned, its), dials_of(RATE, 1, batch.pixels.device), batch))
    (row,), _ = Steps(library, mine, (batch.shift, batch.scale), len(expected)).take([(RATE, 1)], flat_batch(batch))
    _require_close("what is learned", _joined(mine), _joined(its), _joined(before))
    _require_close("what is measured", row, expected, torch.zeros_like(expected))


def _require_close(what: str, found: Tensor, right: Tensor, before: Tensor) -> None:
    error, change = (found - right).norm(), (right - before).norm()
    if not error <= CLOSE * change:
        raise Wrong(f"{what} is off by {error:.3g} of {change:.3g}")


def _joined(tensors: list[Tensor]) -> Tensor:
    return torch.cat([tensor.double().flatten() for tensor in tensors])


def without_data(asked: dict[str, Any]) -> Run:
    """The run of a request, on the CPU, of whose data there is nothing but the shape."""
    facts = asked["dataset"]
    dataset = Dataset.of(facts)
    resolved = Resolved(asked["document"], dataset, sha256="", block_steps=1)
    be_deterministic()
    torch.use_deterministic_algorithms(True)  # and the compiler too
    device = device_for("cpu", resolved.spec.resources.threads)
    data = resolved.spec.data
    stored = torch.uint8 if dataset.has_images and data.normalize != "whiten" else torch.float32
    none = Examples(torch.empty((0, *dataset.shape), dtype=stored), torch.empty(0, dtype=torch.int64))
    along = map_shape(dataset.shape, per_pixel=data.normalize == "per_pixel")
    shift, scale = (torch.full(along, value) for value in (0.0, 1.0))
    as_it_is = Preprocessing(False, tuple(shift.flatten().tolist()), tuple(scale.flatten().tolist()))
    return Run(resolved, DeviceDataset(none, None, none, shift, scale, as_it_is), device)
