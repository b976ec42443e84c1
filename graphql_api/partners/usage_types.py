"""Reports of usage as the schema shows them."""

from datetime import date
from typing import Self

import strawberry

from domain.partners.operations import MARK
from domain.partners.usage import Usage, UsageReport
from graphql_api.core.scalars import BigInt


@strawberry.type(description="How much was called.")
class UsageCount:
    calls: BigInt = strawberry.field(description="How often.")
    cost: BigInt = strawberry.field(description="For how many points.")
    errors: BigInt = strawberry.field(description="How often with an error in the answer.")

    @classmethod
    def of(cls, usage: Usage) -> Self:
        return cls(calls=BigInt(usage.calls), cost=BigInt(usage.cost), errors=BigInt(usage.errors))


@strawberry.type(description="What was called on one day.")
class UsageDay:
    day: date = strawberry.field(description="The day, in UTC.")
    usage: UsageCount = strawberry.field(description="How much.")


@strawberry.type(description="How one operation was called.")
class OperationUsage:
    document_id: str = strawberry.field(description="`sha256:` and the hash of its text, registered still or not.")
    name: str | None = strawberry.field(description="The operation's own name.")
    usage: UsageCount = strawberry.field(description="How much.")


@strawberry.type(description="What an organisation's servers have called in some days.")
class PartnerUsage:
    total: UsageCount = strawberry.field(description="All of it.")
    days: list[UsageDay] = strawberry.field(description="By day, without those on which nothing was called.")
    operations: list[OperationUsage] = strawberry.field(description="The hundred that cost most, the dearest first.")

    @classmethod
    def of(cls, report: UsageReport) -> Self:
        return cls(
            total=UsageCount.of(report.total),
            days=[UsageDay(day=day, usage=UsageCount.of(usage)) for day, usage in report.days],
            operations=[
                OperationUsage(document_id=f"{MARK}{one.digest}", name=one.name, usage=UsageCount.of(one.usage))
                for one in report.operations
            ],
        )
