"""What is sold and what things cost, read from data. Parses and checks; where the bytes lie is not known here."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.credits.errors import CatalogueInvalid, NoPrice
from domain.credits.model import FREE_PLAN, Pack, Plan
from domain.kit.errors import NotFound
from domain.kit.queue import QueueName

# A length that was computed may lie a hair above the whole step that is meant.
ROUNDING = 1e-6
ANY_MODEL = "any"
GENERATION = "generate_track"

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Count = Annotated[int, Field(ge=1, le=10**9)]
Amount = Annotated[int, Field(ge=0, le=10**9)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]

Offer = TypeVar("Offer", Plan, Pack)


@dataclass(frozen=True)
class Price:
    """`base` credits plus `credits_per_step` for each step of `step_seconds` that was begun."""

    operation: str
    model: str
    base: int
    step_seconds: float
    credits_per_step: int

    def of(self, seconds: float) -> int:
        return self.base + math.ceil(seconds / self.step_seconds - ROUNDING) * self.credits_per_step


class PriceBook:
    """What an operation costs, by model and length; the price of the model `any` holds for those that have none."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self._prices = {(price.operation, price.model): price for price in prices}

    def price(self, operation: str, model_id: str, seconds: float) -> int:
        """In credits. Raises `NoPrice`, and `ValueError` for a length that is none."""
        if not (seconds >= 0 and math.isfinite(seconds)):
            raise ValueError(f"{seconds} is not a length in seconds")
        found = self._prices.get((operation, model_id)) or self._prices.get((operation, ANY_MODEL))
        if found is None:
            raise NoPrice(f"the price book has no price for the operation {operation!r} with the model {model_id!r}")
        return found.of(seconds)


@dataclass(frozen=True)
class Catalogue:
    """All plans and packs, in the order they are shown, and the price book."""

    version: int
    plans: tuple[Plan, ...]
    packs: tuple[Pack, ...]
    prices: PriceBook

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Raises `CatalogueInvalid` with every place that is wrong; unknown keys are wrong."""
        try:
            given = _Catalogue.model_validate_json(content, strict=True)
        except ValidationError as error:
            places = [f"{'.'.join(map(str, part['loc'])) or 'catalogue'}: {part['msg']}" for part in error.errors()]
            raise CatalogueInvalid("; ".join(places)) from error
        priced = {(price.operation, price.model) for price in given.prices}
        if any(operation == GENERATION for operation, _ in priced) and (GENERATION, ANY_MODEL) not in priced:
            raise CatalogueInvalid(
                f"prices: there is none for {GENERATION} with the model {ANY_MODEL}, for added models"
            )
        return cls(
            version=given.version,
            plans=tuple(Plan(**dict(plan), currency=given.currency) for plan in given.plans),
            packs=tuple(Pack(**dict(pack), currency=given.currency) for pack in given.packs),
            prices=PriceBook(Price(**dict(price)) for price in given.prices),
        )

    def plan(self, plan_id: str) -> Plan:
        """Raises `NotFound`. A plan that somebody still has must stay in the catalogue."""
        return _found(self.plans, plan_id, "plan")

    def pack(self, pack_id: str) -> Pack:
        """Raises `NotFound`."""
        return _found(self.packs, pack_id, "pack")

    @property
    def free(self) -> Plan:
        return self.plan(FREE_PLAN)


def _found(offers: Iterable[Offer], offer_id: str, kind: str) -> Offer:
    for offer in offers:
        if offer.id == offer_id:
            return offer
    raise NotFound(kind, offer_id)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Plan(_Part):
    id: Id
    name: Name
    monthly_credits: Count
    price_cents: Amount
    queue: QueueName
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
    concurrency: Count
    max_waiting_jobs: Count
    max_duration_seconds: Seconds
    max_variations: Count
    max_upload_bytes: Count
    max_upload_seconds: Seconds
    max_open_uploads: Count


class _Pack(_Part):
    id: Id
    name: Name
    credits: Count
    price_cents: Count


class _Price(_Part):
    operation: Id
    model: Id
    base: Amount
    step_seconds: Seconds
    credits_per_step: Amount


class _Catalogue(_Part):
    version: Literal[1]
    currency: Annotated[str, Field(pattern=r"^[a-z]{3}$")]
    plans: list[_Plan]
    packs: list[_Pack]
    prices: list[_Price]

    @model_validator(mode="after")
    def check_together(self) -> Self:
        """What no single line can say."""
        _refuse_repeated("plan", [plan.id for plan in self.plans])
        _refuse_repeated("pack", [pack.id for pack in self.packs])
        _refuse_repeated("price", [f"{price.operation} with {price.model}" for price in self.prices])
        if [plan.price_cents for plan in self.plans if plan.id == FREE_PLAN] != [0]:
            raise ValueError(f"there must be a plan {FREE_PLAN!r} with the price 0")
        return self


def _refuse_repeated(kind: str, names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"more than one {kind} for {', '.join(repeated)}")
