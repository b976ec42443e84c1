"""What the payment mutations take."""

import strawberry

from graphql_api.payments.types import BillingPortalPage

KEY = "Made up by you, 1 to 255 characters. For 24 hours the same key gives the same order and the same address."


@strawberry.input(description="Which pack to buy.")
class BuyCreditsInput:
    pack_key: str = strawberry.field(description="The pack's `key`, from `creditPacks`.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Which plan to subscribe to.")
class SubscribeToPlanInput:
    plan_key: str = strawberry.field(description="The plan's `key`, from `creditPlans`.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Where in the billing portal to arrive.")
class OpenBillingPortalInput:
    page: BillingPortalPage | None = strawberry.field(
        default=None, description="The page to begin with; the overview when it is not said."
    )
