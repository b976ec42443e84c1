"""What every answer of the API has to be, whatever was asked."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from graphql import GraphQLInterfaceType

from tests.graphql.belongings import SCHEMA

MEDIA_TYPES = {"application/json", "application/graphql-response+json"}
STATUSES = (200, 400, 401)
MEMBERS = {"data", "errors", "extensions"}
CODE = re.compile(r"[A-Z][A-Z_]+")
# A fault of ours, or one that only a server that is down may cause.
OUR_FAULT = {"INTERNAL", "DEPENDENCY_UNAVAILABLE", "EXECUTION_TIMEOUT", "RATE_LIMITED", "TOO_MANY_DOCUMENTS"}
# What comes out when the inside of a program is shown.
INSIDES = re.compile(
    r"Traceback|File \"|site-packages|\.py\b|0x[0-9a-f]{8}|pymongo|beanie|mongodb://|redis://|argon2|NoneType"
)

PROBLEMS = {kind.name for kind in SCHEMA.get_possible_types(cast(GraphQLInterfaceType, SCHEMA.type_map["Problem"]))}


class Verdict(AssertionError):
    """An answer is not what it should be."""


class Judge:
    """`secrets` may stand in no answer. Counts what became of requests: `done`, `problem` or `error`."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = secrets
        self.outcomes: Counter[str] = Counter()

    def judge(self, status: int, content_type: str, body: str, asked: str, *, is_too_large: bool = False) -> None:
        """Raises `Verdict` with everything that is wrong. What `is_too_large` is refused for that, with 413."""
        wrong = [
            *self._of_http(status, content_type, (413,) if is_too_large else STATUSES),
            *self._of_text(body, asked),
            *self._of_body(body),
        ]
        if wrong:
            raise Verdict(f"{wrong}\nasked: {asked[:4000]}\nanswered {status}: {body[:2000]}")
        self.outcomes[_outcome(json.loads(body))] += 1

    def _of_http(self, status: int, content_type: str, expected: Sequence[int]) -> list[str]:
        media_type = content_type.partition(";")[0]
        wrong = [] if status in expected else [f"the status is {status}"]
        return wrong if media_type in MEDIA_TYPES else [*wrong, f"the media type is {media_type}"]

    def _of_text(self, body: str, asked: str) -> list[str]:
        shown = [secret for secret in self._secrets if secret in body and secret not in asked]
        # What was sent may be told again.
        found = [text for text in INSIDES.findall(body) if text not in asked]
        return [f"shows {text!r}" for text in (*shown, *found)]

    def _of_body(self, body: str) -> list[str]:
        try:
            answer = json.loads(body, parse_constant=_refuse)
        except ValueError as error:
            return [f"is no JSON: {error}"]
        if not isinstance(answer, dict) or not {"data", "errors"} & set(answer):
            return ["is no GraphQL answer"]
        wrong = [f"has members {set(answer) - MEMBERS}"] if set(answer) - MEMBERS else []
        if "errors" in answer and not (isinstance(answer["errors"], list) and answer["errors"]):
            return [*wrong, "has errors that are no list, or an empty one"]
        return [*wrong, *(told for error in answer.get("errors", ()) for told in _of_error(error))]


def _of_error(error: Any) -> list[str]:
    if not isinstance(error, dict) or set(error) - {"message", "locations", "path", "extensions"}:
        return ["has an error that is none"]
    extensions = error.get("extensions", {})
    code, message = str(extensions.get("code")), error.get("message")
    wrong = [] if isinstance(message, str) and message else ["has an error without a message"]
    if not CODE.fullmatch(code) or not extensions.get("requestId"):
        wrong.append("has an error without a code or the request's id")
    return [*wrong, f"says {code}"] if code in OUR_FAULT else wrong


def _outcome(answer: dict[str, Any]) -> str:
    if "errors" in answer:
        return "error"
    results = [each for each in answer["data"].values() if isinstance(each, dict)]
    return "problem" if any(each.get("__typename") in PROBLEMS for each in results) else "done"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
