"""What is found wrong with a file while it is read: all of it is counted, and the first of it is told."""

from jobs.datasets.judging.limits import MAX_FAULTS, MAX_TOLD
from jobs.errors import DatasetRefused, Fault, readable


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        self._first: list[Fault] = []
        self.number = 0

    def add(self, member: str | None, message: str) -> None:
        """One more: of a member of an archive, or of the whole file."""
        self.number += 1
        if len(self._first) < MAX_FAULTS:
            self._first.append(fault(member, message))

    def count(self, number: int) -> None:
        """So many more, beyond those that are told."""
        self.number += number

    def check(self) -> None:
        """Raise DatasetRefused if there are any; the last fault then says how many more there are."""
        if self.number:
            more = self.number - len(self._first)
            last = (Fault(None, f"and {more:,} more faults" if more > 1 else "and 1 more fault"),) if more else ()
            raise DatasetRefused((*self._first, *last))


def fault(member: str | None, message: str) -> Fault:
    """A fault whose texts, which the file may have chosen, are bounded and without control characters."""
    return Fault(None if member is None else shortened(member), shortened(message))


def refusal(member: str | None, message: str) -> DatasetRefused:
    """What to raise where nothing more can be said of a file than this."""
    return DatasetRefused((fault(member, message),))


def shortened(text: str) -> str:
    """The text as it can be shown, cut where it is long."""
    told = readable(text)
    return told if len(told) <= MAX_TOLD else f"{told[: MAX_TOLD - 3]}..."
