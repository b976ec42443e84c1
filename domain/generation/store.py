"""The queries of generation."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from domain.generation.documents import GenerationDocument
from domain.generation.edits import edit_of
from domain.generation.model import Generation, GenerationRequest, PromptSection
from domain.generation.models import ModelCard, ModelKind
from domain.kit.transactions import Session
from domain.library.model import Descent
from domain.music.brief import MusicBrief
from domain.music.keys import Key
from domain.music.meters import Meter


def to_generation(record: GenerationDocument) -> Generation:
    return Generation(
        job_id=record.id,
        owner_id=record.owner_id,
        track_id=record.track_id,
        version_id=record.version_id,
        artist=record.artist,
        seed=record.seed,
        request=_to_request(record.request),
        brief=None if record.brief is None else _to_brief(record.brief),
        title=record.title,
        card=None if record.card is None else _to_card(record.card),
    )


def _to_request(fields: dict[str, Any]) -> GenerationRequest:
    lists = {
        name: None if fields[name] is None else tuple(fields[name]) for name in ("instruments", "excluded_instruments")
    }
    descent, edit = fields.get("descent"), fields.get("edit")
    parsed = {
        "descent": None if descent is None else Descent(**descent),
        "edit": None if edit is None else edit_of(edit),
        "sections": tuple(PromptSection(**section) for section in fields.get("sections", ())),
    }
    return GenerationRequest(**{**fields, **lists, **parsed})


def _from_request(request: GenerationRequest) -> dict[str, Any]:
    return {**asdict(request), "edit": None if request.edit is None else request.edit.fields()}


def _from_brief(brief: MusicBrief) -> dict[str, Any]:
    fields = asdict(replace(brief, sources={}, confidence={}))
    return {**fields, "sources": dict(brief.sources), "confidence": dict(brief.confidence)}


def _to_brief(fields: dict[str, Any]) -> MusicBrief:
    key, meter, sections = fields["key"], fields["meter"], fields["sections"]
    parsed = {
        "key": None if key is None else Key(**key),
        "meter": None if meter is None else Meter(**meter),
        "instruments": tuple(fields["instruments"]),
        "excluded_instruments": tuple(fields["excluded_instruments"]),
        "sections": None if sections is None else tuple(sections),
    }
    return MusicBrief(**{**fields, **parsed})


def _to_card(fields: dict[str, Any]) -> ModelCard:
    return ModelCard(**{**fields, "kind": ModelKind(fields["kind"]), "served": tuple(fields["served"])})


class GenerationStore:
    """Generations by job. People read theirs; a worker reads the one it has a lease for."""

    async def insert(self, generation: Generation, now: datetime, session: Session) -> None:
        record = GenerationDocument(
            id=generation.job_id,
            owner_id=generation.owner_id,
            track_id=generation.track_id,
            version_id=generation.version_id,
            artist=generation.artist,
            seed=generation.seed,
            request=_from_request(generation.request),
            created_at=now,
        )
        await record.insert(session=session)

    async def find(self, job_id: str) -> Generation | None:
        record = await GenerationDocument.get(job_id)
        return None if record is None else to_generation(record)

    async def find_many(self, owner_id: str, job_ids: Sequence[str]) -> dict[str, Generation]:
        query = {"_id": {"$in": list(job_ids)}, "owner_id": owner_id}
        return {record.id: to_generation(record) for record in await GenerationDocument.find(query).to_list()}

    async def set_written(
        self, job_id: str, brief: MusicBrief, title: str, session: Session, card: ModelCard | None = None
    ) -> None:
        """What was understood of the prompt, the title of the score that was written of it, and who makes its sound."""
        written = {"brief": _from_brief(brief), "title": title, "card": None if card is None else asdict(card)}
        await GenerationDocument.get_pymongo_collection().update_one(
            {"_id": job_id}, {"$set": written}, session=session
        )

    async def dump(self, owner_id: str) -> list[dict[str, Any]]:
        """All requests of a person, as they lie there."""
        return await GenerationDocument.get_pymongo_collection().find({"owner_id": owner_id}).sort("_id").to_list()

    async def erase(self, owner_id: str) -> None:
        await GenerationDocument.get_pymongo_collection().delete_many({"owner_id": owner_id})
