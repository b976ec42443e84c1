"""What the fields of partners cost: reading documents to register them takes up to a second of CPU."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Mutation.registerOperations": Price(2000),
    "Query.partnerUsage": Price(20),
}
