"""The dialer under test gets an ordinary configuration and an ordinary list of leads."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from campaigns.importing import import_file
from campaigns.sqlite_store import open_store
from dissuade.config_file import load
from dissuade.home import Home
from rehearsal.broker import Broker
from rehearsal.carrier import Carrier
from rehearsal.dialer_config import POLICY, configuration, write_config, write_leads, write_policy
from rehearsal.errors import ScenarioError
from rehearsal.scenario import LIBRARY, Scenario

pytestmark = pytest.mark.unit

DEMOS = sorted(LIBRARY.glob("demo-*.yaml"))


def written(scenario: Scenario, folder: Path) -> Path:
    broker = Broker(folder)
    broker.port = 1234
    carrier = Carrier(folder, {})
    carrier.port = 5062
    write_config(folder / "dissuade.toml", configuration(scenario, folder, carrier, broker, desk_port=8443))
    write_policy(folder / POLICY, scenario)
    return folder / "dissuade.toml"


@pytest.mark.parametrize("file", DEMOS, ids=lambda file: file.stem)
def test_the_program_reads_the_configuration_of_a_rehearsal(file: Path, tmp_path: Path) -> None:
    config = load(written(Scenario.load(file), tmp_path), home=Home(tmp_path))
    assert (config.trunk.host, config.trunk.port, config.trunk.register_) == ("127.0.0.1", 5062, True)
    assert config.mqtt.port == 1234
    assert config.desk.port == 8443
    assert config.lines.count == 8
    assert config.lines.ring_timeout_s == 15
    assert [hours.text for hours in config.policy.default().hours.values()] == ["always"] * 3
    assert [each.uri for each in config.dissuaders] == ["sip:8001@127.0.0.1:5062"]


@pytest.mark.parametrize("file", DEMOS, ids=lambda file: file.stem)
def test_every_lead_of_a_rehearsal_is_accepted(file: Path, tmp_path: Path) -> None:
    scenario = Scenario.load(file)
    write_leads(tmp_path / "leads.csv", scenario)
    store = open_store(tmp_path / "store.db")
    store.create_campaign("c", now=0)
    count = import_file(store, tmp_path / "leads.csv", "c", now=0, rejects_dir=tmp_path)
    leads = [case.lead for case in store.cases(campaign="c")]
    store.close()
    assert (count.accepted, count.rejected) == (12, 0)
    assert [(lead.number, lead.name, lead.grade) for lead in leads] == [
        (person.number, person.lead.name, person.lead.grade) for person in scenario.people
    ]


def test_the_rehearsal_s_own_settings_go_over_the_others_and_leave_the_rest(tmp_path: Path) -> None:
    scenario = Scenario.load(DEMOS[0]).model_copy(
        update={"dialer": {"lines": {"ring_timeout_s": 3}, "trunk": {"transport": "tcp"}, "x": {"y": ["a", 1, True]}}}
    )
    data = tomllib.loads(written(scenario, tmp_path).read_text())
    assert data["lines"] == {"count": 8, "ring_timeout_s": 3}
    assert data["trunk"]["transport"] == "tcp"
    assert data["trunk"]["port"] == 5062
    assert data["x"]["y"] == ["a", 1, True]


def test_the_configuration_with_the_password_is_the_user_s_alone(tmp_path: Path) -> None:
    assert written(Scenario.load(DEMOS[0]), tmp_path).stat().st_mode & 0o077 == 0


def test_a_setting_that_no_file_can_hold_is_told_by_its_key(tmp_path: Path) -> None:
    scenario = Scenario.load(DEMOS[0]).model_copy(update={"dialer": {"lines": {"count": None}}})
    with pytest.raises(ScenarioError, match="count cannot be None"):
        written(scenario, tmp_path)
