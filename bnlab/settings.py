"""The settings as the client reads them: from the environment, with one line for what is wrong there.

They are the server's and the worker's too, which read them by `jobs.settings`; a test holds both equal, because the
client imports nothing of theirs (docs/decisions/0017-the-client-is-self-contained.md).
"""

import os
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from pydantic import PositiveFloat, PositiveInt, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bnlab.errors import CannotRun

PREFIX = "BNLAB_"
FAILPOINTS = "BNLAB_FAILPOINTS"  # which is no field, and which the tests of server and worker set
OF_TESTS = "BNLAB_TEST_"  # how the variables begin that only the tests read
MAX_QUOTED = 60  # characters of a value in a message

_NAME = re.compile("'([^']*)'")
_EXPECTED: dict[str, str] = {
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "float_parsing": "a number",
}
"""By pydantic's name of an error what should have stood there."""


class Settings(BaseSettings):
    """Every setting of bnlab; the variable of `data` is `BNLAB_DATA`, and so on.

    Those without a line of their own are read by what `bnlab up` starts; `jobs/settings.py` says what they mean.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Path("data")
    """The folder of everything that a server started here keeps."""
    database_url: str = ""
    broker_url: str = "memory://"
    """Where wake-ups go; `memory://`: `bnlab up` starts a broker of its own."""

    url: str = ""
    """Where the client finds the API; empty: on this machine, as `host` and `port` say."""
    host: str = "127.0.0.1"
    """The address that an API started here listens on."""
    port: int = 8000
    """The port that an API started here listens on; 0: any that is free."""
    access: Literal["auto", "open", "token"] = "auto"
    token: SecretStr = SecretStr("")
    """What the client shows to the API; empty: nothing."""
    allowed_hosts: str = ""

    slots: PositiveInt = 1
    """How many jobs a worker started here trains at a time."""
    queues: str = "bnlab,bnlab.cuda"
    log: Literal["text", "json"] = "text"
    journal: str = ""

    packages: str = ""
    packages_mb: PositiveInt = 1024
    compile_seconds: float = 600.0
    keep_days: PositiveFloat | None = None
    keep_jobs: PositiveInt | None = None
    keep_gb: PositiveFloat | None = None
    commit_seconds: float = 1.0
    stall_seconds: float = 600.0
    max_steps: int = 10_000_000
    max_parameters: int = 50_000_000
    max_experiment_jobs: int = 1000
    max_batch_values: int = 50_000_000
    max_upload: PositiveInt = 2 * 1024**3

    @field_validator("keep_days", "keep_jobs", "keep_gb", mode="before")
    @classmethod
    def _no_limit(cls, value: Any) -> Any:
        return None if value == "" else value

    def kept_token(self) -> str:
        """The token that a server started here has made and keeps. Raises OSError where there is none."""
        return (self.data / "token").read_text().strip()

    @property
    def server_url(self) -> str:
        """Where the client finds the API.

        >>> Settings(port=8200).server_url, Settings(url="http://lab.example.org", port=8200).server_url
        ('http://127.0.0.1:8200', 'http://lab.example.org')
        """
        return self.url or self.local_url

    @property
    def local_url(self) -> str:
        """Where this machine itself reaches an API that listens as `host` and `port` say.

        >>> Settings(host="0.0.0.0", port=80).local_url, Settings(host="::1").local_url
        ('http://127.0.0.1:80', 'http://[::1]:8000')
        """
        return f"http://{_reachable(self.host)}:{self.port}"


def read_settings(**given: Any) -> Settings:
    """The settings of this process; what is given, unless None, goes before the environment.

    Raises CannotRun, in one line that names every variable at fault: its value makes no sense, or it begins like a
    setting and is none.
    """
    unknown = tuple(_unknown(os.environ))
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = error.errors(include_url=False)
        wrong = (f"{_variable(str(problem['loc'][0]))}: {_sentence(problem)}" for problem in problems)
        raise CannotRun("; ".join((*wrong, *unknown))) from None
    if unknown:
        raise CannotRun("; ".join(unknown))
    return settings


def _sentence(detail: ErrorDetails) -> str:
    """What was expected of a variable and what is there, as `jobs.sentences` says it."""
    value, told = str(detail["input"]), detail.get("ctx", {})
    short = value if len(value) <= MAX_QUOTED else f"{value[:MAX_QUOTED]}..."
    if detail["type"] == "greater_than":
        bound = told["gt"]
        wanted = f"whole number of at least {bound + 1}" if type(bound) is int else f"number greater than {bound:g}"
        return f"must be a {wanted}, not {short}"
    if detail["type"] == "literal_error":
        near = get_close_matches(value.lower(), _NAME.findall(told["expected"]), n=1)
        return f"must be {told['expected']}, not '{short}'{f'; the nearest is {near[0]!r}' if near else ''}"
    if detail["type"] in _EXPECTED:
        return f"must be {_EXPECTED[detail['type']]}, not '{short}'"
    return f"'{short}' cannot stand here"


def _unknown(names: Iterable[str]) -> Iterator[str]:
    """What to say of each variable that is no setting but begins like one; their case does not matter, as in settings.

    >>> list(_unknown(["BNLAB_PORT", "bnlab_prot", "BNLAB_TEST_STACK", "PATH"]))
    ['bnlab_prot is no setting: the nearest one is BNLAB_PORT']
    """
    known = [*map(_variable, Settings.model_fields), FAILPOINTS]
    for name in names:
        upper = name.upper()
        if upper.startswith(PREFIX) and not upper.startswith(OF_TESTS) and upper not in known:
            (nearest,) = get_close_matches(upper, known, n=1, cutoff=0.0)
            yield f"{name} is no setting: the nearest one is {nearest}"


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


def _reachable(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
