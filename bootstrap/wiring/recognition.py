"""Recognition put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.library.followers import TrackFollowers, VersionRecordFollower
from domain.recognition.documents import LikenessDocument, RecordingDocument, TurnDocument
from domain.recognition.services.personal_data import RecognitionPersonalData
from domain.recognition.services.recognise import Recognition
from domain.recognition.store import RecognitionStore


def build(kit: Kit) -> Sequence[object]:
    store = RecognitionStore()
    kit.services.get(TrackFollowers).add(VersionRecordFollower(store))
    return [Recognition(store, kit.clock), RecognitionPersonalData(store)]


AREA = Area(
    name="recognition",
    documents=[RecordingDocument, LikenessDocument, TurnDocument],
    build=build,
    personal=RecognitionPersonalData,
)
