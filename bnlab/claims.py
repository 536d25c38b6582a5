"""`bnlab claims`: the paper's claims as experiments, run, judged, and written down."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from bnlab import report
from bnlab.client import Client
from bnlab.errors import CannotRun, Unreachable
from bnlab.preconditions import require_installed
from bnlab.progress import watch
from bnlab.stack import DATASET, running
from bnlab.verdicts import Check, Checked, judged, verdict
from jobs.settings import Settings

EXPERIMENTS = Path(__file__).parent.parent / "examples" / "experiments"
WITH, WITHOUT = "with BN", "without BN"


@dataclass(frozen=True)
class Claim:
    """What is to be shown, and the series that the figure draws beside the accuracy."""

    title: str
    checks: tuple[Check, ...]
    shown: tuple[str, ...] = ()


def _accuracy(variant: str, than: str) -> Check:
    return Check("higher", variant, than)


def _by_layer(kind: Any, variant: str, than: str, series: str, layers: Sequence[int]) -> tuple[Check, ...]:
    return tuple(Check(kind, variant, than, series.format(layer)) for layer in layers)


SATURATED = "activations.hidden{}.saturated"
JACOBIAN = tuple(f"jacobian.hidden{layer}.share_near_one" for layer in (2, 3))

CLAIMS: dict[str, Claim] = {
    "mnist": Claim(
        "Faster, and higher",
        (
            *(Check("fewer steps", WITH, WITHOUT, target=target) for target in (0.8, 0.9, 0.94)),
            _accuracy(WITH, WITHOUT),
        ),
    ),
    "learning-rates": Claim("Higher learning rates", (_accuracy(WITH, WITHOUT),)),
    "initialization": Claim("Less careful about initialization", (_accuracy(WITH, WITHOUT),)),
    "saturation": Claim(
        "Saturating nonlinearities in deep networks",
        (
            _accuracy("sigmoid with BN", "sigmoid without BN"),
            _accuracy("tanh with BN", "tanh without BN"),
            *_by_layer("lower", "tanh with BN", "tanh without BN", SATURATED, (1, 3, 6)),
        ),
        tuple(SATURATED.format(layer) for layer in range(1, 7)),
    ),
    "dropout": Claim(
        "In some cases no need for dropout", (_accuracy("BN", "dropout"), _accuracy("BN", "BN and dropout"))
    ),
    "input-normalization": Claim(
        "Normalized inputs, and the same within",
        (
            _accuracy("standardized", "raw"),
            _accuracy("BN on the input", "raw"),
            _accuracy("raw, BN within", "raw"),
            _accuracy("standardized, BN within", "standardized"),
        ),
    ),
    "scale-invariance": Claim("Resilient to the scale of the parameters", (_accuracy(WITH, WITHOUT),)),
    "jacobian": Claim(
        "Singular values close to 1 (a conjecture)",
        tuple(Check("above", v, "", series, 0.5) for v in ("sigmoid", "tanh", "leaky relu") for series in JACOBIAN),
        JACOBIAN,
    ),
    "covariate-shift": Claim(
        "Less internal covariate shift",
        _by_layer("higher", WITH, WITHOUT, "covariate_shift.hidden{}.cosine", (2, 3)),
        tuple(f"covariate_shift.hidden{layer}.cosine" for layer in (2, 3)),
    ),
    "placement": Claim(
        "In front of the nonlinearity",
        (_accuracy("before", "none"), _accuracy("after", "none"), _accuracy("before", "after")),
    ),
    "inception": Claim(
        "Inception learns faster, and with sigmoids",
        tuple(_accuracy(variant, "Inception") for variant in ("BN-Baseline", "BN-x5", "BN-x30", "BN-x5-Sigmoid")),
    ),
    "ensemble": Claim("Several networks are better than the best of them", (Check("together"),)),
}


def run(settings: Settings, names: Sequence[str], folder: Path, data: Path, workers: int, console: Console) -> None:
    """Run the named claims, all where none is named, and write `folder/claims.md` with its figures.

    On the server of BNLAB_URL where one answers, else on one of its own with its data in `data`. What other claims
    found when they were run stays in the report. Raises CannotRun, and the client's errors.
    """
    require_installed(["matplotlib"])
    for name in names:
        if name not in CLAIMS:
            raise CannotRun(f"there is no claim '{name}'; there is: {', '.join(CLAIMS)}")
    wanted = tuple(names) or tuple(CLAIMS)
    say = partial(console.print, soft_wrap=True, markup=False, highlight=False)
    with Client(settings.url) as client:
        if _answers(client):
            say(f"On the server at {client.url}.")
            _run_all(client, wanted, folder, console, lambda: None)
            return
    say(f"Starting a server with its data in {data} ...")
    own = settings.model_copy(update={"data": data, "port": 0})
    with running(own, workers=workers, say=say, needs=tuple(map(_dataset, wanted))) as stack:
        _run_all(stack.client, wanted, folder, console, stack.check)


def measure(client: Client, name: str, experiment: dict[str, Any]) -> list[Checked]:
    """Every check of a claim at every grid point, from what the experiment has found."""
    points = [dict(point) for point in dict.fromkeys(tuple(group["point"].items()) for group in experiment["groups"])]
    made = []
    for check in CLAIMS[name].checks:
        if check.kind == "together":
            found = {("", "", json.dumps(point)): client.ensemble(experiment["id"])["gain"] for point in points}
        elif check.kind == "fewer steps":
            found = {_key(each): each["ratio"] for each in experiment["speedups"] if each["target"] == check.target}
        elif check.kind == "above":
            compared = client.compare(experiment["id"], check.series)["values"]
            found = {(each["variant"], "", json.dumps(each["point"])): each["value"] for each in compared}
        else:
            compared = client.compare(experiment["id"], check.series)["differences"]
            found = {_key(each): each["difference"] for each in compared}
            # The server subtracts the earlier variant from the later one.
            found |= {(b, a, point): _negated(value) for (a, b, point), value in found.items()}
        keys = ((check.variant, check.than, json.dumps(point)) for point in points)
        made += [judged(check, point, found.get(key)) for point, key in zip(points, keys, strict=True)]
    return made


def _run_all(client: Client, names: Sequence[str], folder: Path, console: Console, between: Callable[[], None]) -> None:
    from bnlab import figures  # matplotlib takes a second to load, and few commands need it

    (folder / "claims").mkdir(parents=True, exist_ok=True)
    for name in names:
        began = time.time()
        experiment = client.submit_experiment(_document(name))
        console.print(f"{name}: {len(experiment['jobs'])} jobs", markup=False, highlight=False)
        jobs = watch(client, [job["id"] for job in experiment["jobs"]], console, between=between)
        experiment = client.experiment(experiment["id"])
        checked = measure(client, name, experiment)
        shown = {series: client.compare(experiment["id"], series)["values"] for series in CLAIMS[name].shown}
        result = {
            "name": name,
            "verdict": verdict(checked),
            "checks": [asdict(each) for each in checked],
            "groups": experiment["groups"],
            "shown": shown,
            "document": experiment["document"],
            "seconds": round(time.time() - began),
            "environment": next((job["environment"] for job in jobs if job["environment"]), {}),
        }
        (folder / "claims" / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n")
        figures.save(figures.claim(result), folder / "claims" / f"{name}.svg")
        console.print(f"{name}: {result['verdict']}", markup=False, highlight=False)
    report.write(folder, {name: claim.title for name, claim in CLAIMS.items()})
    console.print(f"The report is {folder / 'claims.md'}.", markup=False, highlight=False)


def _answers(client: Client) -> bool:
    try:
        return client.is_alive()
    except Unreachable:
        return False


def _document(name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((EXPERIMENTS / f"{name}.json").read_text())
    except FileNotFoundError as error:
        raise CannotRun(f"{error.filename} is not there: claims are run from a checkout") from None
    return found


def _dataset(name: str) -> str:
    return str(_document(name)["base"].get("data", {}).get("dataset", DATASET))


def _key(each: dict[str, Any]) -> tuple[str, str, str]:
    return each["variant"], each.get("minus") or each["over"], json.dumps(each["point"])


def _negated(value: dict[str, Any] | None) -> dict[str, Any] | None:
    if value is None or value["low"] is None:
        return None if value is None else value | {"mean": -value["mean"]}
    return value | {"mean": -value["mean"], "low": -value["high"], "high": -value["low"]}
