"""The settings as the client reads them: from the environment, with one line for what is wrong there."""

from typing import Any

from pydantic import ValidationError

from bnlab.errors import CannotRun
from jobs.settings import Settings


def read_settings(**given: Any) -> Settings:
    """The settings of this process; what is given, unless None, goes before the environment.

    Raises CannotRun, which names each variable at fault.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        found = (f"BNLAB_{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in problems)
        raise CannotRun("; ".join(found)) from None
