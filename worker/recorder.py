"""Blocks become series on a thread of their own: summarized, appended, committed, with the job's progress."""

import queue
import threading
import time
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy.exc import OperationalError

from bn.network import Network
from jobs.attempts import Hold, record_progress
from jobs.database import Database, is_full
from jobs.series import schema
from jobs.series.writer import Writer
from worker.room import when_there_is_room
from worker.state import Run
from worker.tables import Addition, Ranges, additions
from worker.training import Block

PROGRESS = 0.5  # seconds between two writes of the job's progress
WAITING_BLOCKS = 2  # when the store is slow the training waits here
PACE_WINDOW = 10.0  # seconds that steps a second are counted over


class Recorder:
    """`put` hands a Block over and waits when two are waiting; leaving the `with` commits what was put.

    An error on the thread (an attempt that was replaced, damage) is raised by the next `put` or at the end.
    """

    def __init__(self, run: Run, network: Network, database: Database, writer: Writer, hold: Hold) -> None:
        self._run, self._network = run, network
        self._database, self._writer, self._hold = database, writer, hold
        self._blocks: queue.Queue[Block | None] = queue.Queue(WAITING_BLOCKS)
        self._latest: dict[str, float | None] = {}
        self._pace: deque[tuple[float, int]] = deque()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._record, name="recorder")

    def put(self, block: Block) -> None:
        """Record a Block. Raises what the recording of an earlier one raised."""
        self._hand_over(block)
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._hand_over(None)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def _hand_over(self, block: Block | None) -> None:
        while self._error is None:
            with suppress(queue.Full):
                self._blocks.put(block, timeout=0.1)
                break

    def _record(self) -> None:
        try:
            self._record_all()
        except BaseException as error:
            self._error = error

    def _record_all(self) -> None:
        shown = 0.0
        ranges: Ranges = {}
        while (block := self._blocks.get()) is not None:
            added, ranges = additions(self._run, self._network, block, ranges)
            for table, rows in added:
                self._writer.append(table, rows)
            self._note(block, added)
            now = time.monotonic()
            if self._writer.due(now):
                self._commit()
            elif now - shown >= PROGRESS:
                self._show()
                shown = now
        self._commit()

    def _commit(self) -> None:
        """Commit what was appended. On a full disk the training waits behind us, and nothing is lost."""
        pace = self._steps_per_second()
        when_there_is_room(lambda: self._writer.commit(steps_per_second=pace), self._hold.job_id)

    def _show(self) -> None:
        """Write down how far the run is; on a full disk the next commit waits, and this need not."""
        step, pace = self._pace[-1][1], self._steps_per_second()
        try:
            record_progress(self._database, self._hold, step, pace, self._latest)
        except OperationalError as error:
            if not is_full(error):
                raise

    def _note(self, block: Block, added: list[Addition]) -> None:
        """Keep the newest values, and how far the run was when."""
        for table, rows in added:
            if table in (schema.TRAIN, schema.TEST):
                self._latest |= {f"{table}.{name}": schema.number(column[-1]) for name, column in rows.columns.items()}
        self._pace.append((block.ended, block.last))
        while block.ended - self._pace[0][0] > PACE_WINDOW:
            self._pace.popleft()

    def _steps_per_second(self) -> float | None:
        if len(self._pace) < 2:
            return None
        (began, first), (ended, last) = self._pace[0], self._pace[-1]
        return (last - first) / (ended - began)
