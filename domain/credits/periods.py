"""Calendar months for plan periods. Pure."""

import calendar
from datetime import datetime


def months_after(anchor: datetime, months: int) -> datetime:
    """The same day and time some months later, or the last day of a month that is too short."""
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return anchor.replace(year=year, month=month + 1, day=min(anchor.day, last))


def month_around(anchor: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Start and end of the month counted from `anchor` that `now` lies in; `now` is not before `anchor`."""
    months = (now.year - anchor.year) * 12 + now.month - anchor.month
    if months_after(anchor, months) > now:
        months -= 1
    return months_after(anchor, months), months_after(anchor, months + 1)
