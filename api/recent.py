"""What was made last, kept for whoever asks for it again: bounded in number and in bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import inf
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """The values that were asked for last. Not for several threads.

    most: how many are kept. most_bytes: of all but the newest, which stays however large it is.
    """

    def __init__(self, most: int, size: Callable[[Value], int] = lambda _: 0, most_bytes: float = inf) -> None:
        self._most, self._size, self._most_bytes = most, size, most_bytes
        self._kept: OrderedDict[Key, Value] = OrderedDict()

    def of(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key, made where it is not kept; raises what that raises."""
        if key not in self._kept:
            self._kept[key] = make()
        self._kept.move_to_end(key)
        while len(self._kept) > self._most or (len(self._kept) > 1 and self._bytes() > self._most_bytes):
            self._kept.popitem(last=False)
        return self._kept[key]

    def _bytes(self) -> int:
        return sum(map(self._size, self._kept.values()))
