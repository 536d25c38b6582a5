"""The whole service on one machine: broker, API and worker as children that come and go with their starter."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bnlab.errors import ApiError, CannotRun, Unreachable
from bnlab.local import programs
from bnlab.local.children import Children, last_lines
from bnlab.local.preconditions import (
    broker_program,
    free_port,
    held_folder,
    refuse_newer,
    require_installed,
    socket_folder,
)
from bnlab.sdk.client import Client
from bnlab.settings import Settings

NEEDED = ("celery", "fastapi", "sqlalchemy", "torch", "uvicorn")
START = 90.0  # seconds until every part must answer; the first import of torch on a cold disk takes a while
SMALLEST = '{"architecture": "mlp", "batch_norm": true}'  # a whole job document
OFFLINE = '{"architecture": "mlp", "batch_norm": true, "data": {"dataset": "synthetic"}}'  # where MNIST cannot be had
DATASET = "mnist"  # of a job that names none
NO_BROKER = Settings.model_fields["broker_url"].default


@dataclass(frozen=True)
class Stack:
    """A service that is up: `client` reaches it; `token` is what callers must show, empty where none is needed."""

    client: Client
    token: str
    example: str
    """A short job document that can be trained here."""
    check: Callable[[], None]
    """To be called now and then: starts again what has ended."""


def curl_line(url: str, path: str, *, body: str = "", token: str = "") -> str:
    """A command to paste.

    >>> print(curl_line("http://127.0.0.1:8000", "/jobs", body="{}", token="secret"))
    curl -H 'Authorization: Bearer secret' --json '{}' http://127.0.0.1:8000/jobs
    """
    header = ["-H", f"Authorization: Bearer {token}"] if token else []
    return shlex.join(["curl", *header, *(["--json", body] if body else []), f"{url}{path}"])


def export_line(url: str, token: str) -> str:
    """What makes a client find a server in a terminal where nothing is set; empty where it does by itself.

    The settings of this process do not count: they may have been set for it alone.

    >>> export_line("http://127.0.0.1:8200", "secret")
    'export BNLAB_URL=http://127.0.0.1:8200 BNLAB_TOKEN=secret'
    >>> export_line("http://127.0.0.1:8000", "")
    ''
    """
    if (url, token) == (Settings.model_construct().server_url, ""):  # which reads no environment
        return ""
    return shlex.join(["export", f"BNLAB_URL={url}", *([f"BNLAB_TOKEN={token}"] if token else [])])


@contextmanager
def running(settings: Settings, say: Callable[[str], None], *, needs: Sequence[str] = ()) -> Iterator[Stack]:
    """The service on the settings' host and port (0: any that is free), with as many jobs at a time as their `slots`.

    The datasets that it `needs` and the default one are fetched first; where the default one alone cannot be had and is
    not needed, that is only said.
    Raises CannotRun where something on this machine is in the way; whatever happens, every child has ended at the end
    of the `with`, and running jobs are back in the queue.
    """
    require_installed(NEEDED)
    data, port = settings.data.resolve(), free_port(settings.host, settings.port)
    settings = settings.model_copy(update={"data": data, "port": port})
    refuse_newer(settings)
    with held_folder(data) as sign, socket_folder(data) as sockets:
        own_broker = settings.broker_url == NO_BROKER
        if own_broker:
            settings = settings.model_copy(update={"broker_url": f"redis+socket://{sockets / 'broker.sock'}"})
        with Children(data / "logs", programs.environment(settings), say) as children:
            names = dict.fromkeys((DATASET, *needs))
            fetched = {name for name in names if _fetch(children, name, say, needed=name in needs)}
            brokers = [programs.broker(broker_program(), sockets)] if own_broker else []
            for program in (*brokers, programs.worker(), programs.api(settings)):
                children.start(program)
            with Client(settings.local_url) as anybody:
                _wait(children, anybody.is_alive)
                token = _needed_token(anybody, settings)
            with Client(settings.local_url, token) as client:
                _wait(children, client.is_ready)
                sign(client.url)
                yield Stack(client, token, SMALLEST if DATASET in fetched else OFFLINE, children.check)


def _fetch(children: Children, dataset: str, say: Callable[[str], None], *, needed: bool) -> bool:
    """Whether the dataset is there now."""
    program = programs.fetch(dataset)
    if children.run(program) == 0:
        return True
    reason = last_lines(children.log_of(program), 1)
    if needed:
        raise CannotRun(reason)
    say(f"warning: {reason}")
    return False


def _wait(children: Children, condition: Callable[[], bool]) -> None:
    """Until the server says so; while it is starting, it does not answer at all."""

    def holds() -> bool:
        try:
            return condition()
        except Unreachable:
            return False

    if not children.wait_until(holds, START):
        raise CannotRun(f"the service was not ready within {START:g} seconds; its logs are in {children.folder}")


def _needed_token(anybody: Client, settings: Settings) -> str:
    """The token, where the server asks for one."""
    try:
        anybody.jobs(limit=1)
    except ApiError as error:
        if error.code != "token_required":
            raise
        return settings.kept_token()
    return settings.token.get_secret_value()
