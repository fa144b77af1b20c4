"""Ids: there and back, in order of making, and refused in one sentence when they are none."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem import ids
from tandem.errors import Malformed

UUIDS = st.uuids()


@given(value=UUIDS)
def test_it_reads_what_it_has_shown(value: UUID) -> None:
    shown = ids.show("cnv", value)
    assert re.fullmatch(r"cnv_[0-7][0-9a-hjkmnp-tv-z]{25}", shown)
    assert ids.read("cnv", shown) == value


@given(value=UUIDS)
def test_it_reads_a_plain_uuid_too(value: UUID) -> None:
    assert ids.read("cnv", str(value)) == value


@given(one=UUIDS, other=UUIDS)
def test_what_is_shown_sorts_as_the_ids_do(one: UUID, other: UUID) -> None:
    assert (ids.show("cnv", one) < ids.show("cnv", other)) == (one < other)


def test_it_agrees_with_the_typeid_specification() -> None:
    value = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert ids.show("prefix", value) == "prefix_01h455vb4pex5vsknk084sn02q"
    assert ids.read("prefix", "prefix_01h455vb4pex5vsknk084sn02q") == value


def test_new_ids_are_uuids_of_version_7_that_sort_by_time() -> None:
    made = [ids.new() for _ in range(5000)]
    assert len(set(made)) == len(made)
    assert {(value.version, value.variant) for value in made} == {(7, "specified in RFC 4122")}
    millis = [value.int >> 80 for value in made]
    assert millis == sorted(millis)


GOOD = "cnv_01h455vb4pex5vsknk084sn02q"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cnv",
        "cnv_",
        "_01h455vb4pex5vsknk084sn02q",
        "tkt_01h455vb4pex5vsknk084sn02q",
        "CNV_01h455vb4pex5vsknk084sn02q",
        GOOD[:-1],
        GOOD + "0",
        GOOD.upper(),
        "cnv_81h455vb4pex5vsknk084sn02q",
        "cnv_01h455vb4pex5vsknk084sn02u",
        "cnv_01h455vb4pex5vsknk084sn02١",
        "cnv_ 1h455vb4pex5vsknk084sn02q",
        "cnv_cnv_01h455vb4pex5vsknk084sn02q",
        "01h455vb4pex5vsknk084sn02q",
        "1; drop table customers",
        "\x00",
    ],
)
def test_it_refuses_what_is_no_id(text: str) -> None:
    with pytest.raises(Malformed, match="conversation_id is not an id of the form cnv_…") as problem:
        ids.read("cnv", text, "conversation_id")
    assert problem.value.extra["errors"][0]["field"] == "conversation_id"


@given(text=st.text(max_size=60))
def test_it_reads_anything_or_refuses_it_and_never_breaks(text: str) -> None:
    try:
        value = ids.read("cnv", text)
    except Malformed:
        return
    assert ids.read("cnv", ids.show("cnv", value)) == value
