"""A compiled step as a function: a shared library, loaded where it lies, without the compiler that made it."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

Call = Callable[[list[Tensor]], list[Tensor]]
"""From the tensors of `flat`, which it writes into, to the row of the step, alone in a list.

It checks nothing: another shape, stride or type is read as if it were the right one.
"""


def call_of(library: Path) -> Call:
    """The function in a library. Raises RuntimeError where it cannot be loaded."""
    call: Call = torch._C._aoti.AOTIModelContainerRunnerCpu(str(library), 1).run
    return call
