"""What a trainer prints as lines of a JSON log: whole lines, none longer than a pipe takes at once."""

import json
import select

from worker.supervise.json_lines import LONGEST, json_lines


def test_pieces_become_lines_and_the_last_one_needs_no_end() -> None:
    lines = json_lines(lambda: {"job": "a", "attempt": 1})
    assert list(lines(b"one\ntw", False)) != []
    (two,) = lines(b"o\n\n", False)
    assert json.loads(two)["message"] == "two"
    assert list(lines(b"three", False)) == []
    (three,) = lines(b"", True)
    assert (json.loads(three)["message"], json.loads(three)["job"]) == ("three", "a")


def test_a_line_that_never_ends_is_cut_and_each_is_written_at_once() -> None:
    lines = json_lines(dict)
    found = [line for _ in range(100) for line in lines(b"\x1b" * 1000, False)]
    assert 100_000 // LONGEST - 1 <= len(found) <= 100_000 // LONGEST
    assert all(len(line) <= select.PIPE_BUF and json.loads(line)["message"].endswith("...") for line in found)
