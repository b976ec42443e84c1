"""The connection over what a smart playlist chooses."""

from domain.kit.keyset import SortedPageRequest
from domain.playlists.services.smart import SmartPlaylists
from domain.playlists.smart import ChosenTrack, SmartDefinition, spot_from_text
from graphql_api.core.connections import Connection, connection, position_in
from graphql_api.core.context import Info
from graphql_api.library.types import Track


async def chosen_tracks(info: Info, definition: SmartDefinition, first: int, after: str | None) -> Connection[Track]:
    """Raises `ValidationFailed`, also for a cursor of another order."""
    order = definition.order
    spot = None if after is None else spot_from_text(order, position_in(after))
    page = await info.context.service(SmartPlaylists).page(info.context.caller, definition, first, spot)
    request = SortedPageRequest(order, first, None if spot is None else spot.place)
    return connection(page, request, _shown, lambda chosen: chosen.text(order))


def _shown(chosen: ChosenTrack) -> Track:
    return Track.of(chosen.track)
