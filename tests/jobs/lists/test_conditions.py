"""Conditions and orders as people write them."""

import pytest

from jobs.errors import InvalidQuery
from jobs.lists.conditions import Condition, Measure, condition_of
from jobs.lists.orders import order_of


def test_a_condition_is_of_the_last_value_or_of_the_best_one() -> None:
    assert condition_of("best.test.loss <= 2e-1") == Condition(Measure("test.loss", "best"), "<=", 0.2)
    assert condition_of("train.gradient_norm!=0") == Condition(Measure("train.gradient_norm", "last"), "!=", 0.0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("test.acuracy>0.9", "the nearest is 'test.accuracy'"),
        ("best.train.learning_rate>0", "is nothing that jobs measure"),
        ("activations.hidden1.p50>0", "is nothing that jobs measure"),
        ("test.accuracy", "is no condition"),
        ("test.accuracy=>0.9", "is no number"),
        ("test.accuracy>nan", "'nan' is no number"),
        ("test.accuracy>1e999", "is no number"),
        ("", "is no condition"),
        ("x" * 10_000, "is no condition"),
    ],
)
def test_what_is_none_is_refused_with_what_was_meant(text: str, told: str) -> None:
    with pytest.raises(InvalidQuery, match=told) as refused:
        condition_of(text)
    assert len(str(refused.value)) < 500


def test_what_nothing_is_in_the_order_of_is_refused() -> None:
    with pytest.raises(InvalidQuery, match=r"sort: .* is nothing to sort by; the nearest is 'test\.accuracy'"):
        order_of("-test.acuracy")
