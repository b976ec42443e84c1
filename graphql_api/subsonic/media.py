"""Endpoints that lead to sound and pictures. The bytes come from where they always do, by redirect."""

import structlog
from starlette.responses import RedirectResponse, Response

from domain.kit.errors import DependencyUnavailable, NotFound
from domain.library.listing import NEWEST_FIRST, TrackFilter
from domain.library.model import AssetKind, Track
from domain.library.services.catalogue import TrackCatalogue
from domain.playback.services.covers import COVER_SIDE, CoverPictures
from domain.playback.services.playback import PlaybackService
from domain.plays.services.scrobble import Scrobbling
from domain.plays.services.tickets import Played
from graphql_api.subsonic.browsing import seen_track
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.failures import Code, Failed
from graphql_api.subsonic.identifiers import ARTIST, PLAYLIST, artist_of, missing, playlist_of, track_of
from graphql_api.subsonic.playlists import first_track
from graphql_api.subsonic.replies import Element

log = structlog.get_logger()

MOST_SCROBBLES = 50
LEAST_SIDE = 16
PICTURE_SECONDS = 3_600
THE_MP3 = (AssetKind.DOWNLOAD, AssetKind.MASTER)
# What a client may ask for by name; everything else is the file that the song is said to be.
FORMATS = {"flac": (AssetKind.MASTER,)}


async def stream(call: Call) -> Response:
    """302 to the MP3, to the FLAC with `format=flac`, and to the HLS playlist where there is no file for the caller."""
    track = (await seen_track(call, call.parameters.required("id"))).track
    kinds = FORMATS.get((call.parameters.text("format") or "").lower(), THE_MP3)
    address = await _address(call, track, *kinds)
    await _begin(call, track)
    return _redirect(address)


async def download(call: Call) -> Response:
    """302 to the file that the song is said to be."""
    track_id = track_of(call.parameters.required("id"))
    return _redirect((await call.get(PlaybackService).file(call.caller, track_id, *THE_MP3)).url)


async def hls(call: Call) -> Response:
    """302 to the playlist, whose ladder of rates is chosen from by the player."""
    track = (await seen_track(call, call.parameters.required("id"))).track
    address = (await call.get(PlaybackService).playback(call.caller, track.id)).hls_url
    await _begin(call, track)
    return _redirect(address)


async def get_cover_art(call: Call) -> Response:
    """Of a song, an album, an artist or a playlist; with `size` a smaller one of so many pixels."""
    track_id = await _pictured(call, call.parameters.required("id"))
    side = call.parameters.number("size", COVER_SIDE, least=LEAST_SIDE, most=COVER_SIDE)
    if side == COVER_SIDE:
        return _redirect((await call.get(PlaybackService).file(call.caller, track_id, AssetKind.COVER)).url)
    picture = await call.get(CoverPictures).scaled(call.caller, track_id, side)
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": f"private, max-age={PICTURE_SECONDS}"})


async def scrobble(call: Call) -> Element:
    """`submission=false` begins a listen, and a submission ends it; what counts of it is decided by our clock."""
    given = call.parameters.many("id")
    if not given:
        call.parameters.required("id")
    if len(given) > MOST_SCROBBLES:
        raise Failed(Code.GENERIC, f"At most {MOST_SCROBBLES} songs can be submitted at once.")
    tracks = [(await seen_track(call, each)).track for each in given]
    is_heard, scrobbling = call.parameters.flag("submission", True), call.get(Scrobbling)
    for track in tracks:
        if is_heard:
            await scrobbling.submit(call.caller, _played(track))
        else:
            await scrobbling.begin(call.caller, _played(track), anew=True)
    return {}


async def _address(call: Call, track: Track, *kinds: AssetKind) -> str:
    """Who may listen to another person's track and not have it gets what our own player gets."""
    playback = call.get(PlaybackService)
    try:
        return (await playback.file(call.caller, track.id, *kinds)).url
    except NotFound:
        return (await playback.playback(call.caller, track.id)).hls_url


async def _begin(call: Call, track: Track) -> None:
    """Nobody is kept from listening because it cannot be counted."""
    try:
        await call.get(Scrobbling).begin(call.caller, _played(track), anew=False)
    except DependencyUnavailable as error:
        log.warning("listen_not_begun", detail=error.detail)


async def _pictured(call: Call, given: str) -> str:
    """The track whose cover is meant. Raises `Failed`."""
    if given.startswith(PLAYLIST):
        return await first_track(call, playlist_of(given))
    if not given.startswith(ARTIST):
        return track_of(given)
    wanted = TrackFilter(artist=artist_of(given))
    latest = await call.get(TrackCatalogue).tracks(call.caller, NEWEST_FIRST, 0, 1, wanted)
    if not latest:
        raise missing("artist", given)
    return latest[0].id


def _played(track: Track) -> Played:
    return Played(track.id, track.owner_id, track.current_version_id, track.current.duration_seconds)


def _redirect(address: str) -> Response:
    """Addresses differ from call to call and end with their time, so nobody should keep one."""
    return RedirectResponse(address, 302, {"Cache-Control": "no-store"})
