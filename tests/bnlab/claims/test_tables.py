"""Results of claims in tables."""

from typing import Any

from bnlab.claims.tables import accuracies, arrivals, checks, settings, shown
from tests.support.claim_results import RATE, checked, estimate, group, result


def test_a_check_has_its_number_its_interval_and_its_outcome() -> None:
    found = result(
        ["BN"],
        checks=[
            checked("BN", estimate([0.1, 0.2, 0.3]), target=0.05, point={RATE: 10.0}),
            checked("BN", None, "open", role="beside"),
        ],
    )
    assert checks(found)[2:] == [
        "| `test.accuracy` of 'BN' is above 0.05 | learning rate 10 | 0.2 | 75 % interval 0.1 to 0.3 | 3 | upheld |",
        "| `test.accuracy` of 'BN' is above 0 |  | nothing |  | 0 | open (beside) |",
    ]


def test_every_setting_has_its_score_how_many_learned_and_how_many_seeds_have_it() -> None:
    chosen = [{"seed": seed, "job": "x", "at": {RATE: 1.0}} for seed in range(2)]
    tried = [
        {"at": {RATE: 0.1}, "by": estimate([0.5, 0.75]), "primary": None, "learned": None, "n": 2},
        {"at": {RATE: 1.0}, "by": None, "primary": None, "learned": 1, "n": 2},
    ]
    tuned = {"variant": "BN", "point": {}, "over": [RATE], "by": "validation.accuracy", "settings": tried}
    table = settings(result(["BN"], tuned=[tuned | {"chosen": chosen}]))
    assert "`validation.accuracy`" in table[0]
    assert table[2:] == [
        "| BN |  | learning rate 0.1 | 0.625 | 50 % interval 0.5 to 0.75 |  |  |",
        "| BN |  | learning rate 1 | nothing |  | 1 of 2 | 2 |",
    ]


def test_groups_have_their_accuracy_and_how_many_failed_and_series_their_values() -> None:
    kept: dict[str, Any] = {"test.loss": [{"variant": "BN", "point": {}, "seeds": [], "value": estimate([0.5, 0.5])}]}
    found = result(["BN"], groups=[group("BN", {}, [0.9, None])], shown=kept)
    assert accuracies(found)[2:] == ["| BN |  | 0.5 | 50 % interval 0.1 to 0.9 | 1 | 1 |"]
    assert shown(found)[2:] == ["| `test.loss` | BN |  | 0.5 | 50 % interval 0.5 |"]


def test_groups_have_their_steps_to_each_target_and_how_many_seeds_arrived() -> None:
    steps = {"centre": {"low": 100.0, "high": 200.0}, "low": 100.0, "high": "Infinity", "coverage": 0.75, "n": 3}
    reached = [
        {"target": 0.9, "accuracy": 0.9, "arrived": 2, "ended": 3, "steps": steps | {"assumes": None}},
        {"target": "baseline_best", "accuracy": 0.96333, "arrived": 0, "ended": 3, "steps": None},
        {"target": "baseline_best", "accuracy": None, "arrived": 0, "ended": 0, "steps": None},
    ]
    found = result(["BN"], groups=[group("BN", {RATE: 0.1}, [0.9]) | {"steps_to": reached}])
    assert arrivals(found)[2:] == [
        "| BN | learning rate 0.1 | 0.9 | 100 to 200 | 75 % interval more than 100 | 2 of 3 |",
        "| BN | learning rate 0.1 | 0.9633, the best of the first variant | nothing |  | 0 of 3 |",
        "| BN | learning rate 0.1 | unknown, the best of the first variant | nothing |  | 0 of 0 |",
    ]


def test_what_has_no_rows_has_no_table() -> None:
    nothing = result(["BN"])
    assert checks(nothing) == settings(nothing) == accuracies(nothing) == arrivals(nothing) == shown(nothing) == []
