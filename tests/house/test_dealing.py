"""The order of a parallel run: nothing is lost, files stay together, and the long ones are dealt out first."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import dealing

TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Item:
    """A test as the order sees it."""

    path: Path
    number: int


@pytest.fixture
def items() -> list[Item]:
    """Twenty tests of every file there is."""
    return [Item(path, number) for path in sorted(TESTS.rglob("test_*.py")) for number in range(20)]


def test_every_long_file_is_there() -> None:
    assert [name for name in dealing.LONG if not (TESTS / name).exists()] == []


@pytest.mark.parametrize("hands", [1, 2, 3, 4, 7])
def test_nothing_is_lost_and_nothing_comes_twice(items: list[Item], hands: int) -> None:
    dealt = dealing.dealt(items, hands)
    assert sorted(dealt, key=lambda item: (item.path, item.number)) == items


def test_few_tests_for_many_hands_are_dealt_too(items: list[Item]) -> None:
    assert dealing.dealt(items[:3], 4) == items[:3]
    assert dealing.dealt([], 4) == []


@pytest.mark.parametrize("hands", [3, 4])
def test_every_run_begins_with_its_share_of_the_long_files(items: list[Item], hands: int) -> None:
    dealt = dealing.dealt(items, hands)
    long = {TESTS / name for name in dealing.LONG}
    firsts = []
    for hand in range(hands):
        run = dealt[len(dealt) * hand // hands : len(dealt) * (hand + 1) // hands]
        of_long = [item.path in long for item in run]
        share = len(long) // hands * 20
        assert all(of_long[1:share]), "from the second on, since equal runs may be off by one"
        firsts.append(run[1].path)
    assert {TESTS / name for name in dealing.LONG[:hands]} == set(firsts)
