"""What the fields of credits cost."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Query.creditPlans": Price(1, size=5),
    "Query.creditPacks": Price(1, size=5),
}
