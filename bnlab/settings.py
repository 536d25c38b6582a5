"""The settings as the client reads them: from the environment, with one line for what is wrong there."""

from typing import Any

from pydantic_settings import SettingsError

from bnlab.errors import CannotRun
from jobs import settings


def read_settings(**given: Any) -> settings.Settings:
    """The settings of this process; what is given, unless None, goes before the environment.

    Raises CannotRun, which names each variable at fault.
    """
    try:
        return settings.read_settings(**given)
    except SettingsError as error:
        raise CannotRun(str(error)) from None
