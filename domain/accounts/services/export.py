"""Giving people everything that is known of them."""

import asyncio
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.accounts.audit import SecurityEventKind
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.personal_data import EXPORTS
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.stores.exports import ExportStore
from domain.kit.blobs import BlobStore
from domain.kit.caller import Caller, Client
from domain.kit.clock import Clock
from domain.kit.ids import new_id
from domain.kit.personal_data import PersonalRecords

PURPOSE = "export"
LIVES = timedelta(hours=24)
NAME = "cadenza.zip"


@dataclass(frozen=True)
class ExportLink:
    """Where a person's data can be fetched, by whoever has the address, until `expires_at`."""

    url: str
    expires_at: datetime
    size_bytes: int


class AccountExport:
    """One JSON file for each area, in a ZIP file in object storage."""

    def __init__(
        self,
        store: ExportStore,
        records: PersonalRecords,
        blobs: BlobStore,
        proof: PasswordProof,
        attempts: Attempts,
        security: SecurityLog,
        clock: Clock,
    ) -> None:
        self._store = store
        self._records = records
        self._blobs = blobs
        self._proof = proof
        self._attempts = attempts
        self._security = security
        self._clock = clock

    async def export(self, caller: Caller, password: str, client: Client) -> ExportLink:
        """Raises `WrongCredentials` and `TooManyAttempts`."""
        account = await self._proof.check(caller, password, client)
        await self._attempts.count(PURPOSE, account.id, client)
        found = await self._records.export(account.id, LIVES)
        data = await asyncio.to_thread(_zipped, found)
        export_id, expires_at = new_id(), self._clock.now() + LIVES
        key = f"{EXPORTS}/{account.id}/{export_id}/{NAME}"
        # the record comes first, so that no object is without one that names it
        await self._store.insert(export_id, account.id, self._clock.now(), expires_at)
        await self._blobs.put(key, data, "application/zip")
        await self._security.record(account.id, SecurityEventKind.DATA_EXPORTED, client)
        return ExportLink(await self._blobs.presigned_url(key, LIVES, NAME), expires_at, len(data))


def _zipped(found: Mapping[str, Mapping[str, Any]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for area, fields in found.items():
            if fields:
                archive.writestr(f"{area}.json", json.dumps(fields, indent=2, default=_plain, ensure_ascii=False))
    return target.getvalue()


def _plain(value: object) -> object:
    """Times as RFC 3339; anything else that JSON does not know as its text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
