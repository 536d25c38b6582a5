"""`bnlab claims`: the paper's claims as experiments, run, judged, and written down."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from bnlab.claims import report
from bnlab.claims.paper import CLAIMS, document
from bnlab.claims.verdicts import Check, Checked, concluded, judged, verdict
from bnlab.errors import CannotRun, Unreachable
from bnlab.figures.curves import units_of
from bnlab.local.preconditions import require_installed
from bnlab.local.stack import DATASET, running
from bnlab.sdk.client import WHOLE, Client
from bnlab.sdk.estimates import number_of
from bnlab.settings import Settings
from bnlab.terminal.printing import say
from bnlab.terminal.progress import watch

UNIT_POINTS = 200  # of each percentile that a claim's result keeps


def run(settings: Settings, names: Sequence[str], folder: Path, console: Console) -> None:
    """Run the named claims, all where none is named, and write `folder/claims.md` with its figures.

    On the server at the settings' `url` where one answers, else on one of its own with their `data` and `slots`. What
    other claims found when they were run stays in the report. Raises CannotRun, and the client's errors.
    """
    require_installed(["matplotlib"])
    for name in names:
        if name not in CLAIMS:
            raise CannotRun(f"there is no claim '{name}'; there is: {', '.join(CLAIMS)}")
    wanted = tuple(names) or tuple(CLAIMS)
    with Client(settings.server_url) as client:
        if _answers(client):
            say(f"On the server at {client.url}.")
            _run_all(client, wanted, folder, console, lambda: None)
            return
    say(f"Starting a server with its data in {settings.data} ...")
    with running(settings.model_copy(update={"port": 0}), say, needs=tuple(map(_dataset, wanted))) as stack:
        _run_all(stack.client, wanted, folder, console, stack.check)


def measure(client: Client, name: str, experiment: dict[str, Any]) -> list[Checked]:
    """Every check of a claim at every grid point, from what the experiment has found."""
    points = [dict(point) for point in dict.fromkeys(tuple(group["point"].items()) for group in experiment["groups"])]
    made = []
    for check in CLAIMS[name].checks:
        if check.kind == "better":
            made += [concluded(check, each) for each in experiment["verdicts"] if each["variant"] == check.variant]
            continue
        found = _measured(client, check, experiment, points)
        keys = ((check.variant, check.than, json.dumps(point)) for point in points)
        made += [judged(check, point, found.get(key)) for point, key in zip(points, keys, strict=True)]
    return made


def _measured(
    client: Client, check: Check, experiment: dict[str, Any], points: Sequence[dict[str, Any]]
) -> dict[tuple[str, str, str], dict[str, Any] | None]:
    """What a check is of, by its variants and the grid point."""
    if check.kind == "together":
        return {("", "", json.dumps(point)): client.ensemble(experiment["id"])["gain"] for point in points}
    if check.kind == "fewer steps":
        return {_key(each): each["ratio"] for each in experiment["speedups"] if each["target"] == check.target}
    if check.kind == "above":
        compared = client.compare(experiment["id"], check.series)["values"]
        return {(each["variant"], "", json.dumps(each["point"])): each["value"] for each in compared}
    compared = client.compare(experiment["id"], check.series)["differences"]
    found = {_key(each): each["difference"] for each in compared}
    # The server subtracts the earlier variant from the later one.
    return found | {(b, a, point): _negated(value) for (a, b, point), value in found.items()}


def _run_all(client: Client, names: Sequence[str], folder: Path, console: Console, between: Callable[[], None]) -> None:
    from bnlab.figures import drawing as figures  # matplotlib takes a second to load, and few commands need it

    (folder / "claims").mkdir(parents=True, exist_ok=True)
    for name in names:
        began = time.time()
        experiment = client.submit_experiment(document(name))
        say(f"{name}: {len(experiment['jobs'])} jobs")
        jobs = watch(client, [job["id"] for job in experiment["jobs"]], console, between=between)
        experiment = client.experiment(experiment["id"], points=WHOLE, seeds=True)
        checked = measure(client, name, experiment)
        shown = {series: client.compare(experiment["id"], series)["values"] for series in CLAIMS[name].shown}
        units = units_of(client, experiment["groups"], UNIT_POINTS) if CLAIMS[name].units else []
        result = {
            "name": name,
            "verdict": verdict(checked),
            "checks": [asdict(each) for each in checked],
            "verdicts": experiment["verdicts"],
            "groups": experiment["groups"],
            "shown": shown,
            "units": [asdict(unit) for unit in units],
            "document": experiment["document"],
            "seconds": round(time.time() - began),
            "environment": next((job["environment"] for job in jobs if job["environment"]), {}),
        }
        (folder / "claims" / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        figures.save(figures.claim(result), folder / "claims" / f"{name}.svg")
        say(f"{name}: {result['verdict']}")
    report.write(folder, {name: claim.title for name, claim in CLAIMS.items()})
    say(f"The report is {folder / 'claims.md'}.")


def _answers(client: Client) -> bool:
    try:
        return client.is_alive()
    except Unreachable:
        return False


def _dataset(name: str) -> str:
    return str(document(name)["base"].get("data", {}).get("dataset", DATASET))


def _key(each: dict[str, Any]) -> tuple[str, str, str]:
    return each["variant"], each.get("minus") or each["over"], json.dumps(each["point"])


def _negated(value: dict[str, Any] | None) -> dict[str, Any] | None:
    if value is None:
        return None
    centre, low, high = (number_of(value[name]) for name in ("centre", "low", "high"))
    negative = [None if each is None else -each for each in (centre, high, low)]
    return value | dict(zip(("centre", "low", "high"), negative, strict=True))
