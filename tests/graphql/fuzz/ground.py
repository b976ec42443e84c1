"""Callers, what they can ask for, and a database that is put back after every field."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import strawberry

from domain.accounts.model import Role
from domain.accounts.service import AccountService
from tests.graphql.belongings import SCHEMA, Settled, settle
from tests.graphql.fuzz.fuzzer import Asker, Field, Fuzzer
from tests.graphql.fuzz.judge import Judge
from tests.graphql.fuzz.values import Pantry, teach_scalars
from tests.graphql.harness import PASSWORD, Api
from tests.graphql.sweep.gates import TAKES
from tests.world import World

Contents = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Ground:
    """`tokens` has what each caller calls with; `ran` counts fields and examples, by caller and root type."""

    api: Api
    fuzzer: Fuzzer
    judge: Judge
    tokens: Mapping[str, str | None]
    contents: Contents
    ran: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    async def fuzz(self, asked: Field, caller: str, examples: int) -> None:
        """Raises `Verdict`. Each field finds everything as it was at the beginning."""
        asker = self.asker(caller)
        try:
            count = await asyncio.to_thread(self.fuzzer.run, asked, asker, examples)
        finally:
            asker.close()
            await self._put_back()
        fields, total = self.ran.get((caller, asked.root), (0, 0))
        self.ran[caller, asked.root] = (fields + 1, total + count)

    def asker(self, caller: str) -> Asker:
        return Asker(self.api.base_url, self.judge, self.tokens[caller])

    async def _put_back(self) -> None:
        world = self.api.world
        world.queue.messages.clear()
        for name, documents in (await self.api.contents()).items():
            if documents != (before := self.contents.get(name, [])):
                collection = world.client[world.database][name]
                await collection.delete_many({})
                if before:
                    await collection.insert_many(before)


async def prepare(api: Api, schema: strawberry.Schema) -> Ground:
    teach_scalars()
    person = await settle(api, schema, "Quokka")
    admin = await api.person("Root")
    await api.world.get(AccountService).set_role(admin.email, Role.ADMIN)
    tokens = {"nobody": None, "a person": person.client.token, "an administrator": admin.client.token}
    secrets = [token for token in tokens.values() if token is not None]
    judge = Judge([*secrets, PASSWORD, *secrets_of(api.world)])
    return Ground(api, Fuzzer(SCHEMA, pantry_of(person)), judge, tokens, await api.contents())


def secrets_of(world: World) -> list[str]:
    return list(world.kit.settings.auth.keys.secrets.values())


def pantry_of(person: Settled) -> Pantry:
    """What is there, by the names of the fields that take it."""
    pantry: dict[str, list[str]] = {}
    for handle in person.handles:
        pantry.setdefault(handle.name, []).append(handle.text)
    for name, kind in TAKES.items():
        pantry.setdefault(name, []).extend(handle.text for handle in person.handles if handle.kind == kind)
    pantry["nodes.ids"] = pantry["id"]
    for kind, field_name in (("GenerationJob", "job"), ("Track", "track"), ("Playlist", "playlist")):
        pantry[f"{field_name}.id"] = [handle.text for handle in person.handles if handle.kind == kind]
    pantry["code"] = pantry["recoveryCodes"]
    pantry["after"] = pantry["cursor"]
    pantry["secret"] = [*pantry["shareSecret"], *pantry["invitationSecret"]]
    pantry["token"] = [handle.text for handle in person.handles if handle.kind == "mail"]
    pantry["newEmail"] = ["somebody-new@cadenza.example"]
    return {**pantry, **USUAL}


USUAL: Pantry = {
    "password": (PASSWORD,),
    "newPassword": ("another good password",),
    "displayName": ("Ada",),
    "name": ("Ours", "Quokka & Daughters"),
    "packKey": ("pack-1000",),
    "planKey": ("creator", "studio", "free"),
    "modelId": ("composer", "score-tiny"),
    "url": ("https://hooks.example/fuzzed", "https://hooks.example:8443/"),
    "text": ("{ models { id } }", "query Q($id: ID!) { job(id: $id) { id } }"),
    "prompt": ("a slow waltz in A minor, 3/4, no drums",),
    "idempotencyKey": ("once", "twice"),
    "genre": ("ambient", "jazz"),
    "mood": ("calm",),
    "meter": ("3/4", "4/4"),
    "keyScale": ("A minor",),
    "instruction": ("darker, with strings",),
    "instrument": ("violin",),
    "instruments": ("piano",),
    "excludedInstruments": ("drums",),
}
