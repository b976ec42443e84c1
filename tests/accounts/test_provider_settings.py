"""Settings of sign-in by other providers, as environment variables have them."""

import json

import pytest
from joserfc.jwk import ECKey

from bootstrap.settings import MissingSettings, read
from bootstrap.sign_in import open_providers
from bootstrap.sign_in_settings import SignInSettings
from tests.accounts.providers.apple import new_p8
from tests.world import TurnableClock

PREFIX = "CADENZA_SIGN_IN_"
ADDRESSES = {"REDIRECT_URIS": "https://app.cadenza.example/signed-in"}
GOOGLE = {"GOOGLE_CLIENT_ID": "id", "GOOGLE_CLIENT_SECRET": "google's secret"}
GITHUB = {"GITHUB_CLIENT_ID": "id", "GITHUB_CLIENT_SECRET": "github's secret"}
APPLE = {"APPLE_CLIENT_ID": "com.example", "APPLE_TEAM_ID": "T", "APPLE_KEY_ID": "K"}
CORP = {"issuer": "https://id.corp.example", "client_id": "c", "client_secret": "corp's secret", "display_name": "Corp"}


def settings(**values: str) -> SignInSettings:
    return read(SignInSettings, {PREFIX + name: value for name, value in values.items()})


async def test_nobody_is_on_by_default() -> None:
    async with open_providers(settings(), "https://api.cadenza.example", TurnableClock()) as providers:
        assert providers.names == ()


async def test_each_provider_that_is_named_is_on() -> None:
    pem = new_p8().replace("\n", "\\n")
    all_of_them = settings(
        **ADDRESSES, **GOOGLE, **GITHUB, **APPLE, APPLE_PRIVATE_KEY=pem, OIDC=json.dumps({"corp": CORP})
    )

    async with open_providers(all_of_them, "https://api.cadenza.example", TurnableClock()) as providers:
        assert [(name, providers.display_name(name)) for name in providers.names] == [
            ("google", "Google"),
            ("apple", "Apple"),
            ("corp", "Corp"),
            ("github", "GitHub"),
        ]
    assert not any(secret in repr(all_of_them) for secret in ("google's", "github's", "corp's", "PRIVATE"))


def test_addresses_are_separated_by_commas() -> None:
    uris = "https://a.example/x, http://localhost:5173/, http://127.0.0.1:8090/cb,com.example.app:/signed-in,"

    assert settings(REDIRECT_URIS=uris).redirect_uris == [
        "https://a.example/x",
        "http://localhost:5173/",
        "http://127.0.0.1:8090/cb",
        "com.example.app:/signed-in",
    ]


@pytest.mark.parametrize(
    "values, name",
    [
        ({"GOOGLE_CLIENT_ID": "id", **ADDRESSES}, "GOOGLE_CLIENT_SECRET"),
        ({"GOOGLE_CLIENT_SECRET": "secret", **ADDRESSES}, "GOOGLE_CLIENT_SECRET"),
        ({"GITHUB_CLIENT_ID": "id", **ADDRESSES}, "GITHUB_CLIENT_SECRET"),
        ({**APPLE, **ADDRESSES}, "APPLE_PRIVATE_KEY"),
        ({**APPLE, "APPLE_PRIVATE_KEY": "no key", **ADDRESSES}, "APPLE_PRIVATE_KEY"),
        (GOOGLE, "REDIRECT_URIS"),
        ({"OIDC": json.dumps({"corp": CORP})}, "REDIRECT_URIS"),
        ({"OIDC": "no JSON"}, "OIDC"),
        ({"OIDC": json.dumps({"google": CORP}), **ADDRESSES}, "OIDC"),
        ({"OIDC": json.dumps({"Corp Inc.": CORP}), **ADDRESSES}, "OIDC"),
        ({"OIDC": json.dumps({"corp": {**CORP, "issuer": "http://id.corp.example"}}), **ADDRESSES}, "OIDC"),
        ({"OIDC": json.dumps({"corp": {**CORP, "extra": 1}}), **ADDRESSES}, "OIDC"),
        ({"REDIRECT_URIS": "http://app.cadenza.example/"}, "REDIRECT_URIS"),
        ({"REDIRECT_URIS": "https://app.cadenza.example/#in"}, "REDIRECT_URIS"),
        ({"REDIRECT_URIS": "https://user@app.cadenza.example/"}, "REDIRECT_URIS"),
        ({"REDIRECT_URIS": "javascript:alert(1)"}, "REDIRECT_URIS"),
        ({"REDIRECT_URIS": "signed-in"}, "REDIRECT_URIS"),
        ({"REDIRECT_URIS": "https://[broken"}, "REDIRECT_URIS"),
    ],
)
def test_what_cannot_be_is_told_by_the_name_of_the_variable(values: dict[str, str], name: str) -> None:
    with pytest.raises(MissingSettings, match=PREFIX + name) as refusal:
        settings(**values)

    assert "corp's secret" not in str(refusal.value)


@pytest.mark.parametrize("curve", ["P-384", "P-521"])
def test_a_key_that_apple_would_not_take_is_told(curve: str) -> None:
    pem = ECKey.generate_key(curve).as_pem(private=True).decode()

    with pytest.raises(MissingSettings, match="P-256"):
        settings(**APPLE, APPLE_PRIVATE_KEY=pem, **ADDRESSES)


def test_a_public_key_signs_nothing() -> None:
    pem = ECKey.generate_key("P-256").as_pem(private=False).decode()

    with pytest.raises(MissingSettings, match="private"):
        settings(**APPLE, APPLE_PRIVATE_KEY=pem, **ADDRESSES)
