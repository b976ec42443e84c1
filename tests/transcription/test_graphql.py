"""Notes of uploads through the public API. The twin of the model hears pure tones."""

import io
from typing import Any

import mido
import pytest
from strawberry.relay.utils import to_base64

from domain.kit.audio.notes import Note
from domain.library.model import Visibility
from domain.library.services.janitor import TrashJanitor
from domain.library.services.trash import TrackTrash
from domain.uploads.model import Upload
from tests.graphql.commands import CommandLog
from tests.graphql.harness import Api, Person
from tests.library.sharers import artist, share
from tests.transcription.notes import sounding
from tests.uploads.bringing import brought
from tests.uploads.sounds import FLAC, encoded

NOTES = """
query($id: ID!, $first: Int! = 100, $after: String, $from: Float! = 0, $to: Float) { track(id: $id) { currentVersion {
  transcription { noteCount lowestPitch highestPitch
    notes(first: $first, after: $after, fromSeconds: $from, toSeconds: $to) {
      pageInfo { hasNextPage hasPreviousPage endCursor }
      edges { cursor node { startSeconds endSeconds pitch confidence } }
    } }
} } }
"""
ALL = """{ tracks(first: 50) { edges { node { currentVersion {
  transcription { noteCount notes { edges { node { pitch } } } }
} } } } }"""
DOWNLOADS = "query($id: ID!) { playback(trackId: $id) { downloads { kind contentType } } }"
BRANCH = """mutation($input: BranchTrackInput!) { branchTrack(input: $input) {
  ... on BranchTrackSuccess { track { id } } ... on Problem { code message }
} }"""
PITCHES = [69, 72, 76, 81, 76]


def tune() -> list[Note]:
    return [Note(0.5 + at, 0.5 + at + 0.8, pitch, 1.0) for at, pitch in enumerate(PITCHES)]


async def bring(api: Api, person: Person, title: str = "Tune") -> Upload:
    upload, _ = await brought(api.world, person.caller, encoded(sounding(tune(), 6.0, partials=1), FLAC), title=title)
    await api.world.work_off()
    return upload


async def transcription(person: Person, track_id: str, **wish: Any) -> Any:
    answer = await person.client.data(NOTES, id=to_base64("Track", track_id), **wish)
    return answer["track"]["currentVersion"]["transcription"]


def pitches(found: dict[str, Any]) -> list[int]:
    return [edge["node"]["pitch"] for edge in found["notes"]["edges"]]


async def test_an_upload_tells_its_notes(api: Api) -> None:
    ada = await api.person("Ada")
    upload = await bring(api, ada)
    found = await transcription(ada, upload.track_id)
    assert (found["noteCount"], found["lowestPitch"], found["highestPitch"]) == (5, 69, 81)
    assert pitches(found) == PITCHES
    for edge, note in zip(found["notes"]["edges"], tune(), strict=True):
        assert edge["node"]["startSeconds"] == pytest.approx(note.start_seconds, abs=0.1)
        assert edge["node"]["endSeconds"] == pytest.approx(note.end_seconds, abs=0.2)
        assert 0.0 < edge["node"]["confidence"] <= 1.0


async def test_its_midi_file_is_among_its_downloads(api: Api) -> None:
    ada = await api.person("Ada")
    upload = await bring(api, ada)
    downloads = (await ada.client.data(DOWNLOADS, id=to_base64("Track", upload.track_id)))["playback"]["downloads"]
    assert {"kind": "MIDI", "contentType": "audio/midi"} in downloads
    (version,) = await api.world.documents("versions")
    (key,) = [asset["key"] for asset in version["assets"] if asset["kind"] == "MIDI"]
    file = mido.MidiFile(file=io.BytesIO(api.world.blobs.objects[key][0]))
    assert [message.note for message in file if message.type == "note_on"] == PITCHES
    assert file.tracks[0].name == "Tune"


