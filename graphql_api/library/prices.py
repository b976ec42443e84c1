"""What the fields of the library cost."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Version.analysis": Price(0),
    # The longest synchronised lyrics take 15 ms to read.
    "Lyrics.lines": Price(15, 50),
    "Lyrics.text": Price(15),
    "LyricLine.words": Price(0, 10),
    "Track.lyrics": Price(1),
    "Analysis.beatGrid": Price(2),
    "Analysis.sections": Price(2, 40),
    "Analysis.energy": Price(0),
    "Analysis.danceability": Price(0),
    "Analysis.acousticness": Price(0),
    "Analysis.valence": Price(0),
    "Version.fingerprint": Price(2),
    # Reading the notes of the longest upload takes 15 ms.
    "Version.transcription": Price(2),
    "Transcription.notes": Price(15),
    "Track.duplicates": Price(2, 20),
    "Track.playsByDay": Price(2, 30),
    "Track.shareSecret": Price(1),
}
