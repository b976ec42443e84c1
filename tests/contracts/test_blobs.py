"""What every blob store promises, held against S3 and the twin. Only S3's URLs lead somewhere."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest

from adapters.memory.blobs import MemoryBlobStore
from adapters.s3.store import LARGE_BYTES, S3BlobStore, S3Location
from deploy.embedded import Endpoints
from domain.kit.blobs import BlobStore
from domain.kit.errors import DependencyUnavailable, NotFound
from domain.kit.ids import new_id
from tests.contracts.closed_port import closed_address

MINUTE = timedelta(minutes=1)


def random_bytes(count: int) -> bytes:
    return np.random.default_rng(1).bytes(count)


@pytest.fixture
def location(endpoints: Endpoints) -> S3Location:
    return S3Location(
        endpoint=endpoints.s3_endpoint,
        region=endpoints.s3_region,
        access_key=endpoints.s3_access_key,
        secret_key=endpoints.s3_secret_key,
        bucket=endpoints.s3_bucket,
    )


@pytest.fixture
async def s3(location: S3Location) -> AsyncGenerator[S3BlobStore, None]:
    async with S3BlobStore(location) as store:
        yield store


@pytest.fixture(params=["s3", "memory"])
def store(request: pytest.FixtureRequest, s3: S3BlobStore) -> BlobStore:
    return s3 if request.param == "s3" else MemoryBlobStore()


@pytest.fixture
def key() -> str:
    return f"contracts/{new_id()}/seg-00000.m4s"


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(url)


async def test_bytes_come_back_as_they_were(store: BlobStore, key: str) -> None:
    await store.put(key, b"\x00\xff\r\n", "audio/mp4")
    assert await store.get(key) == b"\x00\xff\r\n"


async def test_an_empty_object_is_an_object(store: BlobStore, key: str) -> None:
    await store.put(key, b"", "audio/mp4")
    assert await store.get(key) == b""


async def test_putting_again_replaces_so_that_an_attempt_can_be_repeated(store: BlobStore, key: str) -> None:
    await store.put(key, b"first", "audio/mp4")
    await store.put(key, b"second", "audio/mp4")
    assert await store.get(key) == b"second"


# aioboto3 hands aiohttp each of the parts as bytes, and aiohttp warns above 1 MiB.
@pytest.mark.filterwarnings("ignore:Sending a large body directly with raw bytes:ResourceWarning")
@pytest.mark.parametrize("size", [0, 1, LARGE_BYTES, LARGE_BYTES + 12_345])
async def test_a_file_comes_back_as_it_was_however_large(store: BlobStore, key: str, tmp_path: Path, size: int) -> None:
    path = tmp_path / "master.flac"
    path.write_bytes(random_bytes(size))
    await store.put_file(key, path, "audio/flac")
    assert await store.get(key) == path.read_bytes()


async def test_many_objects_at_once_do_not_mix(store: BlobStore, key: str) -> None:
    names = [f"{key}.{number}" for number in range(20)]
    await asyncio.gather(*(store.put(name, name.encode(), "audio/mp4") for name in names))
    assert await asyncio.gather(*map(store.get, names)) == [name.encode() for name in names]


async def test_what_is_not_there_is_not_found(store: BlobStore, key: str) -> None:
    with pytest.raises(NotFound) as failure:
        await store.get(key)
    assert failure.value.id == key


@pytest.mark.timeout(10)
async def test_a_file_that_is_not_there_is_told_at_once(store: BlobStore, key: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await store.put_file(key, tmp_path / "missing.flac", "audio/flac")
    with pytest.raises(NotFound):
        await store.get(key)


@pytest.mark.parametrize(
    ("start", "end"), [(0, None), (0, 10), (5, 300_000), (299_990, None), (299_990, 500_000), (300_000, None), (7, 7)]
)
async def test_a_part_of_an_object_comes_piece_by_piece(
    store: BlobStore, key: str, start: int, end: int | None
) -> None:
    data = random_bytes(300_000)
    await store.put(key, data, "audio/flac")
    pieces = [piece async for piece in store.stream(key, start, end)]
    assert b"".join(pieces) == data[start:end]
    assert all(pieces)


async def test_who_stops_reading_leaves_the_store_usable(store: BlobStore, key: str) -> None:
    await store.put(key, random_bytes(3_000_000), "audio/flac")
    for _ in range(3):
        async with aclosing(store.stream(key, 0)) as pieces:
            assert await anext(pieces)
    assert len(await store.get(key)) == 3_000_000


async def test_no_part_of_what_is_not_there_comes(store: BlobStore, key: str) -> None:
    with pytest.raises(NotFound):
        await anext(store.stream(key, 0, 10))


async def test_a_folder_goes_with_all_that_is_in_it_but_what_is_to_be_kept(store: BlobStore) -> None:
    # given two folders of which one's name begins with the other's
    folder = f"contracts/{new_id()}"
    inside = [f"{folder}/master.flac", f"{folder}/low/seg-00000.m4s", f"{folder}/low/seg-00001.m4s"]
    outside = f"{folder}-2/master.flac"
    for name in (*inside, outside):
        await store.put(name, b"sound", "audio/flac")
    # when one is removed but for one object
    await store.delete_folder(folder, keep={inside[1]})
    # then that one is left, and nothing else has changed
    assert await store.get(inside[1]) == await store.get(outside) == b"sound"
    for gone in (inside[0], inside[2]):
        with pytest.raises(NotFound):
            await store.get(gone)
    # and removing what is not there is no failure
    await store.delete_folder(folder)
    await store.delete_folder(folder)
    with pytest.raises(NotFound):
        await store.get(inside[1])


async def test_one_object_goes_and_those_beside_it_stay(store: BlobStore, key: str) -> None:
    for name in (key, f"{key}.2", f"{key}/3"):
        await store.put(name, b"sound", "audio/mp4")
    await store.delete(key)
    await store.delete(key)
    with pytest.raises(NotFound):
        await store.get(key)
    assert await store.get(f"{key}.2") == await store.get(f"{key}/3") == b"sound"


@pytest.fixture(params=["s3", "memory"])
async def unreachable(request: pytest.FixtureRequest, location: S3Location) -> AsyncGenerator[BlobStore, None]:
    if request.param == "memory":
        yield MemoryBlobStore(is_down=True)
        return
    async with S3BlobStore(replace(location, endpoint=f"http://{closed_address()}"), retry_seconds=0.5) as store:
        yield store


@pytest.mark.timeout(20)
async def test_a_store_out_of_reach_says_so(unreachable: BlobStore, key: str, tmp_path: Path) -> None:
    path = tmp_path / "master.flac"
    path.write_bytes(b"x")
    with pytest.raises(DependencyUnavailable) as failure:
        await unreachable.put(key, b"x", "audio/mp4")
    assert failure.value.dependency == "Object storage"
    with pytest.raises(DependencyUnavailable):
        await unreachable.put_file(key, path, "audio/flac")
    with pytest.raises(DependencyUnavailable):
        await unreachable.get(key)
    with pytest.raises(DependencyUnavailable):
        await unreachable.delete(key)
    with pytest.raises(DependencyUnavailable):
        await unreachable.delete_folder(key)


async def test_the_bucket_of_a_store_that_answers_pings(s3: S3BlobStore, location: S3Location) -> None:
    await s3.ping()
    async with S3BlobStore(replace(location, bucket="no-such-bucket")) as elsewhere:
        with pytest.raises(DependencyUnavailable):
            await elsewhere.ping()


async def test_anybody_can_get_a_presigned_url(s3: S3BlobStore, key: str) -> None:
    await s3.put(key, b"0123456789", "audio/mp4")
    answer = await get(await s3.presigned_url(key, MINUTE))
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["content-type"] == "audio/mp4"
    assert "content-disposition" not in answer.headers


async def test_players_can_fetch_a_part_of_a_presigned_url(s3: S3BlobStore, key: str) -> None:
    await s3.put(key, b"0123456789", "audio/mp4")
    url = await s3.presigned_url(key, MINUTE)
    async with httpx.AsyncClient() as client:
        answer = await client.get(url, headers={"Range": "bytes=2-4"})
        behind = await client.get(url, headers={"Range": "bytes=10-"})
    assert (answer.status_code, answer.content) == (206, b"234")
    assert answer.headers["content-range"] == "bytes 2-4/10"
    assert behind.status_code == 416


async def test_what_a_player_has_already_is_not_sent_again(s3: S3BlobStore, key: str) -> None:
    await s3.put(key, b"0123456789", "audio/mp4")
    url = await s3.presigned_url(key, MINUTE, caching="private, max-age=60, immutable")
    async with httpx.AsyncClient() as client:
        first = await client.get(url)
        etag = first.headers["etag"]
        again = await client.get(url, headers={"If-None-Match": etag})
        part = await client.get(url, headers={"Range": "bytes=2-4"})
        changed = await client.get(url.replace("immutable", "public"))
    # RFC 9110, 13.1.2 and 14.2: the validator is of the whole object
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (part.status_code, part.headers["etag"]) == (206, etag)
    assert {first.headers["cache-control"], part.headers["cache-control"]} == {"private, max-age=60, immutable"}
    # and how long is signed as well
    assert changed.status_code == 403


@pytest.mark.parametrize(
    "name, encoded",
    [
        ("Evening.flac", "Evening.flac"),
        ("Grüße – Träume 🎹.flac", "Gr%C3%BC%C3%9Fe%20%E2%80%93%20Tr%C3%A4ume%20%F0%9F%8E%B9.flac"),
        ('AC/DC "live"; it\'s\r\n.flac', "AC%2FDC%20%22live%22%3B%20it%27s%0D%0A.flac"),
    ],
)
async def test_a_download_is_saved_under_its_name(s3: S3BlobStore, key: str, name: str, encoded: str) -> None:
    await s3.put(key, b"music", "audio/flac")
    answer = await get(await s3.presigned_url(key, MINUTE, name))
    assert (answer.status_code, answer.content) == (200, b"music")
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{encoded}"


async def test_a_presigned_url_ends(s3: S3BlobStore, key: str) -> None:
    await s3.put(key, b"music", "audio/flac")
    url = await s3.presigned_url(key, timedelta(seconds=1))
    await asyncio.sleep(2.5)
    assert (await get(url)).status_code == 403


@pytest.mark.parametrize(
    "said, instead",
    [("/seg-00000", "/seg-00001"), ("X-Amz-Expires=60", "X-Amz-Expires=6000"), ("Signature=", "Signature=0")],
)
async def test_a_presigned_url_that_was_changed_is_refused(s3: S3BlobStore, key: str, said: str, instead: str) -> None:
    await s3.put(key, b"music", "audio/flac")
    await s3.put(key.replace("seg-00000", "seg-00001"), b"another", "audio/flac")
    url = await s3.presigned_url(key, MINUTE)
    assert said in url
    assert (await get(url.replace(said, instead))).status_code == 403


async def test_clients_are_sent_to_the_public_address(location: S3Location, key: str) -> None:
    public = replace(location, public_endpoint="https://media.example")
    async with S3BlobStore(public) as store:
        await store.put(key, b"music", "audio/flac")
        url = await store.presigned_url(key, MINUTE)
    assert url.startswith(f"https://media.example/{location.bucket}/{key}?")
