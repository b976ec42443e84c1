"""What the mutations of plays take."""

from datetime import datetime

import strawberry


@strawberry.input(description="What to forget.")
class ClearPlayHistoryInput:
    before: datetime | None = strawberry.field(
        default=None, description="Only what began before this moment; everything when it is left out."
    )
