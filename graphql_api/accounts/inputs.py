"""What the account mutations take."""

from datetime import datetime

import strawberry

from graphql_api.accounts.api_key_types import ApiKeyScope


@strawberry.input(description="A new account.")
class SignUpInput:
    email: str = strawberry.field(description="The address to sign in with.")
    password: str = strawberry.field(description="8 to 256 characters.")
    display_name: str = strawberry.field(description="1 to 80 characters; stands on the person's tracks.")


@strawberry.input(description="The credentials of an account.")
class SignInInput:
    email: str = strawberry.field(description="The address of the account.")
    password: str = strawberry.field(description="Its password.")


@strawberry.input(description="A refresh token to exchange.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="The last one that the session was given.")


@strawberry.input(description="A session to end.")
class EndSessionInput:
    session_id: strawberry.ID = strawberry.field(description="Its id; see `sessions`.")


@strawberry.input(description="Which session to end.")
class SignOutInput:
    refresh_token: str | None = strawberry.field(
        default=None, description="Ends its session, for clients whose access token has expired; else this call's."
    )


@strawberry.input(description="Which sessions to end.")
class SignOutEverywhereInput:
    spare_this_session: bool = strawberry.field(default=False, description="Stay signed in here.")


@strawberry.input(description="An API key to make.")
class CreateApiKeyInput:
    name: str = strawberry.field(description="1 to 80 characters, to tell it apart from your others.")
    scopes: list[ApiKeyScope] = strawberry.field(description="What it may do; at least one.")
    expires_at: datetime | None = strawberry.field(default=None, description="When it stops working; else never.")


@strawberry.input(description="An API key to revoke.")
class RevokeApiKeyInput:
    api_key_id: strawberry.ID = strawberry.field(description="Its id; see `apiKeys`.")


@strawberry.input(description="The second half of a sign-in.")
class CompleteSignInInput:
    challenge: str = strawberry.field(description="What the first half gave with `SecondFactorRequired`.")
    code: str = strawberry.field(description="A code of the authenticator app, or a recovery code.")


@strawberry.input(description="The code of a verification mail.")
class VerifyEmailInput:
    token: str = strawberry.field(description="The code.")


@strawberry.input(description="Where to mail the verification to.")
class ResendVerificationInput:
    email: str = strawberry.field(description="The address of the account.")


@strawberry.input(description="Another address for the account.")
class ChangeEmailInput:
    new_email: str = strawberry.field(description="The address.")
    password: str = strawberry.field(description="The account's password.")


@strawberry.input(description="The code of a mail to a new address.")
class ConfirmEmailChangeInput:
    token: str = strawberry.field(description="The code.")


@strawberry.input(description="Another password for the account.")
class ChangePasswordInput:
    password: str = strawberry.field(description="The password so far.")
    new_password: str = strawberry.field(description="8 to 256 characters.")


@strawberry.input(description="Who wants a new password.")
class RequestPasswordResetInput:
    email: str = strawberry.field(description="The address of the account.")


@strawberry.input(description="A new password, by the code of a mail.")
class ResetPasswordInput:
    token: str = strawberry.field(description="The code.")
    new_password: str = strawberry.field(description="8 to 256 characters.")
    revoke_api_keys: bool = strawberry.field(
        default=True, description="Whether API keys end as well, in case somebody else was in the account."
    )


@strawberry.input(description="The beginning of a second factor.")
class EnrolSecondFactorInput:
    password: str = strawberry.field(description="The account's password.")


@strawberry.input(description="A first code of the authenticator app.")
class ConfirmSecondFactorInput:
    code: str = strawberry.field(description="The code.")


@strawberry.input(description="The end of a second factor.")
class DisableSecondFactorInput:
    password: str = strawberry.field(description="The account's password.")
    code: str = strawberry.field(description="A code of the authenticator app, or a recovery code.")


@strawberry.input(description="The wish to be forgotten.")
class DeleteAccountInput:
    password: str = strawberry.field(description="The account's password.")
    code: str = strawberry.field(default="", description="A code of the second factor, where there is one.")


@strawberry.input(description="The wish to keep an account.")
class RestoreAccountInput:
    restore_token: str = strawberry.field(description="What the sign-in gave with `AccountBeingDeleted`.")


@strawberry.input(description="The wish for one's data.")
class ExportAccountInput:
    password: str = strawberry.field(description="The account's password.")
