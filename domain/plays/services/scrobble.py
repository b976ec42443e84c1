"""Plays of players that only say that a track begins, and later that it was heard.

What they say is not believed further than our clock goes: the rules of `rules.py` see two moments of it.
"""

from domain.kit.caller import Caller, Scope
from domain.kit.ids import new_id
from domain.plays.model import Receipt, Report, Ticket
from domain.plays.open_listens import OpenListens
from domain.plays.rules import MOST_STEP_MS
from domain.plays.services.intake import PlayIntake
from domain.plays.services.tickets import Played


class Scrobbling:
    """A listen is open from when it begins until it is submitted. Submitted without a beginning it counts nothing.

    Raises `DependencyUnavailable`.
    """

    def __init__(self, listens: OpenListens, intake: PlayIntake) -> None:
        self._listens = listens
        self._intake = intake

    async def begin(self, caller: Caller, played: Played, *, anew: bool) -> None:
        """`anew` is for who says that it begins now; who only fetches may be seeking in what is open."""
        listener_id, listen_id = caller.require(Scope.LIBRARY), new_id()
        if await self._listens.begin(listener_id, played.track_id, listen_id, anew=anew):
            self._report(listener_id, listen_id, played, [Report(0, 0, self._intake.now_ms())])

    async def submit(self, caller: Caller, played: Played) -> bool:
        """The listener says that it was heard to the end; false when it had never begun, or reports cannot be kept."""
        listener_id = caller.require(Scope.LIBRARY)
        listen_id = await self._listens.end(listener_id, played.track_id)
        if listen_id is None:
            return False
        return self._report(listener_id, listen_id, played, _to_the_end(played, self._intake.now_ms()))

    def _report(self, listener_id: str, listen_id: str, played: Played, reports: list[Report]) -> bool:
        ticket = Ticket(
            listen_id, played.track_id, played.owner_id, played.version_id, listener_id, _milliseconds(played)
        )
        return self._intake.take(Receipt(ticket, "", tuple(reports)))


def _to_the_end(played: Played, at_ms: int) -> list[Report]:
    """In steps that count as listening; they are all of this moment, so nothing counts beyond the time gone by."""
    end = _milliseconds(played)
    places = [*range(MOST_STEP_MS, end, MOST_STEP_MS), end]
    return [Report(number, place, at_ms, place == end) for number, place in enumerate(places, start=1)]


def _milliseconds(played: Played) -> int:
    return round((played.duration_seconds or 0.0) * 1000)
