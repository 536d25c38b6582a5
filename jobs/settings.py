"""What a process must be told: read once from the environment in its main, and passed down."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Access = Literal["auto", "open", "token"]


class Settings(BaseSettings):
    """Every setting of bnlab; the variable of `data` is `BNLAB_DATA`, and so on."""

    model_config = SettingsConfigDict(env_prefix="BNLAB_", frozen=True, extra="ignore")

    data: Path = Path("data")
    """The folder of everything that is kept: database, series, datasets, token."""
    database_url: str = ""
    """SQLAlchemy's URL; empty: SQLite in the data folder."""
    broker_url: str = "memory://"
    """Where wake-ups go: a redis:// or redis+socket:// URL; `memory://`: nowhere, workers look by themselves."""

    url: str = "http://127.0.0.1:8000"
    """Where the client finds the API."""
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

    @property
    def resolved_database_url(self) -> str:
        """The URL of the database, SQLite in the data folder unless another was named."""
        return self.database_url or f"sqlite:///{self.data.resolve() / 'bnlab.sqlite'}"

    @property
    def local_url(self) -> str:
        """Where this machine itself reaches an API that listens as `host` and `port` say.

        >>> Settings(host="0.0.0.0", port=80).local_url, Settings(host="::1").local_url
        ('http://127.0.0.1:80', 'http://[::1]:8000')
        """
        return f"http://{_reachable(self.host)}:{self.port}"


def _reachable(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
