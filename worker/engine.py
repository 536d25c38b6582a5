"""The engine of an attempt: the one that was decided, its package found or made, or the eager one, with the reason."""

from contextlib import suppress
from dataclasses import dataclass, replace

from jobs.errors import EngineUnavailable
from jobs.lifecycle.demands import Order
from jobs.lifecycle.held import Held
from jobs.settings import Settings
from jobs.spec.engines import Choice
from jobs.storage import waiting
from worker.control import Control
from worker.train.engines.asking import request_for
from worker.train.engines.compiled import Compiled
from worker.train.engines.eager import Eager
from worker.train.engines.graphed import Graphed
from worker.train.engines.making import made
from worker.train.engines.packages import Package, Packages, Unavailable
from worker.train.engines.protocol import Engine
from worker.train.state import Run

ON_GPU = "on a GPU the step is captured as one CUDA graph, for which nothing is compiled"


@dataclass(frozen=True)
class Told(Exception):
    """The attempt was told to end before it had an engine."""

    order: Order


def sweep_packages(settings: Settings) -> None:
    """Remove what was left when a process that made a package was killed with the trainer that wanted it."""
    packages = _packages(settings)
    if packages.folder.is_dir():
        with suppress(Unavailable):  # which whoever wants a package is told
            packages.sweep()


def engine_of(held: Held, run: Run, settings: Settings, control: Control, *, begun: bool) -> tuple[Engine, Choice]:
    """What takes the steps of an attempt, and what the job's row says of it.

    What cannot be compiled is taken eagerly: before the first step the job then says so, and once it has `begun` its
    environment does. Raises Told, and EngineUnavailable where the document asks for a package by name.
    """
    choice = chosen(run, begun=begun)
    if choice.engine == "eager":
        return Eager(run), choice
    try:
        if run.device.type == "cuda":
            return Graphed(run), choice
        return Compiled(run, _package(held, run, settings, control)), choice
    except Unavailable as error:
        if begun:
            return Eager(run), choice
        if run.spec.resources.engine == "compiled":
            raise EngineUnavailable(f"the step cannot be compiled here: {error}") from None
        return Eager(run), replace(choice, engine="eager", reason=f"it cannot be compiled: {error}")


def chosen(run: Run, *, begun: bool) -> Choice:
    """The engine to be had if it can be; of a run that has `begun` it is the one that it began with.

    What was left open is decided anew on a GPU, where there is nothing to compile.
    """
    if run.device.type == "cuda" and run.spec.resources.engine == "auto" and not begun:
        return Choice("compiled", ON_GPU)
    return run.resolved.engine


def _packages(settings: Settings) -> Packages:
    return Packages(settings.packages_folder, settings.packages_mb * 2**20)


def _package(held: Held, run: Run, settings: Settings, control: Control) -> Package:
    """The package of the run's step, made where there is none. Raises Unavailable, Told."""
    packages, request = _packages(settings), request_for(run)
    if (package := packages.find(request.asked)) is not None:
        return package

    def meanwhile() -> None:
        control.alive()
        if order := control.told():
            raise Told(order)

    waiting.mark(held.database, held.hold.job_id, "compiling")
    try:
        return made(packages, request, settings.compile_seconds, meanwhile)
    finally:
        waiting.clear(held.database, held.hold.job_id, "compiling")
