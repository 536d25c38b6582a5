"""Differences seed by seed in words."""

from typing import Any

from bnlab.terminal.pairs import MOST, pairs_in_words

CALLED = {"without BN": "'without BN'", "with BN": "'with BN'"}


def pair(mean: float | None, low: float | None = None, high: float | None = None, n: int = 4) -> dict[str, Any]:
    estimate = {"mean": mean, "low": low, "high": high, "n": n}
    return {"variant": "with BN", "minus": "without BN", "point": {}, "difference": estimate}


def said(each: dict[str, Any]) -> str:
    (sentence,) = pairs_in_words([each], CALLED)
    return sentence


def test_a_difference_is_said_with_its_interval_and_the_number_of_pairs() -> None:
    assert said(pair(0.1, 0.05, 0.15)) == (
        "'with BN' is 0.1 above 'without BN' (95 % interval 0.05 to 0.15, 4 pairs of seeds)."
    )
    assert said(pair(-0.1, -0.15, -0.05)) == (
        "'with BN' is 0.1 below 'without BN' (95 % interval 0.05 to 0.15, 4 pairs of seeds)."
    )


def test_an_interval_around_nothing_says_that_it_is_not_clear() -> None:
    assert said(pair(0.05, -0.1, 0.2)) == (
        "'with BN' may be level with 'without BN' "
        "(mean 0.05 above, 95 % interval from 0.1 below to 0.2 above, 4 pairs of seeds)."
    )
    assert "(mean 0, 95 % interval from 0.1 below to 0, 4" in said(pair(0.0, -0.1, 0.0))
    assert said(pair(0.0, n=1)) == "'with BN' is level with 'without BN' (no interval, 1 pair of seeds)."


def test_a_single_pair_has_no_interval_and_what_is_not_there_is_said() -> None:
    assert said(pair(0.1, n=1)) == "'with BN' is 0.1 above 'without BN' (no interval, 1 pair of seeds)."
    assert said(pair(None)) == "'with BN' minus 'without BN' is not finite (4 pairs of seeds)."
    assert said(pair(0.1) | {"difference": None}) == "'with BN' and 'without BN' have no seed in common."


def test_a_grid_point_is_named_in_words() -> None:
    sentence = said(pair(0.1, n=1) | {"point": {"/training/optimizer/learning_rate": 0.3}})
    assert sentence.startswith("At learning rate 0.3 'with BN' is")


def test_of_many_pairs_those_with_the_first_variant_are_said_and_the_rest_counted() -> None:
    called = {str(number): str(number) for number in range(7)}
    pairs = [pair(0.1, n=1) | {"variant": str(i), "minus": str(j)} for i in range(7) for j in range(i)]
    assert len(pairs) > MOST
    sentences = pairs_in_words(pairs, called)
    assert len(sentences) == 6 + 1
    assert all(" above 0 (" in sentence for sentence in sentences[:-1])
    assert sentences[-1] == "(15 further pairs of variants are left out.)"
