"""Expected failures of signing in by a provider and of linking one."""

from dataclasses import dataclass, field
from typing import ClassVar

from domain.kit.errors import DomainError


@dataclass
class ProviderSignInRefused(DomainError):
    """What came back from a provider does not fit, or is not believed. `detail` is for the log and holds no secret."""

    detail: str = field(default="", repr=False)
    code: ClassVar[str] = "PROVIDER_SIGN_IN_REFUSED"

    @property
    def message(self) -> str:
        return "This sign-in is over, was begun elsewhere, or was not confirmed. Start again."


@dataclass
class SignInProviderUnavailable(DomainError):
    """A provider is down, slow, or answers nonsense."""

    provider: str
    detail: str = field(default="", repr=False)
    code: ClassVar[str] = "SIGN_IN_PROVIDER_UNAVAILABLE"

    @property
    def message(self) -> str:
        return f"{self.provider} does not answer as it should. Start again in a moment, or sign in another way."


@dataclass
class ProviderEmailUnverified(DomainError):
    """The provider does not say that an address is the person's, so no account can be made with it."""

    provider: str
    code: ClassVar[str] = "PROVIDER_EMAIL_UNVERIFIED"

    @property
    def message(self) -> str:
        return f"{self.provider} has verified no e-mail address of yours. Verify one there, or sign up with a password."


@dataclass
class IdentityLinkRequired(DomainError):
    """There is an account with this address, and the provider's word does not suffice to open it."""

    provider: str
    email: str
    code: ClassVar[str] = "IDENTITY_LINK_REQUIRED"

    @property
    def message(self) -> str:
        return (
            f"There already is an account for {self.email}. Sign in with its password, or ask for a new one, and link "
            f"{self.provider} in your settings."
        )


@dataclass
class IdentityTaken(DomainError):
    """The person at the provider signs in to another account here."""

    provider: str
    code: ClassVar[str] = "IDENTITY_TAKEN"

    @property
    def message(self) -> str:
        return f"This account at {self.provider} is linked with another account here. Unlink it there first."


@dataclass
class ProviderAlreadyLinked(DomainError):
    """An account is linked with one person at each provider."""

    provider: str
    code: ClassVar[str] = "PROVIDER_ALREADY_LINKED"

    @property
    def message(self) -> str:
        return f"Your account is linked with another one at {self.provider}. Unlink that one first."


@dataclass
class LastWayIn(DomainError):
    """Without it nobody could sign in to the account."""

    provider: str
    code: ClassVar[str] = "LAST_WAY_IN"

    @property
    def message(self) -> str:
        return f"{self.provider} is the only way in to your account. Ask for a link to choose a password first."


@dataclass
class PasswordNotSet(DomainError):
    """A password is asked for, and the account has none."""

    code: ClassVar[str] = "PASSWORD_NOT_SET"

    @property
    def message(self) -> str:
        return "Your account has no password yet. Ask for a link to choose one, and use it here."


@dataclass
class EmailUnverified(DomainError):
    """The account's own address has to be verified first."""

    code: ClassVar[str] = "EMAIL_UNVERIFIED"

    @property
    def message(self) -> str:
        return "Verify your e-mail address first. Ask for another mail if the first one is gone."
