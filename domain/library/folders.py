"""Where objects of tracks lie. Listeners see addresses in storage, so no id can be read from them. Pure."""

import hashlib

TOP = "tracks"
DIGITS = 32


def folder_of(track_id: str) -> str:
    """The folder of all versions of a track, also of what broken attempts left there.

    A branch plays out of the folder of its origin. The name is a hash, which has to be guessed whole: 80 bits of an id
    are random.
    """
    return f"{TOP}/{_opaque(track_id)}"


def folders_of(track_id: str) -> tuple[str, str]:
    """With that of what was made before folders were opaque."""
    return folder_of(track_id), f"{TOP}/{track_id}"


def attempt_folder(track_id: str, version_id: str, attempt: int, lease_token: str) -> str:
    """Of one attempt to make a version; no other attempt has it."""
    return f"{folder_of(track_id)}/{_opaque(version_id)}/{attempt}-{lease_token[:8]}"


def _opaque(identifier: str) -> str:
    return hashlib.sha256(f"cadenza folder {identifier}".encode()).hexdigest()[:DIGITS]
