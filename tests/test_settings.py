"""The operator's settings: read once, and a wrong one is named in a sentence."""

from pathlib import Path

import pytest

from tandem import settings
from tandem.settings import Settings, WrongSetting


def test_without_any_variable_the_defaults_count() -> None:
    assert settings.read({}) == Settings()


def test_it_reads_text_numbers_switches_and_paths() -> None:
    read = settings.read(
        {
            "TANDEM_HOST": " 0.0.0.0 ",
            "TANDEM_PORT": "9000",
            "TANDEM_RATE_LIMITS": "off",
            "TANDEM_DATA_DIR": "/srv/tandem",
            "PORT": "1",
        }
    )
    assert (read.host, read.port, read.rate_limits, read.data_dir) == ("0.0.0.0", 9000, False, Path("/srv/tandem"))


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert settings.read({"TANDEM_PORT": "", "TANDEM_REDIS_URL": "  "}) == Settings()


@pytest.mark.parametrize(("text", "value"), [("on", True), ("TRUE", True), ("1", True), ("no", False), ("0", False)])
def test_a_switch_takes_the_usual_words(text: str, value: bool) -> None:
    assert settings.read({"TANDEM_RATE_LIMITS": text}).rate_limits is value


@pytest.mark.parametrize(
    ("variable", "text", "sentence"),
    [
        ("TANDEM_PORT", "eighty", "TANDEM_PORT is 'eighty'; it takes a whole number"),
        ("TANDEM_RATE_LIMITS", "perhaps", "TANDEM_RATE_LIMITS is 'perhaps'; it takes on or off"),
    ],
)
def test_it_refuses_a_wrong_value_and_names_it(variable: str, text: str, sentence: str) -> None:
    with pytest.raises(WrongSetting) as problem:
        settings.read({variable: text})
    assert problem.value.detail == sentence


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-1234\n")
    assert settings.read({"TANDEM_MODEL_API_KEY_FILE": str(file)}).model_api_key == "sk-1234"
    with pytest.raises(WrongSetting, match=r"TANDEM_MODEL_API_KEY_FILE names .*nowhere, which cannot be read"):
        settings.read({"TANDEM_MODEL_API_KEY_FILE": str(tmp_path / "nowhere")})


def test_only_secrets_come_from_files(tmp_path: Path) -> None:
    file = tmp_path / "host"
    file.write_text("0.0.0.0")
    assert settings.read({"TANDEM_HOST_FILE": str(file)}).host == Settings().host


def test_every_variable_belongs_to_one_setting_and_is_ours() -> None:
    names = [spec.metadata["env"] for spec in Settings.__dataclass_fields__.values()]
    assert len(set(names)) == len(names)
    assert {name for name in names if not name.startswith("TANDEM_")} == {
        "AWS_ACCESS_KEY_ID",  # whoever uses Bedrock has these in place
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
    }


def test_what_sounds_like_a_secret_is_one() -> None:
    for spec in Settings.__dataclass_fields__.values():
        if spec.metadata["env"].endswith(("_KEY", "_TOKEN", "_PASSWORD", "DATABASE_URL", "REDIS_URL")):
            assert spec.metadata.get("secret"), spec.metadata["env"]


def test_a_secret_is_not_shown_with_the_settings() -> None:
    shown = repr(settings.read({"TANDEM_SECRET_KEY": "s3cr3t-one", "TANDEM_MODEL_API_KEY": "s3cr3t-two"}))
    assert "s3cr3t" not in shown
