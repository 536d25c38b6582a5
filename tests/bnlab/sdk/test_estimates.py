"""Numbers over seeds out of answers, and in words."""

from math import inf
from typing import Any

import pytest

from bnlab.sdk.estimates import centre_in_words, estimate_of, interval_in_words, is_infinite

WHOLE: dict[str, Any] = {"centre": 0.5, "low": 0.4, "high": 0.6, "coverage": 0.9609375, "n": 8}


def test_an_estimate_is_read_with_its_interval() -> None:
    found = estimate_of(WHOLE)
    assert (found.centre, found.low, found.high, found.n) == ((0.5, 0.5), 0.4, 0.6, 8)
    assert (centre_in_words(found), interval_in_words(found)) == ("0.5", "96.1 % interval 0.4 to 0.6")
    assert not is_infinite(found)


def test_bounds_and_infinite_numbers_are_read() -> None:
    found = estimate_of(WHOLE | {"centre": {"low": 2.0, "high": "Infinity"}, "low": "-Infinity", "high": "Infinity"})
    assert (found.centre, found.low, found.high) == ((2.0, inf), -inf, inf)
    assert (centre_in_words(found), interval_in_words(found)) == ("more than 2", "96.1 % interval anything")
    assert is_infinite(found)


@pytest.mark.parametrize("centre", [None, {"low": None, "high": None}])
def test_what_is_not_known_is_none(centre: Any) -> None:
    found = estimate_of(WHOLE | {"centre": centre})
    assert found.centre is None
    assert centre_in_words(found) == "not known"


def test_one_seed_has_no_interval() -> None:
    found = estimate_of(WHOLE | {"low": None, "high": None, "coverage": None, "n": 1})
    assert interval_in_words(found) == ""
    assert not is_infinite(found)
