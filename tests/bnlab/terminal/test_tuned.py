"""At which settings variants are compared, in words."""

from typing import Any

from bnlab.terminal.tuned import MOST, tuned_in_words

RATE = "/training/optimizer/learning_rate"


def tuned(*rates: float, working: int | None = None, point: dict[str, Any] | None = None) -> dict[str, Any]:
    chosen = [{"seed": seed, "job": str(seed), "at": {RATE: rate}} for seed, rate in enumerate(rates)]
    settings = [{"at": {RATE: rate}} for rate in (0.1, 1.0, 3.0)]
    said = {"variant": "bn", "point": point or {}, "over": [RATE], "by": "validation.accuracy"}
    return said | {"settings": settings, "working": working, "chosen": chosen}


def test_a_line_says_which_settings_the_seeds_have_and_at_how_many_all_learn() -> None:
    assert tuned_in_words([tuned(3.0, 1.0, 3.0, working=2), tuned(1.0, 1.0, point={"/data/batch_size": 60})]) == [
        "'bn' is tuned by validation.accuracy: learning rate 3 (2 seeds), learning rate 1 (1 seed), of 3 settings; "
        "every seed learns at 2 of 3.",
        "At batch size 60 'bn' is tuned by validation.accuracy: learning rate 1 (2 seeds), of 3 settings.",
    ]


def test_before_two_seeds_have_tried_everything_no_setting_is_chosen() -> None:
    (line,) = tuned_in_words([tuned()])
    assert line.endswith("no two seeds have come to an end at all of 3 settings.")


def test_of_many_the_first_are_said_and_the_rest_counted() -> None:
    assert tuned_in_words([tuned(1.0)] * (MOST + 2))[-1] == "(2 further variants and points are left out.)"
