"""Everything that the client and what it starts raise on purpose, as one tree; a message says what would help.

BnlabError
├── ApiError       the server refused a request: its problem document
├── Unreachable    no bnlab server answers at the address
├── Damaged        a file that did not arrive as the server has it
├── CannotRun      something on this machine is in the way of what was asked for
└── Unfinished     a job that should have succeeded and did not
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

SERVERS_OWN = 500  # the statuses from here on are failures of the server


class BnlabError(Exception):
    """The root."""


class ApiError(BnlabError):
    """The server refused a request.

    `status` is HTTP's, `code` a stable name for programs, `detail` the reason, and `errors` has, of each field at
    fault, its JSON `pointer` (or of a query its `parameter`) and a `message`. The server's log has the `request_id`,
    which the message of a failure of the server itself names. `parts`: of a server that is not ready, how each part is.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        request_id: str = "",
        parts: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.status, self.code, self.detail, self.errors = status, code, detail, tuple(errors)
        self.request_id, self.parts = request_id, parts
        super().__init__(f"{detail} (request {request_id})" if status >= SERVERS_OWN and request_id else detail)


class Unreachable(BnlabError):
    """No bnlab server answers at the address; the message names it."""


class Damaged(BnlabError):
    """A file that did not arrive as the server has it; nothing of it is kept."""


class CannotRun(BnlabError):
    """Something on this machine is in the way: a port, a folder, a program, a setting."""


class Unfinished(BnlabError):
    """A job that should have succeeded and did not; the message has its error."""
