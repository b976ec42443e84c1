"""What the fields of playlists cost."""

from graphql_api.core.prices import Price, Prices

PRICES: Prices = {
    "Playlist.collaborators": Price(1, 50),
    "Playlist.shareSecret": Price(1),
    "Playlist.invitationSecret": Price(1),
    "PlaylistCollaborator.displayName": Price(1),
}
