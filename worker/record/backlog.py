"""What waits to be recorded: a slow store first costs memory, up to a bound, and then time, never a row."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

FEW = 2  # items that wait at the most while they are only worked on: what is shown is never far behind
MOST = 64 * 2**20  # bytes of items, the most while the store keeps them waiting

Item = TypeVar("Item")


class Backlog(Generic[Item]):
    """Items in their order, from one thread that puts to one that gets."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._items: deque[tuple[Item, int]] = deque()
        self._size = 0
        self._is_storing = False
        self._changed = threading.Condition()

    def put(self, item: Item, size: int, timeout: float) -> bool:
        """Add an item of so many bytes, once there is room for it; whether there was within the time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(size), timeout):
                return False
            self._items.append((item, size))
            self._size += size
            self._changed.notify_all()
            return True

    def get(self) -> Item:
        """The next item, once there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._items)
            item, size = self._items.popleft()
            self._size -= size
            self._changed.notify_all()
            return item

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Meanwhile it is the store that keeps the items waiting."""
        self._set_storing(True)
        try:
            yield
        finally:
            self._set_storing(False)

    @property
    def is_storing(self) -> bool:
        """Whether it is the store that keeps the items waiting."""
        return self._is_storing

    def _set_storing(self, is_storing: bool) -> None:
        with self._changed:
            self._is_storing = is_storing
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        fits = not self._items or self._size + size <= self._most
        return len(self._items) < FEW or (self._is_storing and fits)
