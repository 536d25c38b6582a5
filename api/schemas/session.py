"""What signing in looks like."""

from pydantic import BaseModel, ConfigDict

from api.schemas.jobs import Answer


class SignIn(BaseModel):
    """A code, with which a browser signs in."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    code: str
    """As `POST /session/codes` gave it, or `bnlab open`."""


class CodeAnswer(Answer):
    """With what a browser may sign in."""

    code: str | None
    """Good once; null where no token is needed, and so nobody needs to sign in."""
    expires_seconds: float | None
    """After which it is good for nothing."""