async def test_notes_come_in_pages_and_by_time(api: Api) -> None:
    ada = await api.person("Ada")
    upload = await bring(api, ada)
    first = await transcription(ada, upload.track_id, first=2)
    info = first["notes"]["pageInfo"]
    assert (pitches(first), info["hasNextPage"], info["hasPreviousPage"]) == ([69, 72], True, False)
    rest = await transcription(ada, upload.track_id, after=info["endCursor"])
    info = rest["notes"]["pageInfo"]
    assert (pitches(rest), info["hasNextPage"], info["hasPreviousPage"]) == ([76, 81, 76], False, True)
    part = await transcription(ada, upload.track_id, **{"from": 2.0, "to": 3.0})
    assert (part["noteCount"], pitches(part)) == (5, [72, 76])


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ({"first": 0}, "first"),
        ({"first": 101}, "first"),
        ({"after": "nonsense"}, "after"),
        ({"after": to_base64("cursor", "²")}, "after"),
        ({"after": to_base64("cursor", "-1")}, "after"),
        ({"from": -1.0}, "fromSeconds"),
        ({"from": 2.0, "to": 1.0}, "toSeconds"),
    ],
)
async def test_what_cannot_be_asked_for_is_named(api: Api, wish: dict[str, Any], path: str) -> None:
    ada = await api.person("Ada")
    upload = await bring(api, ada)
    error = await ada.client.error(NOTES, id=to_base64("Track", upload.track_id), **wish)
    assert error["code"] == "VALIDATION_FAILED"
    assert f"'{path}'" in error["message"]


async def test_a_generated_song_has_its_score_instead(api: Api) -> None:
    ada = await api.person("Ada")
    await api.world.ask(ada.caller)
    await api.world.work_off()
    (track,) = await api.world.documents("tracks")
    assert await transcription(ada, track["_id"]) is None


async def test_listeners_are_not_told_and_get_no_midi_file(api: Api) -> None:
    ada, bob = await artist(api), await api.person("Bob")
    upload = await bring(api, ada)
    await share(api, ada, upload.track_id, Visibility.PUBLIC, downloads=True)
    for client in (bob.client, api.anonymous):
        answer = await client.data(NOTES, id=to_base64("Track", upload.track_id))
        assert answer["track"]["currentVersion"] == {"transcription": None}
        downloads = (await client.data(DOWNLOADS, id=to_base64("Track", upload.track_id)))["playback"]["downloads"]
        assert "MASTER" in [each["kind"] for each in downloads]
        assert "MIDI" not in [each["kind"] for each in downloads]


async def test_a_branch_has_the_notes_and_keeps_them_when_the_other_goes(api: Api) -> None:
    # given a branch of an upload
    ada = await api.person("Ada")
    upload = await bring(api, ada)
    wish = {"versionId": to_base64("Version", upload.version_id)}
    branch = (await ada.client.data(BRANCH, input=wish))["branchTrack"]["track"]["id"]
    # when the upload's track is deleted for good
    await api.world.get(TrackTrash).trash(ada.caller, upload.track_id)
    api.world.clock.advance(40 * 24 * 3600)
    assert await api.world.get(TrashJanitor).sweep() == 1
    # then its notes are gone, and the branch's are there, with the file
    ada = await api.signed_in_again(ada)
    (kept,) = await api.world.documents("transcriptions")
    assert to_base64("Track", kept["track_id"]) == branch
    assert pitches(await transcription(ada, kept["track_id"])) == PITCHES
    assert any(key.endswith("/notes.mid") for key in api.world.blobs.objects)


async def test_a_list_asks_for_all_notes_at_once(api: Api, commands: CommandLog) -> None:
    ada = await api.person("Ada")
    for number in range(2):
        await bring(api, ada, f"Tune {number}")
    with commands.listening() as asked:
        edges = (await ada.client.data(ALL))["tracks"]["edges"]
    assert [edge["node"]["currentVersion"]["transcription"]["noteCount"] for edge in edges] == [5, 5]
    assert sorted(asked) == ["find tracks", "find transcriptions", "find transcriptions"]
