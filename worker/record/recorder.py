"""Blocks become series on a thread of their own: summarized, appended, committed, with progress and checkpoints."""

import logging
import threading
import time
from collections import deque
from math import inf
from types import TracebackType
from typing import Self

import torch
from sqlalchemy.exc import DBAPIError

from jobs.errors import DamagedObject
from jobs.failpoints import reach
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import record_progress
from jobs.lifecycle.held import Held
from jobs.logs import about
from jobs.series.write.cadence import FIRST_INTERVAL, Cadence
from jobs.series.write.joining import FEWEST, join
from jobs.series.write.writer import Writer
from jobs.storage import keys
from jobs.storage.database import is_away
from jobs.storage.room import no_room
from worker.record.additions import additions
from worker.record.backlog import Backlog
from worker.record.checkpoint import Snapshot, encode
from worker.record.histograms import Ranges
from worker.train.loop import Block
from worker.train.state import Run

PROGRESS = 0.5  # seconds between two writes of the job's progress
GATHERED = 4 * 2**20  # bytes of Blocks, the most of which no rows are made yet
PACE_WINDOW = 10.0  # seconds that steps a second are counted over

log = logging.getLogger(__name__)


class Recorder:
    """`put` hands a Block over, and waits when too much is waiting; leaving the `with` commits what was put.

    An error on the thread (an attempt that was replaced, damage) is raised by the next `put` or at the end.
    """

    def __init__(self, run: Run, ranges: Ranges, held: Held, first_commit: float = FIRST_INTERVAL) -> None:
        self._run, self._ranges, self._held = run, ranges, held
        self._writer = Writer(held, first_commit)
        self._gathered: list[Block] = []
        self._blocks: Backlog[tuple[Block, Snapshot | None] | None] = Backlog()
        self._pace: deque[tuple[float, int]] = deque()
        self._checkpoints = Cadence(-inf, first_commit)  # the first one is due at once
        self._has_ended = False  # with the last Block that was put
        self._commits = 0
        self._cost = 0.0  # seconds that it took to store the last one
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._record, name="recorder")

    def checkpoint_due(self) -> bool:
        """Whether it is time for a checkpoint; time never decides anything else."""
        return self._checkpoints.due(time.monotonic())

    def put(self, block: Block, snapshot: Snapshot | None = None) -> None:
        """Record a Block, and keep the run as it is after it where there is a snapshot of that.

        Raises what the recording of an earlier one raised.
        """
        self._hand_over((block, snapshot), _bytes(block, snapshot))
        if snapshot is not None:
            self._checkpoints = self._checkpoints.after(time.monotonic(), self._cost)
        if self._error is not None:
            raise self._error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._hand_over(None, 0)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error

    def _hand_over(self, item: tuple[Block, Snapshot | None] | None, size: int) -> None:
        waited = False
        while self._error is None and not self._blocks.put(item, size, timeout=0.2):
            if self._blocks.is_storing:
                waited = True
                self._held.room.say_slow()
        if waited:
            self._held.room.say_fast()

    def _record(self) -> None:
        torch.set_num_threads(self._run.spec.resources.threads)  # in each thread anew, or it computes on all cores
        try:
            self._record_all()
        except BaseException as error:  # noqa: BLE001 - raised again in the training's thread
            self._error = error

    def _record_all(self) -> None:
        shown = 0.0
        while (item := self._blocks.get()) is not None:
            block, snapshot = item
            self._gathered.append(block)
            self._note(block)
            now = time.monotonic()
            if snapshot is not None:
                self._keep(snapshot)
            elif self._writer.due(now):
                self._commit()
            elif now - shown >= PROGRESS:
                self._show()
                shown = now
            elif sum(_bytes(each, None) for each in self._gathered) > GATHERED:
                self._append()
        self._commit()
        self._join(ended=self._has_ended)

    def _append(self) -> None:
        """Make rows of the Blocks that were gathered: of many at once, for each time has a price of its own."""
        if not self._gathered:
            return
        added, self._ranges = additions(self._run, self._gathered, self._ranges)
        self._gathered = []
        for table, rows in added:
            self._writer.append(table, rows)

    def _commit(self, checkpoint: Artifact | None = None) -> None:
        """Commit what was put. On a full disk the training waits behind us, and nothing is lost."""
        self._append()
        pace = self._steps_per_second()
        with self._blocks.storing():
            self._held.room.wait_for(lambda: self._writer.commit(steps_per_second=pace, checkpoint=checkpoint))
        self._commits += 1
        if self._commits % FEWEST == 0:
            self._join(ended=False)

    def _join(self, *, ended: bool) -> None:
        """Have fewer chunks, which are read faster; where there is no room, or damage, they stay as they are."""
        try:
            join(self._held, ended=ended)
        except (DamagedObject, OSError, DBAPIError) as error:
            if not (isinstance(error, DamagedObject) or no_room(error)):
                raise
            hold = self._held.hold
            about_it = about("chunks_not_joined", **hold.fields)
            log.warning("the chunks of job %s are not joined: %s", hold.job_id, error, extra=about_it)

    def _keep(self, snapshot: Snapshot) -> None:
        """Store a checkpoint, and make it real together with the series up to its step."""
        began = time.monotonic()
        self._append()  # the ranges are part of it
        data = encode(snapshot, self._ranges)
        key = keys.of_checkpoint(self._held.hold.job_id, self._held.hold.attempt, snapshot.step)
        with self._blocks.storing():
            stored = self._held.room.wait_for(lambda: self._held.objects.put(key, data))
        reach("checkpoint written")
        self._commit(Artifact("checkpoint", snapshot.step, stored))
        self._cost = time.monotonic() - began

    def _show(self) -> None:
        """Write down how far the run is, and where somebody looks on, the rows too.

        What keeps that from the database is for the next commit to meet.
        """
        self._append()
        step, pace = self._pace[-1][1], self._steps_per_second()
        try:
            watched = record_progress(self._held.database, self._held.hold, step, pace, self._writer.scores)
        except DBAPIError as error:
            if not (no_room(error) or is_away(error)):
                raise
            return
        if watched:
            self._commit()

    def _note(self, block: Block) -> None:
        """Keep how far the run was when."""
        self._pace.append((block.ended, block.last))
        self._has_ended = block.ends
        while block.ended - self._pace[0][0] > PACE_WINDOW:
            self._pace.popleft()

    def _steps_per_second(self) -> float | None:
        if len(self._pace) < 2:
            return None
        (began, first), (ended, last) = self._pace[0], self._pace[-1]
        return (last - first) / (ended - began)


def _bytes(block: Block, snapshot: Snapshot | None) -> int:
    """What a Block and a snapshot hold, but for what is small."""
    tensors = [rows.values for rows in (*block.losses, *block.activations)]
    tensors += [] if block.learned is None else block.learned.values()
    tensors += [] if snapshot is None else snapshot.tensors.values()
    return sum(tensor.nbytes for tensor in tensors)
