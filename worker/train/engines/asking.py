"""What a compiled step depends on, listed: the program, and all that the compilers' result follows from beside it."""

import os
import shutil
import subprocess
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from bn.architecture.layers import Conv2d
from bn.architecture.plan import Plan
from jobs.spec.program import program_of
from worker.train.engines.making import Request
from worker.train.engines.packages import Unavailable, digest
from worker.train.environment import code_version
from worker.train.state import Run

LOOP_SOURCE = Path(__file__).with_name("loop.cpp")
COMPILER = "g++"  # unless CXX names another, as inductor has it
PATIENCE = 20.0  # seconds that it gets to say its version


def request_for(run: Run) -> Request:
    """What a run asks for. Raises Unavailable where this machine cannot compile."""
    inputs = compiled_by(run)
    program = program_of(run.resolved)
    asked = digest({"program": program, "inputs": inputs, "code": code_version()})
    resolved = run.resolved
    return Request(asked, {"document": resolved.document, "dataset": asdict(resolved.dataset)}, inputs)


def compiled_by(run: Run) -> dict[str, Any]:
    """All that a package depends on beside the graph, which has the layout of every tensor in it."""
    return {
        "torch": torch.__version__,
        "capability": torch.backends.cpu.get_cpu_capability(),
        "onednn": torch._C._has_mkldnn,
        "threads": run.spec.resources.threads,
        "options": options_of(run.plan),
        "loop": LOOP_SOURCE.read_text(),
        "compiler": _said(compiler(), "--version").splitlines()[0],
        "processor": digest(_said(compiler(), "-march=native", "-Q", "--help=target")),
    }


def compiler() -> str:
    """The C++ compiler's name."""
    return os.environ.get("CXX", COMPILER)


def options_of(plan: Plan) -> dict[str, Any]:
    """What inductor is told beside its defaults. Values that are reused are written once, but not of convolutions.

    The rest saves time in compiling: no trial of the instruction set, which is the machine's own, no headers that are
    compiled for later, and no line numbers.
    """
    convolves = any(isinstance(placed.layer, Conv2d) for placed in plan.layers)
    return {
        **({} if convolves else {"realize_opcount_threshold": 1}),
        "cpp.vec_isa_ok": True,
        "aot_inductor.precompile_headers": False,
        "aot_inductor.enable_line_tables": False,
    }


@lru_cache(maxsize=4)
def _said(compiler: str, *options: str) -> str:
    if shutil.which(compiler) is None:
        raise Unavailable(f"there is no C++ compiler: '{compiler}' is not installed")
    try:
        done = subprocess.run([compiler, *options], capture_output=True, text=True, timeout=PATIENCE, check=True)  # noqa: S603 - it is asked for its version
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"the C++ compiler does not work: {error}") from None
    return done.stdout
