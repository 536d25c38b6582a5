"""What a trainer says is heard as it was meant, and what is no message is an error that can be told."""

import pytest

from jobs.lifecycle.job import Ended, JobError
from worker.supervise.protocol import Alive, Message, Ready, Taken, heard, said

MESSAGES: list[Message] = [
    Ready(("cpu", "cuda")),
    Taken(),
    Alive(7),
    Ended("succeeded"),
    Ended("lost", reason="its worker is gone"),
    Ended("failed", JobError("exception", "it broke in two\nlines", retryable=True)),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_what_is_said_in_one_line_is_heard_as_it_was_said(message: Message) -> None:
    line = said(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert heard(line) == message


@pytest.mark.parametrize("line", [b"", b"no JSON", b"[]", b"3", b'{"Alive": {}}', b'{"Unheard": {}}', b'{"Alive": 3}'])
def test_a_line_that_is_no_message_is_an_error_of_three(line: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        heard(line)
