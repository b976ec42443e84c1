"""Endpoints that star. A song and the single that it is are one thing here, so starring either likes the track."""

from collections.abc import Sequence

from domain.kit.paging import MAX_PAGE, PageRequest
from domain.library.listed import ListedTrack, listed
from domain.likes.service import LikeService
from graphql_api.subsonic import shapes
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.failures import Code, Failed
from graphql_api.subsonic.identifiers import track_of
from graphql_api.subsonic.replies import Element

MOST_AT_ONCE = 100
# So many are listed, the latest first.
MOST_LIKED = 1_000


async def star(call: Call) -> Element:
    for track_id in _meant(call):
        await call.get(LikeService).like(call.caller, track_id)
    return {}


async def unstar(call: Call) -> Element:
    for track_id in _meant(call):
        await call.get(LikeService).unlike(call.caller, track_id)
    return {}


async def get_starred2(call: Call) -> Element:
    found = await shapes.shown(call, await liked(call))
    albums, songs = [shapes.album(each) for each in found], [shapes.song(each) for each in found]
    return {"starred2": {"artist": [], "album": albums, "song": songs}}


async def get_starred(call: Call) -> Element:
    found = await shapes.shown(call, await liked(call))
    albums, songs = [shapes.folder(each) for each in found], [shapes.song(each) for each in found]
    return {"starred": {"artist": [], "album": albums, "song": songs}}


async def liked(call: Call) -> Sequence[ListedTrack]:
    """What the caller likes and may still see, the latest first."""
    seen: list[ListedTrack] = []
    after: str | None = None
    for _ in range(MOST_LIKED // MAX_PAGE):
        page = await call.get(LikeService).page(call.caller, PageRequest(MAX_PAGE, after))
        seen += [listed(each.seen) for each in page.items]
        if not page.has_next:
            break
        after = page.end
    return seen


def _meant(call: Call) -> Sequence[str]:
    """All ids are looked at before anything is done."""
    if call.parameters.many("artistId"):
        raise Failed(Code.GENERIC, "Artists cannot be starred here, only songs and albums.")
    given = call.parameters.many("id", "albumId")
    if not given:
        raise Failed(Code.MISSING_PARAMETER, "One of the parameters 'id' and 'albumId' is missing.")
    if len(given) > MOST_AT_ONCE:
        raise Failed(Code.GENERIC, f"At most {MOST_AT_ONCE} things can be starred at once.")
    return [track_of(each) for each in given]
