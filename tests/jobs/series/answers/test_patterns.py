"""Which series a name with a * is of."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.series.answers.patterns import matching, tables_of
from jobs.series.format.schema import TABLES

letters = st.text("ab.*[]?!", min_size=1, max_size=8)


@given(letters, st.text("ab.[]?!", min_size=1, max_size=8))
def test_a_star_stands_for_any_characters_and_nothing_else_for_anything_but_itself(pattern: str, series: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), f"train.{series}") is not None
    assert bool(matching([pattern], {"train": (series,)})) == expected


@given(st.sampled_from(TABLES), st.text("ab.", min_size=1, max_size=8), st.data())
def test_no_table_is_left_out_in_which_a_pattern_has_a_series(table: str, series: str, data: st.DataObject) -> None:
    name = f"{table}.{series}"
    start = data.draw(st.integers(0, len(name)))
    pattern = f"{name[:start]}*{name[data.draw(st.integers(start, len(name))) :]}"
    assert matching([pattern], {table: (series,)})
    assert table in tables_of([pattern])


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("test.loss", ("train", "test")),
        ("activations.*.p50", ("train", "test", "activations")),
        ("d*", ("train", "test", "depth_gradient", "drift")),
        ("rank", ("train", "test", "rank")),
        ("*", TABLES),
    ],
)
def test_only_tables_are_looked_at_in_which_there_may_be_one(name: str, tables: tuple[str, ...]) -> None:
    assert set(tables_of([name])) == set(tables)


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    assert not matching(["*a" * 30 + "b"], {"train": ("a" * 200,)})
