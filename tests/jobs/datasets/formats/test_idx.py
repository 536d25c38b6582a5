import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from jobs.datasets.formats import idx


@given(arrays(np.uint8, array_shapes(max_dims=4, min_side=0)))
def test_what_is_encoded_decodes_to_the_same_array(array: NDArray[np.uint8]) -> None:
    decoded = idx.decode(idx.encode(array))
    assert decoded.shape == array.shape
    assert np.array_equal(decoded, array)


@given(st.binary(max_size=40))
def test_other_bytes_are_a_value_error_or_a_whole_file(content: bytes) -> None:
    try:
        array = idx.decode(content)
    except ValueError:
        return
    assert idx.encode(array) == content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "begins with nothing"),
        ("00000d01 00000001 00000000", "begins with 00 00 0d 01"),
        ("00000803 00000001", "of 3 dimensions has at least 16 bytes, this one 8"),
        ("00000801 00000003 0102", r"of shape \(3,\) has 11 bytes, this one 10"),
        ("00000801 00000001 0102", r"of shape \(1,\) has 9 bytes, this one 10"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(content: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        idx.decode(bytes.fromhex(content))


def test_an_array_shares_the_memory_that_it_was_decoded_from() -> None:
    content = bytearray(idx.encode(np.zeros(3, dtype=np.uint8)))
    idx.decode(content)[2] = 9
    assert content[-1] == 9
