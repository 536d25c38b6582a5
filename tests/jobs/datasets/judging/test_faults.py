import pytest

from jobs.datasets.judging.faults import Faults
from jobs.errors import DatasetRefused, Fault


def refused(number: int) -> tuple[Fault, ...]:
    faults = Faults()
    for place in range(number):
        faults.add(f"cat/{place}.png", "is no picture")
    with pytest.raises(DatasetRefused) as caught:
        faults.check()
    return caught.value.faults


def test_where_there_is_none_nothing_is_raised() -> None:
    Faults().check()


@pytest.mark.parametrize(
    ("number", "last"),
    [(1, "is no picture"), (20, "is no picture"), (21, "and 1 more fault"), (1_022, "and 1,002 more faults")],
)
def test_the_first_are_told_and_the_others_counted(number: int, last: str) -> None:
    faults = refused(number)
    assert len(faults) == min(number, 21)
    assert faults[0] == Fault("cat/0.png", "is no picture")
    assert faults[-1].message == last


def test_what_a_file_chose_to_say_is_bounded_and_moves_no_terminal() -> None:
    faults = Faults()
    faults.add("\x1b[31m" + "x" * 5_000, "bad\x00" * 5_000)
    with pytest.raises(DatasetRefused) as caught:
        faults.check()
    (fault,) = caught.value.faults
    assert fault.member is not None
    assert fault.member.startswith(r"\x1b[31mxx")
    assert (len(fault.member), len(fault.message)) == (500, 500)
    assert "\x00" not in str(caught.value)
