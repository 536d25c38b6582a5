"""A compiled step and the loop around it: shared libraries, loaded where they lie, without the compiler."""

import ctypes
import weakref
from collections.abc import Sequence
from ctypes import byref, c_char_p, c_int64, c_size_t, c_void_p, py_object
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from worker.train.engines.packages import LOOP, STEP
from worker.train.optimizers import Dials

Handles = Any
"""An array of what a library knows tensors by. Each keeps its tensor until it is deleted, or used up."""

_pointer_in = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_in.restype, _pointer_in.argtypes = c_void_p, (py_object, c_char_p)


class Library:
    """What lies in the folder of a package."""

    def __init__(self, place: Path) -> None:
        """Raises OSError where it cannot be loaded, and RuntimeError where the step cannot be made ready."""
        self._step = ctypes.CDLL(str(place / STEP))
        self._take_steps = ctypes.CDLL(str(place / LOOP)).take_steps
        self._take_steps.restype = c_int64
        self._container = c_void_p()
        device = c_char_p(b"cpu")
        if self._step.AOTInductorModelContainerCreateWithDevice(byref(self._container), c_size_t(1), device, None):
            raise RuntimeError(self._why())
        weakref.finalize(self, self._step.AOTInductorModelContainerDelete, self._container)

    def take(self, steps: int, *rest: Any) -> None:
        """Call `take_steps` of worker/train/engines/loop.cpp with the interpreter's lock free. Raises RuntimeError."""
        if self._take_steps(self._step.AOTInductorModelContainerRun, self._container, c_int64(steps), *rest) < steps:
            raise RuntimeError(self._why())

    def _why(self) -> str:
        """What the library says of the call that failed last."""
        if not hasattr(self._step, "AOTInductorGetLastError"):  # before torch 2.13 it is printed alone
            return "a compiled step failed; the worker's log says why"
        said = c_char_p()
        self._step.AOTInductorGetLastError(byref(said))
        return (said.value or b"").decode(errors="replace")


class Steps:
    """A compiled step that writes into tensors of its own: all that `flat` has but what is of the mini-batch.

    It checks nothing: a tensor of another shape, stride or type is read as if it were the right one.
    """

    def __init__(self, library: Library, learned: Sequence[Tensor], fixed: Sequence[Tensor], width: int) -> None:
        """Of rows that are so wide."""
        self._library, self._width = library, width
        self._dials = np.zeros(len(Dials._fields))
        self._kept = _handles([*learned, *torch.from_numpy(self._dials).unbind(), *fixed])
        weakref.finalize(self, _delete, self._kept)

    def take(self, dials: Sequence[tuple[float, int]], given: Sequence[Tensor]) -> tuple[Tensor, list[float]]:
        """Take a step for each of the dials, which are its rate and its number. Raises RuntimeError where one fails.

        given: the tensors of the first step's mini-batch, as `flat_batch` has them, then of the next one's.
        Returns the steps' rows, [steps, width] float32, and when each ended, in seconds by the monotonic clock.
        """
        steps, turns = len(dials), np.array(dials, dtype=np.float64)
        rows, ended = torch.empty(steps, self._width), np.empty(steps)
        self._library.take(
            steps,
            *(self._kept, c_int64(len(self._kept)), _handles(given), c_int64(len(given) // steps)),
            *(_memory(self._dials), _memory(turns), c_int64(self._dials.size)),
            *(c_void_p(rows.data_ptr()), c_int64(self._width), _memory(ended)),
        )
        return rows, ended.tolist()


def _handles(tensors: Sequence[Tensor]) -> Handles:
    capsules = torch._C._aoti.unsafe_alloc_void_ptrs_from_tensors(list(tensors))
    return (c_void_p * len(tensors))(*(_pointer_in(capsule, None) for capsule in capsules))


def _delete(handles: Handles) -> None:
    library = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"))
    for handle in handles:
        library.aoti_torch_delete_tensor_object(c_void_p(handle))


def _memory(array: NDArray[np.float64]) -> c_void_p:
    return c_void_p(array.ctypes.data)
