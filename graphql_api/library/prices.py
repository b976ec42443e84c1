"""What the fields of the library cost."""

from graphql_api.core.prices import Price, Prices

PRICES: Prices = {
    "Version.analysis": Price(0),
    "Track.playsByDay": Price(2, 30),
    "Track.shareSecret": Price(1),
}
