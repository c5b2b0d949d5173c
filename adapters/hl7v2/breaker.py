"""A breaker between us and a gateway that may be away."""

from collections.abc import Callable


class Breaker:
    """Closed while the gateway answers; open, it lets one attempt through at a time, ever more rarely."""

    def __init__(self) -> None:
        self.failures = 0
        self.retry_at = 0.0

    @property
    def open(self) -> bool:
        return self.failures > 0

    def room(self, parallel: int, flying: int, now: float) -> int:
        """How many more attempts may start."""
        if self.open:
            return 0 if flying or now < self.retry_at else 1
        return parallel - flying

    def failed(self, now: float, wait: Callable[[int], float]) -> None:
        if now >= self.retry_at:  # those that were under way when it opened tell nothing new
            self.failures += 1
            self.retry_at = now + wait(self.failures)

    def passed(self) -> None:
        self.failures = 0
        self.retry_at = 0.0
