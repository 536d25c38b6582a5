"""What the interpreter of a trainer is told."""

import subprocess
import sys

PROGRAM = """
import gc, sys
import worker.trainer
from worker.train.interpreter import let_train
before = len(gc.get_objects())
let_train()
print(sys.getswitchinterval() <= 2e-4, before > 100_000, len(gc.get_objects()) < before / 100)
"""


def test_what_was_imported_is_not_looked_through_and_the_lock_is_handed_over_soon() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "True", "True"]
