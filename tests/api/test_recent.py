"""What was made last stays: so many, and of so many bytes."""

import pytest

from api.recent import Recent


def made(recent: Recent[str, bytes], *keys: str, size: int = 1) -> list[str]:
    """Those of the keys whose values had to be made."""
    missing: list[str] = []

    def make(key: str) -> bytes:
        missing.append(key)
        return bytes(size)

    for key in keys:
        recent.of(key, lambda key=key: make(key))  # type: ignore[misc]
    return missing


def test_the_one_that_was_asked_for_longest_ago_goes() -> None:
    recent: Recent[str, bytes] = Recent(2)
    assert made(recent, "a", "b", "a", "c") == ["a", "b", "c"]
    assert made(recent, "a", "c") == []
    assert made(recent, "b") == ["b"]


def test_the_newest_stays_however_large_it_is_and_alone_then() -> None:
    recent: Recent[str, bytes] = Recent(9, len, 10)
    assert made(recent, "a", "b", size=5) == ["a", "b"]
    assert made(recent, "large", "large", size=11) == ["large"]
    assert made(recent, "a", size=5) == ["a"]


def test_what_could_not_be_made_is_not_kept() -> None:
    recent: Recent[str, bytes] = Recent(9)

    def fail() -> bytes:
        raise LookupError

    with pytest.raises(LookupError):
        recent.of("a", fail)
    assert made(recent, "a") == ["a"]
