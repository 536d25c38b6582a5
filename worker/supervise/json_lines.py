"""What a trainer prints, as lines of a log that is JSON."""

import select
from collections.abc import Callable, Iterator
from typing import Any

from jobs.logs import as_line
from worker.supervise.output import Lines

LONGEST = 16_384  # bytes of a line that has not ended, the most that wait for the rest of it
WHOLE = 500  # characters that are kept of a line that would not be written at once


def json_lines(whose: Callable[[], dict[str, Any]]) -> Lines:
    """Makes of pieces of output one JSON object a line; `whose`: the job and the attempt of what is read then."""
    begun = b""

    def lines(piece: bytes, is_over: bool) -> Iterator[bytes]:
        nonlocal begun
        *whole, begun = (begun + piece).split(b"\n")
        if is_over or len(begun) > LONGEST:
            whole, begun = [*whole, begun], b""
        for line in whole:
            if text := line.decode(errors="replace").strip():
                yield _short(text, whose())

    return lines


def _short(text: str, whose: dict[str, Any]) -> bytes:
    """The line, cut where a pipe would not take it at once: half of one is no JSON."""
    line = f"{as_line(text, **whose)}\n".encode()
    return line if len(line) <= select.PIPE_BUF else f"{as_line(f'{text[:WHOLE]}...', **whose)}\n".encode()
