"""A setting without documentation fails here, and so does the documentation of a setting that is gone."""

import re
from pathlib import Path

from tandem.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
VARIABLE = re.compile(r"\bTANDEM_[A-Z0-9_]+\b")


def test_every_setting_is_documented_with_its_default() -> None:
    lines = PAGE.read_text().splitlines()
    for spec in Settings.__dataclass_fields__.values():
        about = [line for line in lines if f"`{spec.metadata['env']}`" in line]
        assert about, f"{spec.metadata['env']} is not in {PAGE.name}"
        if default := shown(spec.default):
            assert any(default in line for line in about), f"{spec.metadata['env']}: its default {default} is not said"


def test_every_documented_setting_is_there() -> None:
    known = {spec.metadata["env"] for spec in Settings.__dataclass_fields__.values()}
    secrets = {spec.metadata["env"] for spec in Settings.__dataclass_fields__.values() if spec.metadata.get("secret")}
    for name in VARIABLE.findall(PAGE.read_text()):
        plain = name.removesuffix("_FILE")
        assert name in known or plain in secrets, f"{name} is documented, and nothing reads it"


def shown(default: object) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return str(default)
