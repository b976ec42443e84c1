"""Single commands to one mongod over MongoDB's wire protocol (OP_MSG), a connection each.

The probes need no driver: its monitors and pools would only be in the way of a server that comes and goes.
"""

import asyncio
import struct
from typing import Any

import bson

from deploy.embedded.ports import LOOPBACK

# Message length, request id, id answered, operation; then flags and the kind of the only section.
HEADER = struct.Struct("<iiii")
BODY = struct.Struct("<IB")
OP_MSG = 2013


class CommandError(Exception):
    """mongod refused a command; `code` is MongoDB's number for the reason."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


async def run_command(port: int, command: dict[str, Any]) -> dict[str, Any]:
    """The reply of the mongod on a loopback port to one command of its admin database.

    OSError or EOFError while there is no server, CommandError when it refuses.
    """
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        payload = BODY.pack(0, 0) + bson.encode({**command, "$db": "admin"})
        writer.write(HEADER.pack(HEADER.size + len(payload), 1, 0, OP_MSG) + payload)
        await writer.drain()
        size, *_ = HEADER.unpack(await reader.readexactly(HEADER.size))
        reply: dict[str, Any] = bson.decode((await reader.readexactly(size - HEADER.size))[BODY.size :])
    finally:
        writer.close()
    if not reply.get("ok"):
        raise CommandError(int(reply.get("code", 0)), str(reply.get("errmsg", "refused")))
    return reply
