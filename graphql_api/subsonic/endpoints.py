"""The registry of endpoints: what answers to which name, and what a call costs."""

from collections.abc import Mapping

from graphql_api.subsonic import browsing, liking, lists, media, playlists, system, words
from graphql_api.subsonic.calls import Endpoint

# A page of a list, and what is read whole, in points of the budget that GraphQL is charged to as well.
PAGE, WHOLE = 100, 400

ENDPOINTS: Mapping[str, Endpoint] = {
    "ping": Endpoint(system.ping, 1),
    "getLicense": Endpoint(system.get_license, 1),
    "tokenInfo": Endpoint(system.token_info),
    "getUser": Endpoint(system.get_user),
    "getMusicFolders": Endpoint(system.get_music_folders, 1),
    "getScanStatus": Endpoint(system.get_scan_status, 1),
    "getNowPlaying": Endpoint(system.get_now_playing, 1),
    "getIndexes": Endpoint(browsing.get_indexes, WHOLE, is_remembered=True),
    "getArtists": Endpoint(browsing.get_artists, WHOLE, is_remembered=True),
    "getArtist": Endpoint(browsing.get_artist, WHOLE),
    "getAlbum": Endpoint(browsing.get_album),
    "getSong": Endpoint(browsing.get_song),
    "getMusicDirectory": Endpoint(browsing.get_music_directory, WHOLE),
    "getGenres": Endpoint(browsing.get_genres, WHOLE, is_remembered=True),
    "getAlbumList": Endpoint(lists.get_album_list, PAGE),
    "getAlbumList2": Endpoint(lists.get_album_list2, PAGE),
    "getRandomSongs": Endpoint(lists.get_random_songs, PAGE),
    "getSongsByGenre": Endpoint(lists.get_songs_by_genre, PAGE),
    "search2": Endpoint(lists.search2, PAGE),
    "search3": Endpoint(lists.search3, PAGE),
    "stream": Endpoint(media.stream, 20),
    "download": Endpoint(media.download, 20),
    "hls": Endpoint(media.hls, 20),
    "hls.m3u8": Endpoint(media.hls, 20),
    "getCoverArt": Endpoint(media.get_cover_art, 20),
    "scrobble": Endpoint(media.scrobble, PAGE),
    "getLyrics": Endpoint(words.get_lyrics, 20),
    "getLyricsBySongId": Endpoint(words.get_lyrics_by_song_id),
    "star": Endpoint(liking.star, PAGE),
    "unstar": Endpoint(liking.unstar, PAGE),
    "getStarred": Endpoint(liking.get_starred, PAGE),
    "getStarred2": Endpoint(liking.get_starred2, PAGE),
    "getPlaylists": Endpoint(playlists.get_playlists, WHOLE),
    "getPlaylist": Endpoint(playlists.get_playlist, WHOLE),
    "createPlaylist": Endpoint(playlists.create_playlist, WHOLE),
    "updatePlaylist": Endpoint(playlists.update_playlist, WHOLE),
    "deletePlaylist": Endpoint(playlists.delete_playlist, 20),
}
