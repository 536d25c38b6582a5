"""What evaluations decide: when a training is stopped, and which network is the best. Of recorded values alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Literal, Self

from jobs.spec.document import JobSpec
from jobs.spec.training import Evaluated, Goal, Patience, Target, goal_of


@dataclass(frozen=True)
class Best:
    """The best evaluation so far; of equal ones the first."""

    step: int
    value: float


@dataclass(frozen=True)
class Stopped:
    """Why a training ended before its last step."""

    why: Literal["patience", "target"]
    metric: Evaluated
    step: int
    value: float | None
    """Of the metric then; None where it was not finite."""
    best: Best | None
    """Of the metric until then."""


@dataclass(frozen=True)
class Standing:
    """What all evaluations so far amount to."""

    best: Best | None = None
    """By `JobSpec.chosen_by`; None where nothing was finite."""
    to_beat: float | None = None
    """What `patience` waits for something better than."""
    waited: int = 0
    """For how many evaluations in a row."""
    stopped: Stopped | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """The standing that `dataclasses.asdict` made this of; of nothing, that of an untrained network.

        >>> Standing.of({"best": {"step": 500, "value": 0.5}, "to_beat": 0.5, "waited": 0, "stopped": None}).best
        Best(step=500, value=0.5)
        """
        best, stopped = said.get("best"), said.get("stopped")
        if stopped:
            stopped = Stopped(**{**stopped, "best": stopped["best"] and Best(**stopped["best"])})
        return cls(**{**said, "best": best and Best(**best), "stopped": stopped})


UNTRAINED = Standing()


def judged(spec: JobSpec, before: Standing, step: int, values: Mapping[str, float]) -> Standing:
    """Where a training stands once it was evaluated after `step`.

    values: by name, such as `validation.loss`, as they are recorded: of float32. The untrained network, at step 0, is
    something to be better than, and never the reason to stop.
    """
    value, stop = values[spec.chosen_by], spec.training.stop
    goal = goal_of(spec.chosen_by, stop.goal if stop else None)
    best = before.best
    if _is_better(value, best.value if best else None, goal):
        best = Best(step, value)
    now = replace(before, best=best)
    if stop is None:
        return now
    if _is_better(value, before.to_beat, goal, stop.min_delta if isinstance(stop, Patience) else 0.0):
        now = replace(now, to_beat=value, waited=0)
    else:
        now = replace(now, waited=before.waited + 1 if step else 0)
    why = _reason(stop, goal, value, now.waited)
    if why is None or step == 0:
        return now
    return replace(now, stopped=Stopped(why, stop.metric, step, value if isfinite(value) else None, best))


def _reason(stop: Patience | Target, goal: Goal, value: float, waited: int) -> Literal["patience", "target"] | None:
    if isinstance(stop, Patience):
        return "patience" if waited >= stop.patience else None
    reached = value <= stop.target if goal == "min" else value >= stop.target
    return "target" if reached else None


def _is_better(value: float, than: float | None, goal: Goal, by: float = 0.0) -> bool:
    """Whether a value is better by more than `by`; what is not finite is never better, and worse than anything."""
    if not isfinite(value):
        return False
    if than is None:
        return True
    return value < than - by if goal == "min" else value > than + by


def sentence_of(stopped: Stopped, spec: JobSpec) -> str:
    """Why and where a training was stopped, for people."""
    metric, stop, best = stopped.metric, spec.training.stop, stopped.best
    where = f"stopped after step {stopped.step} of {spec.steps}"
    if isinstance(stop, Target):
        return f"{where}: {metric} has reached {stopped.value:g}, its target was {stop.target:g}"
    assert isinstance(stop, Patience)
    times = "one evaluation" if stop.patience == 1 else f"{stop.patience} evaluations in a row"
    said = f"{where}: in {times} {metric} was not better"
    return f"{said} than {best.value:g}, after step {best.step}" if best else f"{said}, and never finite"
