"""What every intake promises, held against S3 and the twin, with parts as small as storage allows."""

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest

from adapters.memory.blob_intake import MemoryBlobIntake
from adapters.memory.blobs import MemoryBlobStore
from adapters.s3.store import S3BlobStore, S3Location
from deploy.embedded import Endpoints
from domain.kit.blob_intake import BlobIntake, BlobTooLarge
from domain.kit.blobs import BlobStore
from domain.kit.errors import DependencyUnavailable, NotFound
from domain.kit.ids import new_id
from tests.contracts.closed_port import closed_address

MINUTE = timedelta(minutes=1)
PART = 5 << 20
WHOLE = np.random.default_rng(1).bytes(PART + 1_000)


@dataclass(frozen=True)
class Side:
    """An intake with the store beside it, and how a client uses an address; it returns whether it was taken."""

    intake: BlobIntake
    blobs: BlobStore
    send: Callable[[str, bytes], Awaitable[bool]]


@pytest.fixture
def location(endpoints: Endpoints) -> S3Location:
    return S3Location(
        endpoint=endpoints.s3_endpoint,
        region=endpoints.s3_region,
        access_key=endpoints.s3_access_key,
        secret_key=endpoints.s3_secret_key,
        bucket=endpoints.s3_bucket,
    )


async def put(url: str, data: bytes) -> bool:
    async with httpx.AsyncClient(timeout=30) as client:
        return (await client.put(url, content=data)).is_success


@pytest.fixture(params=["s3", "memory"])
async def side(request: pytest.FixtureRequest, location: S3Location) -> AsyncGenerator[Side, None]:
    if request.param == "s3":
        async with S3BlobStore(location) as store:
            yield Side(store.intake, store, put)
        return
    memory = MemoryBlobStore()
    twin = MemoryBlobIntake(memory)

    async def bring(url: str, data: bytes) -> bool:
        try:
            twin.bring(url, data)
        except ValueError:
            return False
        return True

    yield Side(twin, memory, bring)


@pytest.fixture
def key() -> str:
    return f"contracts/{new_id()}/source"


async def gathered(side: Side, key: str) -> str:
    """Both parts of the whole, sent."""
    gathering = await side.intake.begin_parts(key)
    for number, data in ((1, WHOLE[:PART]), (2, WHOLE[PART:])):
        assert await side.send(await side.intake.part_url(key, gathering, number, len(data), MINUTE), data)
    return gathering


async def test_a_client_brings_an_object_by_its_address(side: Side, key: str) -> None:
    assert await side.intake.size_of(key) is None
    assert await side.send(await side.intake.put_url(key, 5, MINUTE), b"music")
    assert (await side.intake.size_of(key), await side.blobs.get(key)) == (5, b"music")


@pytest.mark.parametrize("data", [b"", b"musi", b"music!", b"music" * 1000])
async def test_an_address_is_good_for_its_number_of_bytes_only(side: Side, key: str, data: bytes) -> None:
    assert not await side.send(await side.intake.put_url(key, 5, MINUTE), data)
    assert await side.intake.size_of(key) is None


async def test_parts_are_listed_as_they_arrive_and_become_the_object(side: Side, key: str) -> None:
    gathering = await side.intake.begin_parts(key)
    assert list(await side.intake.parts(key, gathering)) == []
    # when the parts come, the last one first
    for number, data in ((2, WHOLE[PART:]), (1, WHOLE[:PART])):
        assert await side.send(await side.intake.part_url(key, gathering, number, len(data), MINUTE), data)
    # then they are listed in order with storage's names for their content
    parts = await side.intake.parts(key, gathering)
    assert [(part.number, part.size_bytes) for part in parts] == [(1, PART), (2, 1_000)]
    assert [part.etag for part in parts] == [
        hashlib.md5(data, usedforsecurity=False).hexdigest() for data in (WHOLE[:PART], WHOLE[PART:])
    ]
    # and joined they are the object
    await side.intake.join_parts(key, gathering, parts)
    assert await side.intake.size_of(key) == len(WHOLE)
    assert await side.blobs.get(key) == WHOLE


async def test_parts_that_we_bring_become_the_object(side: Side, key: str) -> None:
    gathering = await side.intake.begin_parts(key)
    sent = [
        await side.intake.put_part(key, gathering, number, data)
        for number, data in ((1, WHOLE[:PART]), (2, WHOLE[PART:]))
    ]
    assert sent == list(await side.intake.parts(key, gathering))
    await side.intake.join_parts(key, gathering, sent)
    assert await side.blobs.get(key) == WHOLE


