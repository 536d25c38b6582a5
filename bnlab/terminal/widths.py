"""Which columns a line has room for: what tells jobs apart is never cut for the others' sake."""

from collections.abc import Mapping, Sequence

SHARE = 0.4  # of a line, for labels that need as much; a longer one is broken into lines


def fitting(columns: Mapping[str, int], labels: Sequence[str], width: int) -> list[str]:
    """The names of the first column, and of those behind it that leave room for the labels.

    columns: by name the characters that each takes, the space to the next one included.

    >>> fitting({"id": 14, "status": 10, "age": 7}, ["mlp, with BN"], 40)
    ['id', 'status']
    """
    left = width - min(int(SHARE * width), max(map(len, labels), default=0))
    shown: list[str] = []
    for name, taken in columns.items():
        left -= taken
        if left < 0 and shown:
            break
        shown.append(name)
    return shown
