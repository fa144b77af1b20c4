"""What is built into Tandem for actions to call, by name."""

from collections.abc import Mapping

from tandem.actions.handlers import Builtin
from tandem.demo.shop.builtin import NAME, DemoShop
from tandem.settings import Settings


def of(settings: Settings) -> Mapping[str, Builtin]:
    """Every one that this installation has."""
    return {NAME: DemoShop(settings.data_dir)}
