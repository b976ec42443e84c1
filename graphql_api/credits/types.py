"""Balances, transfers, plans and packs as the schema shows them."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Any, Self

import strawberry
from strawberry import relay

from domain.credits import errors
from domain.credits.model import Pack, Plan, Transfer, Wallet
from domain.credits.services.wallets import CreditWallets
from graphql_api.core.context import Info
from graphql_api.core.problems import Problem, ProblemCode, ProblemHandler
from graphql_api.core.queues import QueueName
from graphql_api.core.scalars import BigInt
from graphql_api.credits.links import JobLinks
from graphql_api.credits.loaders import TransferLoader


@strawberry.enum(description="Why credits moved.")
class CreditTransferKind(Enum):
    GRANT = strawberry.enum_value("GRANT", description="The plan's credits of a new period.")
    PURCHASE = strawberry.enum_value("PURCHASE", description="A pack was bought.")
    HOLD = strawberry.enum_value("HOLD", description="Set aside for a job that was accepted.")
    SETTLE = strawberry.enum_value("SETTLE", description="A job ended: it was charged, and the rest came back.")
    RELEASE = strawberry.enum_value("RELEASE", description="A job ended without a charge: all came back.")
    EXPIRE = strawberry.enum_value("EXPIRE", description="Plan credits that were left when their period ended.")
    TAKE_BACK = strawberry.enum_value("TAKE_BACK", description="A purchase was refunded.")


@strawberry.type(description="What a person may do and gets each month.")
class CreditPlan:
    key: str = strawberry.field(description="The plan's stable name, such as `creator`.")
    name: str = strawberry.field(description="The name to show.")
    monthly_credits: int = strawberry.field(description="Credits granted each month; they expire with the month.")
    price_cents: int = strawberry.field(description="The price of a month, in hundredths of the currency.")
    currency: str = strawberry.field(description="ISO 4217, in lower case.")
    queue: QueueName = strawberry.field(description="The queue its songs wait in.")
    weight: float = strawberry.field(description="Its share of that queue; twice the weight is served twice as much.")
    concurrency: int = strawberry.field(description="How many jobs run at once.")
    max_waiting_jobs: int = strawberry.field(description="How many jobs may wait.")
    max_duration_seconds: float = strawberry.field(description="The longest song, in seconds.")
    max_variations: int = strawberry.field(description="How many variations one request may ask for.")
    max_upload_bytes: BigInt = strawberry.field(description="The largest file that may be uploaded, in bytes.")
    max_upload_seconds: float = strawberry.field(description="The longest recording that may be uploaded, in seconds.")
    max_open_uploads: int = strawberry.field(description="How many uploads may be under way at once.")

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(
            key=plan.id,
            name=plan.name,
            monthly_credits=plan.monthly_credits,
            price_cents=plan.price_cents,
            currency=plan.currency,
            queue=QueueName(plan.queue.value),
            weight=plan.weight,
            concurrency=plan.concurrency,
            max_waiting_jobs=plan.max_waiting_jobs,
            max_duration_seconds=plan.max_duration_seconds,
            max_variations=plan.max_variations,
            max_upload_bytes=BigInt(plan.max_upload_bytes),
            max_upload_seconds=plan.max_upload_seconds,
            max_open_uploads=plan.max_open_uploads,
        )


@strawberry.type(description="Credits to buy once. They do not expire.")
class CreditPack:
    key: str = strawberry.field(description="The pack's stable name, such as `pack-1000`.")
    name: str = strawberry.field(description="The name to show.")
    credits: int = strawberry.field(description="How many credits it has.")
    price_cents: int = strawberry.field(description="Its price, in hundredths of the currency.")
    currency: str = strawberry.field(description="ISO 4217, in lower case.")

    @classmethod
    def of(cls, pack: Pack) -> Self:
        return cls(
            key=pack.id, name=pack.name, credits=pack.credits, price_cents=pack.price_cents, currency=pack.currency
        )


@strawberry.type(description="Your credits.")
class Credits:
    available: int = strawberry.field(description="What you can spend: `planCredits` and `packCredits` together.")
    held: int = strawberry.field(description="Set aside for jobs that have not ended.")
    total: int = strawberry.field(description="Available and held together.")
    plan_credits: int = strawberry.field(description="Left of the plan's; they are spent first and expire.")
    pack_credits: int = strawberry.field(description="Left of the bought ones; they do not expire.")
    period_ends_at: datetime = strawberry.field(description="When the plan's credits expire and new ones come.")
    plan_id: strawberry.Private[str]

    @classmethod
    def of(cls, wallet: Wallet) -> Self:
        return cls(
            available=wallet.available,
            held=wallet.held,
            total=wallet.total,
            plan_credits=wallet.plan_credits,
            pack_credits=wallet.pack_credits,
            period_ends_at=wallet.period_end,
            plan_id=wallet.plan_id,
        )

    @strawberry.field(description="Your plan.")
    async def plan(self, info: Info) -> CreditPlan:
        return CreditPlan.of(info.context.service(CreditWallets).plan(self.plan_id))


@strawberry.type(description="One movement of your credits. It never changes.")
class CreditTransfer(relay.Node):
    id: relay.NodeID[str]
    kind: CreditTransferKind = strawberry.field(description="Why credits moved.")
    available_change: int = strawberry.field(description="By how much the available credits changed.")
    held_change: int = strawberry.field(description="By how much the held credits changed.")
    available_after: int = strawberry.field(description="Available credits after it.")
    held_after: int = strawberry.field(description="Held credits after it.")
    note: str = strawberry.field(description="What it was for, in words; may be empty.")
    created_at: datetime = strawberry.field(description="When it happened.")
    paid_job_id: strawberry.Private[str | None]

    @classmethod
    def of(cls, transfer: Transfer) -> Self:
        return cls(
            id=transfer.id,
            kind=CreditTransferKind(transfer.kind.value),
            available_change=transfer.available_change,
            held_change=transfer.held_change,
            available_after=transfer.balances.available,
            held_after=transfer.balances.held,
            note=transfer.note,
            created_at=transfer.created_at,
            paid_job_id=transfer.job_id,
        )

    @classmethod
    async def resolve_nodes(cls, *, info: Info, node_ids: Iterable[str], required: bool = False) -> Any:
        found = await info.context.loader(TransferLoader).load_many(list(node_ids))
        return [None if transfer is None else cls.of(transfer) for transfer in found]

    @strawberry.field(description="The job that it was for; null when it was for none.")
    async def job(self, info: Info) -> relay.Node | None:
        return await info.context.service(JobLinks).follow(info, self.paid_job_id)


@strawberry.type(description="There are too few credits; nothing was held.")
class InsufficientCredits(Problem):
    required_credits: int = strawberry.field(description="What it costs.")
    available_credits: int = strawberry.field(description="What you can spend.")

    @classmethod
    def of(cls, error: errors.InsufficientCredits) -> "InsufficientCredits":
        return cls(
            code=ProblemCode.INSUFFICIENT_CREDITS,
            message=error.message,
            required_credits=error.required_credits,
            available_credits=error.available_credits,
        )


@strawberry.type(description="Your plan does not include this much.")
class PlanLimit(Problem):
    plan: str = strawberry.field(description="The name of your plan.")
    field: str = strawberry.field(description="The field of the input.")
    limit: float = strawberry.field(description="The most that it may be.")

    @classmethod
    def of(cls, error: errors.PlanLimitReached) -> "PlanLimit":
        return cls(
            code=ProblemCode.PLAN_LIMIT,
            message=error.message,
            plan=error.plan,
            field=error.field,
            limit=error.limit,
        )


HANDLERS = (
    ProblemHandler(errors.InsufficientCredits, InsufficientCredits),
    ProblemHandler(errors.PlanLimitReached, PlanLimit),
)
