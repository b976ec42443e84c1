"""What clients bring to object storage themselves, over the S3 protocol."""

import asyncio
import hashlib
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from adapters.media.storage import room_for
from adapters.s3.errors import status_of, unavailable
from domain.kit.blob_intake import BlobTooLarge, FetchedBlob, ReceivedPart
from domain.kit.errors import NotFound

if TYPE_CHECKING:
    from types_aiobotocore_s3.client import S3Client
    from types_aiobotocore_s3.type_defs import CompletedPartTypeDef

READ_BYTES = 1 << 20

T = TypeVar("T")


class S3BlobIntake:
    """Content-Length is among the signed headers, so a body of another length has another signature.

    `signer` makes the addresses, for the host that clients reach.
    """

    def __init__(self, client: "S3Client", signer: "S3Client", bucket: str) -> None:
        self._client = client
        self._signer = signer
        self._bucket = bucket

    async def put_url(self, key: str, size_bytes: int, lives: timedelta) -> str:
        params = {"Bucket": self._bucket, "Key": key, "ContentLength": size_bytes}
        return await self._signer.generate_presigned_url(
            "put_object", Params=params, ExpiresIn=int(lives.total_seconds())
        )

    async def begin_parts(self, key: str) -> str:
        answer = await _told(key, self._client.create_multipart_upload(Bucket=self._bucket, Key=key))
        return answer["UploadId"]

    async def part_url(self, key: str, gathering: str, number: int, size_bytes: int, lives: timedelta) -> str:
        params = {
            "Bucket": self._bucket,
            "Key": key,
            "UploadId": gathering,
            "PartNumber": number,
            "ContentLength": size_bytes,
        }
        return await self._signer.generate_presigned_url(
            "upload_part", Params=params, ExpiresIn=int(lives.total_seconds())
        )

    async def put_part(self, key: str, gathering: str, number: int, data: bytes) -> ReceivedPart:
        sending = self._client.upload_part(
            Bucket=self._bucket, Key=key, UploadId=gathering, PartNumber=number, Body=data
        )
        answer = await _told(key, sending)
        return ReceivedPart(number, len(data), answer["ETag"].strip('"'))

    async def parts(self, key: str, gathering: str) -> Sequence[ReceivedPart]:
        answer = await _told(key, self._client.list_parts(Bucket=self._bucket, Key=key, UploadId=gathering))
        return [
            ReceivedPart(part["PartNumber"], part["Size"], part["ETag"].strip('"')) for part in answer.get("Parts", [])
        ]

    async def join_parts(self, key: str, gathering: str, parts: Sequence[ReceivedPart]) -> None:
        listed: list[CompletedPartTypeDef] = [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]
        await _told(
            key,
            self._client.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=gathering, MultipartUpload={"Parts": listed}
            ),
        )

    async def drop_parts(self, key: str, gathering: str) -> None:
        try:
            await _told(key, self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=gathering))
        except NotFound:
            return

    async def drop_all(self, folder: str) -> None:
        prefix = f"{folder}/"
        while True:
            listing = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=prefix)
            answer = await _told(folder, listing)
            for upload in answer.get("Uploads", []):
                await self.drop_parts(upload["Key"], upload["UploadId"])
            if not answer.get("IsTruncated"):
                return

    async def size_of(self, key: str) -> int | None:
        try:
            answer = await _told(key, self._client.head_object(Bucket=self._bucket, Key=key))
        except NotFound:
            return None
        return answer["ContentLength"]

    async def fetch(self, key: str, path: Path, most_bytes: int) -> FetchedBlob:
        answer = await _told(key, self._client.get_object(Bucket=self._bucket, Key=key))
        if answer["ContentLength"] > most_bytes:
            answer["Body"].close()
            raise BlobTooLarge()
        digest, size = hashlib.sha256(), 0
        with room_for(path.name), path.open("wb") as file:
            while block := await _told(key, answer["Body"].read(READ_BYTES)):
                size += len(block)
                if size > most_bytes:
                    answer["Body"].close()
                    raise BlobTooLarge()
                await asyncio.to_thread(_keep, file, digest, block)
        return FetchedBlob(size, digest.hexdigest())


def _keep(file: BinaryIO, digest: "hashlib._Hash", block: bytes) -> None:
    file.write(block)
    digest.update(block)


async def _told(key: str, call: Awaitable[T]) -> T:
    """The answer; raises `NotFound` for what storage does not have, and `DependencyUnavailable` for other trouble."""
    try:
        return await call
    except ClientError as error:
        if status_of(error) == 404:
            raise NotFound("object", key) from error
        raise unavailable(error) from error
    except (BotoCoreError, OSError, TimeoutError) as error:
        raise unavailable(error) from error
