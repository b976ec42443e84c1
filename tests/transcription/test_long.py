"""The longest uploads: as many notes as are kept, in memory, in one record, and in pages."""

import tracemalloc
from collections.abc import Sequence

import bson
import numpy as np
from strawberry.relay.utils import to_base64

from domain.kit.audio.note_model import PITCHES, Likelihood
from domain.kit.audio.notes import Note, packed, unpacked
from domain.transcription.model import MOST_NOTES, surest
from domain.transcription.tracing import BLOCK, NoteTracer
from tests.graphql.harness import Api, Person
from tests.uploads.bringing import brought
from tests.uploads.sounds import encoded, tones
from tests.world import World

# Each note lasts as long as one has to, and every fourth key is struck again and again.
LASTS, STRUCK = 13, slice(2, PITCHES, 4)
PAGE = """query($id: ID!, $after: String) { track(id: $id) { currentVersion { transcription {
  noteCount notes(first: 100, after: $after) { pageInfo { endCursor hasNextPage } edges { node { pitch } } }
} } } }"""
MEGABYTE = 1 << 20


def struck(start: int, frames: int) -> tuple[Likelihood, Likelihood]:
    """Likelihoods of a part of music without end, in which some notes are surer than others."""
    at = np.arange(start, start + frames)
    onsets, notes = np.zeros((frames, PITCHES), np.float32), np.zeros((frames, PITCHES), np.float32)
    notes[:, STRUCK] = (0.5 + 0.4 * np.abs(np.sin(at // LASTS)))[:, None]
    onsets[at % LASTS == 0, STRUCK] = 0.9
    return onsets, notes


def traced(blocks: int, most: int) -> Sequence[Note]:
    tracer = NoteTracer(most)
    for start in range(0, blocks * BLOCK, 500):
        tracer.push(*struck(start, 500))
    return tracer.finish()


def longest() -> bytes:
    """The notes of ten minutes in which thirty begin each second."""
    return packed([Note(at * 0.03, at * 0.03 + 0.5, 21 + at % PITCHES, 0.5) for at in range(MOST_NOTES)])


def test_those_that_are_left_out_early_would_not_have_been_kept() -> None:
    # given more notes than are kept, several times over
    every = traced(5, MOST_NOTES)
    assert 10_000 < len(every) < MOST_NOTES
    # when the tracer leaves out what it can on the way
    few = traced(5, 500)
    # then what is kept in the end is the same
    assert len(few) < 0.5 * len(every)
    assert surest(few, 500) == surest(every, 500)


def test_memory_does_not_grow_with_the_number_of_notes() -> None:
    peaks = []
    for blocks in (3, 9):
        tracemalloc.start()
        assert len(surest(traced(blocks, 500), 500)) == 500
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.05 * peaks[0]


async def kept(world: World, person: Person, notes: bytes) -> str:
    """An upload with these notes in place of its own; returns its track."""
    upload, _ = await brought(world, person.caller, encoded(tones(1.0)))
    await world.work_off()
    change = {"$set": {"notes": notes, "note_count": len(unpacked(notes))}}
    await world.client[world.database]["transcriptions"].update_one({"_id": upload.version_id}, change)
    return upload.track_id


async def test_as_many_notes_as_are_kept_lie_in_one_small_record_and_come_in_pages(api: Api) -> None:
    ada = await api.person("Ada")
    track_id = to_base64("Track", await kept(api.world, ada, longest()))
    (record,) = await api.world.documents("transcriptions")
    assert len(bson.encode(record)) < MEGABYTE
    # when they are asked for, then a hundred are told at a time
    answer = await ada.client.data(PAGE, id=track_id)
    found = answer["track"]["currentVersion"]["transcription"]
    assert (found["noteCount"], len(found["notes"]["edges"])) == (MOST_NOTES, 100)
    assert found["notes"]["pageInfo"]["hasNextPage"] is True
    # and the last hundred are reached by the cursors
    last = await ada.client.data(PAGE, id=track_id, after=to_base64("cursor", str(MOST_NOTES - 100)))
    notes = last["track"]["currentVersion"]["transcription"]["notes"]
    assert (len(notes["edges"]), notes["pageInfo"]["hasNextPage"]) == (100, False)
