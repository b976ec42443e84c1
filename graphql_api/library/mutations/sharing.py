"""Opening a track to listeners, and closing it."""

from typing import Annotated

import strawberry

from domain.library.model import Visibility as VisibilityModel
from domain.library.services.share import TrackSharing
from graphql_api.accounts.identity_types import EmailUnverified
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed
from graphql_api.library.problems import EditConflict, TrackTakenDown
from graphql_api.library.sharing_inputs import RenewShareLinkInput, SetTrackVisibilityInput
from graphql_api.library.types import Track


@strawberry.type(description="From now on these may listen to it.")
class SetTrackVisibilitySuccess:
    track: Track = strawberry.field(description="The track as it is now.")


@strawberry.type(description="The link from before opens nothing any more.")
class RenewShareLinkSuccess:
    track: Track = strawberry.field(description="The track as it is now, with the secret of its new link.")


SetTrackVisibilityResult = Annotated[
    SetTrackVisibilitySuccess
    | ValidationFailed
    | EditConflict
    | TrackTakenDown
    | EmailUnverified
    | NotFound
    | Forbidden
    | Unauthenticated,
    strawberry.union("SetTrackVisibilityResult", description="How opening or closing a track ended."),
]
RenewShareLinkResult = Annotated[
    RenewShareLinkSuccess | ValidationFailed | EditConflict | TrackTakenDown | NotFound | Forbidden | Unauthenticated,
    strawberry.union("RenewShareLinkResult", description="How renewing a link ended."),
]


@strawberry.type
class SharingMutation:
    @strawberry.mutation(
        description="Decides who may listen to a track. Unlisting makes a link; making it private revokes that for "
        "good, and ends what others play at once. Publishing is for artists whose e-mail address is verified."
    )
    async def set_track_visibility(
        self, info: Info, input: Annotated[SetTrackVisibilityInput, strawberry.argument(description="Who may listen.")]
    ) -> SetTrackVisibilityResult:
        changed = await info.context.service(TrackSharing).set_visibility(
            info.context.caller,
            info.context.client,
            local_id(input.track_id, "Track", "trackId"),
            input.expected_revision,
            VisibilityModel[input.visibility.name],
            input.allows_downloads,
        )
        return SetTrackVisibilitySuccess(track=Track.of(changed))

    @strawberry.mutation(description="Gives a track another link; the one before opens nothing more, nor does it play.")
    async def renew_share_link(
        self, info: Info, input: Annotated[RenewShareLinkInput, strawberry.argument(description="Which track.")]
    ) -> RenewShareLinkResult:
        changed = await info.context.service(TrackSharing).renew_link(
            info.context.caller,
            info.context.client,
            local_id(input.track_id, "Track", "trackId"),
            input.expected_revision,
        )
        return RenewShareLinkSuccess(track=Track.of(changed))
