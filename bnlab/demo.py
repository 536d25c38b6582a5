"""`bnlab demo`: the experiment of Ioffe and Szegedy 2015, section 4.1, from nothing to its figure."""

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bnlab.client import Client, Job
from bnlab.errors import CannotRun, Unfinished
from bnlab.preconditions import require_installed
from bnlab.progress import watch
from bnlab.stack import DATASET, SMALLEST, curl_line, running
from jobs.settings import Settings

EXAMPLES = Path(__file__).parent.parent / "examples"
DOCUMENTS = ("mnist.json", "mnist-batch-norm.json")  # without BN, with BN
TARGETS = ("0.90", "0.95")
MILESTONES = (1000, 2000, 5000, 10_000, 20_000)  # steps at which the table shows the test accuracy


@dataclass(frozen=True)
class Result:
    """A job that succeeded, and its series."""

    job: Job
    metrics: dict[str, Any]
    activations: dict[str, Any]

    @property
    def batch_norm(self) -> bool:
        """Whether the network has batch normalization."""
        return bool(self.job["spec"]["batch_norm"])

    @property
    def accuracy(self) -> dict[int, float]:
        """On the test set, by step."""
        return dict(zip(self.metrics["test"]["step"], self.metrics["test"]["accuracy"], strict=True))


def run(settings: Settings, folder: Path, steps: int, console: Console) -> None:
    """Start a service on a free port with `folder/data`, train both networks, and leave figure and summary.

    Raises CannotRun, Unfinished and the client's errors.
    """
    require_installed(["matplotlib"])
    say = partial(console.print, soft_wrap=True, markup=False, highlight=False)
    say(f"Starting a server with its data in {folder / 'data'}, and fetching MNIST if it is not there ...")
    own = settings.model_copy(update={"data": folder / "data", "port": 0})
    with running(own, workers=2, say=say, needs=(DATASET,)) as stack:
        submitted = [stack.client.submit(document(name, steps))["id"] for name in DOCUMENTS]
        jobs = watch(stack.client, submitted, console, between=stack.check)
        results = [result_of(stack.client, job) for job in jobs]
    summaries = [summary(result) for result in results]
    (folder / "summary.json").write_text(json.dumps({"jobs": summaries}, indent=2) + "\n")
    _draw(results, folder)
    console.print(_table(results, summaries))
    _say_what_next(say, folder, settings, results[-1].job["id"])


def document(name: str, steps: int) -> dict[str, Any]:
    """An example's document, `steps` long. Raises CannotRun outside a checkout."""
    try:
        found: dict[str, Any] = json.loads((EXAMPLES / name).read_text())
    except FileNotFoundError as error:
        raise CannotRun(f"{error.filename} is not there: the demo runs from a checkout") from None
    return found | {"training": {"steps": steps}}


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
        "batch_norm": result.batch_norm,
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


def _draw(results: Sequence[Result], folder: Path) -> None:
    from bnlab import figures  # matplotlib takes a second to load, and no other command needs it

    figure = figures.figure_1(*(_trained(result) for result in results))
    for suffix in (".svg", ".png"):
        figures.save(figure, folder / f"figure-1{suffix}")


def _trained(result: Result) -> Any:
    from bnlab.figures import Trained

    units = result.activations["units"]
    layer = list(units)[-1]  # the last hidden one
    unit, percentiles = next(iter(units[layer].items()))
    return Trained(
        result.metrics["test"]["step"],
        result.metrics["test"]["accuracy"],
        f"{layer}, unit {unit}",
        units["step"],
        percentiles,
    )


def _table(results: Sequence[Result], summaries: Sequence[dict[str, Any]]) -> Table:
    steps = summaries[0]["steps"]
    shown = (*(step for step in MILESTONES if step < steps), steps)
    table = Table(title="Test accuracy at these steps, and the first step with at least so much", box=SIMPLE_HEAD)
    for heading in ("", *(f"{step:,}" for step in shown), *(f"≥ {target}" for target in TARGETS), "steps/s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for result, made in zip(results, summaries, strict=True):
        reached = made["steps_to_accuracy"].values()
        table.add_row(
            "with BN" if result.batch_norm else "without BN",
            *(f"{result.accuracy[step]:.4f}" for step in shown),
            *("never" if step is None else f"{step:,}" for step in reached),
            "-" if made["steps_per_second"] is None else f"{made['steps_per_second']:.0f}",
        )
    return table


def _say_what_next(say: Callable[[str], None], folder: Path, settings: Settings, job_id: str) -> None:
    """How to go on with what is now in the folder: the server's address is that of a `bnlab up` without options."""
    say("\nEvery step of both jobs is recorded.")
    say(f"  the figure    {folder / 'figure-1.svg'}, {folder / 'figure-1.png'}")
    say(f"  the numbers   {folder / 'summary.json'}")
    say("\nThe server of this demo has ended. This one has its jobs:\n")
    say(f"  {shlex.join([sys.argv[0], 'up', '--data', str(folder / 'data')])}\n")
    say("and in another terminal, these ask it:\n")
    say(f"  {curl_line(settings.local_url, f'/jobs/{job_id}/metrics')}")
    say(f"  {curl_line(settings.local_url, '/jobs', body=SMALLEST)}")
