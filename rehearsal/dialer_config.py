"""What the dialer under test is given: the ordinary configuration file and the ordinary list of leads."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

from rehearsal.broker import Broker
from rehearsal.carrier import REALM, Carrier
from rehearsal.errors import ScenarioError
from rehearsal.scenario import Scenario

STORE = Path("store") / "dissuade.db"
"""The dialer's database, below the run's folder."""

POLICY = "policy.yaml"
"""The ladder of the rehearsal, below the run's folder."""

COLUMNS = ("number", "name", "scam_type", "grade", "language", "sex", "age", "note")


def configuration(
    scenario: Scenario, folder: Path, carrier: Carrier, broker: Broker | None, *, desk_port: int = 0
) -> dict[str, object]:
    """The dialer's configuration for one run, the rehearsal's own settings over it. Without a port there is no desk."""
    config: dict[str, object] = {
        "node": {"name": "rehearsal", "site": "rehearsal", "home": str(folder)},
        "trunk": {
            "host": carrier.host,
            "port": carrier.port,
            "register": True,
            "username": carrier.subscriber.username,
            "password": carrier.subscriber.password,
            "realm": REALM,
        },
        "lines": {"count": scenario.lines},
        "dissuaders": [{"name": each.name or each.user, "uri": carrier.uri(each.user)} for each in scenario.dissuaders],
        "policy": {"file": str(folder / POLICY)},
        "store": {"path": str(folder / STORE)},
    }
    if desk_port:
        config["desk"] = {"port": desk_port}
    if broker:
        config["mqtt"] = {"host": broker.host, "port": broker.port}
    return _laid_over(config, scenario.dialer)


def write_config(path: Path, config: Mapping[str, object]) -> None:
    """Write it as TOML, readable by this user alone: it holds a password. Raises `ScenarioError`."""
    path.touch(mode=0o600)
    path.write_text("\n".join(_toml(config)) + "\n", encoding="utf-8")


def write_policy(path: Path, scenario: Scenario) -> None:
    """Write the ladder: the standard one at any hour, for these people are not real and nobody is woken."""
    around_the_clock: dict[str, object] = {"hours": dict.fromkeys(("high", "medium", "low"), "always")}
    path.write_text(json.dumps(_laid_over(around_the_clock, scenario.policy), ensure_ascii=False, indent=2) + "\n")


def write_leads(path: Path, scenario: Scenario) -> None:
    """Write the leads as CSV, in the rehearsal's order."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for person in scenario.people:
            lead = person.lead
            row = {column: getattr(lead, column) for column in COLUMNS if column != "number"}
            writer.writerow({"number": person.number, **row, "language": lead.language or scenario.language})


def _laid_over(config: dict[str, object], over: Mapping[str, object]) -> dict[str, object]:
    merged = dict(config)
    for key, value in over.items():
        under = merged.get(key)
        merged[key] = _laid_over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _toml(config: Mapping[str, object], name: str = "") -> list[str]:
    """Tables of scalars, tables in tables, and lists of tables: all that a configuration has."""
    lines = [f"{key} = {_scalar(key, value)}" for key, value in config.items() if not _is_table(value)]
    for key, value in config.items():
        full = f"{name}.{key}" if name else key
        if isinstance(value, dict):
            lines += ["", f"[{full}]", *_toml(value, full)]
        elif isinstance(value, list) and _is_table(value):
            for item in value:
                lines += ["", f"[[{full}]]", *_toml(item, full)]
    return lines


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value))


def _scalar(key: str, value: object) -> str:
    if isinstance(value, bool | int | float | str):
        # TOML's basic strings, numbers and booleans are written as JSON's are
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(_scalar(key, item) for item in value) + "]"
    raise ScenarioError(f"dialer: {key} cannot be {value!r}: give a text, a number, true or false")
