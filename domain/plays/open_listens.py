"""The port to what players that send no reports have begun to play."""

from datetime import timedelta
from typing import Protocol

# A player that is paused for longer has to begin again.
LIVES = timedelta(hours=6)


class OpenListens(Protocol):
    """At most one of each listener and track, for some hours. Raises `DependencyUnavailable`."""

    async def begin(self, listener_id: str, track_id: str, listen_id: str, *, anew: bool) -> bool:
        """Keeps the id of a listen that begins. False, and nothing kept, when one is open already and not `anew`."""
        ...

    async def end(self, listener_id: str, track_id: str) -> str | None:
        """The id of the open listen, which then is not open any more; None when there is none."""
        ...
