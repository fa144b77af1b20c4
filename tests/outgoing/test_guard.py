"""Nothing that is not public is connected to: 500 hostile addresses, changed thousands of times, names that change their mind."""

import re

import pytest

from tandem.outgoing import Allowed, ForbiddenAddress, NotAnAddress, read_allowed, urls
from tandem.outgoing.addresses import is_public, read_address
from tandem.outgoing.guard import Guard
from tandem.settings import WrongSetting
from tests.outgoing import hostile
from tests.outgoing.hostile import Watch

NOTHING = Allowed()
SEED = 8
MUTATIONS = 9_500


async def test_no_hostile_address_is_connected_to() -> None:
    watch = Watch()
    tried = await hostile.attempt(hostile.corpus(), NOTHING, watch)
    assert tried > 400
    assert watch.inside == []


async def test_nor_is_any_that_is_changed_by_chance() -> None:
    watch = Watch()
    print(f"seed {SEED}")
    assert await hostile.attempt(hostile.mutated(SEED, MUTATIONS), NOTHING, watch) == MUTATIONS
    assert watch.inside == []
    assert watch.connected, "changed addresses of public hosts are connected to"


async def test_a_public_address_is_connected_to_at_the_very_address_that_was_checked() -> None:
    watch = Watch()
    await hostile.attempt(["https://public.example/help"], NOTHING, watch)
    assert set(watch.connected) == hostile.PUBLIC
    assert watch.looked_up == ["public.example"]


async def test_a_name_that_changes_its_mind_is_asked_once_for_each_connection() -> None:
    watch = Watch()
    await hostile.attempt([f"http://rebinding-{n}.example/" for n in range(50)], NOTHING, watch)
    assert watch.connected == ["93.184.215.14"] * 50
    watch = Watch()
    await hostile.attempt(["http://rebinding.example/"] * 50, NOTHING, watch)
    assert len(watch.looked_up) == 50
    assert watch.connected == ["93.184.215.14"] * 25


@pytest.mark.parametrize("text", hostile.PRIVATE + hostile.PRIVATE6)
def test_it_is_not_public(text: str) -> None:
    assert not is_public(read_address(text))


@pytest.mark.parametrize(
    "text",
    ["1.1.1.1", "93.184.215.14", "8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:1.1.1.1", "172.32.0.1"],
)
def test_it_is_public(text: str) -> None:
    assert is_public(read_address(text))


@pytest.mark.parametrize(
    ("setting", "host", "address", "admitted"),
    [
        ("wiki.corp", "wiki.corp", "10.0.0.5", True),
        ("wiki.corp", "WIKI.corp.".lower(), "10.0.0.5", True),
        ("wiki.corp", "other.corp", "10.0.0.5", False),
        ("wiki.corp", "wiki.corp", "169.254.169.254", False),
        ("wiki.corp", "wiki.corp", "::ffff:169.254.169.254", False),
        ("10.0.0.0/8", "other.corp", "10.9.9.9", True),
        ("10.0.0.0/8", "other.corp", "::ffff:10.9.9.9", True),
        ("10.0.0.0/8", "other.corp", "192.168.0.1", False),
        ("fd00::/8, 127.0.0.1", "x", "127.0.0.1", True),
        ("fd00::/8, 127.0.0.1", "x", "fd00::7", True),
        ("fd00::/8, 127.0.0.1", "x", "127.0.0.2", False),
        ("", "x", "127.0.0.1", False),
    ],
)
def test_the_operator_allows_hosts_and_networks(setting: str, host: str, address: str, admitted: bool) -> None:
    assert read_allowed(setting).admits(host, read_address(address)) is admitted


@pytest.mark.parametrize("setting", ["10.0.0.0/99", "http://wiki", "10.0.0.256", "a/b"])
def test_a_setting_that_means_nothing_stops_the_start(setting: str) -> None:
    with pytest.raises(WrongSetting, match="TANDEM_OUTGOING_ALLOW"):
        read_allowed(setting)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("HTTP://Public.Example", "http://public.example/"),
        ("https://public.example:443/a b".replace(" ", "%20"), "https://public.example/a%20b"),
        ("https://bücher.example/ä?q=ö#x", "https://xn--bcher-kva.example/%C3%A4?q=%C3%B6"),
        ("https://مثال.example/مقال", "https://xn--mgbh0fb.example/%D9%85%D9%82%D8%A7%D9%84"),
        ("http://[2606:4700:0::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://public.example?x=[1]", "https://public.example/?x=%5B1%5D"),
    ],
)
def test_an_address_gets_one_form(text: str, read: str) -> None:
    assert urls.read(text).text == read
    assert urls.read(read).text == read


@pytest.mark.parametrize("text", [u for u in hostile.disguised() if re.match(r"\w+://[^/?#]*@", u)])
def test_a_log_in_in_an_address_is_refused(text: str) -> None:
    with pytest.raises(NotAnAddress):
        urls.read(text)


@pytest.mark.parametrize("text", ["http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/"])
def test_a_host_in_unusual_numbers_is_refused(text: str) -> None:
    with pytest.raises(NotAnAddress, match="unusual"):
        urls.read(text)


def test_the_refusal_names_host_and_setting() -> None:
    with pytest.raises(ForbiddenAddress, match=r"127\.0\.0\.1.*TANDEM_OUTGOING_ALLOW"):
        Guard(NOTHING).check("x", read_address("127.0.0.1"))
