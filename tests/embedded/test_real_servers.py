"""The real MongoDB, Redis, S3 server and Triton of one stack do what Cadenza needs of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import boto3
import httpx
import numpy as np
import pytest
from botocore.exceptions import ClientError
from pymongo import AsyncMongoClient
from redis.asyncio import Redis
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from deploy.embedded import EmbeddedStack, StackConfig, StackError, read_running
from tests.embedded.conftest import LiveStack
from tests.embedded.inference import affine, batched, echo

Mongo = AsyncMongoClient[dict[str, Any]]


@pytest.fixture
async def mongo(live: LiveStack) -> AsyncIterator[Mongo]:
    client: Mongo = AsyncMongoClient(live.endpoints.mongo_url)
    yield client
    await client.close()


async def test_a_mongodb_transaction_is_all_or_nothing(mongo: Mongo) -> None:
    # Given a ledger with one entry
    ledger = mongo.music.ledger
    await ledger.insert_one({"_id": "a", "credits": 10})

    # When one transaction commits and another one is given up
    async with mongo.start_session() as session:
        async with await session.start_transaction():
            await ledger.update_one({"_id": "a"}, {"$inc": {"credits": -3}}, session=session)
        await session.start_transaction()
        await ledger.update_one({"_id": "a"}, {"$inc": {"credits": -3}}, session=session)
        await session.abort_transaction()

    # Then only the first one counts
    assert await ledger.find_one({"_id": "a"}) == {"_id": "a", "credits": 7}


async def test_a_mongodb_change_stream_tells_of_an_insert(mongo: Mongo) -> None:
    # Given somebody who watches
    tracks = mongo.music.tracks
    async with await tracks.watch(max_await_time_ms=5000) as changes:
        # When a document is inserted
        await tracks.insert_one({"_id": 1, "title": "Night Train"})

        # Then it is told
        change = await asyncio.wait_for(changes.next(), 10)
    assert (change["operationType"], change["fullDocument"]) == ("insert", {"_id": 1, "title": "Night Train"})


async def test_redis_keeps_an_append_only_file_and_never_evicts(live: LiveStack) -> None:
    # Given the running Redis
    async with Redis.from_url(live.endpoints.redis_url, decode_responses=True) as redis:
        # When a stream is written, then it can be read, and the settings are those of a queue
        entry = await redis.xadd("events", {"progress": "0.5"})
        assert await redis.xrange("events") == [(entry, {"progress": "0.5"})]
        assert await redis.config_get("appendonly") == {"appendonly": "yes"}
        assert await redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


async def test_s3_puts_and_gets_whole_and_in_part(live: LiveStack, s3: Any) -> None:
    # Given an object
    await asyncio.to_thread(s3.put_object, Bucket=live.endpoints.s3_bucket, Key="a/b c.m4s", Body=b"0123456789")

    # When a range of it is read
    part = await asyncio.to_thread(s3.get_object, Bucket=live.endpoints.s3_bucket, Key="a/b c.m4s", Range="bytes=2-5")

    # Then just that comes, and the listing has the key
    assert (part["Body"].read(), part["ContentRange"]) == (b"2345", "bytes 2-5/10")
    listed = await asyncio.to_thread(s3.list_objects_v2, Bucket=live.endpoints.s3_bucket, Prefix="a/")
    assert [entry["Key"] for entry in listed["Contents"]] == ["a/b c.m4s"]


async def test_s3_signs_urls_for_strangers(live: LiveStack, s3: Any) -> None:
    # Given a signed address to write to and one to read from
    place = {"Bucket": live.endpoints.s3_bucket, "Key": "signed.flac"}
    writing = s3.generate_presigned_url("put_object", Params=place, ExpiresIn=60)
    reading = s3.generate_presigned_url("get_object", Params=place, ExpiresIn=60)

    # When somebody without a key uses them, and one that was tampered with
    async with httpx.AsyncClient() as http:
        written = await http.put(writing, content=b"fLaC")
        read = await http.get(reading)
        forged = await http.get(reading.replace("signed.flac", "signed.fla"))

    # Then the true ones work
    assert (written.status_code, read.status_code, read.content) == (200, 200, b"fLaC")
    assert forged.status_code == 403


async def test_s3_joins_the_parts_of_a_large_object(live: LiveStack, s3: Any) -> None:
    # Given an upload of two parts, the first as small as allowed
    place = {"Bucket": live.endpoints.s3_bucket, "Key": "large.flac"}
    parts = [b"a" * (5 * 1024 * 1024), b"b" * 1000]
    upload = (await asyncio.to_thread(s3.create_multipart_upload, **place))["UploadId"]
    tags = [
        (await asyncio.to_thread(s3.upload_part, **place, UploadId=upload, PartNumber=number, Body=body))["ETag"]
        for number, body in enumerate(parts, start=1)
    ]

    # When it is completed
    named = {"Parts": [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, start=1)]}
    await asyncio.to_thread(s3.complete_multipart_upload, **place, UploadId=upload, MultipartUpload=named)

    # Then the object is both, with the seam where it belongs
    head = await asyncio.to_thread(s3.head_object, **place)
    seam = await asyncio.to_thread(s3.get_object, **place, Range="bytes=5242878-5242881")
    assert head["ContentLength"] == 5 * 1024 * 1024 + 1000
    assert seam["Body"].read() == b"aabb"


async def test_s3_refuses_a_wrong_key(live: LiveStack, s3: Any) -> None:
    # Given somebody with the right name and the wrong secret
    stranger = boto3.client(
        "s3",
        endpoint_url=live.endpoints.s3_endpoint,
        region_name=live.endpoints.s3_region,
        aws_access_key_id=live.endpoints.s3_access_key,
        aws_secret_access_key="guess",
    )

    # When they write, then it is refused and nothing is there
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        await asyncio.to_thread(stranger.put_object, Bucket=live.endpoints.s3_bucket, Key="theirs", Body=b"")
    with pytest.raises(ClientError, match="404"):
        await asyncio.to_thread(s3.head_object, Bucket=live.endpoints.s3_bucket, Key="theirs")
    stranger.close()


async def test_triton_answers_by_the_python_model(live: LiveStack) -> None:
    assert await echo(live.endpoints.triton_url, "Grüße") == "GRÜSSE"


async def test_triton_answers_by_the_onnx_model(live: LiveStack) -> None:
    # Given requests of several batch sizes and widths at the same time
    requests = [
        np.arange(rows * width, dtype=np.float32).reshape(rows, width) + rows
        for rows, width in ((1, 3), (2, 3), (8, 3), (1, 5), (3, 5), (1, 3)) * 4
    ]

    # When they are answered
    answers = await batched(live.endpoints.triton_url, requests)

    # Then each got its own rows
    for request, answer in zip(requests, answers, strict=True):
        np.testing.assert_array_equal(answer, 2 * request + 1)


async def test_triton_runs_requests_together(live: LiveStack) -> None:
    # Given how often the model ran, and for how many rows
    before = await model_counts(live)

    # When sixteen single rows come at once
    await batched(live.endpoints.triton_url, [np.ones((1, 7), dtype=np.float32)] * 16)

    # Then they shared runs of at most eight rows
    rows, runs = np.subtract(await model_counts(live), before)
    assert rows == 16
    assert 2 <= runs < 16


async def test_triton_refuses_more_rows_than_the_model_takes(live: LiveStack) -> None:
    with pytest.raises(InferenceServerException, match="batch-size must be <= 8"):
        await affine(live.endpoints.triton_url, np.ones((9, 2), dtype=np.float32))


async def test_a_running_stack_is_found_by_others(live: LiveStack) -> None:
    assert read_running(live.root) == live.endpoints
    swift = {f"swift-{service}" for service in ("account", "container", "object", "proxy")}
    assert {status.name for status in live.stack.status()} >= {"mongod", "redis", "triton"} | swift


async def test_a_second_stack_on_the_root_is_refused(live: LiveStack) -> None:
    # Given a second stack on the same root
    second = EmbeddedStack(StackConfig(root=live.root))

    # When it is started, then one sentence refuses it and the first one goes on
    with pytest.raises(StackError, match="Another stack already runs on "):
        await second.start()
    await second.stop()
    assert read_running(live.root) == live.endpoints


async def test_servers_of_others_are_only_waited_for(live: LiveStack, tmp_path: Any) -> None:
    # Given a stack that is told to use the servers of the first one
    config = StackConfig(
        root=tmp_path,
        external={
            "mongo": live.endpoints.mongo_url,
            "redis": live.endpoints.redis_url,
            "s3": live.endpoints.s3_endpoint,
            "triton": live.endpoints.triton_url,
        },
        s3_access_key=live.endpoints.s3_access_key,
        s3_secret_key=live.endpoints.s3_secret_key,
        bucket="another",
    )
    second = EmbeddedStack(config)

    # When it starts
    endpoints = await second.start()

    # Then it runs nothing and hands out their addresses
    assert endpoints == replace(live.endpoints, s3_bucket="another")
    assert second.status() == []
    await second.stop()


async def test_a_wrong_key_for_a_foreign_s3_is_told(live: LiveStack, tmp_path: Any) -> None:
    # Given somebody else's S3 server and a wrong secret for it; nothing else is asked for
    external = {
        "mongo": live.endpoints.mongo_url,
        "redis": live.endpoints.redis_url,
        "s3": live.endpoints.s3_endpoint,
        "triton": live.endpoints.triton_url,
    }
    config = StackConfig(root=tmp_path, external=external, s3_access_key="cadenza:app", s3_secret_key="guess")

    # When the stack starts, then it says which settings to correct
    with pytest.raises(StackError, match=r"refuses the access key 'cadenza:app' .*: correct CADENZA_S3_ACCESS_KEY"):
        await EmbeddedStack(config).start()


async def model_counts(live: LiveStack) -> tuple[int, int]:
    """Rows and runs of the ONNX model so far, by Triton's own count."""
    async with InferenceServerClient(live.endpoints.triton_url) as client:
        (counts,) = (await client.get_inference_statistics("affine")).model_stats
    return counts.inference_count, counts.execution_count
