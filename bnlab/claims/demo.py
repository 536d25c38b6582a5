"""`bnlab demo`: the experiment of Ioffe and Szegedy 2015, section 4.1, from nothing to its figure."""

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import isinf
from pathlib import Path
from statistics import mean
from textwrap import fill
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bnlab.claims.paper import document
from bnlab.claims.plainly import arrivals, finals, what_seeds_show
from bnlab.errors import Unfinished
from bnlab.figures.curves import line_of_group, units_of
from bnlab.local.preconditions import require_installed
from bnlab.local.slots import with_slots
from bnlab.local.stack import DATASET, SMALLEST, curl_line, running
from bnlab.sdk.client import WHOLE, Client, Job
from bnlab.sdk.estimates import number_of
from bnlab.settings import Settings
from bnlab.terminal.printing import say
from bnlab.terminal.progress import watch

CLAIM = "figure-1"
TARGETS = (0.9, 0.95)
QUESTION = {"targets": TARGETS, "primary": {"kind": "steps_to", "target": TARGETS[0]}}
MILESTONES = (1000, 2000, 5000, 10_000, 20_000)  # steps at which the table shows the test accuracy


@dataclass(frozen=True)
class Result:
    """A job that succeeded, and its series."""

    job: Job
    metrics: dict[str, Any]
    activations: dict[str, Any]

    @property
    def accuracy(self) -> dict[int, float]:
        """On the test set, by step."""
        return dict(zip(self.metrics["test"]["step"], self.metrics["test"]["accuracy"], strict=True))


def run(settings: Settings, folder: Path, steps: int, seeds: int, console: Console) -> None:
    """Start a service on a free port with `folder/data`, run the experiment, and leave figure and summary.

    Raises CannotRun, Unfinished and the client's errors.
    """
    require_installed(["matplotlib"])
    say(f"Starting a server with its data in {folder / 'data'}, and fetching MNIST if it is not there ...")
    own = with_slots(settings)[0].model_copy(update={"data": folder / "data", "port": 0})
    with running(own, say, needs=(DATASET,)) as stack:
        client = stack.client
        experiment = client.submit_experiment(shortened(document(CLAIM), steps, seeds))
        jobs = watch(client, [job["id"] for job in experiment["jobs"]], console, between=stack.check)
        summaries = [summary(result_of(client, job)) for job in jobs]
        experiment = client.experiment(experiment["id"], points=WHOLE, seeds=True)
        _draw(client, experiment["groups"], folder)
    arrived = steps_to(experiment)
    found = {
        "experiment": experiment["id"],
        "jobs": [made | {"steps_to_accuracy": arrived[made["id"]]} for made in summaries],
        **{name: experiment[name] for name in ("speedups", "verdicts")},
    }
    (folder / "summary.json").write_text(json.dumps(found, indent=2) + "\n")
    console.print(_table(experiment["groups"], {made["id"]: made for made in summaries}, steps))
    for line in in_words(experiment["groups"], steps, seeds):
        say(fill(line, console.width, initial_indent="  ", subsequent_indent="  "))
    _say_what_next(folder, settings, experiment["id"], jobs[-1]["id"])


def shortened(experiment: dict[str, Any], steps: int, seeds: int) -> dict[str, Any]:
    """The experiment with jobs of so many steps, and so many seeds, by the steps to 0.9."""
    base = experiment["base"]
    jobs = {"base": base | {"training": base["training"] | {"steps": steps}}, "seeds": seeds}
    return experiment | jobs | QUESTION


def result_of(client: Client, job: Job) -> Result:
    """The job with its series. Raises Unfinished where it did not succeed."""
    if job["status"] != "succeeded":
        reason = f": {job['error']['message']}" if job["error"] else ""
        raise Unfinished(f"job {job['id']} {job['status']}{reason}")
    return Result(job, client.metrics(job["id"]), client.activations(job["id"], units=True))


