"""Endpoints that tell of the server and of who calls."""

from domain.accounts.model import Account
from graphql_api.subsonic.calls import Call
from graphql_api.subsonic.failures import Code, Failed
from graphql_api.subsonic.replies import Element

FOLDER = 1
EXTENSIONS = ("apiKeyAuthentication", "formPost", "songLyrics")
ROLES = {
    "adminRole": False,
    "settingsRole": False,
    "downloadRole": True,
    "uploadRole": False,
    "playlistRole": True,
    "coverArtRole": False,
    "commentRole": False,
    "podcastRole": False,
    "streamRole": True,
    "jukeboxRole": False,
    "shareRole": False,
    "videoConversionRole": False,
}


def extensions() -> Element:
    """The only thing that is told to anybody."""
    return {"openSubsonicExtensions": [{"name": name, "versions": [1]} for name in EXTENSIONS]}


async def ping(call: Call) -> Element:
    return {}


async def get_license(call: Call) -> Element:
    """Subsonic asks to be paid for; Cadenza does not, here."""
    return {"license": {"valid": True}}


async def token_info(call: Call) -> Element:
    return {"tokenInfo": {"username": name_of(await call.account())}}


async def get_user(call: Call) -> Element:
    """Of oneself, and of nobody else."""
    name = name_of(await call.account())
    if call.parameters.required("username") != name:
        raise Failed(Code.NOT_ALLOWED, "You may look at yourself only.")
    return {"user": {"username": name, "scrobblingEnabled": True, **ROLES, "folder": [FOLDER]}}


async def get_music_folders(call: Call) -> Element:
    return {"musicFolders": {"musicFolder": [{"id": FOLDER, "name": "My library"}]}}


async def get_scan_status(call: Call) -> Element:
    """Nothing is ever scanned: a track is there once it is made."""
    return {"scanStatus": {"scanning": False}}


async def get_now_playing(call: Call) -> Element:
    """Nobody is told what others listen to."""
    return {"nowPlaying": {"entry": []}}


def name_of(account: Account) -> str:
    return account.display_name
