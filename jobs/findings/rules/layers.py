"""Rules about the layers: whether gradients reach them, and whether they pass on what they get."""

from collections.abc import Mapping

import numpy as np

from jobs.findings.evidence import Evidence, Line, Values
from jobs.findings.finding import Finding
from jobs.findings.words import fraction, from_step, number, percent
from jobs.sentences import listed

GOOD = 0.85  # accuracy from which on saturated units are no hindrance
BEGINNING = 100  # steps in which a network is still much as it was drawn


def signal_vanishes(evidence: Evidence, bound: float) -> Finding | None:
    """Nonlinearities that get ever less from layer to layer, in a training at chance: all examples look alike."""
    deviations = evidence.lines("std")
    if evidence.at_chance_since is None or len(deviations) < 3:
        return None
    names = list(deviations)
    first, last = deviations[names[0]], deviations[names[-1]]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = last.mean / first.mean
    since = last.since(ratio < bound)
    if since is None:
        return None
    share, spread = float(np.median(ratio[last.first >= since])), f"an sd of {number(last.now)}"
    times = f"{number(share ** (-1 / (len(names) - 1)))} times a layer" if share else "to nothing"
    said = f"what layers get shrinks {times}: {names[-1]} gets values with {spread}, {from_step(since)}"
    return Finding(said, names[-1], since)


def gradient_vanishes(evidence: Evidence, bound: float) -> Finding | None:
    """A first layer whose gradient is a small part of the last one's; of a training at chance ten times as much is."""
    ratio = _first_over_last(evidence)
    if ratio is None:
        return None
    line, values = ratio
    since = line.since(values < (bound if evidence.at_chance_since is None else 10 * bound))
    if since is None:
        return None
    first, last = _ends(evidence)
    share, a_layer = float(np.median(values[line.first >= since])), len(evidence.weighted) - 1
    times = f"the gradient shrinks {number(share ** (-1 / a_layer))} times a layer" if share else "no gradient is left"
    gets = f"{first} gets {fraction(share)} of {last}'s" if share else f"{first} gets nothing of {last}'s"
    return Finding(f"{times}: {gets}, {from_step(since)}", first, since)


def gradient_explodes(evidence: Evidence, bound: float) -> Finding | None:
    """A first layer whose gradient is many times the last one's."""
    ratio = _first_over_last(evidence)
    if ratio is None:
        return None
    line, values = ratio
    since = line.since(values > bound)
    if since is None:
        return None
    first, last = _ends(evidence)
    times = float(np.median(values[line.first >= since]))
    growth = number(times ** (1 / (len(evidence.weighted) - 1)))
    gets = f"{first} gets {number(times)} times {last}'s, {from_step(since)}"
    return Finding(f"the gradient grows {growth} times a layer towards the input: {gets}", first, since)


def saturated(evidence: Evidence, bound: float) -> Finding | None:
    """The layer most of whose nonlinearity is flat, for good: as it was drawn, or in a training that is not good.

    A layer that became so, and batch normalization above all, may learn well with most of its units saturated.
    """
    lines = evidence.lines("saturated")
    if evidence.accuracy >= GOOD:
        lines = {name: line for name, line in lines.items() if _was_drawn_so(evidence, name, line, bound)}
    return _worst_share(lines, bound, "of {layer} is saturated")


def dead(evidence: Evidence, bound: float) -> Finding | None:
    """The layer most of whose relus give 0 for every example, for good."""
    return _worst_share(
        evidence.lines("dead"), bound, "of the relus of {layer} are dead: they give 0 for every example"
    )


def _was_drawn_so(evidence: Evidence, name: str, line: Line, bound: float) -> bool:
    return evidence.placed[name].normalization is None and line.last[0] <= BEGINNING and line.mean[0] >= bound


def _worst_share(lines: Mapping[str, Line], bound: float, said: str) -> Finding | None:
    ill = {name: since for name, line in lines.items() if (since := line.since(line.mean >= bound)) is not None}
    if not ill:
        return None
    name = max(ill, key=lambda name: lines[name].now)
    sentence = f"{percent(lines[name].now)} {said.format(layer=name)}, {from_step(ill[name])}"
    others = [other for other in ill if other != name]
    also = f"; so {'is' if len(others) == 1 else 'are'} most of {listed(others)}" if others else ""
    return Finding(f"{sentence}{also}", name, ill[name])


def _first_over_last(evidence: Evidence) -> tuple[Line, Values] | None:
    """The first layer's gradient norm over the last one's, row by row; None where either is not recorded."""
    if len(evidence.weighted) < 3 or evidence.step < 50:
        return None
    first, last = (evidence.weighted[name]["gradient_norm"] for name in _ends(evidence))
    with np.errstate(divide="ignore", invalid="ignore"):  # without a gradient at the end there is nothing to compare
        return first, first.mean / last.mean


def _ends(evidence: Evidence) -> tuple[str, str]:
    names = list(evidence.weighted)
    return names[0], names[-1]
