"""A mail server as small as RFC 5321 allows, on a loopback port."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class MailServer:
    """`answers` replaces the answer to a command, such as {"RCPT": "550 no such user"}."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    received: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, self.answers.get("CONNECT", "220 mail.example ready"))
        while line := await reader.readline():
            text = line.decode().strip()
            command = text.split(" ")[0].split(":")[0].upper()
            answer = self.answers.get(command, "250 ok")
            if command == "RCPT" and answer.startswith("250"):
                self.recipients.append(text.partition("<")[2].partition(">")[0])
            if command == "DATA" and answer.startswith("250"):
                await self._say(writer, "354 go on")
                self.received.append(await reader.readuntil(b"\r\n.\r\n"))
                answer = self.answers.get("END", "250 taken")
            await self._say(writer, "221 bye" if command == "QUIT" else answer)
            if command == "QUIT":
                break
        writer.close()

    async def _say(self, writer: asyncio.StreamWriter, line: str) -> None:
        writer.write(f"{line}\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def running_mail_server() -> AsyncGenerator[MailServer, None]:
    state = MailServer()
    server = await asyncio.start_server(state.talk, "127.0.0.1", 0)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        await server.wait_closed()
