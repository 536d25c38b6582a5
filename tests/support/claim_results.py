"""Invented results of claims, as `bnlab claims` keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import inf, isfinite
from statistics import median
from typing import Any

from bnlab.claims.checks import Check, Checked

RATE = "/training/optimizer/learning_rate"
STD = "/architecture/init/std"
CHANCE = 0.1


def estimate(values: Sequence[float], centre: float | None = None) -> dict[str, Any] | None:
    """Of these numbers, with the whole of their range as its interval."""
    if not values:
        return None
    known = [number(value) for value in (min(values), max(values))]
    low, high = known if len(values) > 1 else (None, None)
    middle = number(median(values) if centre is None else centre)
    coverage = 1 - 2 / 2 ** len(values) if len(values) > 1 else None
    return {"centre": middle, "low": low, "high": high, "coverage": coverage, "n": len(values), "assumes": None}


def number(value: float) -> float | str:
    """As JSON has it."""
    return value if isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def group(variant: str, point: Mapping[str, Any], accuracies: Sequence[float | None]) -> dict[str, Any]:
    """A variant at a grid point: each seed's accuracy at the end, None where it diverged."""
    seeds = [
        {
            "seed": seed,
            "job": job_of(variant, point, seed),
            "outcome": "diverged" if accuracy is None else "succeeded",
            "measured": {"final_accuracy": CHANCE if accuracy is None else accuracy},
        }
        for seed, accuracy in enumerate(accuracies)
    ]
    ended = [CHANCE if accuracy is None else accuracy for accuracy in accuracies]
    diverged = [seed["job"] for seed in seeds if seed["outcome"] == "diverged"]
    return {
        "variant": variant,
        "point": dict(point),
        "jobs": [seed["job"] for seed in seeds],
        "succeeded": len(seeds) - len(diverged),
        "diverged": diverged,
        "failed": [],
        "cancelled": [],
        "seeds": seeds,
        "step": [],
        "final_accuracy": estimate(ended),
        "steps_to": [],
    }


def job_of(variant: str, point: Mapping[str, Any], seed: int) -> str:
    """The id of a seed's job."""
    return f"{variant} {dict(point)} {seed}"


def verdict(
    variant: str,
    over: str,
    point: Mapping[str, Any],
    numbers: Mapping[str, Sequence[tuple[float, float]]],
    outcome: str = "better",
    measure: str = "difference",
    sentence: str = "",
) -> dict[str, Any]:
    """A verdict on the numbers of two variants, by bounds; its interval is the range of what can be computed."""
    mine, theirs = numbers[variant], numbers[over]
    if measure == "ratio":
        known = [(a[1], b[1]) for a, b in zip(mine, theirs, strict=True) if isfinite(a[1]) and isfinite(b[1])]
        apart = [max(a, b) / min(a, b) for a, b in known]
    else:
        apart = [a[0] - b[0] for a, b in zip(mine, theirs, strict=True)]
    sides = [
        {
            "variant": name,
            "seeds": [
                {"seed": seed, "job": job_of(name, point, seed), "low": number(low), "high": number(high)}
                for seed, (low, high) in enumerate(numbers[name])
            ],
        }
        for name in (variant, over)
    ]
    return {
        "variant": variant,
        "over": over,
        "point": dict(point),
        "measure": measure,
        "outcome": outcome,
        "sentence": sentence or f"'{variant}' is {outcome}.",
        "rule": "",
        "interval": estimate(apart),
        "p": 0.008,
        "corrected_p": 0.008,
        "values": sides,
    }


def checked(
    variant: str, measured: Mapping[str, Any] | None, outcome: str = "upheld", sentence: str = "", **fields: Any
) -> dict[str, Any]:
    """A check of a variant with what was measured; of a number unless `kind` is the experiment's verdict."""
    point = fields.pop("point", {})
    check = Check(**{"kind": "above", "variant": variant, "role": "part"} | fields)
    return asdict(Checked(check, dict(point), measured, outcome, sentence))  # type: ignore[arg-type]  # an Outcome


def curve(variant: str, point: Mapping[str, Any], seed: int, top: float, steps: int = 1000) -> dict[str, Any]:
    """A seed's accuracy by step, which comes near `top`."""
    at = list(range(0, steps + 1, steps // 10))
    accuracy = [CHANCE + (top - CHANCE) * (1 - 2 ** (-8 * step / steps)) for step in at]
    return {
        "variant": variant, "point": dict(point), "seed": seed, "job": job_of(variant, point, seed),
        "step": at, "accuracy": accuracy,
    }  # fmt: skip


def unit(label: str, drift: float) -> dict[str, Any]:
    """One unit's percentiles by step."""
    steps = list(range(0, 1001, 100))
    percentiles = {f"p{p}": [(p - 50) / 30 + drift * step / 1000 for step in steps] for p in (15, 50, 85)}
    return {"label": label, "name": "hidden3, unit 50", "step": steps, "percentiles": percentiles}


def result(variants: Sequence[str], *, name: str = "mnist", **fields: Any) -> dict[str, Any]:
    """A claim's result of these variants, with nothing in it but the fields."""
    document = {"claim": "c", "variants": {variant: {} for variant in variants}, "grid": {}, "seeds": 8}
    document |= fields.pop("document", {})
    empty: dict[str, Any] = {
        "checks": [],
        "verdicts": [],
        "groups": [],
        "tuned": [],
        "shown": {},
        "units": [],
        "curves": [],
    }
    whole = {
        "name": name,
        "verdict": "upheld",
        "p": 0.008,
        "seconds": 60,
        "quick": False,
        "environment": {"torch": "2"},
    }
    return whole | empty | fields | {"document": document}


NEVER = (inf, inf)
