"""Looking at an upload."""

from typing import Annotated

import strawberry

from domain.kit.errors import NotFound
from domain.uploads.services.look import UploadLooking
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.uploads.types import Upload


@strawberry.type
class UploadQuery:
    @strawberry.field(description="One of your uploads; null when there is none with this id.")
    async def upload(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The upload's id.")]
    ) -> Upload | None:
        try:
            found = await info.context.service(UploadLooking).get(info.context.caller, local_id(id, "Upload", "id"))
        except NotFound:
            return None
        return Upload.of(found)
