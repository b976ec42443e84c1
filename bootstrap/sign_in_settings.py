"""The settings of sign-in by other providers. Each one is off until it is named here."""

import json
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from adapters.sign_in.apple_secret import AppleKey
from domain.accounts.identities import PROVIDER_NAME
from domain.kit.trust.addresses import is_loopback

# Addresses that only one app on a device owns have the scheme of a domain name, backwards (RFC 8252).
APP_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
OWN_NAMES = frozenset({"google", "apple", "github"})
# What comes in groups: with the first of a group, the others are needed.
GROUPS = (
    ("google_client_id", "google_client_secret"),
    ("apple_client_id", "apple_team_id", "apple_key_id", "apple_private_key"),
    ("github_client_id", "github_client_secret"),
)
Together = Annotated[str | None, Field(validate_default=True, repr=False)]


class OidcClient(BaseModel):
    """What an OpenID provider was told of this platform, and what people call that provider.

    Without `links_by_email` its word about an address never opens an account that is there already.
    """

    model_config = ConfigDict(extra="forbid")

    issuer: str
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Annotated[str, Field(min_length=1, repr=False)]
    display_name: Annotated[str, Field(min_length=1, max_length=80)]
    links_by_email: bool = True

    @field_validator("issuer")
    @classmethod
    def be_safe(cls, value: str) -> str:
        if not (value.startswith("https://") or is_loopback(value)):
            raise ValueError("has to begin with https://, or lead to this machine")
        return value


class SignInSettings(BaseSettings):
    """`oidc` is a JSON object from names to other OpenID providers; `redirect_uris` are where apps wait for answers.

    `github_url` and `github_api_url` are for GitHub Enterprise Server.
    """

    model_config = SettingsConfigDict(env_prefix="CADENZA_SIGN_IN_", env_ignore_empty=True)

    google_client_id: str | None = None
    google_client_secret: Together = None
    apple_client_id: str | None = None
    apple_team_id: Together = None
    apple_key_id: Together = None
    apple_private_key: Together = None
    github_client_id: str | None = None
    github_client_secret: Together = None
    github_url: str = "https://github.com"
    github_api_url: str = "https://api.github.com"
    oidc: Annotated[dict[str, OidcClient], NoDecode] = Field(default_factory=dict)
    redirect_uris: Annotated[list[str], NoDecode, Field(validate_default=True)] = Field(default_factory=list)

    @field_validator(
        "google_client_secret", "apple_team_id", "apple_key_id", "apple_private_key", "github_client_secret"
    )
    @classmethod
    def come_together(cls, value: str | None, info: ValidationInfo) -> str | None:
        (group,) = [group for group in GROUPS if info.field_name in group]
        if (info.data.get(group[0]) is None) != (value is None):
            raise ValueError(f"is needed with CADENZA_SIGN_IN_{group[0].upper()}, and for nothing else")
        return value

    @field_validator("apple_private_key")
    @classmethod
    def be_a_key(cls, value: str | None) -> str | None:
        """Accepts `\\n` in place of line ends, as some environments need it."""
        if value is None:
            return None
        pem = value.replace("\\n", "\n")
        AppleKey("", "", pem).imported()
        return pem

    @field_validator("oidc", mode="before")
    @classmethod
    def parse(cls, value: object) -> object:
        """Raises `ValueError` for text that is no JSON."""
        return json.loads(value) if isinstance(value, str) else value

    @field_validator("oidc")
    @classmethod
    def have_names(cls, value: dict[str, OidcClient]) -> dict[str, OidcClient]:
        for name in value:
            if name in OWN_NAMES or not PROVIDER_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name: lower-case letters, digits and dashes, and not {OWN_NAMES}")
        return value

    @field_validator("redirect_uris", mode="before")
    @classmethod
    def split(cls, value: object) -> object:
        """Accepts a list separated by commas, as an environment variable has it."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("redirect_uris")
    @classmethod
    def lead_to_apps(cls, value: list[str], info: ValidationInfo) -> list[str]:
        named = [info.data.get(name) for name in ("google_client_id", "apple_client_id", "github_client_id", "oidc")]
        if any(named) and not value:
            raise ValueError("is needed when a provider is on")
        for uri in value:
            if not _is_app_address(uri):
                raise ValueError(f"{uri!r} is no https address, none of this machine and none of an app's own")
        return value


def _is_app_address(uri: str) -> bool:
    parts = urlsplit(uri)
    if parts.fragment or "#" in uri or parts.username is not None:
        return False
    is_web = parts.scheme == "https" and bool(parts.hostname)
    return is_web or is_loopback(uri) or APP_SCHEME.fullmatch(parts.scheme) is not None
