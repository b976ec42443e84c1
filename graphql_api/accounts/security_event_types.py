"""The log of security events as the schema shows it."""

from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from domain.accounts.audit import SecurityEvent as SecurityEventModel


@strawberry.enum(description="What happened to an account or an organisation.")
class SecurityEventKind(Enum):
    SIGNED_UP = strawberry.enum_value("SIGNED_UP", description="The account was made.")
    SIGNED_IN = strawberry.enum_value("SIGNED_IN", description="Somebody signed in.")
    SIGN_IN_FAILED = strawberry.enum_value("SIGN_IN_FAILED", description="Somebody had a wrong password.")
    ATTEMPTS_THROTTLED = strawberry.enum_value(
        "ATTEMPTS_THROTTLED", description="There were too many attempts; told once in a while as long as they go on."
    )
    SIGNED_OUT = strawberry.enum_value("SIGNED_OUT", description="A session was signed out.")
    SESSION_ENDED = strawberry.enum_value("SESSION_ENDED", description="A session was ended from another one.")
    SESSIONS_ENDED = strawberry.enum_value("SESSIONS_ENDED", description="Many sessions were ended at once.")
    REFRESH_REUSED = strawberry.enum_value(
        "REFRESH_REUSED", description="A refresh token came twice, so its session was ended."
    )
    ROLE_CHANGED = strawberry.enum_value("ROLE_CHANGED", description="An operator gave the account another role.")
    API_KEY_CREATED = strawberry.enum_value("API_KEY_CREATED", description="An API key was made.")
    API_KEY_REVOKED = strawberry.enum_value("API_KEY_REVOKED", description="An API key was revoked.")
    API_KEYS_REVOKED = strawberry.enum_value("API_KEYS_REVOKED", description="All API keys were revoked at once.")
    PARTNER_KEY_CREATED = strawberry.enum_value("PARTNER_KEY_CREATED", description="A partner key was made.")
    PARTNER_KEY_REVOKED = strawberry.enum_value("PARTNER_KEY_REVOKED", description="A partner key was revoked.")
    ORGANISATION_RENAMED = strawberry.enum_value("ORGANISATION_RENAMED", description="The organisation was renamed.")
    ORGANISATION_DELETED = strawberry.enum_value("ORGANISATION_DELETED", description="An organisation was deleted.")
    MEMBER_INVITED = strawberry.enum_value("MEMBER_INVITED", description="Somebody was invited to the organisation.")
    INVITATION_REVOKED = strawberry.enum_value("INVITATION_REVOKED", description="An invitation was taken back.")
    INVITATION_DECLINED = strawberry.enum_value(
        "INVITATION_DECLINED", description="Somebody who was invited does not want to be a member."
    )
    MEMBER_APPOINTED = strawberry.enum_value(
        "MEMBER_APPOINTED", description="Somebody became a member of the organisation, or got another role."
    )
    MEMBER_DISMISSED = strawberry.enum_value(
        "MEMBER_DISMISSED", description="Somebody is no member of the organisation any more."
    )
    EMAIL_VERIFIED = strawberry.enum_value("EMAIL_VERIFIED", description="The e-mail address was verified.")
    EMAIL_CHANGE_ASKED = strawberry.enum_value(
        "EMAIL_CHANGE_ASKED", description="A move to another e-mail address was asked for."
    )
    EMAIL_CHANGED = strawberry.enum_value("EMAIL_CHANGED", description="The account has another e-mail address.")
    PASSWORD_RESET_ASKED = strawberry.enum_value(
        "PASSWORD_RESET_ASKED", description="A mail for a new password was asked for."
    )
    PASSWORD_CHANGED = strawberry.enum_value("PASSWORD_CHANGED", description="The password was changed.")
    IDENTITY_LINKED = strawberry.enum_value(
        "IDENTITY_LINKED", description="A provider was linked; from then on it signs in to the account."
    )
    IDENTITY_UNLINKED = strawberry.enum_value("IDENTITY_UNLINKED", description="A provider was unlinked.")
    SECOND_FACTOR_ON = strawberry.enum_value("SECOND_FACTOR_ON", description="The second factor was switched on.")
    SECOND_FACTOR_OFF = strawberry.enum_value("SECOND_FACTOR_OFF", description="The second factor was switched off.")
    SECOND_FACTOR_FAILED = strawberry.enum_value(
        "SECOND_FACTOR_FAILED", description="Somebody knew the password and had a wrong code."
    )
    RECOVERY_CODE_USED = strawberry.enum_value("RECOVERY_CODE_USED", description="A recovery code was used up.")
    DELETION_ASKED = strawberry.enum_value("DELETION_ASKED", description="The account was locked, to be erased.")
    ACCOUNT_RESTORED = strawberry.enum_value("ACCOUNT_RESTORED", description="The account was kept after all.")
    ACCOUNT_ERASED = strawberry.enum_value("ACCOUNT_ERASED", description="The account was erased; only counted.")
    DATA_EXPORTED = strawberry.enum_value("DATA_EXPORTED", description="All data of the account were exported.")
    TRACK_SHARED = strawberry.enum_value(
        "TRACK_SHARED", description="Who may listen to a track was changed, or its link renewed."
    )
    TRACK_TAKEN_DOWN = strawberry.enum_value(
        "TRACK_TAKEN_DOWN", description="A moderator took a track down; the reason is among the details."
    )
    TRACK_REINSTATED = strawberry.enum_value(
        "TRACK_REINSTATED", description="A track that was taken down may be listened to again."
    )


@strawberry.type(description="One more fact of a security event.")
class SecurityEventDetail:
    name: str = strawberry.field(description="What it is.")
    value: str = strawberry.field(description="The fact, such as a name or an id.")


@strawberry.type(description="Something that happened to your account, or to an organisation of yours.")
class SecurityEvent:
    kind: SecurityEventKind = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When.")
    address: str = strawberry.field(description="The network address it came from; empty for an operator.")
    user_agent: str = strawberry.field(description="What the program calls itself that did it.")
    details: list[SecurityEventDetail] = strawberry.field(description="More about it.")

    @classmethod
    def of(cls, event: SecurityEventModel) -> Self:
        return cls(
            kind=SecurityEventKind(event.kind.value),
            at=event.at,
            address=event.address,
            user_agent=event.user_agent,
            details=[SecurityEventDetail(name=name, value=value) for name, value in event.detail.items()],
        )
