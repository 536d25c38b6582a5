"""Rules about the steps: whether they keep values finite, and whether they are of a useful length."""

from collections.abc import Mapping

import numpy as np

from jobs.findings.evidence import Evidence, Line
from jobs.findings.finding import Finding
from jobs.findings.words import number, percent

WORSE = 1.5  # times a loss: steps alone bring one so far up


def diverged(evidence: Evidence, _bound: float) -> Finding | None:
    """A loss that is not finite, with the layer that was first to have a value that is not."""
    broken = [
        line.broken for table in (evidence.train, evidence.test) for name, line in table.items() if name == "loss"
    ]
    steps = [step for step in broken if step is not None]
    if not steps:
        return None
    said = f"the loss is not a finite number at step {min(steps):,}"
    layer, step = _first_broken(evidence)
    began = f", and {layer} was the first layer with such a value, at step {step:,}" if layer else ""
    moved = largest_step(evidence.lines("update_ratio"), 1.0)
    longest = f"; earlier, {moved.sentence}" if moved and (moved.step or 0) < min(steps) else ""
    return Finding(f"{said}{began}{longest}", layer or (moved.layer if moved else None), step or min(steps))


def steps_too_large(evidence: Evidence, bound: float) -> Finding | None:
    """A step longer than the weights that it changed, or a loss far worse than guessing, in a training at chance."""
    if evidence.at_chance_since is None:
        return None
    loss, guessing = evidence.train["loss"], evidence.loss_of_chance
    moved = largest_step(evidence.lines("update_ratio"), bound)
    now = f"the loss is {number(loss.now)} where guessing alone gives {number(guessing)}"
    if moved is not None:
        return Finding(f"{moved.sentence}; {now}", moved.layer, moved.step)
    # The step itself may lie between those whose activations are recorded.
    if loss.now > WORSE * guessing and loss.now > WORSE * loss.mean[0]:
        return Finding(f"{now} and the first step had {number(float(loss.mean[0]))}: steps threw the weights about")
    return None


def steps_too_small(evidence: Evidence, bound: float) -> Finding | None:
    """Every layer's steps far below the usual length, in a training whose loss has hardly moved."""
    ratios = {name: layer["update_ratio"].early for name, layer in evidence.weighted.items()}
    known = {name: ratio for name, ratio in ratios.items() if ratio > 0}
    if not known or len(known) < len(ratios) or max(known.values()) >= bound:
        return None
    loss = evidence.train["loss"]
    if evidence.step < 100 or not 0.5 * loss.mean[0] < loss.now < 1.1 * loss.mean[0]:
        return None
    largest = max(known, key=lambda name: known[name])
    rate = evidence.spec.training.optimizer.learning_rate
    usual = f"a step changes the weights by {number(known[largest])} of their length at the most (in {largest})"
    gone = f"the loss has gone from {number(loss.mean[0])} to {number(loss.now)} in {evidence.step:,} steps"
    clip = evidence.spec.training.clip_gradient_norm
    clipped = clip is not None and evidence.train["gradient_norm"].now > clip
    why = f"clip_gradient_norm shortens every gradient to {clip:g}" if clipped else f"the learning rate is {rate:g}"
    return Finding(f"{usual}, where 0.001 is usual: {gone}; {why}", largest, 1)


def weights_decayed(evidence: Evidence, bound: float) -> Finding | None:
    """Weights that the decay has taken away, in a training that is at chance or was better before."""
    decay = evidence.spec.training.weight_decay
    if decay is None or not decay.rate or not _came_to_nothing(evidence):
        return None
    norms = {name: layer["weight_norm"] for name, layer in evidence.weighted.items()}
    left = {
        name: float(line.mean[-1] / line.mean[0])
        for name, line in norms.items()
        if line.mean[0] > 0 and not evidence.placed[name].feeds_batch_norm
    }
    if not left or min(left.values()) > bound:
        return None
    name = min(left, key=lambda name: left[name])
    line = norms[name]
    step = line.since(line.mean <= bound * line.mean[0])
    few = percent(left[name]) if left[name] >= 0.005 else "nothing"
    said = f"{few} is left of the weights of {name}, by their norm"
    return Finding(f"{said}: the weight decay of {decay.rate:g} takes more than the gradient gives", name, step)


def frozen_layer(evidence: Evidence, bound: float) -> Finding | None:
    """A layer that no step changes, beside layers that are changed."""
    greatest = {name: layer["update_ratio"].greatest for name, layer in evidence.weighted.items()}
    still = {
        name: since
        for name, values in greatest.items()
        if (since := evidence.weighted[name]["update_ratio"].since(values <= bound)) is not None
        and evidence.step - since >= 50
    }
    if not still or len(still) == len(greatest):
        return None
    name = min(still, key=lambda name: still[name])
    others = f" (and {len(still) - 1} more)" if len(still) > 1 else ""
    last = f"steps {still[name]:,} to {evidence.step:,} have not changed the weights of {name}{others} at all"
    return Finding(f"{last}, while other layers are trained", name, still[name])


def largest_step(ratios: Mapping[str, Line], bound: float) -> Finding | None:
    """The layer whose weights a step first changed by more than `bound` times their own length, and that step."""
    over = {
        name: int(np.argmax(line.greatest > bound)) for name, line in ratios.items() if (line.greatest > bound).any()
    }
    if not over:
        return None
    first = min(over.values())
    name = max((name for name, row in over.items() if row == first), key=lambda name: ratios[name].greatest[first])
    line = ratios[name]
    step, ratio = int(line.first[first]), float(line.greatest[first])
    when = f"step {step:,}" if line.last[first] == step else f"a step from {step:,} to {int(line.last[first]):,}"
    return Finding(f"{when} changed the weights of {name} by {number(ratio)} times their length", name, step)


def _first_broken(evidence: Evidence) -> tuple[str | None, int | None]:
    """The layer with the earliest value that is not finite, the first one of them in forward order; and that step.

    A ratio to weights that are all 0 is not finite and no sign of anything.
    """
    found = {
        name: min(steps)
        for name, layer in evidence.layers.items()
        if (
            steps := [line.broken for what, line in layer.items() if line.broken is not None and what != "update_ratio"]
        )
    }
    if not found:
        return None, None
    layer = min(found, key=lambda name: found[name])
    return layer, found[layer]


def _came_to_nothing(evidence: Evidence) -> bool:
    if evidence.at_chance_since is not None:
        return True
    accuracy = evidence.train.get("accuracy")
    return accuracy is not None and accuracy.now < float(np.nanmax(accuracy.mean)) - 0.3
