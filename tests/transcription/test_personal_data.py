"""The notes of a person in an export: each file is read when its turn comes, so memory does not grow with them."""

import json
import tracemalloc
from dataclasses import asdict
from datetime import timedelta

from domain.kit.audio.notes import unpacked
from domain.kit.ids import new_id
from domain.transcription.model import MOST_NOTES
from domain.transcription.services.personal_data import TranscriptionPersonalData
from domain.transcription.store import TranscriptionStore
from tests.graphql.commands import CommandLog
from tests.transcription.test_long import longest
from tests.world import World

FEW, MANY = 2, 8


async def with_notes(world: World, owner_id: str, number: int) -> None:
    """Versions with as many notes as are kept."""
    ids = [{"_id": new_id(), "track_id": new_id(), "owner_id": owner_id} for _ in range(number)]
    told = {"note_count": MOST_NOTES, "lowest_pitch": 21, "highest_pitch": 108, "notes": longest()}
    await world.client[world.database]["transcriptions"].insert_many([{**each, **told} for each in ids])


async def test_each_version_has_a_file_of_its_own_and_nothing_of_others(world: World, commands: CommandLog) -> None:
    # given notes of two people
    data = TranscriptionPersonalData(TranscriptionStore())
    await with_notes(world, "ada", FEW)
    await with_notes(world, "bob", 1)
    # when the files of one are listed
    with commands.listening() as asked:
        files = await data.files("ada")
    records = [each for each in await world.documents("transcriptions") if each["owner_id"] == "ada"]
    # then none of them is read yet
    assert asked == ["find transcriptions"]
    assert sorted(file.path for file in files) == sorted(
        f"tracks/{record['track_id']}/{record['_id']}/notes.json" for record in records
    )
    # and each says all of its notes, by one query
    notes = [asdict(note) for note in unpacked(longest())]
    for file in files:
        assert file.write is not None
        with commands.listening() as asked:
            text = await file.write()
        assert asked == ["find transcriptions"]
        assert text is not None
        assert json.loads(text) == {"notes": notes}
    # while the record of the area tells how many there are
    told = await data.export("ada", timedelta(hours=1))
    assert [(each["note_count"], "notes" in each) for each in told["transcriptions"]] == [(MOST_NOTES, False)] * FEW


async def test_what_was_deleted_since_it_was_listed_is_no_file(world: World) -> None:
    await with_notes(world, "ada", 1)
    data = TranscriptionPersonalData(TranscriptionStore())
    (file,) = await data.files("ada")
    await world.client[world.database]["transcriptions"].delete_many({})
    assert file.write is not None
    assert await file.write() is None


async def test_memory_does_not_grow_with_the_number_of_versions(world: World) -> None:
    data = TranscriptionPersonalData(TranscriptionStore())
    await with_notes(world, "ada", FEW)
    await with_notes(world, "bob", MANY)

    async def peak(owner_id: str) -> int:
        tracemalloc.start()
        for file in await data.files(owner_id):
            assert file.write is not None
            assert await file.write()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    await peak("ada")
    assert await peak("bob") < 1.2 * await peak("ada")
