"""Differences seed by seed in words."""

from typing import Any

from bnlab.terminal.pairs import MOST, pairs_in_words, verdicts_in_words

CALLED = {"without BN": "'without BN'", "with BN": "'with BN'"}


def pair(
    centre: float | str | None, low: float | None = None, high: float | None = None, n: int = 8, coverage: float = 0.96
) -> dict[str, Any]:
    estimate = {"centre": centre, "low": low, "high": high, "coverage": None if low is None else coverage, "n": n}
    return {"variant": "with BN", "minus": "without BN", "point": {}, "difference": estimate}


def said(each: dict[str, Any]) -> str:
    (sentence,) = pairs_in_words([each], CALLED)
    return sentence


def test_a_difference_is_said_with_its_interval_and_the_number_of_pairs() -> None:
    assert said(pair(0.1, 0.05, 0.15)) == (
        "'with BN' is 0.1 above 'without BN' (96 % interval 0.05 to 0.15, 8 pairs of seeds)."
    )
    assert said(pair(-0.1, -0.15, -0.05)) == (
        "'with BN' is 0.1 below 'without BN' (96 % interval 0.05 to 0.15, 8 pairs of seeds)."
    )


def test_an_interval_around_nothing_says_that_it_is_not_clear() -> None:
    assert said(pair(0.05, -0.1, 0.2)) == (
        "'with BN' may be level with 'without BN' "
        "(estimate 0.05 above, 96 % interval from 0.1 below to 0.2 above, 8 pairs of seeds)."
    )
    assert "(estimate 0, 96 % interval from 0.1 below to 0, 8" in said(pair(0.0, -0.1, 0.0))
    assert said(pair(0.0, n=1)) == "'with BN' is level with 'without BN' (no interval, 1 pair of seeds)."


def test_an_interval_of_few_pairs_shows_nothing_and_says_how_little_it_covers() -> None:
    assert said(pair(0.1, 0.05, 0.15, n=3, coverage=0.75)) == (
        "'with BN' may be level with 'without BN' "
        "(estimate 0.1 above, 75 % interval from 0.05 above to 0.15 above, 3 pairs of seeds)."
    )


def test_a_single_pair_has_no_interval_and_what_is_not_there_is_said() -> None:
    assert said(pair(0.1, n=1)) == "'with BN' is 0.1 above 'without BN' (no interval, 1 pair of seeds)."
    assert (
        said(pair("Infinity")) == said(pair(None)) == "'with BN' minus 'without BN' is not finite (8 pairs of seeds)."
    )
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


def test_what_an_experiment_concludes_is_said_at_each_grid_point_that_has_a_seed() -> None:
    said = {"point": {}, "interval": {}, "sentence": "'a' is better."}
    at = said | {"point": {"/training/optimizer/learning_rate": 0.3}}
    assert verdicts_in_words([said, at, said | {"interval": None}]) == [
        "'a' is better.",
        "At learning rate 0.3 'a' is better.",
    ]
    assert verdicts_in_words([said] * (MOST + 2))[-1] == "(2 further verdicts are left out.)"
