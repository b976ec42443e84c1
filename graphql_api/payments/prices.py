"""What the fields of payments cost: some ask the gateway."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Mutation.buyCredits": Price(50),
    "Mutation.subscribeToPlan": Price(50),
    "Mutation.openBillingPortal": Price(50),
}
