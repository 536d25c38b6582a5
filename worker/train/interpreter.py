"""What Python's interpreter is told where one thread trains and another records: the first is to wait little."""

import gc
import sys

SWITCH = 2e-4  # seconds that a thread which wants the interpreter's lock leaves it to the one that has it


def let_train() -> None:
    """Have the lock handed over soon, and what was imported never be looked through for garbage, which takes 0.2 s."""
    sys.setswitchinterval(SWITCH)
    gc.freeze()
