"""Replies of OpenSubsonic: one structure, written as XML or as JSON.

A mapping is an element: scalars are its attributes, lists are repeated elements, `value` is its text. None is left out.
"""

import re
from collections.abc import Mapping
from html import escape
from importlib.metadata import version
from typing import Any

import orjson

from graphql_api.subsonic.failures import Failed

Element = Mapping[str, Any]

PROTOCOL = "1.16.1"
NAMESPACE = "http://subsonic.org/restapi"
SERVER_VERSION = version("cadenza")
TEXT = "value"
# What XML 1.0 has no way to write (section 2.2).
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# `dict` stands first, because to ask a type is quicker than to ask what it can do.
ELEMENTS, LISTS = (dict, Mapping), (list, tuple)
NESTED = (*LISTS, *ELEMENTS)
# Most of what stands in a reply has none of these and is written as it is.
_UNUSUAL = re.compile("[^ !#-%(-;=?-~]")


def succeeded(content: Element) -> Element:
    return {**_envelope("ok"), **content}


def failed(failure: Failed, help_url: str | None = None) -> Element:
    error = {"code": int(failure.code), "message": failure.message, "helpUrl": help_url}
    return {**_envelope("failed"), "error": error}


def as_json(reply: Element) -> bytes:
    """Written first and looked through then, which takes far less than to look through all the parts."""
    whole = {"subsonic-response": reply}
    written = orjson.dumps(whole, default=_without_holes)
    return orjson.dumps(_without_holes(whole)) if b":null" in written else written


def as_xml(reply: Element) -> bytes:
    # a lone half of a surrogate pair has no place in UTF-8
    parts = ['<?xml version="1.0" encoding="UTF-8"?>']
    _add_element(parts, "subsonic-response", {"xmlns": NAMESPACE, **reply})
    return "".join(parts).encode("utf-8", "replace")


def _envelope(status: str) -> Element:
    return {
        "status": status,
        "version": PROTOCOL,
        "type": "cadenza",
        "serverVersion": SERVER_VERSION,
        "openSubsonic": True,
    }


def _without_holes(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_holes(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_without_holes(each) for each in value]
    return value


def _add_element(parts: list[str], name: str, content: Any) -> None:
    """Appends what the element is written with."""
    if not isinstance(content, ELEMENTS):
        parts.append(f"<{name}>{_text(content)}</{name}>")
        return
    parts.append(f"<{name}")
    inside: list[tuple[str, Any]] = []
    for key, value in content.items():
        if value is None or key == TEXT:
            continue
        if isinstance(value, NESTED):
            inside += [(key, each) for each in (value if isinstance(value, LISTS) else (value,))]
        else:
            parts.append(f' {key}="{_attribute(value)}"')
    text = content.get(TEXT)
    if not inside and text is None:
        parts.append("/>")
        return
    parts.append(f">{'' if text is None else _text(text)}")
    for key, value in inside:
        _add_element(parts, key, value)
    parts.append(f"</{name}>")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    written = str(value)
    return escape(_UNWRITABLE.sub("", written)) if _UNUSUAL.search(written) else written


def _attribute(value: Any) -> str:
    """Line ends as references, or whoever reads it would make spaces of them."""
    return _text(value).replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")
