"""The commands that get out what a job has recorded."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from bnlab.cli.ids import job_id_of
from bnlab.cli.options import AsJson, JobId, JobIds, Url, fail_unless, for_each, print_json
from bnlab.errors import CannotRun
from bnlab.figures import tensorboard
from bnlab.sdk.client import Client
from bnlab.terminal.numbers import ABSENT, recorded
from bnlab.terminal.printing import cell, console, lines, say, visible
from bnlab.terminal.widths import fitting

BRIEF = {"last": 11, "first": 11, "count": 7, "nonfinite": 10, "least at": 18, "greatest at": 18}
"""What a table of series shows beside their names, the most important first, and in how many characters."""

ORDER = ("count", "first", "last", "least at", "greatest at", "nonfinite")
ASKING = '{"recording": {"diagnostics": [{"name": "rank"}]}}'
HOLDS = {
    "--summary": "has every series in a line",
    "--tensorboard": "writes every table whole",
    "--json": "has train and test; bnlab layers --json and bnlab diagnostics --json have the rest",
}
"""Why a way out takes no options that choose a part."""

EXTREMES = {"least at": "min", "greatest at": "max"}


def metrics(
    job: JobId,
    table: Annotated[
        str | None,
        typer.Option(help="train (else), test, activations, units, histograms or a diagnostic."),
    ] = None,
    points: Annotated[int | None, typer.Option(help="At most so many rows; else every step.")] = None,
    start: Annotated[int | None, typer.Option("--from", help="The first step.")] = None,
    stop: Annotated[int | None, typer.Option("--to", help="The last step.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The server's JSON, which has train and test.")] = False,
    summary: Annotated[bool, typer.Option(help="Each series in a line instead.")] = False,
    parquet: Annotated[Path | None, typer.Option(help="Write the table into this file instead.")] = None,
    tensorboard_folder: Annotated[
        Path | None,
        typer.Option(
            "--tensorboard",
            help="Write all tables into this folder, for the viewer that 'pip install tensorboard' brings.",
        ),
    ] = None,
    url: Url = None,
) -> None:
    """Print a job's metrics as CSV: every step, exact."""
    ways = {"--json": as_json, "--summary": summary, "--parquet": parquet, "--tensorboard": tensorboard_folder}
    chosen = [name for name, value in ways.items() if value]
    if len(chosen) > 1:
        raise CannotRun(f"{' and '.join(chosen)}: one at a time")
    cuts = {"--from": start, "--to": stop, "--points": points, "--table": table}
    _refuse(chosen, {"--summary": cuts, "--tensorboard": cuts, "--json": {"--table": table}})
    with Client(url) as client:
        job_id = job_id_of(client, job)
        if as_json:
            print_json(client.metrics(job_id, start=start, stop=stop, points=points))
        elif summary:
            console.print(_summary_table(client.summary(job_id)))
        elif parquet:
            _write(parquet, client.parquet(job_id, table or "train", start=start, stop=stop, points=points))
        elif tensorboard_folder:
            say(str(tensorboard.export(client, job_id, tensorboard_folder)))
        else:
            for piece in client.metrics_csv(job_id, table or "train", start=start, stop=stop, points=points):
                sys.stdout.write(lines(piece))


def diagnostics(job: JobId, as_json: AsJson = False, url: Url = None) -> None:
    """Show what a job's diagnostics measured, a measure a line; as JSON every value of them.

    bnlab metrics ID --table NAME has one of them as CSV, and with --parquet as a file.
    """
    with Client(url) as client:
        job_id = job_id_of(client, job)
        if as_json:
            print_json(client.diagnostics(job_id))
            return
        found = client.summary(job_id, of="diagnostics")
    if not found:
        raise CannotRun(f"job {job_id} asked for no diagnostics; ask for them in its document: {ASKING}")
    console.print(_summary_table(found))


def verify(ids: JobIds, as_json: AsJson = False, url: Url = None) -> None:
    """Read everything that is stored of jobs; fails, and names it, where something is not as it was written."""
    with Client(url) as client:
        damaged: list[str] = []

        def check(typed: str) -> None:
            job_id = job_id_of(client, typed)
            verdict = client.verify(job_id)
            if as_json:
                print_json({"job": job_id, **verdict})
            else:
                _say_verdict(verdict, f"{job_id} " if len(ids) > 1 else "")
            damaged.extend(each["key"] for each in verdict["damaged"])

        fail_unless(for_each(ids, check) and not damaged)


def _say_verdict(verdict: dict[str, Any], name: str) -> None:
    for damage in verdict["damaged"]:
        say(visible(f"{name}{damage['reason']}"))
    missing = [table for table, complete in verdict["complete"].items() if not complete]
    say(f"{name}{verdict['objects']} objects, {verdict['bytes']:,} bytes: {len(verdict['damaged'])} damaged")
    rows = f"not every row is there yet of: {', '.join(missing)}" if missing else "every row is there"
    say(visible(f"{name}{rows}"))


def _refuse(chosen: list[str], others: dict[str, dict[str, Any]]) -> None:
    """An option that would be ignored is an error. Raises CannotRun."""
    for way in chosen:
        for name, value in others.get(way, {}).items():
            if value is not None:
                raise CannotRun(f"{way} {HOLDS[way]}; leave {name} out")


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    first = next(pieces)  # what is refused is refused before there is a file
    try:
        with path.open("wb") as file:
            file.write(first)
            file.writelines(pieces)
    except OSError as error:
        raise CannotRun(f"cannot write {path}: {error.strerror}") from error


def _summary_table(summary: dict[str, dict[str, dict[str, Any]]]) -> Table:
    rows = {f"{table}.{name}": _brief(said) for table, series in summary.items() for name, said in series.items()}
    shown = fitting(BRIEF, list(rows), console.width)
    table = Table(Column("series", overflow="fold"), box=None, header_style="bold", padding=(0, 1, 0, 0))
    for name in ORDER:
        if name in shown:
            table.add_column(name, no_wrap=True)
    for series, brief in rows.items():
        table.add_row(cell(series), *(brief[name] for name in ORDER if name in shown))
    return table


def _brief(said: dict[str, Any]) -> dict[str, str]:
    ends = {end: recorded(said[end]["value"]) for end in ("first", "last")}
    extremes = {name: _extreme(said[end]) for name, end in EXTREMES.items()}
    return {"count": str(said["count"]), "nonfinite": str(said["nonfinite"]), **ends, **extremes}


def _extreme(end: dict[str, Any]) -> str:
    """A value with its step; of a series without a finite value there is none."""
    return ABSENT if end["step"] is None else f"{recorded(end['value'])} {end['step']}"
