"""The configuration: file, environment, mistakes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from campaigns.model import Grade
from campaigns.policy import PolicyError, standard
from dissuade.config import Config
from dissuade.config_delivery import WebhookSection
from dissuade.config_file import line_of, load
from dissuade.config_template import template
from dissuade.errors import ConfigError
from dissuade.home import Home

pytestmark = pytest.mark.unit


def write(folder: Path, text: str) -> Path:
    path = folder / "dissuade.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    config = load(home=Home(tmp_path))
    assert config.lines.count == 8
    assert config.home.root == tmp_path
    assert config.store_path == tmp_path / "store" / "dissuade.db"


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[lines]\ncount = 2\n[trunk]\nhost = "192.0.2.1"\n[speech.zh]\nrate_wpm = 150\n')
    monkeypatch.setenv("DISSUADE_LINES__COUNT", "16")
    monkeypatch.setenv("DISSUADE_TRUNK__PORT", "5070")
    config = load(home=Home(tmp_path))
    assert (config.lines.count, config.trunk.host, config.trunk.port) == (16, "192.0.2.1", 5070)
    assert config.speech.zh.rate_wpm == 150
    assert config.speech.en.rate_wpm == 160


def test_an_unknown_key_is_named_with_file_line_and_the_key_that_was_meant(tmp_path: Path) -> None:
    path = write(tmp_path, "[node]\nsite = 'a'\n\n[lines]\ncuont = 3\n")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:5: lines.cuont: unknown key; did you mean count?")):
        load(home=Home(tmp_path))


def test_an_unknown_section_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "[line]\ncount = 3\n")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:1: line: unknown key; did you mean lines?")):
        load(home=Home(tmp_path))


def test_an_unknown_key_in_a_list_of_tables_is_found(tmp_path: Path) -> None:
    one = '[[dissuaders]]\nname = "A"\nuri = "sip:1@x"\n'
    path = write(tmp_path, one + one + 'phone = "1"\n')
    with pytest.raises(ConfigError, match=re.escape(f"{path}:7: dissuaders.1.phone: unknown key")):
        load(home=Home(tmp_path))


@pytest.mark.parametrize("name", ["DISSUADE_LINES__CUONT", "DISSUADE_LINEZ__COUNT", "DISSUADE_LINE"])
def test_an_unknown_variable_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "3")
    with pytest.raises(ConfigError, match=f"environment: {name}"):
        load(home=Home(tmp_path))


def test_a_wrong_value_is_named_but_not_printed(tmp_path: Path) -> None:
    path = write(tmp_path, '[trunk]\nregister = true\nusername = "u"\npassword = "hunter2"\n')
    with pytest.raises(ConfigError) as caught:
        load(home=Home(tmp_path))
    assert f"{path}:1: trunk: register = true needs host and username" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_text_that_is_no_toml_is_named_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, "[lines]\ncount 3\n")
    with pytest.raises(ConfigError, match="line 2"):
        load(home=Home(tmp_path))


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "other.toml")


def test_relative_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISSUADE_HOME")
    path = write(
        tmp_path, '[node]\nhome = "data"\n[speech.zh]\nmodel = "models/big"\n[centre]\nscripts = "/srv/scripts"\n'
    )
    config = load(path)
    assert config.home.root == tmp_path / "data"
    assert config.speech.zh.model == str(tmp_path / "models" / "big")
    assert config.speech.en.model == "en"
    assert config.centre.scripts == Path("/srv/scripts")


def test_the_home_variable_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, '[node]\nhome = "data"\n')
    monkeypatch.setenv("DISSUADE_HOME", str(tmp_path / "elsewhere"))
    assert load(path).home.root == tmp_path / "elsewhere"


def test_the_template_loads_and_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, template())
    assert load(home=Home(tmp_path)) == Config(node={"home": tmp_path})  # type: ignore[arg-type]


def test_the_template_with_every_default_uncommented_loads_too(tmp_path: Path) -> None:
    uncommented = re.sub(r"(?m)^# (\w+ = |\[\[)", r"\1", template())
    write(tmp_path, uncommented)
    config = load(home=Home(tmp_path))
    assert [each.uri for each in config.dissuaders] == ["sip:8001@192.0.2.10"]
    assert config.lines == Config().lines
    assert config.webhooks[0].secret_file == tmp_path / "orders.secret"


def test_the_template_shows_every_key() -> None:
    uncommented = tomllib.loads(re.sub(r"(?m)^# (\w+ = |\[\[)", r"\1", template()))
    assert set(WebhookSection.model_fields) - {"secret"} <= uncommented["webhooks"][0].keys()
    for section, info in Config.model_fields.items():
        if section not in {"dissuaders", "webhooks", "speech"}:
            assert isinstance(info.annotation, type)
            keys = {each.alias or name for name, each in info.annotation.model_fields.items()}
            assert keys <= uncommented[section].keys()


def test_a_key_that_is_no_more_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, "[lines]\ncount = 9\nrobot_calls_per_process = 2\n")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:3: lines.robot_calls_per_process: no key")) as told:
        load(home=Home(tmp_path))
    assert "kept_for_humans" in str(told.value)


@pytest.mark.parametrize(
    ("lines", "kept", "processes"),
    [
        ({"count": 1}, 2, 1),
        ({"count": 2}, 2, 1),
        ({"count": 8}, 2, 3),
        ({"count": 9}, 3, 3),
        ({"count": 100}, 25, 32),
        ({"count": 8, "kept_for_humans": 0}, 0, 2),
        ({"count": 2, "kept_for_humans": 2, "slots_per_process": 2}, 2, 2),
    ],
)
def test_as_many_processes_as_robot_and_humans_need(lines: dict[str, int], kept: int, processes: int) -> None:
    section = Config(lines=lines).lines  # type: ignore[arg-type]
    assert (section.kept, section.processes) == (kept, processes)


@pytest.mark.parametrize(
    ("location", "line"),
    [(("a", "k"), 3), (("a", "b", "k"), 5), (("x",), 1), (("l", 1, "k"), 9), (("q", "k"), 10), (("nowhere",), None)],
)
def test_the_line_of_a_key(location: tuple[str | int, ...], line: int | None) -> None:
    text = "x = 1\n[a]\nk = 1\n[a.b]\nk = 1\n[[l]]\nk = 1\n[[l]]\nk = 2\n[q]\n'k' = 1".replace("[q]\n'k' = 1", "['q']")
    assert line_of(location, text) == line


def test_campaigns_without_a_policy_have_the_built_in_one_or_that_of_the_file(tmp_path: Path) -> None:
    assert load(home=Home(tmp_path)).policy.default() == standard()
    (tmp_path / "own.yaml").write_text("hours: {low: always}\n", encoding="utf-8")
    write(tmp_path, '[policy]\nfile = "own.yaml"\n')
    config = load(home=Home(tmp_path))
    assert config.policy.file == tmp_path / "own.yaml"
    assert config.policy.default().hours[Grade.LOW].days is None


def test_a_faulty_policy_file_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("hours:\n  low: nights\n", encoding="utf-8")
    write(tmp_path, '[policy]\nfile = "own.yaml"\n')
    with pytest.raises(PolicyError, match=re.escape(f"{tmp_path / 'own.yaml'}:2: hours.low: ")):
        load(home=Home(tmp_path)).policy.default()


def test_two_dissuaders_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, '[[dissuaders]]\nname = "A"\nuri = "sip:1@x"\n' * 2)
    with pytest.raises(ConfigError, match="two dissuaders are named A"):
        load(home=Home(tmp_path))


WEBHOOK = '[[webhooks]]\nname = "a"\nurl = "https://orders.example/x"\nkinds = ["visit"]\nsecret = "s"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WEBHOOK.replace('"visit"', '"relative"'), "the robot calls relatives itself"),
        (WEBHOOK.replace('secret = "s"', ""), "give secret or secret_file"),
        (WEBHOOK.replace("https://", "ftp://"), "an address such as"),
        (WEBHOOK.replace("https://", "https://me:pw@"), "without a password in it"),
        (WEBHOOK.replace('"a"', '"smpp"'), "the name of a built-in way"),
        (WEBHOOK + WEBHOOK, "two webhooks are named a"),
        ('[delivery]\nsheets = ["sms"]', "there is none for sms"),
        ('[sms]\npassword = "123456789"', "sms.password"),
    ],
)
def test_a_mistake_in_who_gets_orders_is_named(text: str, said: str, tmp_path: Path) -> None:
    write(tmp_path, text)
    with pytest.raises(ConfigError, match=re.escape(said)):
        load(home=Home(tmp_path))
