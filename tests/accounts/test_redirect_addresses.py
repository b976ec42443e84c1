"""Addresses to come back to: exactly those of the list, and any port of the same machine (RFC 8252, 7.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.redirect_addresses import is_allowed

APP = "https://app.cadenza.example/signed-in"
ALLOWED = [APP, "http://127.0.0.1/signed-in", "http://[::1]:7000/back?from=cadenza", "http://localhost:3000/signed-in"]


@pytest.mark.parametrize(
    "address",
    [
        *ALLOWED,
        "http://127.0.0.1:1/signed-in",
        "http://127.0.0.1:51004/signed-in",
        "http://[::1]/back?from=cadenza",
        "http://[::1]:65535/back?from=cadenza",
    ],
)
def test_what_is_listed_is_allowed_and_loopback_addresses_at_any_port(address: str) -> None:
    assert is_allowed(address, ALLOWED)


@pytest.mark.parametrize(
    "address",
    [
        "",
        f"{APP}/",
        "https://app.cadenza.example:8443/signed-in",
        "http://localhost:3001/signed-in",
        "https://127.0.0.1:51004/signed-in",
        "http://127.0.0.1:51004/elsewhere",
        "http://127.0.0.1:51004",
        "http://127.0.0.1:0/signed-in",
        "http://127.0.0.1:65536/signed-in",
        "http://127.0.0.1:٣/signed-in",
        "http://127.0.0.1:/signed-in",
        "http://127.0.0.1:80@evil.example/signed-in",
        "http://127.0.0.1.evil.example/signed-in",
        "http://127.0.0.2:51004/signed-in",
        "http://user@127.0.0.1:51004/signed-in",
        "http://127.0.0.1:51004/signed-in#token",
        "http://127.0.0.1:51004/signed-in\n",
        "http://2130706433:51004/signed-in",
        "http://[::1]:51004/signed-in",
        "http://[::1]:51004/back",
        "http://[0:0:0:0:0:0:0:1]:51004/back?from=cadenza",
        "HTTP://127.0.0.1:51004/signed-in",
    ],
)
def test_everything_else_is_not(address: str) -> None:
    assert not is_allowed(address, ALLOWED)


@given(st.text(max_size=60))
def test_no_text_behind_the_host_leads_elsewhere(text: str) -> None:
    # whatever is put between the host and the path: only a port gets through
    address = f"http://127.0.0.1{text}/signed-in"
    is_port = text[:1] == ":" and text[1:].isascii() and text[1:].isdigit() and len(text) <= 6
    assert is_allowed(address, ALLOWED) == (text == "" or (is_port and 1 <= int(text[1:]) <= 65535))


def test_without_a_loopback_address_on_the_list_none_is_allowed() -> None:
    assert not is_allowed("http://127.0.0.1:51004/signed-in", [APP])
