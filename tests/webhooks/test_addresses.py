"""Which addresses may be sent to: every block that is special, whatever it is wrapped in."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis.strategies import SearchStrategy, integers, ip_addresses, sampled_from

from domain.webhooks.addresses import is_public, parsed

SPECIAL = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "168.63.129.16/32",
    "::/128", "::1/128", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32",
    "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::8a"]


def in_block(block: str) -> SearchStrategy[IPv4Address | IPv6Address]:
    network = ip_network(block)
    return integers(int(network.network_address), int(network.broadcast_address)).map(
        lambda number: IPv4Address(number) if network.version == 4 else IPv6Address(number)
    )


@given(sampled_from(SPECIAL).flatmap(in_block))
def test_nothing_in_a_special_block_is_public(address: IPv4Address | IPv6Address) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("block", SPECIAL)
def test_neither_edge_of_a_special_block_is_public(block: str) -> None:
    network = ip_network(block)
    assert not is_public(network.network_address)
    assert not is_public(network.broadcast_address)


@given(ip_addresses(v=4))
def test_what_python_calls_private_or_reserved_is_not_public(address: IPv4Address) -> None:
    if address.is_private or address.is_reserved or address.is_multicast or address.is_link_local:
        assert not is_public(address)


@given(ip_addresses(v=6))
def test_only_global_unicast_is_public(address: IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@given(ip_addresses(v=4))
def test_no_ipv4_address_is_reached_through_a_wrapping_one(inner: IPv4Address) -> None:
    number = int(inner)
    wrapped = [
        IPv6Address(number),
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x0064FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
        IPv6Address((0x2A00 << 112) | (0x5EFE << 32) | number),
        IPv6Address((0x2A00 << 112) | (0x02005EFE << 32) | number),
    ]
    assert [address for address in wrapped if is_public(address)] == []


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_of_known_public_servers_are_public(text: str) -> None:
    address = parsed(text)
    assert address is not None
    assert is_public(address)


@pytest.mark.parametrize(
    "text", ["fe80::1%eth0", "localhost", "", "1.2.3", "0x7f000001", "2130706433", "127.1", "010.0.0.1"]
)
def test_what_is_not_plainly_an_address_is_none(text: str) -> None:
    assert parsed(text) is None
