"""Counting what a request asks of MongoDB."""

from collections.abc import Generator
from contextlib import contextmanager

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent


class CommandLog(CommandListener):
    """Keeps the names and collections of commands while it is listening; told of every client of the process."""

    def __init__(self) -> None:
        self._kept: list[str] | None = None

    @contextmanager
    def listening(self) -> Generator[list[str], None, None]:
        """The commands inside the block, such as `find jobs`."""
        kept = self._kept = []
        try:
            yield kept
        finally:
            self._kept = None

    def started(self, event: CommandStartedEvent) -> None:
        if self._kept is not None and event.database_name != "admin":
            self._kept.append(f"{event.command_name} {event.command[event.command_name]}")

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...
