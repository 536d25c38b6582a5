"""What is no cursor is refused, whatever it was made of."""

from base64 import urlsafe_b64encode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import InvalidQuery
from jobs.lists.cursors import ListOf, cursor_of, place_of
from jobs.lists.filters import Filter
from jobs.lists.orders import Order, Place

LISTED = ListOf(Filter(), Order("test.accuracy"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.none())
def test_a_cursor_is_read_back_as_it_was_made(value: float | None) -> None:
    place = Place(value, "0j1d3q9f7k2mc")
    assert place_of(LISTED, cursor_of(LISTED, place)) == place


@given(st.text(max_size=30) | JSON.map(lambda value: urlsafe_b64encode(orjson.dumps(value)).decode()))
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidQuery, match="cursor"):
        place_of(LISTED, cursor)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("test.accuracy", "a"),
        ("test.accuracy", True),
        ("step", 2**40),
        ("name", 1),
        ("name", "\0"),
        ("created", 1),
        ("status", []),
    ],
)
def test_a_value_that_the_order_does_not_have_is_refused(key: str, value: object) -> None:
    listed = ListOf(Filter(), Order(key))
    forged = urlsafe_b64encode(orjson.dumps([listed.digest, value, "0j1d3q9f7k2mc"])).decode()
    with pytest.raises(InvalidQuery, match="is no cursor"):
        place_of(listed, forged)
