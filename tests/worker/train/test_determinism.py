"""What a trainer tells torch, in a process of its own: it holds for the whole of one."""

import subprocess
import sys

PROGRAM = """
import os, torch
from worker.train.determinism import be_deterministic
be_deterministic()
print(torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.allow_tf32)
print(torch.backends.cuda.matmul.allow_tf32, os.environ["CUBLAS_WORKSPACE_CONFIG"])
"""


def test_kernels_repeat_their_results_and_are_of_float32() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", ":4096:8"]
