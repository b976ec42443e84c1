"""Makes sure that the bucket exists, with signed S3 requests (SigV4, path style)."""

from dataclasses import dataclass
from hashlib import sha256

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from deploy.embedded.errors import StackError
from deploy.embedded.http_probe import http_status

EMPTY_DIGEST = sha256(b"").hexdigest()


@dataclass(frozen=True)
class Bucket:
    """A bucket and the key that may make it."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str
    name: str

    async def ensure(self) -> None:
        """Make the bucket unless it is there; StackError when the server refuses the key, else raises until ready."""
        status = await self._request("HEAD")
        if status == 404:
            status = await self._request("PUT")
        if status == 403:
            raise StackError(
                f"The S3 server at {self.endpoint} refuses the access key {self.access_key!r} "
                f"for bucket {self.name!r}: correct CADENZA_S3_ACCESS_KEY and CADENZA_S3_SECRET_KEY."
            )
        if status not in (200, 204):
            raise ConnectionError(f"bucket {self.name}: the S3 server answered {status}")

    async def _request(self, method: str) -> int:
        url = f"{self.endpoint.rstrip('/')}/{self.name}"
        request = AWSRequest(method=method, url=url, headers={"x-amz-content-sha256": EMPTY_DIGEST})
        S3SigV4Auth(Credentials(self.access_key, self.secret_key), "s3", self.region).add_auth(request)
        return await http_status(method, url, dict(request.headers.items()))
