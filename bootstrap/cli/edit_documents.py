"""The GraphQL documents by which the command changes songs: each change is asked for, and priced, in the same way."""

from dataclasses import dataclass

MAKE = """
mutation Edit($input: %(name)sInput!) {
  %(mutation)s(input: $input) {
    __typename
    ... on %(name)sSuccess { job { id trackId versionId seed } }
    ... on Problem { code message }
  }
}
"""
PRICE = """
query QuoteEdit($input: %(name)sInput!) {
  %(quote)s(input: $input) { credits availableCredits isAffordable expectedSeconds }
}
"""


@dataclass(frozen=True)
class EditDocuments:
    """The names of one change in the schema; `name` is that of its types."""

    name: str
    mutation: str
    quote: str

    @property
    def make(self) -> str:
        return MAKE % vars(self)

    @property
    def price(self) -> str:
        return PRICE % vars(self)


EXTEND = EditDocuments("ExtendTrack", "extendTrack", "quoteExtension")
REPAINT = EditDocuments("RepaintTrack", "repaintTrack", "quoteRepaint")
LAYER = EditDocuments("AddLayer", "addLayer", "quoteLayer")
VARY = EditDocuments("VaryTrack", "varyTrack", "quoteVariation")
