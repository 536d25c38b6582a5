"""Landlock by its system calls: a process gives up, for good, every file but those of one folder, and every TCP port.

https://docs.kernel.org/userspace-api/landlock.html, whose names the constants bear. A descriptor that is open stays so.
"""

import ctypes
import os
import signal
import struct
import sys
from functools import reduce
from operator import or_
from pathlib import Path

# Their numbers are the same on all architectures but alpha.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38

WRITE_FILE, READ_FILE, REMOVE_FILE, MAKE_REG, TRUNCATE = 1 << 1, 1 << 2, 1 << 5, 1 << 8, 1 << 14
FILES = {1: 0x1FFF, 2: 1 << 13, 3: TRUNCATE, 5: 1 << 15}
"""By version which deeds on files are denied from it on: all, moving between folders, truncating, ioctl of devices."""
TCP = {4: 0b11}
"""Likewise of ports: binding and connecting."""
SCOPES = {6: 0b11}
"""Likewise of other processes: abstract Unix sockets and signals."""
SIZES = {1: 8, 4: 16, 6: 24}
"""By version the size of what describes a ruleset, in bytes."""


def version() -> int:
    """Of this kernel's Landlock; 0 where it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(CREATE_RULESET, None, 0, CREATE_RULESET_VERSION)))


def confine(folder: Path) -> int:
    """Leave this thread, and those that it starts from now on, nothing to open but regular files in the folder.

    Returns the version of Landlock, 0 where the kernel has none: then nothing has changed. Raises OSError; unless one
    is root, new privileges must be forbidden before.
    """
    there = version()
    if not there:
        return 0
    denied = struct.pack("<3Q", *(_since(rights, there) for rights in (FILES, TCP, SCOPES)))
    size = max(size for since, size in SIZES.items() if since <= there)
    ruleset = _call(CREATE_RULESET, denied, size, 0)
    allowed = (WRITE_FILE | READ_FILE | REMOVE_FILE | MAKE_REG | TRUNCATE) & _since(FILES, there)
    beneath = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    try:
        _call(ADD_RULE, ruleset, RULE_PATH_BENEATH, struct.pack("<Qi", allowed, beneath), 0)
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(beneath)
        os.close(ruleset)
    return there


def forbid_new_privileges() -> None:
    """No program that this thread starts from now on gets more rights than it has, on Linux. Raises OSError."""
    if sys.platform == "linux" and _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "privileges cannot be given up")


def end_with_parent() -> None:
    """Have this process killed when the thread that started it ends, on Linux. Raises OSError."""
    if sys.platform == "linux" and _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "a process cannot be bound to its parent")


def _since(rights: dict[int, int], there: int) -> int:
    return reduce(or_, (bits for since, bits in rights.items() if since <= there), 0)


def _call(number: int, *arguments: int | bytes) -> int:
    given = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = int(_libc().syscall(number, *given))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"Landlock's system call {number} failed: {os.strerror(ctypes.get_errno())}")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
