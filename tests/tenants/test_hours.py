"""Business time: weekly hours, holidays, and the two days a year on which the clocks change."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pydantic
import pytest

from tandem.db import Database
from tandem.tenants import hours, teams
from tandem.tenants.hours import Hours
from tests.cast import Cast

WEEK = {day: [{"from": "09:00", "to": "17:00"}] for day in hours.DAYS[:5]}


def office(zone: str = "Europe/Berlin", **more: object) -> Hours:
    return Hours.model_validate({"time_zone": zone, "week": WEEK, **more})


def local(text: str, zone: str = "Europe/Berlin") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-20 10:00", 60, "2026-11-20 11:00"),
        ("2026-11-20 16:30", 60, "2026-11-23 09:30"),  # over the weekend
        ("2026-11-20 08:00", 30, "2026-11-20 09:30"),  # before they are there
        ("2026-11-21 12:00", 60, "2026-11-23 10:00"),  # on a Saturday
        ("2026-11-20 16:00", 60, "2026-11-20 17:00"),  # to the last minute
        ("2026-11-20 10:00", 16 * 60, "2026-11-24 10:00"),
    ],
)
def test_time_runs_while_people_are_there(start: str, minutes: int, due: str) -> None:
    assert hours.after(office(), local(start), minutes * 60) == local(due)
    assert hours.between(office(), local(start), local(due)) == minutes * 60


def test_a_holiday_is_no_business_day() -> None:
    closed = office(holidays=[{"date": "2026-12-25", "name": "Christmas"}])
    assert hours.after(closed, local("2026-12-24 16:00"), 2 * 3600) == local("2026-12-28 10:00")


@pytest.mark.parametrize(("day", "real"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_on_which_the_clocks_change_has_the_hours_that_pass(day: str, real: int) -> None:
    whole = [{"from": "00:00", "to": "24:00"}]
    always_open = office(week=dict.fromkeys(hours.DAYS, whole))
    begin = local(f"{day} 00:00")
    assert hours.between(always_open, begin, begin + timedelta(days=2)) == 48 * 3600
    next_midnight = (begin.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None) + timedelta(days=1)).isoformat()
    assert hours.between(always_open, begin, local(next_midnight)) == real * 3600


def test_an_office_night_shift_over_the_change_is_an_hour_shorter_or_longer() -> None:
    night = office(week={"sunday": [{"from": "01:00", "to": "05:00"}]})
    spring, autumn = local("2026-03-29 00:00"), local("2026-10-25 00:00")
    assert hours.between(night, spring, spring + timedelta(hours=12)) == 3 * 3600
    assert hours.between(night, autumn, autumn + timedelta(hours=12)) == 5 * 3600
    assert hours.after(night, spring, 3600 * 2) == local("2026-03-29 04:00")  # 01-02 and 03-04 on the wall


def test_promised_over_the_change_it_is_due_at_the_wall_s_time() -> None:
    assert hours.after(office(), local("2026-03-27 16:00"), 2 * 3600) == local("2026-03-30 10:00")
    assert hours.after(office(), local("2026-10-23 16:00"), 2 * 3600) == local("2026-10-26 10:00")


def test_adding_and_counting_agree_everywhere() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    for _ in range(150):
        zone = dice.choice(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
        found = office(zone, holidays=[{"date": f"2026-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"}])
        start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(365 * 1440))
        seconds = dice.randrange(1, 60 * 3600)
        due = hours.after(found, start, seconds)
        assert due is not None
        assert hours.between(found, start, due) == pytest.approx(seconds)
        assert hours.at(found, due - timedelta(seconds=1)).is_open
    assert hours.after(None, local("2026-11-20 10:00"), 60) == local("2026-11-20 10:01")


@pytest.mark.parametrize(
    ("now", "back"),
    [
        ("2026-11-20 18:00", "on Monday at 9:00"),
        ("2026-11-19 18:00", "tomorrow at 9:00"),
        ("2026-11-20 08:00", "today at 9:00"),
        ("2026-12-24 18:00", "on Monday 4 January at 9:00"),
    ],
)
def test_it_says_in_words_when_people_are_back(now: str, back: str) -> None:
    holidays = [{"date": f"2026-12-{day}"} for day in range(25, 32)] + [{"date": "2027-01-01"}]
    stands = hours.at(office(holidays=holidays, text="We are back {back}."), local(now))
    assert (stands.is_open, stands.back, stands.text) == (False, back, f"We are back {back}.")


def test_nobody_comes_back_to_an_office_that_never_opens() -> None:
    never = office(week={})
    assert hours.after(never, local("2026-11-20 10:00"), 60) is None
    assert hours.at(never, local("2026-11-20 10:00")).back == "later"


@pytest.mark.parametrize(
    "odd",
    [
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": ""},
        {"week": {"monday": [{"from": "17:00", "to": "09:00"}]}},
        {"week": {"monday": [{"from": "09:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]}},
        {"week": {"someday": []}},
        {"week": {"monday": [{"from": "9", "to": "17:00"}]}},
        {"week": {"monday": [{"from": "09:00", "to": "25:00"}]}},
        {"holidays": [{"date": "tomorrow"}]},
        {"outside": "sleep"},
    ],
)
def test_odd_hours_are_refused(odd: dict[str, object]) -> None:
    with pytest.raises(pydantic.ValidationError):
        Hours.model_validate(odd)


async def test_a_team_s_own_hours_come_before_the_tenant_s(db: Database, cast: Cast) -> None:
    async with db.tenant(cast.acme.id) as tx:
        team_id = await teams.add(tx, "Night")
        assert await hours.of_team(tx, team_id) is hours.ALWAYS
        await hours.keep(tx, None, office())
        await hours.keep(tx, None, office("UTC"))
        assert (await hours.of_team(tx, team_id) or office()).time_zone == "UTC"
        await hours.keep(tx, team_id, office("Asia/Tokyo"))
        assert (await hours.of_team(tx, team_id) or office()).time_zone == "Asia/Tokyo"
        await hours.keep(tx, team_id, None)
        assert (await hours.of_team(tx, team_id) or office()).time_zone == "UTC"
    async with db.tenant(cast.rival.id) as tx:
        assert await hours.of_team(tx, None) is hours.ALWAYS
