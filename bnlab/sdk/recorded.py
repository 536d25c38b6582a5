"""What jobs have recorded: the part of the client that fetches series, and what is said of them."""

from codecs import iterdecode
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from bnlab.sdk import frames, pages
from bnlab.sdk.connection import Connection
from bnlab.sdk.requests import cut_of, job_path, table_path

Column = Literal["value", "min", "max", "mean"]
"""What a row of joined steps carries: the last value, or the least, the greatest or the mean finite one."""


class Recorded:
    """See `bnlab.Client`, which is this too."""

    _connection: Connection

    def metrics(
        self,
        job_id: str,
        *,
        start: int | None = None,
        stop: int | None = None,
        after: int | None = None,
        points: int | None = None,
    ) -> dict[str, Any]:
        """Metrics of training, test set and validation part as columns, `answer["train"]["loss"]`: each step, exact.

        `start` and `stop` cut a range, both included; `after` is an earlier answer's `watermark`; `points` thins.
        """
        return pages.series(self._connection, f"{job_path(job_id)}/metrics", cut_of(start, stop, after, points))

    def activations(
        self,
        job_id: str,
        *,
        layers: Sequence[str] = (),
        statistics: Sequence[str] = (),
        units: bool = False,
        histograms: bool = False,
        start: int | None = None,
        stop: int | None = None,
        after: int | None = None,
        points: int | None = None,
    ) -> dict[str, Any]:
        """The inside of the network, `answer["layers"]["hidden1"]["p50"]`; the range is as in `metrics`.

        With `units` also `answer["units"]["hidden3"]["50"]["p15"]`, with `histograms` also 64 counts a row.
        """
        chosen = {"layer": layers, "statistic": statistics, "units": units, "histograms": histograms}
        asked = chosen | cut_of(start, stop, after, points)
        return pages.series(self._connection, f"{job_path(job_id)}/activations", asked)

    def diagnostics(
        self,
        job_id: str,
        *,
        names: Sequence[str] = (),
        layers: Sequence[str] = (),
        start: int | None = None,
        stop: int | None = None,
        after: int | None = None,
        points: int | None = None,
    ) -> dict[str, Any]:
        """The diagnostics that the job asked for, `answer["diagnostics"]["rank"]["hidden1"]["rank"]`.

        The range is as in `metrics`.
        """
        asked = {"name": names, "layer": layers} | cut_of(start, stop, after, points)
        return pages.series(self._connection, f"{job_path(job_id)}/diagnostics", asked)

    def series(
        self,
        job_ids: Sequence[str],
        names: Sequence[str],
        *,
        points: int | None = None,
        columns: Sequence[Column] = ("value",),
        digits: int | None = None,
        time: bool = False,
        start: int | None = None,
        stop: int | None = None,
        after: int | None = None,
    ) -> dict[str, Any]:
        """Series of up to 100 jobs in one answer: `answer["jobs"][job_id]["tables"]["test"]["test.accuracy"]`.

        names: `test.accuracy`, and patterns such as `activations.*.p50`; a job that lacks one does not show it, and one
        that was deleted is in `answer["gone"]`. Each table has at most `points` rows, without it 200; `columns` says
        what a row of joined steps carries, and `digits` rounds.
        """
        asked = {"jobs": ",".join(job_ids), "names": ",".join(names), "columns": ",".join(columns)}
        more = {"digits": digits, "time": time}
        return self._connection.get("/series", asked | more | cut_of(start, stop, after, points))

    def matrix(
        self,
        job_id: str,
        names: Sequence[str],
        *,
        points: int | None = None,
        column: Column = "value",
        digits: int | None = None,
        start: int | None = None,
        stop: int | None = None,
    ) -> dict[str, Any]:
        """Series of one job's table as one array, for a heat map: `answer["values"]`, a row for each of them.

        Rows are in the order of the network's layers, which `answer["layers"]` names. The rest is as in `series`.
        """
        asked = {"form": "matrix", "jobs": job_id, "names": ",".join(names), "columns": column, "digits": digits}
        return self._connection.get("/series", asked | cut_of(start, stop, None, points))

    def metrics_csv(
        self,
        job_id: str,
        table: str = "train",
        *,
        start: int | None = None,
        stop: int | None = None,
        points: int | None = None,
    ) -> Iterator[str]:
        """A table as CSV in pieces: train, validation, test, activations, units, histograms or a diagnostic."""
        asked = {"format": "csv", "table": table} | cut_of(start, stop, None, points)
        pieces = self._connection.pieces(table_path(job_id, table), asked, "text/csv")
        return iterdecode(pieces, "utf-8")

    def parquet(
        self,
        job_id: str,
        table: str = "train",
        *,
        layers: Sequence[str] = (),
        start: int | None = None,
        stop: int | None = None,
        points: int | None = None,
    ) -> Iterator[bytes]:
        """A table as a Parquet file, a piece at a time: train, test, activations, units, histograms or a diagnostic."""
        asked = {"format": "parquet", "table": table, "layer": layers} | cut_of(start, stop, None, points)
        return self._connection.pieces(table_path(job_id, table), asked, "application/vnd.apache.parquet")

    def table(self, job_id: str, table: str = "train", **asked: Any) -> Any:
        """The same as a `pyarrow.Table`: columns by their dotted paths, such as `hidden1.p50`."""
        return frames.arrow_of(self.parquet(job_id, table, **asked))

    def frame(self, job_id: str, table: str = "train", *, library: str = "pandas", **asked: Any) -> Any:
        """The same as a data frame of `pandas` or `polars`."""
        return frames.frame_of(self.table(job_id, table, **asked), library)

    def summary(self, job_id: str, of: Literal["metrics", "activations", "diagnostics"] = "metrics") -> dict[str, Any]:
        """Each series' count, first, last, least and greatest value with their steps: `answer["train"]["loss"]`."""
        return dict(self._connection.get(f"{job_path(job_id)}/{of}", {"summary": True})["summary"])

    def findings(self, job_id: str) -> dict[str, Any]:
        """What is wrong with a training so far: `answer["findings"][0]["sentence"]`; see docs/using/findings.md."""
        return self._connection.get(f"{job_path(job_id)}/findings", {})

    def verify(self, job_id: str) -> dict[str, Any]:
        """What a reading of everything that is stored of a job found: `damaged` names what is not as it was written."""
        return dict(self._connection.get(job_path(job_id), {"verify": True})["verification"])
