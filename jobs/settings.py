"""What a process must be told: read once from the environment in its main, and passed down."""

import os
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from pydantic import PositiveFloat, PositiveInt, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from jobs.sentences import sentence

PREFIX = "BNLAB_"
FAILPOINTS = "BNLAB_FAILPOINTS"  # read by `jobs.failpoints`, before there are settings
OF_TESTS = "BNLAB_TEST_"  # how the variables begin that only the tests read

Access = Literal["auto", "open", "token"]
Log = Literal["text", "json"]


class Settings(BaseSettings):
    """Every setting of bnlab; the variable of `data` is `BNLAB_DATA`, and so on."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Path("data")
    """The folder of everything that is kept: database, series, datasets, token."""
    database_url: str = ""
    """SQLAlchemy's URL; empty: SQLite in the data folder."""
    broker_url: str = "memory://"
    """Where wake-ups go: a redis:// or redis+socket:// URL; `memory://`: nowhere, workers look by themselves."""

    url: str = ""
    """Where the client finds the API; empty: on this machine, as `host` and `port` say."""
    host: str = "127.0.0.1"
    """The address that the API listens on."""
    port: int = 8000
    """The port that the API listens on."""
    access: Access = "auto"
    """Who may call the API; `auto`: open on loopback, a token beyond it."""
    token: SecretStr = SecretStr("")
    """The token; empty: made at the first start that needs one, and kept in the data folder."""
    allowed_hosts: str = ""
    """Further names, separated by commas, by which clients may call this machine."""

    slots: PositiveInt = 1
    """How many jobs a worker trains at a time."""
    queues: str = "bnlab,bnlab.cuda"
    """The queues whose wake-ups a worker hears, separated by commas: `bnlab.cuda` has those of jobs for a GPU."""
    log: Log = "text"
    """What a server and a worker log; `json`: one object a line, and a line for each request."""
    journal: str = ""
    """A file that gets a line for each step that is taken, for tests of who takes them; empty: none."""

    packages: str = ""
    """The folder of compiled steps, which is this user's alone; empty: `bnlab/packages` in the user's cache."""
    packages_mb: PositiveInt = 1024
    """How much they may take together; those that were used longest ago go first."""
    compile_seconds: float = 600.0
    """How long a job waits for its step to be compiled, until it is trained without."""
    keep_days: PositiveFloat | None = None
    """How long a job is kept once it has ended, in days; empty: for ever."""
    keep_jobs: PositiveInt | None = None
    """How many jobs that have ended are kept, the newest; empty: all of them."""
    keep_gb: PositiveFloat | None = None
    """How much all jobs may have stored together, in GB, until those go that ended first; empty: no matter how much."""
    commit_seconds: float = 1.0
    """How long what a young job records waits until it is stored; twice as long each time, up to half a minute."""
    stall_seconds: float = 600.0
    """How long a training may stand still before its process is ended; three times as long before its first step."""
    max_steps: int = 10_000_000
    """The longest job that is accepted, in steps."""
    max_parameters: int = 50_000_000
    """The largest network that is accepted, in parameters."""
    max_experiment_jobs: int = 1000
    """The most jobs of an experiment."""
    max_batch_values: int = 50_000_000
    """The largest layer output that is accepted, in values: batch size times channels times locations."""
    max_upload: PositiveInt = 2 * 1024**3
    """The largest file of a dataset that is taken in, in bytes."""

    @field_validator("keep_days", "keep_jobs", "keep_gb", mode="before")
    @classmethod
    def _no_limit(cls, value: Any) -> Any:
        return None if value == "" else value

    @property
    def resolved_database_url(self) -> str:
        """The URL of the database, SQLite in the data folder unless another was named."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'bnlab.sqlite'}"

    @property
    def packages_folder(self) -> Path:
        """Where compiled steps are kept, on a disk of this machine."""
        if self.packages:
            return Path(self.packages)
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(cache) / "bnlab" / "packages"

    @property
    def local_url(self) -> str:
        """Where this machine itself reaches an API that listens as `host` and `port` say.

        >>> Settings(host="0.0.0.0", port=80).local_url, Settings(host="::1").local_url
        ('http://127.0.0.1:80', 'http://[::1]:8000')
        """
        return f"http://{_reachable(self.host)}:{self.port}"


def read_settings(**given: Any) -> Settings:
    """The settings of this process; what is given, unless None, goes before the environment.

    Raises SettingsError, in one line that names every variable at fault: its value makes no sense, or it begins like a
    setting and is none.
    """
    unknown = tuple(_unknown(os.environ))
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = error.errors(include_url=False)
        wrong = (f"{_variable(str(problem['loc'][0]))}: {sentence(problem)}" for problem in problems)
        raise SettingsError("; ".join((*wrong, *unknown))) from None
    if unknown:
        raise SettingsError("; ".join(unknown))
    return settings


def settings_or_exit(**given: Any) -> Settings:
    """The same for the main of a program, which ends with that line where something is wrong with them."""
    try:
        return read_settings(**given)
    except SettingsError as error:
        sys.exit(f"bnlab: {error}")


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
