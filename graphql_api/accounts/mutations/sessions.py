"""Refreshing sessions and ending them."""

from typing import Annotated

import strawberry

from domain.accounts.services.sessions import SessionService
from graphql_api.accounts.inputs import EndSessionInput, RefreshSessionInput, SignOutEverywhereInput, SignOutInput
from graphql_api.accounts.types import RefreshRefused, Session
from graphql_api.core.context import Info
from graphql_api.core.ids import local_id
from graphql_api.core.problems import Forbidden, NotFound, Unauthenticated, ValidationFailed


@strawberry.type(description="The session goes on with new tokens.")
class RefreshSessionSuccess:
    session: Session = strawberry.field(description="The new tokens; the old refresh token is used up.")


@strawberry.type(description="The session is over.")
class EndSessionSuccess:
    session_id: strawberry.ID = strawberry.field(description="The session's id.")


@strawberry.type(description="You are signed out.")
class SignOutSuccess:
    signed_out: bool = strawberry.field(description="Always true.")


@strawberry.type(description="You are signed out everywhere.")
class SignOutEverywhereSuccess:
    sessions_ended: int = strawberry.field(description="How many sessions were ended.")


RefreshSessionResult = Annotated[
    RefreshSessionSuccess | RefreshRefused,
    strawberry.union("RefreshSessionResult", description="How a refresh ended."),
]
EndSessionResult = Annotated[
    EndSessionSuccess | ValidationFailed | NotFound | Forbidden | Unauthenticated,
    strawberry.union("EndSessionResult", description="How the wish to end a session ended."),
]
SignOutResult = Annotated[
    SignOutSuccess | Forbidden | Unauthenticated,
    strawberry.union("SignOutResult", description="How a sign-out ended."),
]
SignOutEverywhereResult = Annotated[
    SignOutEverywhereSuccess | Forbidden | Unauthenticated,
    strawberry.union("SignOutEverywhereResult", description="How a sign-out everywhere ended."),
]


@strawberry.type
class SessionMutation:
    @strawberry.mutation(
        description="Exchanges a refresh token for new tokens. Using one twice ends the session, except for a repeat "
        "within seconds because the answer got lost, which gets the same answer again."
    )
    async def refresh_session(
        self, info: Info, input: Annotated[RefreshSessionInput, strawberry.argument(description="The token.")]
    ) -> RefreshSessionResult:
        session = await info.context.service(SessionService).refresh(input.refresh_token, info.context.client)
        return RefreshSessionSuccess(session=Session.of(session))

    @strawberry.mutation(description="Ends one of your sessions, wherever it is. It stops working within seconds.")
    async def end_session(
        self, info: Info, input: Annotated[EndSessionInput, strawberry.argument(description="Which session.")]
    ) -> EndSessionResult:
        session_id = local_id(input.session_id, "AccountSession", "sessionId")
        await info.context.service(SessionService).end(info.context.caller, session_id, info.context.client)
        return EndSessionSuccess(session_id=input.session_id)

    @strawberry.mutation(description="Ends the session of this call, or that of a refresh token.")
    async def sign_out(
        self, info: Info, input: Annotated[SignOutInput, strawberry.argument(description="Which session.")]
    ) -> SignOutResult:
        sessions = info.context.service(SessionService)
        if input.refresh_token is None:
            await sessions.sign_out(info.context.caller, info.context.client)
        else:
            await sessions.sign_out_by_token(input.refresh_token, info.context.client)
        return SignOutSuccess(signed_out=True)

    @strawberry.mutation(description="Ends all of your sessions.")
    async def sign_out_everywhere(
        self,
        info: Info,
        input: Annotated[SignOutEverywhereInput, strawberry.argument(description="Which sessions.")],
    ) -> SignOutEverywhereResult:
        sessions, context = info.context.service(SessionService), info.context
        ended = await sessions.sign_out_everywhere(context.caller, context.client, spare_this=input.spare_this_session)
        return SignOutEverywhereSuccess(sessions_ended=ended)
