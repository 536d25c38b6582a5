"""A lock that is given in the order in which it is asked for: Python's own may keep one who waits waiting for long."""

from collections import deque
from threading import Lock


class Turns:
    """Whoever lets go hands over to the one who has waited longest."""

    def __init__(self) -> None:
        self._own = Lock()  # of what follows
        self._is_taken = False
        self._waiting: deque[Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for one's turn, for so many seconds at the most; whether it came."""
        with self._own:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._own:
            if turn not in self._waiting:
                return True  # it was handed over a moment ago
            self._waiting.remove(turn)
            return False

    def release(self) -> None:
        """Let go."""
        with self._own:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
