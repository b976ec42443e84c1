"""What the fields of playback cost: each address is signed."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Query.playback": Price(5),
}
