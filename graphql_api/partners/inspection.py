"""Reading documents that are to be registered by the rules and limits that hold when they are run."""

from collections.abc import Sequence

from domain.partners.operations import Inspection, OperationType
from graphql_api.core.documents.reading import Documents
from graphql_api.core.refusals import DocumentInvalid, Refusal

MAX_TEXT = 64 * 1024


class DocumentInspector:
    """Fits `domain.partners.operations.Inspector`."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def inspect(self, text: str) -> Inspection | Sequence[str]:
        if len(text) > MAX_TEXT:
            return [f"A document has at most {MAX_TEXT} characters."]
        try:
            found = self._documents.read(text)
        except DocumentInvalid as refusal:
            return [error.message for error in refusal.found]
        except Refusal as refusal:
            return [refusal.message]
        if len(found.operations) != 1:
            return ["A document that is registered has exactly one operation."]
        (operation,) = found.operations.values()
        cost, bound = operation.cost.points({}), self._documents.limits.cost
        if cost > bound:
            return [f"The document is too complex: cost may be at most {bound}, and is {cost} or more."]
        return Inspection(operation.name, OperationType[operation.type.name], cost)
