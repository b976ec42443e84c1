"""What the fields of generation cost: understanding a prompt runs a model."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Mutation.addLayer": Price(100),
    "Mutation.extendTrack": Price(100),
    "Mutation.generateTrack": Price(100),
    "Mutation.repaintTrack": Price(100),
    "Mutation.varyTrack": Price(100),
    "Query.interpretPrompt": Price(50),
    "Query.models": Price(5, size=5),
}
