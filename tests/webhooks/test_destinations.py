"""Which URLs may be registered, and which addresses a host may turn out to be."""

import pytest

from domain.webhooks.addresses import parsed
from domain.webhooks.destinations import Destinations

STRICT, LOCAL = Destinations(), Destinations(loopback=True)


def allowed(destinations: Destinations, host: str, port: int, text: str) -> bool:
    address = parsed(text)
    assert address is not None
    return destinations.allows(host, port, address)


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example/", "https://hooks.example:8443/a/b?c=d", "https://1.1.1.1/x", "https://[2606:4700::1111]/"],
)
def test_https_to_a_public_host_may_be_registered(url: str) -> None:
    assert STRICT.issues(url) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "hooks.example",
        "https://",
        "https:///path",
        "https://user@hooks.example/",
        "https://user:pass@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example:22/",
        "https://hooks.example:6379/",
        "https://hooks.example:99999/",
        "https://hooks.example:x/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://localhost/",
        "http://localhost:9000/",
        "https://höoks.example/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nHost: other",
        "https://hooks.example/" + "x" * 2048,
        "https://[fe80::1%25eth0]/",
        "https://[not-an-address]/",
    ],
)
def test_anything_else_is_refused_with_one_reason(url: str) -> None:
    (issue,) = STRICT.issues(url)
    assert issue.path == "url"
    assert len(issue.message) < 150


def test_for_development_this_machine_may_be_registered_and_nothing_else_is_loosened() -> None:
    for url in ("http://localhost:9000/", "http://127.0.0.1:80/", "http://[::1]:1234/", "https://localhost:9443/"):
        assert LOCAL.issues(url) == []
    for url in ("http://hooks.example/", "http://10.0.0.1/", "https://hooks.example:9000/", "https://192.168.0.1/"):
        assert len(LOCAL.issues(url)) == 1


def test_a_host_may_only_turn_out_to_be_public() -> None:
    assert allowed(STRICT, "hooks.example", 443, "1.1.1.1")
    assert not allowed(STRICT, "hooks.example", 443, "127.0.0.1")
    assert not allowed(STRICT, "hooks.example", 443, "10.0.0.1")
    assert not allowed(STRICT, "hooks.example", 80, "1.1.1.1")
    assert allowed(Destinations(frozenset({443, 444})), "hooks.example", 444, "1.1.1.1")


def test_even_for_development_a_foreign_name_is_never_this_machine() -> None:
    assert allowed(LOCAL, "localhost", 9000, "127.0.0.1")
    assert allowed(LOCAL, "127.0.0.1", 9000, "127.0.0.1")
    assert not allowed(LOCAL, "localhost", 9000, "10.0.0.1")
    assert not allowed(LOCAL, "hooks.example", 443, "127.0.0.1")
    assert not allowed(LOCAL, "localhost.hooks.example", 443, "127.0.0.1")
