"""Plays put together."""

from collections.abc import Sequence

from adapters.meters.plays import PrometheusPlayMeter
from bootstrap.area import Area
from bootstrap.services import Kit
from domain.library.followers import TrackFollowers
from domain.plays.documents import DayPlaysDocument, PlayCountDocument, PlayDocument
from domain.plays.services.count import PlayCounting
from domain.plays.services.follow_track import PlayFollower
from domain.plays.services.gate import PlayGate
from domain.plays.services.history import PlayHistory
from domain.plays.services.intake import PlayIntake
from domain.plays.services.personal_data import PlayPersonalData
from domain.plays.services.scrobble import Scrobbling
from domain.plays.services.tickets import PlayTickets
from domain.plays.store import PlayStore
from graphql_api.plays.http import BARE_ROUTES
from graphql_api.plays.mutations import PlayMutation
from graphql_api.plays.queries import PlayQuery


def build(kit: Kit) -> Sequence[object]:
    settings, ports, store, meter = kit.settings, kit.plays, PlayStore(), PrometheusPlayMeter()
    kit.services.get(TrackFollowers).add(PlayFollower(store))
    intake = PlayIntake(ports.log, meter, kit.clock)
    return [
        PlayTickets(kit.signer, kit.clock, settings.api.address(), settings.auth.playback_lifetime),
        PlayGate(ports.gate),
        intake,
        Scrobbling(ports.open, intake),
        PlayCounting(ports.log, ports.states, store, kit.transactions, meter),
        PlayHistory(store, kit.clock),
        PlayPersonalData(store),
    ]


AREA = Area(
    name="plays",
    documents=[PlayDocument, PlayCountDocument, DayPlaysDocument],
    build=build,
    personal=PlayPersonalData,
    queries=[PlayQuery],
    mutations=[PlayMutation],
    bare_routes=BARE_ROUTES,
)
