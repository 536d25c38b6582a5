"""A question that cannot be meant is refused, and the answer names the place and what would be right."""

import json
from typing import Any

import pytest

from jobs.errors import InvalidSpec
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.experiments.question import SEED
from jobs.settings import Settings
from jobs.spec.known import in_catalogue

EXPERIMENT: dict[str, Any] = {"base": {"data": {"dataset": "synthetic"}}, "variants": {"a": {}}}
RATE = "/training/optimizer/learning_rate"
RATES = {RATE: [0.1, 1]}
HELD_OUT = {"data": {"dataset": "synthetic", "validation": 0.1}}

QUESTIONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a primary of another kind": ({"primary": {"kind": "lst"}}, "/primary", "the nearest is 'last'"),
    "a primary of no series": (
        {"primary": {"series": "accuracy"}},
        "/primary/series",
        "begins with no table and a dot",
    ),
    "a primary that nobody records": (
        {"primary": {"series": "rank.hidden1.rank", "goal": "max"}},
        "/primary/series",
        "no job of this experiment records 'rank.hidden1.rank'; they record series of: train, test",
    ),
    "a primary of a part that is not there": (
        {"primary": {"series": "validation.accuracy"}},
        "/primary/series",
        "no job of this experiment records 'validation.accuracy'",
    ),
    "a primary that nobody knows the best of": (
        {"primary": {"series": "activations.hidden1.mean"}},
        "/primary/goal",
        "say whether less ('min') or more ('max')",
    ),
    "steps to what is no target": (
        {"primary": {"kind": "steps_to", "target": 0.7}},
        "/primary/target",
        "'0.7' is none of the experiment's targets",
    ),
    "steps backwards": (
        {"primary": {"kind": "mean", "from_step": 5, "to_step": 3}},
        "/primary/to_step",
        "this lies before 'from_step', 5",
    ),
    "an area of a series": ({"primary": {"kind": "area_above", "series": "a.b"}}, "/primary/series", "unknown field"),
    "a wandering of no unit": (
        {"primary": {"kind": "wander", "series": "test.accuracy"}},
        "/primary/series",
        "it is units that wander",
    ),
    "a wandering of a layer that there is none of": (
        {"primary": {"kind": "wander", "series": "units.hidden9"}},
        "/primary/series",
        "no job of this experiment records 'units.hidden9'",
    ),
    "a mean of what comes after the end": (
        {"base": EXPERIMENT["base"] | {"training": {"steps": 300}}, "primary": {"kind": "mean", "from_step": 301}},
        "/primary/from_step",
        "no job of this experiment is longer than 300 steps",
    ),
    "a root mean square backwards": (
        {"primary": {"kind": "rms", "from_step": 5, "to_step": 3}},
        "/primary/to_step",
        "this lies before 'from_step', 5",
    ),
    "tuning without a validation part": (
        {"grid": RATES, "tune": {"over": RATE}},
        "/tune",
        'settings are chosen on the validation part, and variant \'a\' has none: say "data": {"validation": 0.1}',
    ),
    "tuning where one variant has no validation part": (
        {
            "base": HELD_OUT,
            "variants": {"a": {}, "b": {"data": {"validation": None}}},
            "grid": RATES,
            "tune": {"over": RATE},
        },
        "/tune",
        "variant 'b' has none",
    ),
    "tuning over no axis": ({"tune": {"over": RATE}}, "/tune/over/0", "is no axis of the grid: there is none"),
    "tuning over another one": (
        {"grid": RATES, "tune": {"over": ["/training/optimizer/rate"]}},
        "/tune/over/0",
        f"the nearest is '{RATE}'",
    ),
    "tuning over one twice": ({"grid": RATES, "tune": {"over": [RATE, RATE]}}, "/tune/over/1", "tuned over already"),
    "tuning over nothing": ({"grid": RATES, "tune": {"over": []}}, "/tune/over", "needs at least 1 item"),
    "tuning by the test set": (
        {"grid": RATES, "tune": {"over": RATE, "by": "test.accuracy"}},
        "/tune/by",
        "by 'validation.loss' or 'validation.accuracy', not 'test.accuracy'",
    ),
    "the largest without a bar": (
        {"grid": RATES, "primary": {"kind": "largest", "over": RATE}},
        "/learned",
        "must be given with 'largest'",
    ),
    "the largest of what is no number": (
        {"grid": {"/batch_norm": [True, False]}, "primary": {"kind": "largest", "over": "/batch_norm"}, "learned": 0.5},
        "/primary/over",
        "the largest of numbers above 0 is asked for; this axis has true",
    ),
    "the largest of what may be 0": (
        {"grid": {"/training/weight_decay": [0, 1]}, "primary": {"kind": "largest", "over": "/training/weight_decay"}},
        "/primary/over",
        "this axis has 0",
    ),
    "the largest of what is tuned over": (
        {"grid": RATES, "tune": {"over": RATE}, "primary": {"kind": "largest", "over": RATE}, "learned": 0.5},
        "/primary/over",
        "it cannot be tuned over as well",
    ),
    "a range over no axis": ({"primary": {"kind": "range", "over": RATE}}, "/primary/over", "is no axis of the grid"),
    "a range over one value": (
        {"grid": {RATE: [1]}, "primary": {"kind": "range", "over": RATE}},
        "/primary/over",
        "needs an axis of at least two values",
    ),
    "a gain over what is no value": (
        {"grid": RATES, "primary": {"kind": "gain", "over": RATE, "without": 0, "goal": "min"}},
        "/primary/without",
        "0 is none of the axis' values: [0.1, 1]",
    ),
    "a gain over nothing else": (
        {
            "base": EXPERIMENT["base"] | {"metadata": {"of": 1}},
            "grid": {"/metadata/of": [0, 0.0]},
            "primary": {"kind": "gain", "over": "/metadata/of", "without": 0, "goal": "min"},
        },
        "/primary/without",
        "0 is every one of the axis' values: [0, 0.0]",
    ),
    "a range over seeds": (
        {"grid": {SEED: [1, 2]}, "primary": {"kind": "range", "over": SEED}},
        "/primary/over",
        "along this axis no seed has two values",
    ),
    "tuning over seeds": (
        {"base": HELD_OUT, "grid": {SEED: [1, 2]}, "tune": {"over": SEED}},
        "/tune/over/0",
        "along this axis no seed has two values",
    ),
    "a gain of which nobody knows the best": (
        {"grid": RATES, "primary": {"kind": "gain", "over": RATE, "without": 1}},
        "/primary/goal",
        "must be given",
    ),
    "a gain of several values without a validation part": (
        {"grid": {RATE: [1, 2, 3]}, "primary": {"kind": "gain", "over": RATE, "without": 1, "goal": "min"}},
        "/primary/over",
        "settings are chosen on the validation part, and variant 'a' has none",
    ),
    "a delta below 0": ({"delta": -0.1}, "/delta", "a number of at least 0, not -0.1"),
    "a bar of 0": ({"learned": 0}, "/learned", "a number greater than 0, not 0"),
    "a word that is no target": ({"targets": [0.5, "best"]}, "/targets/1", "must be 'baseline_best', not 'best'"),
    "a target beyond all": ({"targets": [1.5]}, "/targets/0", "a number of at most 1, not 1.5"),
}


@pytest.mark.parametrize(("changes", "pointer", "says"), QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_that_cannot_be_meant_is_refused(changes: dict[str, Any], pointer: str, says: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        members(read(json.dumps(EXPERIMENT | changes)), in_catalogue(Settings()), range(1))
    found = {error.pointer: error.message for error in refused.value.errors}
    assert says in found[pointer]
