"""What a process logs: lines of text, or with BNLAB_LOG=json one JSON object a line, for programs that collect logs."""

import json
import logging
import sys
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from jobs.settings import Log

FIELDS = (
    *("worker", "job", "attempt", "request_id", "step"),
    *("method", "path", "status", "milliseconds", "outcome", "reason"),
)
"""What a line may say beside its time, level, action and message: the keywords of `about`."""

SERVED_BY = ("uvicorn", "uvicorn.error", "uvicorn.asgi")  # loggers that uvicorn gives handlers of its own

log = logging.getLogger(__name__)


def about(action: str, **fields: Any) -> dict[str, Any]:
    """The `extra` of a log line: what is done, in a word or two that stay as they are, and to what.

    >>> about("beat", job="a", attempt=1, step=None)
    {'action': 'beat', 'job': 'a', 'attempt': 1}
    """
    assert fields.keys() <= set(FIELDS)
    return {"action": action} | {name: value for name, value in fields.items() if value is not None}


class JsonLines(logging.Formatter):
    """A log record as one line of JSON; the action of a library's is its logger's name."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        said = vars(record)
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "action": said.get("action", record.name),
            "message": record.getMessage(),
            **{name: said[name] for name in FIELDS if name in said},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(form: Log) -> None:
    """Have this process log so, the libraries' lines too; `text` leaves all as uvicorn, Celery and Python make it."""
    if form == "text":
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in SERVED_BY:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    silent = logging.getLogger("uvicorn.access")  # the API has a line for each request itself
    silent.handlers, silent.propagate = [], False
    logging.captureWarnings(True)
    sys.excepthook = _crashed


def name_worker(worker_id: str) -> None:
    """Have every line of this process, from now on, say whose it is."""

    def made(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = logging.LogRecord(*arguments, **named)
        record.worker = worker_id
        return record

    logging.setLogRecordFactory(made)


def as_line(text: str, **fields: Any) -> str:
    """A line that another process has printed, as a JSON line: what is one already gets the fields that it lacks."""
    record = logging.getLogRecordFactory()(__name__, logging.INFO, "", 0, "%s", (text,), None)
    vars(record).update(about("output", **fields))
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    return json.dumps(line | _found(text))


def _found(text: str) -> dict[str, Any]:
    """The fields of a text that is a line of `JsonLines`, or none."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and found.keys() >= {"time", "level", "action", "message"} else {}


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("the process crashed", exc_info=(kind, error, trace), extra=about("crash"))
