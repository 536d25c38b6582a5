"""What the process of an attempt prints, as events of its job: a piece at a time, and of an attempt the last of it."""

from dataclasses import dataclass
from itertools import accumulate

from sqlalchemy import Connection, delete, select

from jobs.lifecycle.events import Event
from jobs.storage import tables

PIECE = 4096  # bytes of an event, the most, and of what the row of an attempt has
KEPT_OUTPUT = 65_536  # bytes of an attempt that are kept as events, the most


@dataclass(frozen=True)
class Printed:
    """The last of what an attempt's process has printed, and what of that has not been told yet."""

    text: str  # of PIECE bytes at most, as is `new`
    new: str
    left_out: int  # bytes that were printed before `new` and since the last event, and are not kept
    end: int  # bytes that were printed up to where `new` ends

    @property
    def has_news(self) -> bool:
        """Whether something was printed since the last event."""
        return bool(self.new) or self.left_out > 0

    @property
    def event(self) -> Event:
        """What is new, as it is told."""
        data = {"bytes": len(self.new.encode()), "left_out": self.left_out}
        return Event("output", self.new, data)


def printed(kept: bytes, end: int, told: int) -> Printed:
    """What to tell of a process that has printed `end` bytes, of which `kept` are the last and `told` ones are told.

    What is no UTF-8, and the byte 0, is replaced; a character whose last bytes are still to come is told later.

    >>> printed(b"one two", 7, 4)
    Printed(text='one two', new='two', left_out=0, end=7)
    >>> printed(b"ne tw", 100, 4).left_out, printed("é".encode()[:1], 1, 0).has_news
    (91, False)
    """
    whole = kept[: len(kept) - _begun(kept)]
    end -= len(kept) - len(whole)
    new = whole[len(whole) - max(0, min(end - told, len(whole))) :]
    return Printed(_text(kept), _text(new), max(0, end - told - len(new)), max(end, told))


def delete_beyond(connection: Connection, job_id: str, attempt: int) -> None:
    """Delete the older of an attempt's outputs, as far as all together are more than is kept."""
    column = tables.events.c
    outputs = (column.job_id == job_id) & (column.type == "output") & (column.attempt == attempt)
    query = select(column.number, column.data).where(outputs).order_by(column.number.desc())
    rows = connection.execute(query).all()
    sizes = accumulate(row.data["bytes"] for row in rows)
    old = [row.number for row, size in zip(rows, sizes, strict=True) if size > KEPT_OUTPUT]
    if old:
        connection.execute(delete(tables.events).where(outputs, column.number <= old[0]))


def _text(data: bytes) -> str:
    return data.decode(errors="replace").replace("\x00", "\ufffd")


def _begun(data: bytes) -> int:
    """How many bytes at the end are those of a character that is not whole yet."""
    for i in range(1, min(4, len(data) + 1)):
        byte = data[-i]
        if byte & 0xC0 != 0x80:  # no continuation: here a character begins
            length = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return i if length > i else 0
    return 0
