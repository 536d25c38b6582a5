"""Numbers with fewer digits."""

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from jobs.series.answers.rounding import MOST_DIGITS, rounded

floats = npst.arrays(np.float32, 20, elements=npst.from_dtype(np.dtype(np.float32), allow_subnormal=False))


@given(floats, st.integers(1, MOST_DIGITS))
def test_a_value_is_half_a_unit_of_its_last_digit_away_at_most(values: np.ndarray, digits: int) -> None:
    found, exact = rounded(values, digits).astype(np.float64), values.astype(np.float64)
    some = np.isfinite(exact)
    assert np.isfinite(found[some]).all()
    assert (np.abs(found[some] - exact[some]) <= np.abs(exact[some]) * 0.5001 * 10.0 ** (1 - digits)).all()
    assert found[~some].tobytes() == exact[~some].tobytes()


@given(floats, st.integers(1, MOST_DIGITS))
def test_no_more_digits_are_written(values: np.ndarray, digits: int) -> None:
    some = values[np.isfinite(values) & (np.abs(values) < 1e38)]
    text = orjson.dumps(rounded(some, digits), option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1]
    for number in filter(None, text.split(",")):
        mantissa = number.partition("e")[0].lstrip("-").replace(".", "").strip("0")
        assert len(mantissa) <= digits, number


@pytest.mark.parametrize("values", [np.array([1 / 3, np.nan], np.float32), np.array([1 / 3])])
def test_without_digits_nothing_is_rounded(values: np.ndarray) -> None:
    assert rounded(values, None) is values
