"""What the paper claims: for each claim an experiment in examples/experiments, and the checks by which it is judged."""

import json
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from bnlab.claims.checks import Check, Role, Summary
from bnlab.errors import CannotRun

EXPERIMENTS = Path(__file__).parents[2] / "examples" / "experiments"
WITH, WITHOUT = "with BN", "without BN"
RATE, DECAY = "/training/optimizer/learning_rate", "/training/weight_decay/rate"
ACTIVATION, HIDDEN = "/architecture/activation", "/architecture/hidden"


@dataclass(frozen=True)
class Claim:
    """What is to be shown, by which checks, and by which kind of figure.

    shown: series of which each training's `summary` is kept beside the checks. units: whether one unit is followed by
    step, at the first grid point. quick_steps: how long its trainings are in short; None: as they are.
    """

    title: str
    checks: tuple[Check, ...]
    figure: str
    shown: tuple[str, ...] = ()
    summary: Summary = "last"
    units: bool = False
    quick_steps: int | None = None


def _better(variant: str, role: Role = "part", at: dict[str, Any] | None = None) -> Check:
    return Check("better", variant, at=at or {}, role=role)


JACOBIANS = tuple(f"jacobian.hidden{layer}." for layer in (2, 3))
COSINES = tuple(f"covariate_shift.hidden{layer}.cosine" for layer in (2, 3))
LANDSCAPE = ("landscape.loss_min", "landscape.loss_max", "landscape.gradient_change_max", "landscape.smoothness")
TURNED = "activations.hidden2.update_ratio"
EFFECTIVE = "effective_learning_rate.linear2.effective_learning_rate"

IN_EQUILIBRIUM = 2500  # the step of weight-decay from which on rotations are measured
DECAYS = (0.025, 0.1)
ROTATIONS = {
    "SGD": lambda decay: sqrt(2 * 0.1 * decay),
    "momentum": lambda decay: sqrt(2 * 0.01 * decay / (1 + 0.9)),
    "AdamW": lambda decay: sqrt(2 * 0.03 * decay * (1 - 0.9) / (1 + 0.9)),
}
"""By the variant of weight-decay and its decay, the root mean square of ||dW||/||W||: sqrt(2 eta lambda), times 1 over
1 + mu within the root for momentum, and (1 - beta1)/(1 + beta1) for AdamW (Wan et al. 2021; Kosson et al. 2023)."""


def _turns(variant: str, decay: float) -> Check:
    role: Role = "primary" if (variant, decay) == ("SGD", DECAYS[0]) else "part"
    target = ROTATIONS[variant](decay)
    return Check(
        "near", variant, "", TURNED, "", "rms", IN_EQUILIBRIUM, target, share=0.05, at={DECAY: decay}, role=role
    )


CLAIMS: dict[str, Claim] = {
    "mnist": Claim(
        "Faster, and higher",
        (
            _better(WITH, "primary"),
            Check("higher", WITH, WITHOUT, tuned=True),
            Check("higher", WITH, WITHOUT, at={RATE: 0.1}, role="beside"),
        ),
        "units",
        units=True,
        quick_steps=2500,
    ),
    "learning-rates": Claim("Higher learning rates", (_better(WITH, "primary"),), "by_rate", quick_steps=1000),
    "initialization": Claim("Less careful about initialization", (_better(WITH, "primary"),), "heat"),
    "saturation": Claim(
        "Saturating nonlinearities in deep networks",
        (
            _better(WITH, "primary", {ACTIVATION: "sigmoid", HIDDEN: [100] * 10}),
            _better(WITH, "part", {ACTIVATION: "tanh", HIDDEN: [100] * 10}),
            *(_better(WITH, "beside", {HIDDEN: [100] * depth}) for depth in (3, 6)),
        ),
        "pairs",
        quick_steps=500,
    ),
    "dropout": Claim("In some cases no need for dropout", (_better(WITH, "primary"),), "pairs", quick_steps=1000),
    "input-normalization": Claim(
        "Normalized inputs, and the same within",
        (
            _better("whitened", "primary"),
            *map(_better, ("standardized", "BN on the input", "BN within")),
            _better("each pixel standardized", "beside"),
        ),
        "pairs",
    ),
    "scale-invariance": Claim(
        "The scale of the weights does not matter",
        (
            Check("equal", "weights x 16, rates x 256", role="primary"),
            Check("equal", "weights x 4, rates x 16"),
            Check("below", "weights x 0.18", "as they are", EFFECTIVE, target=3.0),
        ),
        "pairs",
        (EFFECTIVE,),
        quick_steps=1200,
    ),
    "jacobian": Claim(
        "Singular values close to 1 (a conjecture)",
        (
            _better(WITH, "primary"),
            *(
                Check("above", WITH, "", f"{layer}share_near_one", f"{layer}share_random", "mean")
                for layer in JACOBIANS
            ),
        ),
        "series",
        tuple(f"{layer}{measure}" for layer in JACOBIANS for measure in ("share_near_one", "share_random", "rms")),
        "mean",
        quick_steps=800,
    ),
    "covariate-shift": Claim(
        "Less internal covariate shift",
        (
            _better(WITH, "primary"),
            *(Check("higher", WITH, WITHOUT, series, summary="mean") for series in COSINES),
            Check("higher", "noisy BN", WITHOUT, role="beside"),
        ),
        "units",
        COSINES,
        "mean",
        units=True,
        quick_steps=600,
    ),
    "landscape": Claim(
        "A smoother loss (a later explanation)",
        (
            _better(WITH, "primary"),
            Check(
                "lower", WITH, WITHOUT, "landscape.loss_max", "landscape.loss_min", "mean", tuned=True, role="beside"
            ),
            Check("lower", WITH, WITHOUT, "landscape.gradient_change_max", "", "mean", tuned=True, role="beside"),
        ),
        "series",
        LANDSCAPE,
        "mean",
        quick_steps=1000,
    ),
    "placement": Claim("In front of the nonlinearity", (_better("before", "primary"),), "pairs", quick_steps=1000),
    "inception": Claim(
        "Inception learns faster, and with sigmoids",
        (
            _better("BN-Baseline", "primary"),
            _better("BN-x5"),
            Check("higher", "BN-x30", "Inception"),
            Check("higher", "BN-x5-Sigmoid", "Inception-Sigmoid"),
            Check("lower", "Inception-x5", "Inception"),
        ),
        "curves",
        quick_steps=200,
    ),
    "ensemble": Claim(
        "Several networks are better than one of them",
        (
            Check("together", than="the members' mean", role="primary"),
            Check("together", than="the best by validation"),
        ),
        "ensemble",
        quick_steps=3000,
    ),
    "batch-size": Claim("Small batches (a later finding)", (Check("worse", WITH, role="primary"),), "by_rate"),
    "weight-decay": Claim(
        "Weight decay sets how fast weights turn (a later law)",
        tuple(_turns(variant, decay) for variant in ROTATIONS for decay in DECAYS),
        "law",
        quick_steps=2700,
    ),
}


def document(name: str) -> dict[str, Any]:
    """The experiment of a claim. Raises CannotRun outside a checkout."""
    try:
        found: dict[str, Any] = json.loads((EXPERIMENTS / f"{name}.json").read_text())
    except FileNotFoundError as error:
        raise CannotRun(f"{error.filename} is not there: claims are run from a checkout") from None
    return found
