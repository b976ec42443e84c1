"""Where the pieces of a running stack answer; the only thing the rest of Cadenza needs to know of it."""

import re
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Endpoints:
    """Addresses and the S3 credentials of one stack; `triton_url` is the host:port of gRPC."""

    mongo_url: str
    redis_url: str
    s3_endpoint: str
    s3_region: str
    s3_access_key: str
    s3_secret_key: str
    s3_bucket: str
    triton_url: str

    def as_environment(self) -> dict[str, str]:
        """The same values as CADENZA_* environment variables, for child processes."""
        return {f"CADENZA_{name.upper()}": value for name, value in asdict(self).items()}


def without_password(url: str) -> str:
    """The URL as it may be shown to people."""
    return re.sub(r"//[^/@]*@", "//***@", url)
