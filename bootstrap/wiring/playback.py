"""Playback put together."""

from collections.abc import Sequence

from adapters.media.cover_scaling import CoverScaling
from adapters.media.file_tags import HeadTagging
from adapters.meters.downloads import PrometheusDownloadMeter
from bootstrap.area import Area
from bootstrap.services import Kit
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.run import JobRunning
from domain.jobs.services.steps import JobSteps
from domain.library.followers import TrackFollowers
from domain.library.service import LibraryService
from domain.library.services.listen import TrackListening
from domain.playback.documents import RenditionDocument
from domain.playback.services.attempts import RenditionAttempts
from domain.playback.services.covers import CoverPictures
from domain.playback.services.download import TaggedDownloads
from domain.playback.services.follow_track import RenditionFollower
from domain.playback.services.janitor import RenditionJanitor
from domain.playback.services.personal_data import PlaybackPersonalData
from domain.playback.services.playback import PlaybackService
from domain.playback.store import RenditionStore
from domain.plays.services.tickets import PlayTickets
from domain.recognition.services.recognise import Recognition
from domain.transcription.services.recall import Transcriptions
from graphql_api.playback.downloads import ROUTES as DOWNLOAD_ROUTES
from graphql_api.playback.http import ROUTES as PLAYBACK_ROUTES
from graphql_api.playback.prices import PRICES as PLAYBACK_PRICES
from graphql_api.playback.queries import PlaybackQuery


def build(kit: Kit) -> Sequence[object]:
    settings, store, following = kit.settings, RenditionStore(), kit.services.get(JobFollowing)
    tagged = TaggedDownloads(
        kit.services.get(LibraryService),
        kit.blobs,
        HeadTagging(),
        kit.signer,
        PrometheusDownloadMeter(),
        settings.api.address(),
    )
    playback = PlaybackService(
        store,
        kit.services.get(LibraryService),
        kit.services.get(TrackListening),
        following,
        kit.blobs,
        kit.signer,
        kit.clock,
        kit.services.get(PlayTickets),
        tagged,
        settings.api.address(),
        settings.auth.playback_lifetime,
    )
    kit.services.get(TrackFollowers).add(RenditionFollower(store))
    janitor = RenditionJanitor(store, following, playback, kit.clock)
    attempts = RenditionAttempts(
        playback,
        kit.services.get(LibraryService),
        kit.services.get(Recognition),
        kit.services.get(Transcriptions),
        kit.services.get(JobRunning),
        kit.services.get(JobSteps),
        kit.blobs,
        kit.clock,
    )
    covers = CoverPictures(playback, kit.blobs, CoverScaling())
    return [playback, tagged, covers, janitor, attempts, PlaybackPersonalData(store, kit.blobs)]


AREA = Area(
    name="playback",
    documents=[RenditionDocument],
    build=build,
    personal=PlaybackPersonalData,
    queries=[PlaybackQuery],
    routes=[*PLAYBACK_ROUTES, *DOWNLOAD_ROUTES],
    prices=PLAYBACK_PRICES,
)
