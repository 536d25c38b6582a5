"""A job's series as event files, for whoever has TensorBoard open already: scalars and histograms."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bnlab.errors import CannotRun
from bnlab.sdk.client import Client, Job
from bnlab.sdk.extras import imported

NO_SERIES = ("step", "time", "statistics")  # columns of a table that are no numbers by step
STEPS_AT_ONCE = 2_000  # of a table in memory, however many series it has
COUNTS = ".counts"


def export(client: Client, job_id: str, folder: Path) -> Path:
    """Write everything that a job has recorded into `folder/ID`, the run's name in TensorBoard; gives that folder.

    Tags are the series' paths, `train/loss`, `activations/hidden1/p50`. Of a range of steps at a time, so that memory
    stays bounded. Raises CannotRun where pyarrow or tensorboardX is not installed, or the folder has been written
    before or cannot be written.
    """
    imported("pyarrow")
    event_files = imported("tensorboardX.event_file_writer")
    run = folder / job_id
    if run.exists():
        raise CannotRun(f"{run} exists: TensorBoard would show every step twice; remove it, or name another folder")
    try:
        _write(client, job_id, event_files.EventFileWriter, run)
    except OSError as error:
        raise CannotRun(f"cannot write {run}: {error.strerror}") from error
    return run


def _write(client: Client, job_id: str, open_writer: Callable[[str], Any], run: Path) -> None:
    job = client.job(job_id)
    tables = _tables(client, job)
    writer = open_writer(str(run))
    for start in range(0, job["progress"]["steps"] + 1, STEPS_AT_ONCE):
        for name in tables:
            _add(writer, name, client.table(job_id, name, start=start, stop=start + STEPS_AT_ONCE - 1))
    writer.close()


def _tables(client: Client, job: Job) -> list[str]:
    diagnostics = client.diagnostics(job["id"], stop=0)["diagnostics"]
    validation = ["validation"] if job["spec"]["data"].get("validation") else []
    return ["train", *validation, "test", "activations", "units", "histograms", *diagnostics]


def _add(writer: Any, name: str, table: Any) -> None:
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary

    columns = {column: table[column].to_pylist() for column in table.column_names if column not in NO_SERIES}
    steps, times = table["step"].to_pylist(), table["time"].to_pylist()
    for row, (step, time) in enumerate(zip(steps, times, strict=True)):
        values = [Summary.Value(**value) for value in _values(name, columns, row)]
        writer.add_event(Event(wall_time=time, step=step, summary=Summary(value=values)))


def _values(name: str, columns: dict[str, list[Any]], row: int) -> Iterator[dict[str, Any]]:
    for column, values in columns.items():
        layer = column.removesuffix(COUNTS)
        if column.endswith(COUNTS):
            yield {"tag": f"{name}/{layer}", "histo": _histogram(columns, layer, row)}
        elif f"{column.rpartition('.')[0]}{COUNTS}" not in columns:  # the ends of a histogram are part of it
            yield {"tag": f"{name}/{column.replace('.', '/')}", "simple_value": values[row]}


def _histogram(columns: dict[str, list[Any]], layer: str, row: int) -> Any:
    from tensorboardX.proto.summary_pb2 import HistogramProto

    lo, hi, counts = (columns[f"{layer}{part}"][row] for part in (".lo", ".hi", COUNTS))
    width = (hi - lo) / len(counts)
    centers = [lo + (i + 0.5) * width for i in range(len(counts))]
    return HistogramProto(
        min=lo,
        max=hi,
        num=sum(counts),
        sum=sum(center * count for center, count in zip(centers, counts, strict=True)),
        sum_squares=sum(center**2 * count for center, count in zip(centers, counts, strict=True)),
        bucket_limit=[lo + (i + 1) * width for i in range(len(counts))],
        bucket=counts,
    )
