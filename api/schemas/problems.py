"""What an answer looks like that says why a request was refused."""

from api.schemas.jobs import Answer


class FieldProblem(Answer):
    """What is wrong with one field of the body, with one parameter of the query, or with a part of a file."""

    pointer: str | None = None
    """JSON pointer (RFC 6901) into the body."""
    parameter: str | None = None
    """The name of a parameter."""
    member: str | None = None
    """The name of a file in an archive."""
    message: str


class Problem(Answer):
    """Why a request was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    """A stable name for programs."""
    retryable: bool
    """Whether the same request may succeed later."""
    request_id: str
    """As in the header X-Request-ID, and in the server's log."""
    errors: tuple[FieldProblem, ...]
    parts: dict[str, str] | None = None
    """Of `/readyz`: each part and whether it is there."""