def summary(result: Result) -> dict[str, Any]:
    """What came of a job; `recorded_steps`: how many steps each of its `recorded_series` of the training has."""
    steps, time = result.job["progress"]["steps"], result.metrics["train"]["time"]
    columns = training_series(result)
    whole = result.metrics["complete"] and result.activations["complete"]
    return {
        "id": result.job["id"],
        "batch_norm": bool(result.job["spec"]["batch_norm"]),
        "seed": result.job["spec"]["training"]["seed"],
        "steps": steps,
        "final_test_accuracy": result.accuracy[steps],
        "steps_per_second": (steps - 1) / (time[-1] - time[0]) if steps > 1 else None,
        "recorded_steps": min(map(len, columns)) if whole else 0,
        "recorded_series": len(columns),
    }


def in_words(groups: Sequence[dict[str, Any]], steps: int, seeds: int) -> list[str]:
    """What was found, and what so many seeds can show of it."""
    return [
        *(arrivals(groups, place, steps) for place in range(len(TARGETS))),
        finals(groups, steps),
        what_seeds_show(seeds),
    ]


def steps_to(experiment: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By job and target the bounds of its steps to it: the last evaluation below, the first from which on none is."""
    return {
        seed["job"]: dict(zip(map(str, TARGETS), seed["measured"]["steps_to"], strict=True))
        for group in experiment["groups"]
        for seed in group["seeds"]
    }


def reached(found: dict[str, Any]) -> str:
    """The median step from which on it is reached, and how many seeds came that far where not all did."""
    if not found["arrived"]:
        return "never"
    of_all = "" if found["arrived"] == found["ended"] else f"{found['arrived']} of {found['ended']}"
    step = number_of(found["steps"]["centre"]["high"])
    return of_all if step is None or isinf(step) else " ".join(filter(None, (f"{step:,.0f}", of_all and f"({of_all})")))


def training_series(result: Result) -> list[list[float | None]]:
    """Every series that has a value at each training step: the metrics', and those of every layer."""
    train = [column for name, column in result.metrics["train"].items() if name not in ("step", "time")]
    return train + [column for layer in result.activations["layers"].values() for column in layer.values()]


def _draw(client: Client, groups: Sequence[dict[str, Any]], folder: Path) -> None:
    from bnlab.figures import drawing as figures  # matplotlib takes a second to load

    accuracy = [line_of_group(group["variant"], group, "accuracy") for group in groups]
    figure = figures.figure_1(accuracy, units_of(client, groups))
    for suffix in (".svg", ".png"):
        figures.save(figure, folder / f"figure-1{suffix}")


def _table(groups: Sequence[dict[str, Any]], summaries: dict[str, dict[str, Any]], steps: int) -> Table:
    shown = (*(step for step in MILESTONES if step < steps), steps)
    title = "Test accuracy at these steps, and the steps to at least so much: the seeds' median"
    table = Table(title=title, box=SIMPLE_HEAD)
    for heading in ("", *(f"{step:,}" for step in shown), *(f"≥ {target:.2f}" for target in TARGETS), "steps/s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in groups:
        accuracy = dict(zip(group["step"], group["accuracy"]["median"], strict=True))
        jobs = [summaries[job_id] for job_id in group["jobs"]]
        speeds = [job["steps_per_second"] for job in jobs]
        table.add_row(
            group["variant"],
            *(f"{accuracy[step]:.4f}" for step in shown),
            *map(reached, group["steps_to"]),
            "-" if None in speeds else f"{mean(speeds):.0f}",
        )
    return table


def _say_what_next(folder: Path, settings: Settings, experiment: str, job: str) -> None:
    """How to go on with what is now in the folder: the server's address is that of a `bnlab up` without options."""
    say("\nEvery step of every job is recorded.")
    say(f"  the figure    {folder / 'figure-1.svg'}, {folder / 'figure-1.png'}")
    say(f"  the numbers   {folder / 'summary.json'}")
    say("\nThe server of this demo has ended. This one has its jobs:\n")
    say(f"  {shlex.join([sys.argv[0], 'up', '--data', str(folder / 'data')])}\n")
    say("and in another terminal, these ask it:\n")
    say(f"  {curl_line(settings.local_url, f'/experiments/{experiment}?points=10')}")
    say(f"  {curl_line(settings.local_url, f'/jobs/{job}/metrics?points=10')}")
    say(f"  {curl_line(settings.local_url, '/jobs', body=SMALLEST)}")
