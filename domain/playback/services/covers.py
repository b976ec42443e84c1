"""Covers in other sizes than they are kept in, for clients that do not scale them."""

from domain.kit.blobs import BlobStore
from domain.kit.caller import Caller
from domain.kit.pictures import PictureScaler
from domain.library.model import AssetKind
from domain.playback.services.playback import PlaybackService

# Pixels of a side of every cover that is kept.
COVER_SIDE = 1_024


class CoverPictures:
    """Made anew for each call: players keep what they have fetched."""

    def __init__(self, playback: PlaybackService, blobs: BlobStore, scaler: PictureScaler) -> None:
        self._playback = playback
        self._blobs = blobs
        self._scaler = scaler

    async def scaled(self, caller: Caller, track_id: str, side: int) -> bytes:
        """A JPEG of so many pixels a side, no more than it is kept in. Raises `NotFound`."""
        _, asset = await self._playback.asset(caller, track_id, AssetKind.COVER)
        return await self._scaler.scaled(await self._blobs.get(asset.key), side)
