"""What a job changes of a song, as the schema shows it."""

from collections.abc import Mapping
from typing import Annotated

import strawberry

from domain.generation import edits


@strawberry.type(description="The song goes on behind its end.")
class Extension:
    seconds: float = strawberry.field(description="How much longer it becomes.")


@strawberry.type(description="Some of its bars are written anew.")
class Repaint:
    from_seconds: float = strawberry.field(description="Where that begins.")
    to_seconds: float = strawberry.field(description="Where that ends.")


@strawberry.type(description="One more instrument plays along.")
class Layer:
    instrument: str = strawberry.field(description="The instrument.")


@strawberry.type(description="It is another take on the whole song.")
class Variation:
    amount: float = strawberry.field(description="The share of the bars that are written anew.")


TrackEdit = Annotated[
    Extension | Repaint | Layer | Variation,
    strawberry.union("TrackEdit", description="What is changed of a version to make another one."),
]
SHOWN: Mapping[type[edits.Edit], type[Extension | Repaint | Layer | Variation]] = {
    edits.Extend: Extension,
    edits.Repaint: Repaint,
    edits.Layer: Layer,
    edits.Vary: Variation,
}


def shown_edit(edit: edits.Edit) -> Extension | Repaint | Layer | Variation:
    return SHOWN[type(edit)](**vars(edit))
