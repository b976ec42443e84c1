"""What the errors of the S3 protocol mean."""

from botocore.exceptions import ClientError

from domain.kit.errors import DependencyUnavailable


def status_of(error: ClientError) -> int:
    """The HTTP status; 500 when there was no answer to have one."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))


def unavailable(error: BaseException) -> DependencyUnavailable:
    return DependencyUnavailable("Object storage", str(error)[:200])
