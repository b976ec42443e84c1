"""Object storage over the S3 protocol. One client lives as long as the process, because making one is slow."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import aioboto3
import stamina
from aiobotocore.config import AioConfig
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from adapters.s3.errors import status_of, unavailable
from adapters.s3.intake import S3BlobIntake
from domain.kit.errors import NotFound

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client

RETRY_SECONDS = 40.0
PIECE_BYTES = 1 << 18
# Signing reads all of a request before it is sent, while nothing else can go on: 30 ms for a usual master.
LARGE_BYTES = 64 * 2**20
PART_BYTES = 16 * 2**20
RANGE_BEHIND_END = 416

Attempt = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class S3Location:
    """Where the bucket is and how to sign; `public_endpoint` is what clients use, if it differs."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str
    bucket: str
    public_endpoint: str | None = None


class _Busy(Exception):
    """Storage did not take the request, and may take it later."""


class S3BlobStore:
    """Use as an asynchronous context manager. A storage outage of half a minute is waited out."""

    def __init__(self, location: S3Location, retry_seconds: float = RETRY_SECONDS) -> None:
        self._location = location
        self._retry_seconds = retry_seconds
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "S3BlobStore":
        self._client = await self._open(self._location.endpoint)
        public = self._location.public_endpoint
        self._signer = self._client if public is None else await self._open(public)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._stack.aclose()

    async def _open(self, endpoint: str) -> "S3Client":
        location = self._location
        config = AioConfig(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=2,
            read_timeout=20,
            retries={"total_max_attempts": 1},
            max_pool_connections=64,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        session = aioboto3.Session(location.access_key, location.secret_key, region_name=location.region)
        return await self._stack.enter_async_context(session.client("s3", endpoint_url=endpoint, config=config))

    @property
    def intake(self) -> S3BlobIntake:
        """For what clients bring; it lives as long as this store."""
        return S3BlobIntake(self._client, self._signer, self._location.bucket)

    async def ping(self) -> None:
        """Raises `DependencyUnavailable` when the bucket does not answer."""
        try:
            await self._client.head_bucket(Bucket=self._location.bucket)
        except (BotoCoreError, ClientError, OSError) as error:
            raise unavailable(error) from error

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        async def attempt() -> None:
            await self._client.put_object(Bucket=self._location.bucket, Key=key, Body=data, ContentType=content_type)

        await self._patiently(attempt)

    async def put_file(self, key: str, path: Path, content_type: str) -> None:
        """In one request, for parts cost storage twice the work; large files in parts, which are signed one by one."""
        bucket = self._location.bucket

        async def whole() -> None:
            with await asyncio.to_thread(path.open, "rb") as file:
                await self._client.put_object(Bucket=bucket, Key=key, Body=file, ContentType=content_type)

        async def in_parts() -> None:
            parts = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
            kind = {"ContentType": content_type}
            await self._client.upload_file(str(path), bucket, key, ExtraArgs=kind, Config=parts)

        await self._patiently(in_parts if (await asyncio.to_thread(path.stat)).st_size > LARGE_BYTES else whole)

    async def get(self, key: str) -> bytes:
        try:
            answer = await self._client.get_object(Bucket=self._location.bucket, Key=key)
            return await answer["Body"].read()
        except ClientError as error:
            if status_of(error) == 404:
                raise NotFound("object", key) from error
            raise unavailable(error) from error
        except (BotoCoreError, OSError) as error:
            raise unavailable(error) from error

    async def stream(self, key: str, start: int, end: int | None = None) -> AsyncGenerator[bytes, None]:
        if end is not None and end <= start:
            return
        reach = f"bytes={start}-" if end is None else f"bytes={start}-{end - 1}"
        try:
            answer = await self._client.get_object(Bucket=self._location.bucket, Key=key, Range=reach)
            with closing(answer["Body"]) as body:
                while piece := await body.read(PIECE_BYTES):
                    yield piece
        except ClientError as error:
            if status_of(error) == RANGE_BEHIND_END:
                return
            if status_of(error) == 404:
                raise NotFound("object", key) from error
            raise unavailable(error) from error
        except (BotoCoreError, OSError, TimeoutError) as error:
            raise unavailable(error) from error

    async def delete(self, key: str) -> None:
        try:
            await self._client.delete_object(Bucket=self._location.bucket, Key=key)
        except (BotoCoreError, ClientError, OSError) as error:
            raise unavailable(error) from error

    async def delete_folder(self, prefix: str, keep: Collection[str] = ()) -> None:
        bucket = self._location.bucket
        try:
            page, behind = None, ""
            # The client's own paginator reads a folder of descriptions first, which holds up the event loop.
            while page is None or page["IsTruncated"]:
                page = await self._client.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/", StartAfter=behind)
                keys = [item["Key"] for item in page.get("Contents", [])]
                await asyncio.gather(
                    *(self._client.delete_object(Bucket=bucket, Key=key) for key in keys if key not in keep)
                )
                behind = keys[-1] if keys else behind
        except (BotoCoreError, ClientError, OSError) as error:
            raise unavailable(error) from error

    async def presigned_url(
        self, key: str, lives: timedelta, download_name: str | None = None, caching: str | None = None
    ) -> str:
        params = {"Bucket": self._location.bucket, "Key": key}
        if download_name is not None:
            params["ResponseContentDisposition"] = f"attachment; filename*=UTF-8''{quote(download_name, safe='')}"
        if caching is not None:
            params["ResponseCacheControl"] = caching
        return await self._signer.generate_presigned_url(
            "get_object", Params=params, ExpiresIn=int(lives.total_seconds())
        )

    async def _patiently(self, attempt: Attempt) -> None:
        try:
            async for turn in stamina.retry_context(
                on=_Busy, attempts=None, timeout=self._retry_seconds, wait_initial=0.2, wait_max=3.0
            ):
                with turn:
                    await _once(attempt)
        except _Busy as error:
            raise unavailable(error) from error


async def _once(attempt: Attempt) -> None:
    try:
        await attempt()
    except FileNotFoundError:
        raise
    except ClientError as error:
        if status_of(error) < 500:
            raise
        raise _Busy(str(error)) from error
    except (BotoCoreError, OSError) as error:
        raise _Busy(str(error)) from error
