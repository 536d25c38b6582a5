"""`bnlab demo`: the experiment of Ioffe and Szegedy 2015, section 4.1, from nothing to its figure."""

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bnlab.claims.claims import measure
from bnlab.claims.paper import document
from bnlab.claims.verdicts import told
from bnlab.errors import Unfinished
from bnlab.figures.curves import line_of_group, units_of
from bnlab.local.preconditions import require_installed
from bnlab.local.slots import with_slots
from bnlab.local.stack import DATASET, SMALLEST, curl_line, running
from bnlab.sdk.client import WHOLE, Client, Job
from bnlab.settings import Settings
from bnlab.terminal.printing import say
from bnlab.terminal.progress import watch

CLAIM = "mnist"
TARGETS = ("0.90", "0.95")
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
        experiment = client.experiment(experiment["id"], points=WHOLE)
        checked = measure(client, CLAIM, experiment)
        _draw(client, experiment["groups"], folder)
    found = {"experiment": experiment["id"], "jobs": summaries, "speedups": experiment["speedups"]}
    (folder / "summary.json").write_text(json.dumps(found, indent=2) + "\n")
    console.print(_table(experiment["groups"], {made["id"]: made for made in summaries}, steps))
    for each in checked:
        say(f"  {told(each)}")
    _say_what_next(folder, settings, experiment["id"], jobs[-1]["id"])


def shortened(experiment: dict[str, Any], steps: int, seeds: int) -> dict[str, Any]:
    """The experiment with jobs of so many steps, and so many seeds."""
    base = experiment["base"]
    return experiment | {"base": base | {"training": base["training"] | {"steps": steps}}, "seeds": seeds}


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
        "steps_to_accuracy": {target: steps_to(float(target), result.accuracy) for target in TARGETS},
        "steps_per_second": (steps - 1) / (time[-1] - time[0]) if steps > 1 else None,
        "recorded_steps": min(map(len, columns)) if whole else 0,
        "recorded_series": len(columns),
    }


def steps_to(target: float, accuracy: dict[int, float]) -> int | None:
    """The first step at which the accuracy was measured and had reached the target, or None.

    >>> steps_to(0.9, {0: 0.1, 100: 0.92, 200: 0.89}), steps_to(0.95, {0: 0.1})
    (100, None)
    """
    return next((step for step, value in accuracy.items() if value >= target), None)


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
    title = "Mean test accuracy at these steps, and the mean first step with at least so much"
    table = Table(title=title, box=SIMPLE_HEAD)
    for heading in ("", *(f"{step:,}" for step in shown), *(f"≥ {target}" for target in TARGETS), "steps/s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for group in groups:
        accuracy = dict(zip(group["step"], group["accuracy"]["mean"], strict=True))
        jobs = [summaries[job_id] for job_id in group["jobs"]]
        speeds = [job["steps_per_second"] for job in jobs]
        table.add_row(
            group["variant"],
            *(f"{accuracy[step]:.4f}" for step in shown),
            *(_reached([job["steps_to_accuracy"][target] for job in jobs]) for target in TARGETS),
            "-" if None in speeds else f"{mean(speeds):.0f}",
        )
    return table


def _reached(steps: Sequence[int | None]) -> str:
    """The mean over the seeds that got there, and how many did where that is not all."""
    there = [step for step in steps if step is not None]
    if not there:
        return "never"
    return f"{mean(there):,.0f}" + ("" if len(there) == len(steps) else f" ({len(there)} of {len(steps)})")


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