async def test_all_that_is_gathered_in_a_folder_is_forgotten_and_nothing_else(side: Side, key: str) -> None:
    # given parts for two objects in a folder, and for one beside it
    folder = key.rpartition("/")[0]
    gatherings = {name: await side.intake.begin_parts(name) for name in (key, f"{folder}/more/source", f"{folder}2/x")}
    for name, gathering in gatherings.items():
        await side.intake.put_part(name, gathering, 1, b"music")
    # when the folder's are dropped, twice
    await side.intake.drop_all(folder)
    await side.intake.drop_all(folder)
    # then nothing can be brought there any more
    for name in (key, f"{folder}/more/source"):
        with pytest.raises(NotFound):
            await side.intake.put_part(name, gatherings[name], 2, b"more")
    # and the other goes on
    assert (await side.intake.put_part(f"{folder}2/x", gatherings[f"{folder}2/x"], 2, b"more")).number == 2
    await side.intake.drop_all(f"{folder}2")


async def test_a_part_of_another_length_is_not_taken(side: Side, key: str) -> None:
    gathering = await side.intake.begin_parts(key)
    assert not await side.send(await side.intake.part_url(key, gathering, 1, 1_000, MINUTE), bytes(999))
    assert list(await side.intake.parts(key, gathering)) == []


async def test_a_part_that_is_sent_again_counts_once(side: Side, key: str) -> None:
    gathering = await side.intake.begin_parts(key)
    for data in (bytes(1_000), WHOLE[:1_000]):
        assert await side.send(await side.intake.part_url(key, gathering, 1, 1_000, MINUTE), data)
    (part,) = await side.intake.parts(key, gathering)
    await side.intake.join_parts(key, gathering, [part])
    assert await side.blobs.get(key) == WHOLE[:1_000]


async def test_dropped_parts_are_gone_and_may_be_dropped_again(side: Side, key: str) -> None:
    gathering = await gathered(side, key)
    await side.intake.drop_parts(key, gathering)
    await side.intake.drop_parts(key, gathering)
    with pytest.raises(NotFound):
        await side.intake.parts(key, gathering)
    assert await side.intake.size_of(key) is None


async def test_an_object_is_fetched_into_a_file_with_its_digest(side: Side, key: str, tmp_path: Path) -> None:
    await side.intake.join_parts(key, (name := await gathered(side, key)), await side.intake.parts(key, name))
    path = tmp_path / "source"
    fetched = await side.intake.fetch(key, path, len(WHOLE))
    assert path.read_bytes() == WHOLE
    assert (fetched.size_bytes, fetched.sha256) == (len(WHOLE), hashlib.sha256(WHOLE).hexdigest())


async def test_more_than_was_asked_for_is_not_fetched(side: Side, key: str, tmp_path: Path) -> None:
    await side.blobs.put(key, b"music", "audio/wav")
    with pytest.raises(BlobTooLarge):
        await side.intake.fetch(key, tmp_path / "source", 4)


async def test_what_is_not_there_is_not_fetched(side: Side, key: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        await side.intake.fetch(key, tmp_path / "source", 10)


@pytest.fixture(params=["s3", "memory"])
async def unreachable(request: pytest.FixtureRequest, location: S3Location) -> AsyncGenerator[BlobIntake, None]:
    if request.param == "memory":
        yield MemoryBlobIntake(MemoryBlobStore(is_down=True))
        return
    async with S3BlobStore(replace(location, endpoint=f"http://{closed_address()}"), retry_seconds=0.5) as store:
        yield store.intake


async def test_an_intake_out_of_reach_says_so(unreachable: BlobIntake, key: str, tmp_path: Path) -> None:
    for call in (
        unreachable.begin_parts(key),
        unreachable.parts(key, "x"),
        unreachable.drop_parts(key, "x"),
        unreachable.size_of(key),
        unreachable.fetch(key, tmp_path / "source", 10),
    ):
        with pytest.raises(DependencyUnavailable):
            await call


async def test_clients_send_to_the_public_address(location: S3Location, key: str) -> None:
    async with S3BlobStore(replace(location, public_endpoint="https://media.example")) as store:
        url = await store.intake.put_url(key, 5, MINUTE)
    assert url.startswith(f"https://media.example/{location.bucket}/{key}?")
