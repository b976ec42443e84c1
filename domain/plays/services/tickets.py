"""Addresses for the reports of one listen, signed so that nobody reports what they were not given to play."""

from dataclasses import dataclass
from datetime import timedelta

from domain.kit.clock import Clock
from domain.kit.ids import new_id
from domain.kit.trust.credentials import TokenSigner
from domain.plays.model import Ticket

PLAYS_AUDIENCE = "cadenza:plays"
# A player may go on long after the playlist's address is over: it has the segments, and people pause.
LIVES_BEYOND_PLAYBACK = timedelta(hours=6)


@dataclass(frozen=True)
class Played:
    """What is given out to be played."""

    track_id: str
    owner_id: str
    version_id: str | None
    duration_seconds: float | None


class PlayTickets:
    """Each address is for one listen, which is at most one play."""

    def __init__(self, signer: TokenSigner, clock: Clock, public_url: str, playback_lives: timedelta) -> None:
        self._signer = signer
        self._clock = clock
        self._public_url = public_url.rstrip("/")
        self._lives = playback_lives + LIVES_BEYOND_PLAYBACK

    def report_url(self, listener_id: str | None, played: Played) -> str:
        """For a new listen; without a listener, one of somebody whom nobody knows."""
        seconds = played.duration_seconds
        ticket = Ticket(
            listen_id=new_id(),
            track_id=played.track_id,
            owner_id=played.owner_id,
            version_id=played.version_id,
            listener_id=listener_id,
            duration_ms=None if seconds is None else round(seconds * 1000),
        )
        token = self._signer.sign(PLAYS_AUDIENCE, ticket.text, self._clock.now() + self._lives)
        return f"{self._public_url}/plays/{token}"

    def read(self, token: str) -> Ticket | None:
        """None for a token that is forged, over, or for something else."""
        text = self._signer.read(PLAYS_AUDIENCE, token)
        return None if text is None else Ticket.read(text)
