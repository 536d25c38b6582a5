"""What is new of what a process prints: every byte is told once or counted, and no character is cut in two."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.lifecycle.printed import PIECE, printed


@given(st.text(min_size=1, max_size=100), st.sampled_from((1, 100)), st.sampled_from((1, 2, 3, 7, 1000, 5000)))
def test_pieces_are_the_text_again_or_say_how_much_of_it_is_left_out(text: str, times: int, width: int) -> None:
    whole = (text.replace("\0", "0") * times).encode()
    told, said, left_out = 0, b"", 0
    for end in [*range(0, len(whole), width), len(whole)]:
        found = printed(whole[max(0, end - PIECE) : end], end, told)
        assert found.end <= end
        assert found.has_news == (found.end > told)
        told, said, left_out = found.end, said + found.new.encode(), left_out + found.left_out
    assert told == len(whole)
    if width <= PIECE - 4:
        assert (left_out, said) == (0, whole)


def test_what_is_no_text_is_replaced_and_told_all_the_same() -> None:
    found = printed(b"\xff\x00one", 5, 0)
    assert (found.new, found.end) == ("\ufffd\ufffdone", 5)


def test_what_is_told_is_not_told_again() -> None:
    found = printed(b"one", 3, 3)
    assert (found.text, found.new, found.has_news) == ("one", "", False)
