"""mongod as a replica set of one member on loopback, for transactions and change streams."""

from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from deploy.embedded.mongo_wire import CommandError, run_command
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import Patience, ProcessSpec
from deploy.embedded.wheels import MONGOD

REPLICA_SET = "rs0"
NOT_YET_INITIALIZED = 94


class MongoServer:
    """Builds the process and answers for its readiness."""

    def __init__(self, data: Path, port: int) -> None:
        self._data = data
        self._member = f"{LOOPBACK}:{port}"
        self._port = port

    @property
    def url(self) -> str:
        """For drivers; they find the primary through the replica set."""
        return f"mongodb://{self._member}/?replicaSet={REPLICA_SET}"

    def spec(self) -> ProcessSpec:
        """The process; its data folder is made here."""
        self._data.mkdir(parents=True, exist_ok=True)
        options = {
            "dbpath": str(self._data),
            "port": str(self._port),
            "bind_ip": LOOPBACK,
            "replSet": REPLICA_SET,
            "oplogSize": "64",
            "wiredTigerCacheSizeGB": "0.25",
            "syncdelay": "10",
        }
        parameters = (
            "diagnosticDataCollectionEnabled=false",
            # One member has nobody to hand over to: do not wait 15 s for it.
            "shutdownTimeoutMillisForSignaledShutdown=100",
            "tcmallocReleaseRate=5",
            # What was dropped keeps its files open for this long and up to the next checkpoint: hundreds of databases
            # of tests would use up the descriptors of the process.
            "minSnapshotHistoryWindowInSeconds=0",
            # What a process that was killed had changed in a transaction stays locked for this long.
            "transactionLifetimeLimitSeconds=10",
        )
        return ProcessSpec(
            name="mongod",
            argv=(
                str(MONGOD.locate()),
                *(word for name, value in options.items() for word in (f"--{name}", value)),
                *(word for parameter in parameters for word in ("--setParameter", parameter)),
                "--nounixsocket",
                "--quiet",
            ),
            env={},
            ready=self.check_primary,
            alive=self._alive,
            patience=Patience(ready_timeout=60, stop_grace=20),
        )

    async def check_primary(self) -> None:
        """Raises until this member is primary; initiates the replica set, or moves it to a changed port."""
        if (await self._command({"hello": 1})).get("isWritablePrimary"):
            return
        try:
            config = (await self._command({"replSetGetConfig": 1}))["config"]
        except CommandError as error:
            if error.code != NOT_YET_INITIALIZED:
                raise
            await self._command({"replSetInitiate": {"_id": REPLICA_SET, "members": [self._as_member()]}})
        else:
            await self._adopt_port(config)
        raise ConnectionError("no primary was elected yet")

    async def _adopt_port(self, config: dict[str, Any]) -> None:
        if config["members"][0]["host"] != self._member:
            moved = {**config, "version": config["version"] + 1, "members": [self._as_member()]}
            await self._command({"replSetReconfig": moved, "force": True})

    async def _alive(self, pid: int) -> None:
        await self._command({"ping": 1})

    async def _command(self, command: dict[str, Any]) -> dict[str, Any]:
        return await run_command(self._port, command)

    def _as_member(self) -> dict[str, Any]:
        return {"_id": 0, "host": self._member}


async def check_mongo(url: str) -> None:
    """Raises until a MongoDB that someone else runs answers."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url, serverSelectionTimeoutMS=3000)
    try:
        await client.admin.command("ping")
    finally:
        await client.close()
