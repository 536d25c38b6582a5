"""What the paper claims: for each claim an experiment in examples/experiments, and the checks by which it is judged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnlab.claims.verdicts import Check, Kind
from bnlab.errors import CannotRun

EXPERIMENTS = Path(__file__).parents[2] / "examples" / "experiments"
WITH, WITHOUT = "with BN", "without BN"


@dataclass(frozen=True)
class Claim:
    """What is to be shown; what the figure draws beside the accuracy: last values of series, or one unit by step."""

    title: str
    checks: tuple[Check, ...]
    shown: tuple[str, ...] = ()
    units: bool = False


def _better(variant: str) -> Check:
    return Check("better", variant)


def _accuracy(variant: str, than: str) -> Check:
    return Check("higher", variant, than)


def _by_layer(kind: Kind, variant: str, than: str, series: str, layers: Sequence[int]) -> tuple[Check, ...]:
    return tuple(Check(kind, variant, than, series.format(layer)) for layer in layers)


SATURATED = "activations.hidden{}.saturated"
JACOBIAN = tuple(f"jacobian.hidden{layer}.share_near_one" for layer in (2, 3))

CLAIMS: dict[str, Claim] = {
    "mnist": Claim(
        "Faster, and higher",
        (
            _better(WITH),
            *(Check("fewer steps", WITH, WITHOUT, target=target) for target in (0.8, 0.9, 0.94)),
            _accuracy(WITH, WITHOUT),
        ),
        units=True,
    ),
    "learning-rates": Claim("Higher learning rates", (_better(WITH),)),
    "initialization": Claim("Less careful about initialization", (_better(WITH),)),
    "saturation": Claim(
        "Saturating nonlinearities in deep networks",
        (
            _better("sigmoid with BN"),
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
            _better("standardized"),
            _better("BN on the input"),
            _better("raw, BN within"),
            _accuracy("standardized, BN within", "standardized"),
        ),
    ),
    "scale-invariance": Claim("Resilient to the scale of the parameters", (_better(WITH),)),
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
        (_better("before"), _better("after"), _accuracy("before", "after")),
    ),
    "inception": Claim(
        "Inception learns faster, and with sigmoids",
        tuple(_better(variant) for variant in ("BN-Baseline", "BN-x5", "BN-x30", "BN-x5-Sigmoid")),
    ),
    "ensemble": Claim("Several networks are better than the best of them", (Check("together"),)),
}


def document(name: str) -> dict[str, Any]:
    """The experiment of a claim. Raises CannotRun outside a checkout."""
    try:
        found: dict[str, Any] = json.loads((EXPERIMENTS / f"{name}.json").read_text())
    except FileNotFoundError as error:
        raise CannotRun(f"{error.filename} is not there: claims are run from a checkout") from None
    return found
