"""Turns a configuration into processes to run, foreign servers to wait for, and the endpoints of both."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.embedded.bucket import Bucket
from deploy.embedded.config import StackConfig
from deploy.embedded.credentials import StackSecrets
from deploy.embedded.endpoints import Endpoints, without_password
from deploy.embedded.mongo import MongoServer, check_mongo
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import EventKind, ProcessSpec
from deploy.embedded.redis_server import RedisServer, check_redis
from deploy.embedded.swift import swift_specs
from deploy.embedded.swift_files import ACCESS_KEY, REGION, STORAGE, SwiftFiles
from deploy.embedded.triton import ModelRoots, TritonServer
from deploy.embedded.triton_client import check_triton
from deploy.embedded.triton_repository import TritonFolders

PORTS_OF: Mapping[str, tuple[str, ...]] = {
    "mongo": ("mongo",),
    "redis": ("redis",),
    "s3": (*STORAGE, "proxy"),
    "triton": ("http", "grpc", "metrics"),
}


@dataclass(frozen=True)
class ForeignServer:
    """A server that someone else runs; `check` raises until it answers."""

    name: str
    url: str
    variable: str
    check: Callable[[], Awaitable[None]]

    @property
    def public_url(self) -> str:
        """The URL without a password."""
        return without_password(self.url)


def port_names(config: StackConfig) -> list[str]:
    """The ports that the servers of our own need."""
    return [name for component, names in PORTS_OF.items() if component not in config.external for name in names]


class Servers:
    """The pieces of one stack; building them writes their files below `root`.

    `tell` hears by name what a server does without (a WARNING), and what else there is to know (a NOTE).
    """

    def __init__(
        self,
        config: StackConfig,
        root: Path,
        ports: dict[str, int],
        secrets: StackSecrets,
        tell: Callable[[str, EventKind, str], None],
    ) -> None:
        self._config = config
        self._root = root
        self._ports = ports
        self._tell = tell
        self.specs: list[ProcessSpec] = []
        self.foreign: list[ForeignServer] = []
        self._closers: list[Callable[[], Awaitable[None]]] = []
        bucket = self._bucket(secrets)
        self.endpoints = Endpoints(
            mongo_url=self._mongo(),
            redis_url=self._redis(),
            s3_endpoint=self._s3(bucket, secrets),
            s3_region=bucket.region,
            s3_access_key=bucket.access_key,
            s3_secret_key=bucket.secret_key,
            s3_bucket=bucket.name,
            triton_url=self._triton(secrets),
        )

    async def close(self) -> None:
        """Close the connections of the probes."""
        for closer in self._closers:
            await closer()

    def _mongo(self) -> str:
        if url := self._config.external.get("mongo"):
            return self._wait_for("mongo", url, "CADENZA_MONGO_URL", lambda: check_mongo(url))
        server = MongoServer(self._root / "mongo", self._ports["mongo"])
        self.specs.append(server.spec())
        return server.url

    def _redis(self) -> str:
        if url := self._config.external.get("redis"):
            return self._wait_for("redis", url, "CADENZA_REDIS_URL", lambda: check_redis(url))
        server = RedisServer(self._root / "redis", self._ports["redis"])
        self.specs.append(server.spec())
        return server.url

    def _bucket(self, secrets: StackSecrets) -> Bucket:
        config = self._config
        if url := config.external.get("s3"):
            return Bucket(url, config.s3_region, config.s3_access_key, config.s3_secret_key, config.bucket)
        endpoint = f"http://{LOOPBACK}:{self._ports['proxy']}"
        return Bucket(endpoint, REGION, ACCESS_KEY, secrets.s3_secret_key, config.bucket)

    def _s3(self, bucket: Bucket, secrets: StackSecrets) -> str:
        if "s3" in self._config.external:
            return self._wait_for("s3", bucket.endpoint, "CADENZA_S3_ENDPOINT", bucket.ensure)
        ports = {service: self._ports[service] for service in PORTS_OF["s3"]}
        files = SwiftFiles(self._root / "swift", ports, bucket.secret_key, secrets.swift_hash_suffix)
        files.write()
        self.specs.extend(swift_specs(files, bucket))
        return bucket.endpoint

    def _triton(self, secrets: StackSecrets) -> str:
        if url := self._config.external.get("triton"):
            return self._wait_for("triton", url, "CADENZA_TRITON_URL", lambda: check_triton(url))
        ports = {name: self._ports[name] for name in PORTS_OF["triton"]}
        roots = ModelRoots(self._config.model_root, self._config.added_models)
        folders = TritonFolders(self._root / "triton")
        server = TritonServer(folders, roots, ports, secrets.triton_key, partial(self._tell, "triton"))
        self.specs.append(server.spec())
        self._closers.append(server.close)
        return server.url

    def _wait_for(self, name: str, url: str, variable: str, check: Callable[[], Awaitable[None]]) -> str:
        self.foreign.append(ForeignServer(name, url, variable, check))
        return url
