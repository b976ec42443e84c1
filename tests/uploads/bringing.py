"""Bringing a file to a test's world, as a client does it."""

from collections.abc import Collection

from domain.jobs.model import Job
from domain.kit.caller import Caller
from domain.library.model import Track
from domain.uploads.covers import CoverUpload, NewCover
from domain.uploads.model import NewUpload, Upload
from domain.uploads.services.complete import UploadCompletion
from domain.uploads.services.create import UploadCreation
from domain.uploads.services.look import UploadLooking
from domain.uploads.services.set_cover import CoverSetting, CoverUploads
from tests.uploads.pictures import picture
from tests.world import World


async def opened(world: World, caller: Caller, data: bytes, name: str = "rain.wav", key: str | None = None) -> Upload:
    return await world.get(UploadCreation).create(caller, NewUpload(name, len(data), "audio/wav", None, key))


async def send(
    world: World, caller: Caller, upload: Upload, data: bytes, only: Collection[int] | None = None
) -> list[int]:
    """Sends the missing parts, or `only` those of these numbers; returns the numbers of what was sent."""
    sent = []
    for missing in await world.get(UploadLooking).missing_parts(caller, upload):
        part = missing.part
        if only is None or part.number in only:
            world.intake.bring(missing.url, data[part.offset_bytes : part.offset_bytes + part.size_bytes])
            sent.append(part.number)
    return sent


async def brought(
    world: World, caller: Caller, data: bytes, name: str = "rain.wav", title: str | None = None
) -> tuple[Upload, Job]:
    """A whole file, with the job that will process it."""
    upload = await opened(world, caller, data, name)
    await send(world, caller, upload, data)
    job = await world.get(UploadCompletion).complete(caller, upload.id, None, title)
    return await world.get(UploadLooking).get(caller, upload.id), job


async def illustrated(world: World, caller: Caller, track: Track) -> CoverUpload:
    """A picture that is the cover of the track from now on."""
    data = picture()
    upload, url = await world.get(CoverUploads).create(caller, NewCover(track.id, len(data), "image/png"))
    world.intake.bring(url, data)
    await world.get(CoverSetting).set(caller, upload.id, track.revision)
    return upload
