"""Starting bulk edits in tests, and looking at what came of them."""

from collections.abc import Sequence
from typing import Any

from strawberry.relay.utils import to_base64

from domain.bulk.model import BulkAction, BulkChange, NewBulkEdit
from domain.bulk.services.start import BulkEditStart
from domain.jobs.model import Job
from domain.kit.caller import UNKNOWN_CLIENT, Caller
from domain.library.model import Track
from tests.graphql.harness import Person
from tests.library.factories import add_track
from tests.world import World

START = """mutation($input: StartBulkEditInput!) { startBulkEdit(input: $input) {
  __typename ... on StartBulkEditSuccess { job { id status queue creditsHeld trackCount changedCount } }
  ... on ValidationFailed { issues { path message } } ... on Problem { code message }
} }"""
JOB = """query($id: ID!) { job(id: $id) { status problem { code } progress stage
  ... on BulkEditJob { action trackCount changedCount unchangedCount failedCount failures { trackId code message } }
} }"""


async def start(person: Person, action: str, tracks: Sequence[str] | None = None, **fields: Any) -> dict[str, Any]:
    """What the mutation answers; `tracks` are bare ids."""
    given = {"action": action, **fields}
    if tracks is not None:
        given["trackIds"] = [to_base64("Track", track_id) for track_id in tracks]
    answer: dict[str, Any] = (await person.client.data(START, input=given))["startBulkEdit"]
    return answer


async def edited(world: World, person: Person, action: str, tracks: Sequence[str] | None = None, **fields: Any) -> Any:
    """The job as it is when a worker is through with it."""
    started = await start(person, action, tracks, **fields)
    assert started["__typename"] == "StartBulkEditSuccess", started
    await world.work_off()
    return (await person.client.data(JOB, id=started["job"]["id"]))["job"]


async def tagging(world: World, caller: Caller, tracks: Sequence[Track], tag: str = "new") -> Job:
    """A bulk edit that waits for a worker."""
    new = NewBulkEdit(BulkChange(BulkAction.ADD_TAGS, tags=(tag,)), tuple(track.id for track in tracks))
    return await world.get(BulkEditStart).start(caller, UNKNOWN_CLIENT, new)


async def some_tracks(world: World, caller: Caller, count: int) -> list[Track]:
    return [await add_track(world, caller, f"Track {number}") for number in range(count)]


async def written(world: World, owner: Caller | None = None) -> list[tuple[list[str], int]]:
    """Tags and revisions of all tracks, or of one person's, in the order in which they were made."""
    found = sorted(await world.documents("tracks"), key=lambda track: str(track["_id"]))
    return [
        (track["tags"], track["revision"]) for track in found if owner is None or track["owner_id"] == owner.account_id
    ]
