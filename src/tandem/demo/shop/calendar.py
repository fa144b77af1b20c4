"""The shop's days: working days, and until when something can be returned. Everything is from the shop's articles."""

from datetime import UTC, date, datetime, timedelta

RETURN_DAYS = 60
"""Article "return-window-and-conditions"."""

LAST_CHANCE_DAYS = 14
"""Article "sale-and-outlet-returns": items marked "Last Chance"."""

NEVER = 0
"""Gift cards and the like: they cannot be returned."""

REPORT_DAYS = 7
"""Article "damaged-wrong-or-missing-items": by when such a thing is reported."""

DELIVERY_BACK_DAYS = 14
"""Article "refund-times": a whole order sent back by then gets its delivery cost back too."""

MONTHS = (
    "January February March April May June July August September October November December".split()
)  # fmt: skip


def now() -> datetime:
    """This moment, in whole seconds, UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def working_day(day: date, after: int) -> date:
    """The working day that many working days after `day`; Monday to Friday, without public holidays."""
    while after > 0:
        day += timedelta(days=1)
        after -= day.weekday() < 5
    return day


def last_day_to_return(placed: date, delivered: date, days: int) -> date:
    """The last day on which an item with so many days can be sent back.

    Ordinary items of orders placed from 1 November to 24 December can be returned until 31 January at least.
    """
    end = delivered + timedelta(days=days)
    if days == RETURN_DAYS and date(placed.year, 11, 1) <= placed <= date(placed.year, 12, 24):
        return max(end, date(placed.year + 1, 1, 31))
    return end


def in_words(day: date) -> str:
    """`4 December 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def euros(minor: int) -> str:
    """`€39.00` for 3900."""
    return f"€{minor // 100}.{minor % 100:02}"
