"""What the fields of the library cost."""

from graphql_api.core.prices import Price, Prices

PRICES: Prices = {
    "Version.analysis": Price(0),
    "Lyrics.lines": Price(2, 50),
    "LyricLine.words": Price(0, 10),
    "Track.lyrics": Price(1),
    "Track.playsByDay": Price(2, 30),
}
