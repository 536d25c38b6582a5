"""Everything that the client and what it starts raise on purpose, as one tree; a message says what would help.

BnlabError
├── ApiError       the server refused a request: its problem document
├── Unreachable    no bnlab server answers at the address
├── CannotRun      something on this machine is in the way of what was asked for
└── Unfinished     a job that should have succeeded and did not
"""

from collections.abc import Mapping, Sequence
from typing import Any


class BnlabError(Exception):
    """The root."""


class ApiError(BnlabError):
    """The server refused a request.

    `status` is HTTP's, `code` a stable name for programs, `detail` the reason, and `errors` has, of each field at
    fault, its JSON `pointer` (or of a query its `parameter`) and a `message`.
    """

    def __init__(self, status: int, code: str, detail: str, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        self.status, self.code, self.detail, self.errors = status, code, detail, tuple(errors)
        super().__init__(detail)


class Unreachable(BnlabError):
    """No bnlab server answers at the address; the message names it."""


class CannotRun(BnlabError):
    """Something on this machine is in the way: a port, a folder, a program, a setting."""


class Unfinished(BnlabError):
    """A job that should have succeeded and did not; the message has its error."""
