"""What the fields of partners cost: reading a document to register it takes milliseconds of CPU."""

from graphql_api.core.prices import Price, Prices

PRICES: Prices = {
    "Mutation.registerOperations": Price(200),
}
