"""One structure, written as XML and as JSON."""

import json
from xml.etree import ElementTree

import pytest

from graphql_api.subsonic.failures import Code, Failed
from graphql_api.subsonic.identifiers import artist_id, artist_of
from graphql_api.subsonic.parameters import Parameters
from graphql_api.subsonic.replies import as_json, as_xml, failed, succeeded

REPLY = {
    "lyricsList": {
        "lines": [{"start": 0, "value": "a <b> & c"}, {"value": ""}],
        "names": ["one", "two"],
        "nothing": None,
        "synced": True,
        "empty": [],
    }
}


def test_xml_has_attributes_for_scalars_and_elements_for_the_rest() -> None:
    text = as_xml(succeeded(REPLY)).decode()
    inside = text[text.index("<lyricsList") : text.index("</subsonic-response>")]
    assert inside == (
        '<lyricsList synced="true"><lines start="0">a &lt;b&gt; &amp; c</lines><lines></lines>'
        "<names>one</names><names>two</names></lyricsList>"
    )


def test_json_has_lists_that_are_empty_and_nothing_that_is_none() -> None:
    told = json.loads(as_json(succeeded(REPLY)))["subsonic-response"]["lyricsList"]
    assert told == {
        "lines": [{"start": 0, "value": "a <b> & c"}, {"value": ""}],
        "names": ["one", "two"],
        "synced": True,
        "empty": [],
    }


def test_json_has_nothing_that_is_none_whatever_a_title_holds() -> None:
    song = {"title": 'a":null,', "starred": None, "genres": [{"name": None}, {"name": "jazz"}]}
    told = json.loads(as_json(succeeded({"song": song})))["subsonic-response"]["song"]
    assert told == {"title": 'a":null,', "genres": [{}, {"name": "jazz"}]}


def test_xml_of_an_element_with_empty_lists_only_is_closed_at_once() -> None:
    assert b'<album id="1"/>' in as_xml(succeeded({"album": {"id": 1, "song": [], "artist": None}}))


@pytest.mark.parametrize("text", ["\x00\x08\x0b", "a\nb\tc\rd", "<>&\"'", "\ufffe\U0001f327", "]]>"])
def test_whatever_a_title_holds_it_is_xml(text: str) -> None:
    root = ElementTree.fromstring(as_xml(succeeded({"song": {"title": text, "value": text}})))
    (found,) = root
    kept = "".join(sign for sign in text if sign not in "\x00\x08\x0b\ufffe")
    assert found.get("title") == kept


def test_a_failure_has_a_code_and_a_sentence() -> None:
    reply = failed(Failed(Code.NOT_FOUND, "There is no such song."))
    assert (reply["status"], reply["error"]["code"]) == ("failed", 70)
    root = ElementTree.fromstring(as_xml(reply))
    assert root[0].attrib == {"code": "70", "message": "There is no such song."}


@pytest.mark.parametrize("name", ["Ada", "Ünï / 夜 & co", "a" * 120, "🎵"])
def test_an_artist_is_known_by_the_name(name: str) -> None:
    assert artist_of(artist_id(name)) == name


def test_parameters_are_checked_when_they_are_asked_for() -> None:
    given = Parameters.read(b"id=1&id=2&size=900&on=TRUE&empty=&odd=1e5&name=%C3%A4", b"id=3")
    assert given.many("id") == ["1", "2", "3"]
    assert (given.text("id"), given.text("empty"), given.text("name")) == ("3", None, "ä")
    assert (given.number("size", 10, most=500), given.number("none", 10)) == (500, 10)
    assert (given.flag("on", False), given.flag("none", True)) == (True, True)
    with pytest.raises(Failed, match="'empty' is missing"):
        given.required("empty")
    with pytest.raises(Failed, match="'odd' is not a whole number"):
        given.number("odd", 1)
    with pytest.raises(Failed, match="'odd' is either true or false"):
        given.flag("odd", True)
