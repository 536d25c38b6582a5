"""Writes a job's series: rows become immutable objects, and exist once their manifest rows are committed."""

from dataclasses import dataclass

from jobs.errors import AttemptLost
from jobs.failpoints import reach
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import progress
from jobs.lifecycle.checkpoints import record
from jobs.lifecycle.held import Held
from jobs.series.format.manifest import Chunk, insert_chunk, read_manifest
from jobs.series.format.schema import TRAIN, Rows, concatenate, statistics, to_arrow, validate
from jobs.series.write.cadence import FIRST_INTERVAL, Cadence
from jobs.series.write.scoring import followed, recorded
from jobs.storage import keys


@dataclass(frozen=True)
class _Pending:
    """A chunk whose object is written and whose manifest row is not."""

    chunk: Chunk
    series: dict[str, dict[str, float | None]]


class Writer:
    """The series of one attempt. Append all of a Block before asking `due`: a commit closes its steps for good.

    It goes on after what is recorded already: nothing, or what a checkpoint was taken with.
    """

    def __init__(self, held: Held, first_interval: float = FIRST_INTERVAL) -> None:
        self._held = held
        manifest = read_manifest(held.database, held.hold.job_id)
        self._first_interval = first_interval
        self._cadence: Cadence | None = None
        self._appended: dict[str, list[Rows]] = {}
        self._written: list[_Pending] = []
        self._ends: dict[str, int] = {}  # the last step appended to each table
        self._columns = {table: list(names) for table, names in manifest.names.items() if names}  # of each table
        self._closed = -1 if manifest.watermark is None else manifest.watermark  # the last committed step
        self.scores = recorded(held.database, held.hold.job_id)
        """Where each metric stands, and was at its best."""

    def append(self, table: str, rows: Rows) -> None:
        """Take rows to be written, in the order of their steps.

        Raises ValueError where a step is not after those of the table so far and of the last commit (who asks for
        what is new since that commit would miss it), or where the columns are not those of the table.
        """
        validate(rows)
        if not len(rows):
            return
        first, behind = int(rows.step[0]), max(self._ends.get(table, -1), self._closed)
        if first <= behind:
            raise ValueError(f"'{table}' at step {first} comes too late: step {behind} is already closed")
        if list(rows.columns) != self._columns.setdefault(table, list(rows.columns)):
            raise ValueError(f"'{table}' at step {first} has other columns than before")
        self._appended.setdefault(table, []).append(rows)
        self._ends[table] = int(rows.step[-1])
        self.scores = followed(self.scores, table, rows)

    def due(self, now: float) -> bool:
        """Whether to commit now: true once an interval, which starts with the first call."""
        if self._cadence is None:
            self._cadence = Cadence(now, self._first_interval)
        if not self._cadence.due(now):
            return False
        self._cadence = self._cadence.after(now)
        return True

    def commit(self, *, steps_per_second: float | None = None, checkpoint: Artifact | None = None) -> None:
        """Make everything that was appended part of the series, in one transaction that also moves the job's row on.

        checkpoint: what is stored of the run after the last step that was appended, made real by the same transaction.

        Raises AttemptLost, and leaves nothing behind, where the attempt no longer holds its job. After any other
        error, such as NoRoom, nothing is lost: the next commit takes everything up again.
        """
        if self._appended:
            self._written += self._write()
            self._appended = {}
        if not self._written and checkpoint is None:
            return
        reach("chunks written")
        step = self._ends.get(TRAIN, max(self._closed, 0))
        try:
            with self._held.database.write() as connection:
                progress(connection, self._held.hold, step, steps_per_second, self.scores)
                for pending in self._written:
                    insert_chunk(connection, self._held.hold, pending.chunk, pending.series)
                reach("in a transaction")
                unused = () if checkpoint is None else record(connection, self._held.hold, checkpoint)
        except AttemptLost:
            self._forget(self._written)
            if checkpoint is not None:
                self._held.objects.delete(checkpoint.stored.key)
            raise
        reach("committed" if checkpoint is None else "checkpoint committed")
        self._written = []
        self._closed = max(self._ends.values(), default=self._closed)
        for key in unused:
            self._held.objects.delete(key)
            reach("old checkpoint deleted")

    def _write(self) -> list[_Pending]:
        """What was appended as objects: all of it, or an error and none."""
        written: list[_Pending] = []
        try:
            for table, parts in self._appended.items():
                written.append(self._put(table, concatenate(parts)))
        except BaseException:
            self._forget(written)
            raise
        return written

    def _put(self, table: str, rows: Rows) -> _Pending:
        first, last = int(rows.step[0]), int(rows.step[-1])
        key = keys.of_chunk(self._held.hold.job_id, self._held.hold.attempt, table, first, last)
        stored = self._held.objects.put(key, to_arrow(rows))
        return _Pending(Chunk(table, first, last, len(rows), stored), statistics(rows))

    def _forget(self, written: list[_Pending]) -> None:
        for pending in written:
            self._held.objects.delete(pending.chunk.stored.key)
