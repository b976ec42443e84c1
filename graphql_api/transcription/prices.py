"""What notes cost."""

from graphql_api.core.prices import Price, Prices

# Reading the notes of the longest upload takes 15 ms.
PRICES: Prices = {"Version.transcription": Price(2), "Transcription.notes": Price(15)}
