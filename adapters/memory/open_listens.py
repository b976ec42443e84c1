"""Open listens in memory."""

from domain.kit.errors import DependencyUnavailable


class MemoryOpenListens:
    """Keeps them until they end."""

    def __init__(self) -> None:
        self.is_down = False
        self._open: dict[tuple[str, str], str] = {}

    async def begin(self, listener_id: str, track_id: str, listen_id: str, *, anew: bool) -> bool:
        self._look()
        if not anew and (listener_id, track_id) in self._open:
            return False
        self._open[listener_id, track_id] = listen_id
        return True

    async def end(self, listener_id: str, track_id: str) -> str | None:
        self._look()
        return self._open.pop((listener_id, track_id), None)

    def _look(self) -> None:
        if self.is_down:
            raise DependencyUnavailable("Redis", "switched off by a test")
