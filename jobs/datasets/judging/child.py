"""The process that judges one file: it has no more than that file, its own folder and what its bounds leave it.

Nothing of the file is read before the process is confined, and nothing is imported after.
"""

import encodings.cp437
import encodings.utf_8_sig  # noqa: F401 - codecs are else imported when they are first used
import errno
import io
import json
import os
import resource
import sys
from pathlib import Path

import numpy.ma  # noqa: F401 - numpy.unique would import it
import pyarrow as pa
from PIL import Image
from pyarrow import csv

from jobs.datasets.judging.answer import Answer
from jobs.datasets.judging.judge import examine
from jobs.datasets.judging.landlock import confine, end_with_parent, forbid_new_privileges
from jobs.datasets.judging.limits import MAX_DESCRIPTORS, MAX_FILE, NICE, Bounds
from jobs.datasets.judging.options import Options
from jobs.datasets.judging.outputs import ANSWER, FULL
from jobs.errors import DatasetRefused

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def main() -> int:
    """Judge the file that is standard input, into the current folder; the arguments are options and bounds, as JSON.

    The exit code: 0 where the folder has an answer, FULL where the disk is full.
    """
    options, bounds = Options(**json.loads(sys.argv[1])), Bounds(**json.loads(sys.argv[2]))
    folder = Path.cwd()
    landlock = limit(bounds, folder)
    try:
        with open(0, "rb") as file:
            answer = Answer(landlock, examine(file, options, folder))
    except DatasetRefused as refused:
        answer = Answer(landlock, None, refused.faults)
    except OSError as error:
        if error.errno in NO_ROOM:
            return FULL
        raise
    (folder / ANSWER).write_text(answer.to_json())
    return 0


def limit(bounds: Bounds, folder: Path) -> int:
    """Give up what judging does not need. Returns the version of Landlock that keeps it so, 0 where there is none."""
    Image.preinit()  # else Pillow imports its plugins when it opens the first picture
    end_with_parent()
    forbid_new_privileges()
    landlock = confine(folder)
    _start_threads()
    os.nice(NICE)
    for which, limits in {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (bounds.processor, bounds.processor + 1),  # at the first by a signal that tells why
        resource.RLIMIT_FSIZE: (MAX_FILE, MAX_FILE),
        resource.RLIMIT_NOFILE: (MAX_DESCRIPTORS, MAX_DESCRIPTORS),
        resource.RLIMIT_NPROC: (0, 0),
    }.items():
        resource.setrlimit(which, limits)
    return landlock


def _start_threads() -> None:
    """Have pyarrow start the one thread by which it reads: it is confined as this one, and no other can be started."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    csv.read_csv(io.BytesIO(b"a\n1\n"))
