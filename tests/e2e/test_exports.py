"""An export on real storage and a real worker, which dies in the middle of it."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import aioboto3
import httpx
import pytest
from aiobotocore.config import AioConfig
from rich.console import Console
from strawberry.relay.utils import from_base64

from bootstrap.cli import documents
from bootstrap.cli.client import CadenzaClient, success
from bootstrap.cli.home import Person
from bootstrap.cli.uploads import open_upload, send_parts, size_of
from deploy.embedded import Endpoints
from domain.kit.ids import new_id
from tests.conftest import RunningStack
from tests.faults.evidence import open_bucket
from tests.faults.harm import kill
from tests.uploads.sounds import WAV_24, encoded, tones

pytestmark = pytest.mark.e2e

BRANCHES = 10
PASSWORD = "a good password"
BRANCH = """mutation($input: BranchTrackInput!) { branchTrack(input: $input) {
  __typename ... on BranchTrackSuccess { track { id } } ... on Problem { code message }
} }"""
REQUEST = """mutation($input: RequestAccountExportInput!) { requestAccountExport(input: $input) {
  __typename ... on RequestAccountExportSuccess { job { id } } ... on Problem { code message }
} }"""
JOB = """query($id: ID!) { job(id: $id) { status attempt problem { code }
  ... on AccountExportJob { sizeBytes download { url } }
} }"""
VERSION = "query($id: ID!) { track(id: $id) { currentVersion { id } } }"
QUIET = Console(quiet=True)


async def with_music(client: CadenzaClient, path: Path) -> None:
    """A track, and branches of it, each of which counts as a whole recording in an export."""
    upload = await open_upload(client, path, size_of(path))
    await send_parts(client, upload, path, QUIET)
    answer = await client.execute(documents.COMPLETE_UPLOAD, {"input": {"uploadId": upload["id"]}})
    job = success(answer["completeUpload"])["job"]
    async for _ in client.progress(job["id"]):
        pass
    version_id = (await client.execute(VERSION, {"id": job["trackId"]}))["track"]["currentVersion"]["id"]
    for _ in range(BRANCHES):
        success((await client.execute(BRANCH, {"input": {"versionId": version_id}}))["branchTrack"])


async def gathered(endpoints: Endpoints, prefix: str) -> list[str]:
    """What storage still gathers parts for."""
    session = aioboto3.Session(endpoints.s3_access_key, endpoints.s3_secret_key, region_name=endpoints.s3_region)
    config = AioConfig(s3={"addressing_style": "path"}, read_timeout=30)
    async with session.client("s3", endpoint_url=endpoints.s3_endpoint, config=config) as client:
        answer = await client.list_multipart_uploads(Bucket=endpoints.s3_bucket, Prefix=prefix)
    return [upload["Key"] for upload in answer.get("Uploads", [])]


async def test_an_export_survives_its_worker_and_is_whole(
    api_url: str, running_stack: RunningStack, tmp_path: Path
) -> None:
    # given somebody with some hundred megabytes of music
    client, path, sound = CadenzaClient(api_url), tmp_path / "rain.wav", encoded(tones(60.0), WAV_24)
    path.write_bytes(sound)
    await client.sign_in_or_up(Person(f"{new_id()}@cadenza.example", PASSWORD, "Ada"))
    await with_music(client, path)
    # when the worker dies as soon as it packs
    answer = await client.execute(REQUEST, {"input": {"password": PASSWORD}})
    job = success(answer["requestAccountExport"])["job"]
    last: dict[str, Any] = {}
    is_killed = False
    async for last in client.progress(job["id"]):
        # What it told before it died comes after it
        if not is_killed and (last["stage"], last["attempt"], last["status"]) == ("PACKING", 1, "RUNNING"):
            is_killed = True
            kill(running_stack.stack, "worker")
    # then the job ends once, by another attempt, and leaves one object and no parts
    assert (last["status"], last["problem"]) == ("SUCCEEDED", None)
    found = (await client.execute(JOB, {"id": job["id"]}))["job"]
    assert found["attempt"] > 1
    viewer = from_base64((await client.execute("{ viewer { id } }"))["viewer"]["id"])[1]
    async with open_bucket(running_stack.endpoints) as bucket:
        assert list((await bucket.sizes(f"exports/{viewer}/")).values()) == [found["sizeBytes"]]
    assert await gathered(running_stack.endpoints, f"exports/{viewer}/") == []
    # and what is fetched is whole, with the original of each branch
    async with httpx.AsyncClient(timeout=120) as http:
        data = (await http.get(found["download"]["url"])).content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert {entry["path"]: entry["sha256"] for entry in manifest["files"]} == digests
    assert sum(data == sound for data in files.values()) == BRANCHES + 1
