"""JSON that other readers would lose a part of, change, or choke on."""

import pytest

from jobs.errors import FieldError, InvalidSpec
from jobs.spec.json_text import MAX_DEPTH, read
from jobs.spec.problems import MAX_ERRORS


def faults(text: bytes | str) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidSpec) as refused:
        read(text)
    return refused.value.errors


BAD: dict[str, tuple[bytes | str, str, str]] = {
    "a key that stands twice": ('{"a": 1, "a": 1}', "/a", "stands twice"),
    "the same deep inside": ('{"a": [0, {"b/c": 1, "d": 2, "b/c": 3}]}', "/a/1/b~1c", "stands twice"),
    "the same, once written with an escape": (r'{"a": 1, "\u0061": 2}', "/a", "stands twice"),
    "an integer above 64 bits": ('{"a": [18446744073709551616]}', "/a/0", "from -2^63 to 2^64-1"),
    "an integer below 64 bits": ('{"a": -9223372036854775809}', "/a", "from -2^63 to 2^64-1"),
    "an integer of 5,000 digits": ('{"a": ' + "1" * 5000 + "}", "/a", "from -2^63 to 2^64-1"),
    "a float beyond floats": ('{"a": -1e999}', "/a", "too large"),
    "NaN": ('{"a": NaN}', "/a", "NaN is no JSON"),
    "infinity": ('{"a": {"b": -Infinity}}', "/a/b", "-Infinity is no JSON"),
    "NUL in a text": (r'{"a": ["\u0000"]}', "/a/0", "U+0000"),
    "ESC in a key": (r'{"a": {"\u001b[31m": 1}}', "/a/\x1b[31m", "U+001B"),
    "a control character beyond ASCII": ('{"a": "\u009b"}', "/a", "U+009B"),
    "half of a surrogate pair": (r'{"a": "\ud800"}', "/a", "U+D800"),
    "half of a surrogate pair in a key": (r'{"a": {"\udfff": 1}}', r"/a/\udfff", "U+DFFF"),
    "a list too deep": ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "/0" * MAX_DEPTH, "200 deep"),
    "lists without end": ("[" * 100_000, "", "200 deep"),
    "objects without end": ('{"a": ' * 100_000, "", "200 deep"),
    "what is not UTF-8": (b'{"a": "\xff"}', "", "byte 7 is not UTF-8"),
    "what is no JSON": ("{'a': 1}", "", "at line 1, column 2"),
    "nothing": (b"", "", "at line 1, column 1"),
    "two documents": ("{} {}", "", "there can be one alone"),
}


@pytest.mark.parametrize(("text", "pointer", "says"), BAD.values(), ids=BAD)
def test_it_is_refused_with_its_place(text: bytes | str, pointer: str, says: str) -> None:
    (fault,) = faults(text)
    assert fault.pointer == pointer
    assert says in fault.message


def test_what_is_refused_reaches_no_terminal_as_it_is() -> None:
    with pytest.raises(InvalidSpec) as refused:
        read(r'{"\u001b[31m": 1}')
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ("\ufeff[]", []),
        (r'"\ud83d\ude00 line\n\ttab"', "\U0001f600 line\n\ttab"),
    ],
)
def test_what_can_be_kept_exactly_is_read(text: bytes | str, value: object) -> None:
    assert read(text) == value


def test_lists_may_stand_in_one_another_as_deep_as_is_said() -> None:
    found = read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for _ in range(MAX_DEPTH - 1):
        (found,) = found
    assert found == []


def test_numbers_keep_their_kind() -> None:
    found = read("[18446744073709551615, -9223372036854775808, 1.0, 1, 1e2]")
    assert [(type(each), each) for each in found] == [
        (int, 2**64 - 1),
        (int, -(2**63)),
        (float, 1.0),
        (int, 1),
        (float, 100.0),
    ]


def test_of_many_faults_a_hundred_are_named_and_the_rest_counted() -> None:
    found = faults(f"[{'NaN,' * 5000}0]")
    assert len(found) == MAX_ERRORS + 1
    assert found[-1].message == "and 4900 more errors"


def test_a_fault_behind_a_key_too_long_to_be_told_is_placed_above_it() -> None:
    (fault,) = faults('{"a": {"' + "b" * 100_000 + '": NaN}}')
    assert fault.pointer == "/a"
    assert "keys are too long to be named" in fault.message
