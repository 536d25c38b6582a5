"""`bnlab claims`: the paper's claims as experiments, run, judged, and written down."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar

from rich.console import Console

from bnlab.claims import report
from bnlab.claims.measured import measure, points_of
from bnlab.claims.paper import CLAIMS, Claim, document
from bnlab.claims.quick import shortened
from bnlab.claims.verdicts import p_of_claim, verdict
from bnlab.errors import CannotRun, Unreachable
from bnlab.figures.curves import curves_of, units_of
from bnlab.local.preconditions import require_installed
from bnlab.local.stack import DATASET, running
from bnlab.sdk.client import WHOLE, Client, Job
from bnlab.settings import Settings
from bnlab.terminal.printing import say
from bnlab.terminal.progress import watch

POINTS = 200  # of each curve and percentile that a claim's result keeps
ACCURACY = "test.accuracy"

Item = TypeVar("Item")


@dataclass(frozen=True)
class Asked:
    """Which claims are to be run, where their report goes, and whether in short."""

    names: Sequence[str]
    """All where none is named."""
    folder: Path
    quick: bool


def run(settings: Settings, asked: Asked, console: Console) -> None:
    """Run the claims that are asked for and write `claims.md` with its figures, anew after each of them.

    On the server at the settings' `url` where one answers, else on one of its own with their `data` and `slots`. What
    other claims found when they were run stays in the report. Raises CannotRun, and the client's errors.
    """
    require_installed(["matplotlib"])
    for name in asked.names:
        if name not in CLAIMS:
            raise CannotRun(f"there is no claim '{name}'; there is: {', '.join(CLAIMS)}")
    wanted = tuple(dict.fromkeys(asked.names)) or tuple(CLAIMS)
    _require_room_for_the_report(asked.folder)
    report.kept(asked.folder, [name for name in CLAIMS if name not in wanted])
    with Client(settings.server_url) as client:
        if _answers(client):
            say(f"On the server at {client.url}.")
            _run(client, wanted, asked, console, lambda: None)
            return
    say(f"Starting a server with its data in {settings.data} ...")
    with running(settings.model_copy(update={"port": 0}), say, needs=tuple(map(_dataset, wanted))) as stack:
        _run(stack.client, wanted, asked, console, stack.check)


def _require_room_for_the_report(folder: Path) -> None:
    """Raise CannotRun for a folder that cannot be written, before anything is trained for it."""
    try:
        (folder / "claims").mkdir(parents=True, exist_ok=True)
        for each in (folder, folder / "claims"):
            with TemporaryFile(dir=each):
                pass
    except OSError as error:
        told = f"cannot write the report into '{folder}': {error.strerror}; name another folder with --folder"
        raise CannotRun(told) from None


def _run(client: Client, names: Sequence[str], asked: Asked, console: Console, between: Callable[[], None]) -> None:
    began = time.time()
    with ExitStack() as queued:
        experiments = ((name, queued.enter_context(_submitted(client, _document(name, asked)))) for name in names)
        for name, submitted in _one_ahead(experiments):
            say(f"{name}: {len(submitted['jobs'])} jobs")
            jobs = watch(client, [job["id"] for job in submitted["jobs"]], console, between=between)
            found = client.experiment(submitted["id"], points=WHOLE, seeds=True)
            result = {**_result(client, CLAIMS[name], found), "name": name, "quick": asked.quick}
            ended = time.time()
            _write({**result, "seconds": round(ended - began), "environment": _environment(jobs)}, asked)
            began = ended


def _document(name: str, asked: Asked) -> dict[str, Any]:
    return shortened(document(name), CLAIMS[name].quick_steps) if asked.quick else document(name)


def _one_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Each item once the next one is there too: of experiments, so that workers go on while a report is drawn."""
    item = next(items)
    for following in items:
        yield item
        item = following
    yield item


def _write(result: dict[str, Any], asked: Asked) -> None:
    from bnlab.figures.claims import figure_of  # matplotlib takes a second to load, and few commands need it
    from bnlab.figures.drawing import save

    name, results = result["name"], asked.folder / "claims"
    (results / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
    save(figure_of(result, CLAIMS[name].figure), results / f"{name}.svg")
    report.write(asked.folder, {name: claim.title for name, claim in CLAIMS.items()})
    say(f"{name}: {result['verdict']}; the report so far is {asked.folder / 'claims.md'}")


@contextmanager
def _submitted(client: Client, experiment: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The experiment once it is queued. Whoever leaves it before its jobs have ended does not want the rest of them."""
    submitted = client.submit_experiment(experiment)
    try:
        yield submitted
    finally:
        with suppress(Unreachable):  # its server has ended, and may be why
            client.cancel_experiment(submitted["id"])


def _result(client: Client, claim: Claim, experiment: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a claim, but for how it was run."""
    checked = measure(client, claim.checks, experiment)
    first = points_of(experiment["groups"])[0]
    followed = [group for group in experiment["groups"] if claim.units and group["point"] == first]
    return {
        "verdict": verdict(checked),
        "p": p_of_claim(checked),
        "checks": [asdict(each) for each in checked],
        **{name: experiment[name] for name in ("verdicts", "groups", "tuned", "document")},
        "curves": _curves(client, experiment),
        "shown": {
            series: client.compare(experiment["id"], series, kind=claim.summary)["values"] for series in claim.shown
        },
        "units": [asdict(unit) for unit in units_of(client, followed, POINTS)],
    }


def _curves(client: Client, experiment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each seed's test accuracy by step: where settings were chosen, at its own."""
    chosen = {each["job"] for tuned in experiment["tuned"] for each in tuned["chosen"]}
    trained = [(group, seed) for group in experiment["groups"] for seed in group["seeds"]]
    drawn = [(group, seed) for group, seed in trained if not chosen or seed["job"] in chosen]
    found = curves_of(client, [seed["job"] for _, seed in drawn], [ACCURACY], points=POINTS)
    return [
        {
            **{name: group[name] for name in ("variant", "point")},
            **{name: seed[name] for name in ("seed", "job")},
            "step": found[seed["job"]][ACCURACY].step,
            "accuracy": found[seed["job"]][ACCURACY].values,
        }
        for group, seed in drawn
        if ACCURACY in found[seed["job"]]
    ]


def _environment(jobs: Sequence[Job]) -> dict[str, Any]:
    return next((job["environment"] for job in jobs if job["environment"]), {})


def _answers(client: Client) -> bool:
    try:
        return client.is_alive()
    except Unreachable:
        return False


def _dataset(name: str) -> str:
    return str(document(name)["base"].get("data", {}).get("dataset", DATASET))
