"""What the fields of playlists cost."""

from graphql_api.core.documents.prices import Price, Prices

CONDITIONS = (
    "title",
    "artist",
    "tags",
    "bpm",
    "durationSeconds",
    "energy",
    "danceability",
    "acousticness",
    "valence",
    "createdAt",
    "playCount",
    "lastPlayedAt",
)

PRICES: Prices = {
    "Playlist.collaborators": Price(1, 50),
    "Playlist.shareSecret": Price(1),
    # What a smart one chooses takes a query of its own, and looks at indexes before it.
    "Playlist.tracks": Price(5),
    "Query.smartPlaylistPreview": Price(5),
    "SmartRule.conditions": Price(0, 10),
    "SmartRule.groups": Price(0, 5),
    "SmartGroup.conditions": Price(0, 10),
    "Playlist.smart": Price(0),
    "SmartDefinition.rule": Price(0),
    **{f"SmartCondition.{name}": Price(0) for name in CONDITIONS},
    "Playlist.invitationSecret": Price(1),
    "PlaylistCollaborator.displayName": Price(1),
}
