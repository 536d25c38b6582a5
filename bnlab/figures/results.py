"""What a claim's result has to be drawn: each seed's number by variant and grid point, intervals, chosen settings."""

from collections import Counter
from collections.abc import Mapping
from ctypes import c_float
from dataclasses import replace
from math import inf, nan
from typing import Any

from bnlab.figures.columns import Column, Dot, Point, difference, learned_in_words, point_of, ratio
from bnlab.sdk.estimates import estimate_of, number_of
from bnlab.sdk.places import place_in_words

Result = Mapping[str, Any]
"""What `bnlab claims` keeps of a claim."""


def variants_of(result: Result) -> list[str]:
    """In the order of the document, which is that of their looks."""
    return list(result["document"]["variants"])


def compared_at(result: Result, point: Mapping[str, Any]) -> Point:
    """What remains of a grid point where variants are compared: without the axes that are tuned over."""
    tuned = {pointer for each in result.get("tuned", ()) for pointer in each["over"]}
    return tuple((pointer, value) for pointer, value in point_of(point) if pointer not in tuned)


def values(result: Result) -> list[Column]:
    """The numbers that the verdicts are of, variant by variant at each point; none where no verdict has any.

    Of the largest value that was learned with, that value: what is tried next is its upper bound.
    """
    failed, read = failed_jobs(result), _largest if _primary(result)["kind"] == "largest" else _dot
    found: dict[tuple[Point, str], tuple[Dot, ...]] = {}
    for verdict in result["verdicts"]:
        for side in verdict.get("values", ()):
            found[point_of(verdict["point"]), side["variant"]] = tuple(
                read(seed, failed=seed["job"] in failed) for seed in side["seeds"]
            )
    points = dict.fromkeys(point for point, _ in found)
    ordered = [(point, name) for point in points for name in variants_of(result) if (point, name) in found]
    return [
        Column(name, point, found[point, name], word=learned_in_words(found[point, name])) for point, name in ordered
    ]


def against_the_first(result: Result) -> list[Column]:
    """Of each verdict the seeds' differences or ratios with the interval, and its outcome below."""
    made = []
    for verdict in result["verdicts"]:
        sides = {
            side["variant"]: {seed["seed"]: _dot(seed) for seed in side["seeds"]} for side in verdict.get("values", ())
        }
        mine, theirs = (sides.get(verdict[name], {}) for name in ("variant", "over"))
        apart = ratio if is_ratio(result) else difference
        swapped = are_steps(result)  # how many times as fast
        pairs = (
            (seed, theirs[seed], mine[seed]) if swapped else (seed, mine[seed], theirs[seed])
            for seed in mine
            if seed in theirs
        )
        dots = tuple(apart(*pair) for pair in pairs)
        estimate = None if verdict["interval"] is None else estimate_of(verdict["interval"])
        made.append(Column(verdict["variant"], point_of(verdict["point"]), dots, estimate, verdict["outcome"]))
    return made


def shown(result: Result, series: str) -> list[Column]:
    """The last values of a series, with the interval of each variant."""
    failed = failed_jobs(result)
    made = []
    for each in result["shown"][series]:
        known = ((seed, number_of(seed["value"])) for seed in each["seeds"])
        dots = tuple(
            Dot(seed["seed"], value, value, seed["job"] in failed) for seed, value in known if value is not None
        )
        estimate = None if each["value"] is None else estimate_of(each["value"])
        made.append(Column(each["variant"], point_of(each["point"]), dots, estimate, learned_in_words(dots)))
    return made


def final_accuracies(result: Result) -> list[Column]:
    """The test accuracy at the end, of every group of the grid."""
    failed = failed_jobs(result)
    made = []
    for group in result["groups"]:
        ended = [seed for seed in group["seeds"] or () if seed["measured"] is not None]
        dots = tuple(_at(seed, failed=seed["job"] in failed) for seed in ended)
        jobs = tuple(seed["job"] for seed in ended)
        made.append(Column(group["variant"], point_of(group["point"]), dots, jobs=jobs))
    return made


def gains(result: Result) -> list[Column]:
    """What an ensemble gains, with the interval over the test examples, and over what of its members below."""
    made = []
    for checked in result["checks"]:
        if checked["check"]["kind"] == "together" and checked["measured"] is not None:
            than, estimate = checked["check"]["than"], estimate_of(checked["measured"])
            centre = nan if estimate.centre is None else estimate.centre[0]
            made.append(Column(than, (), (Dot(0, centre, centre),), estimate, f"over {than}".replace(" by ", "\nby ")))
    return made


def failed_jobs(result: Result) -> set[str]:
    """The jobs that diverged or, where the document has a bar, ended below it: by the float32 that accuracies are."""
    said = result["document"].get("learned")
    bar = None if said is None else c_float(said).value
    return {
        seed["job"]
        for group in result["groups"]
        for seed in group["seeds"] or ()
        if seed["outcome"] == "diverged"
        or (bar is not None and seed["measured"] is not None and seed["measured"]["final_accuracy"] < bar)
    }


def chosen(result: Result) -> dict[tuple[str, Point], Counter[Point]]:
    """By variant and remaining point, how many seeds have which of the tuned settings."""
    return {
        (tuned["variant"], point_of(tuned["point"])): Counter(point_of(each["at"]) for each in tuned["chosen"])
        for tuned in result.get("tuned", ())
    }


def is_ratio(result: Result) -> bool:
    """Whether variants are compared by ratios."""
    return any(verdict["measure"] == "ratio" for verdict in result["verdicts"])


def are_steps(result: Result) -> bool:
    """Whether what is compared are steps, of which fewer are faster."""
    return bool(_primary(result)["kind"] == "steps_to")


def primary_in_words(result: Result) -> str:
    """What the verdicts are of, as the title of a panel."""
    primary = _primary(result)
    series = str(primary.get("series", ""))
    plain = "accuracy on the test set" if series == "test.accuracy" else series.replace(".", " ").replace("_", " ")
    over = place_in_words(primary["over"]) if "over" in primary else ""
    target = primary.get("target")
    words = {
        "last": f"{plain} at the end",
        "mean": f"{plain}, its mean over steps",
        "rms": f"{plain}, root mean square over steps",
        "wander": f"wandering of {series.rpartition('.')[2]}'s units",
        "steps_to": f"steps to {'the best of the first variant' if target == 'baseline_best' else target}",
        "area_above": "mean error over the training",
        "largest": f"largest {over} at which it learns",
        "range": f"accuracy: best less worst over {over}",
        "gain": f"accuracy gained by {over}",
    }
    return words[primary["kind"]]


def _primary(result: Result) -> dict[str, Any]:
    said = result["document"].get("primary") or {}
    primary = {"kind": said} if isinstance(said, str) else dict(said)
    return {"kind": "last", "series": "test.accuracy"} | primary


def _dot(seed: Mapping[str, Any], *, failed: bool = False) -> Dot:
    low, high = float(seed["low"]), float(seed["high"])
    return Dot(seed["seed"], low, high, failed)


def _largest(seed: Mapping[str, Any], *, failed: bool = False) -> Dot:
    dot = _dot(seed, failed=failed)
    if dot.low == 0:  # not even with the least
        return replace(dot, failed=True)
    return dot if dot.high == inf else replace(dot, high=dot.low)


def _at(seed: Mapping[str, Any], *, failed: bool) -> Dot:
    accuracy = seed["measured"]["final_accuracy"]
    return Dot(seed["seed"], accuracy, accuracy, failed)
