"""Transcription put together."""

from collections.abc import Sequence

from adapters.meters.transcription import PrometheusTranscriptionMeter
from bootstrap.area import Area
from bootstrap.services import Kit
from domain.library.followers import TrackFollowers, VersionRecordFollower
from domain.transcription.documents import TranscriptionDocument
from domain.transcription.services.personal_data import TranscriptionPersonalData
from domain.transcription.services.recall import Transcriptions
from domain.transcription.services.transcribe import Transcriber
from domain.transcription.store import TranscriptionStore


def build(kit: Kit) -> Sequence[object]:
    store = TranscriptionStore()
    kit.services.get(TrackFollowers).add(VersionRecordFollower(store))
    transcriber = Transcriber(kit.notes, PrometheusTranscriptionMeter())
    return [transcriber, Transcriptions(store), TranscriptionPersonalData(store)]


AREA = Area(
    name="transcription",
    documents=[TranscriptionDocument],
    build=build,
    personal=TranscriptionPersonalData,
)
