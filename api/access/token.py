"""The access token: given by a setting, or made once and kept in the data folder."""

import logging
import os
import secrets
import shlex
import tempfile
from pathlib import Path

from jobs.logs import about
from jobs.settings import Settings

log = logging.getLogger(__name__)


def the_token(settings: Settings) -> str:
    """The token that callers must show; where none was set and none is kept, it is made and printed. Raises OSError."""
    if given := settings.token.get_secret_value():
        return given
    path = settings.data / "token"
    made = not path.exists() and make(path)
    token = path.read_text().strip()
    if made and settings.log == "json":  # which others may collect: the token is not for them
        log.warning("only who has its token, in %s, may call this server", path, extra=about("token_made"))
    elif made:
        print(f"Only who has its token may call this server. Try:\n\n  {curl_line(settings, token)}\n", flush=True)
    return token


def curl_line(settings: Settings, token: str) -> str:
    """A command that submits a job with the token, and works as it is pasted on this machine.

    >>> print(curl_line(Settings(host="0.0.0.0", port=80), "secret"))
    curl -H 'Authorization: Bearer secret' --json '{"architecture": "mlp", "batch_norm": true}' http://127.0.0.1:80/jobs
    """
    header = shlex.quote(f"Authorization: Bearer {token}")
    body = shlex.quote('{"architecture": "mlp", "batch_norm": true}')
    return f"curl -H {header} --json {body} {settings.local_url}/jobs"


def make(path: Path) -> bool:
    """Keep a new secret under `path`, readable by its owner alone; False where another process was faster."""
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())  # an empty file, after a power cut, would be a secret that everybody knows
        os.link(aside, path)  # unlike a rename it never replaces a token that others already use
    except FileExistsError:
        return False
    finally:
        Path(aside).unlink()
    return True
