"""Runs a command that ends when its starter does: `python leash.py PARENT COMMAND...`, PARENT a process id.

A program of its own rather than a function between fork and exec, which is not safe where there are threads. The
kernel keeps the promise, on Linux alone; elsewhere the command outlives a starter that is killed with -9.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == int(sys.argv[1]):  # else it has ended already, and no signal will come
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the command is its starter's
