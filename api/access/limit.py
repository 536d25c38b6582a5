"""How often something may be done."""

import time
from collections import deque
from collections.abc import Callable


class Limit:
    """At most `number` in any `seconds`; of one thread."""

    def __init__(self, number: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self.times: deque[float] = deque(maxlen=number)

    def allows(self) -> bool:
        """Whether it may be done once more now, which then counts."""
        now = self.clock()
        if len(self.times) == self.times.maxlen and now - self.times[0] < self.seconds:
            return False
        self.times.append(now)
        return True
