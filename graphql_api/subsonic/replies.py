"""Replies of OpenSubsonic: one structure, written as XML or as JSON.

A mapping is an element: scalars are its attributes, lists are repeated elements, `value` is its text. None is left out.
"""

import re
from collections.abc import Mapping, Sequence
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


def succeeded(content: Element) -> Element:
    return {**_envelope("ok"), **content}


def failed(failure: Failed, help_url: str | None = None) -> Element:
    error = {"code": int(failure.code), "message": failure.message, "helpUrl": help_url}
    return {**_envelope("failed"), "error": error}


def as_json(reply: Element) -> bytes:
    return orjson.dumps({"subsonic-response": _without_holes(reply)})


def as_xml(reply: Element) -> bytes:
    # a lone half of a surrogate pair has no place in UTF-8
    written = '<?xml version="1.0" encoding="UTF-8"?>' + _element("subsonic-response", {"xmlns": NAMESPACE, **reply})
    return written.encode("utf-8", "replace")


def _envelope(status: str) -> Element:
    return {
        "status": status,
        "version": PROTOCOL,
        "type": "cadenza",
        "serverVersion": SERVER_VERSION,
        "openSubsonic": True,
    }


def _without_holes(value: Any) -> Any:
    """Most of what stands in a reply is text and numbers, which by their types are told apart at once."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or kind is float:
        return value
    if isinstance(value, Mapping):
        return {name: _without_holes(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_without_holes(each) for each in value]
    return value


def _element(name: str, content: Any) -> str:
    if not isinstance(content, Mapping):
        return f"<{name}>{_text(content)}</{name}>"
    attributes, inside = [], [] if content.get(TEXT) is None else [_text(content[TEXT])]
    for key, value in content.items():
        if value is None or key == TEXT:
            continue
        if isinstance(value, Mapping):
            inside.append(_element(key, value))
        elif isinstance(value, Sequence) and not isinstance(value, str):
            inside += [_element(key, each) for each in value]
        else:
            attributes.append(f' {key}="{_attribute(value)}"')
    head = f"{name}{''.join(attributes)}"
    return f"<{head}>{''.join(inside)}</{name}>" if inside else f"<{head}/>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(_UNWRITABLE.sub("", str(value)))


def _attribute(value: Any) -> str:
    """Line ends as references, or whoever reads it would make spaces of them."""
    return _text(value).replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")
