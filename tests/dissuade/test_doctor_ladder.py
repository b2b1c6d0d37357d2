"""The doctor reads every policy that is in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from dissuade.config import Config
from dissuade.doctor import Verdict
from dissuade.doctor.ladder import policies
from dissuade.storage import opened

pytestmark = pytest.mark.unit


async def test_a_policy_that_cannot_be_read_is_found_with_its_line(tmp_path: Path) -> None:
    config = Config(node={"home": tmp_path})  # type: ignore[arg-type]
    config.store_path.parent.mkdir(parents=True)
    with opened(config) as store:
        for name, policy in (("plain", ""), ("good", "hours: {low: 10:00-11:00}"), ("old", "\nhourz: {}")):
            store.create_campaign(name, now=0)
            store.set_policy(name, policy, now=0, by="Li")
    default, good, old = await policies(config)
    assert [each.verdict for each in (default, good, old)] == [Verdict.OK, Verdict.OK, Verdict.FAIL]
    assert "standard: high always" in default.said
    assert "campaign good: high always, medium 08:30-21:00, low 10:00-11:00" in good.said
    assert "campaign old:2: hourz: there is no such setting" in old.said


async def test_so_is_the_nodes_own_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("calls: {not_reached: 0}\n", encoding="utf-8")
    config = Config(node={"home": tmp_path}, policy={"file": tmp_path / "own.yaml"})  # type: ignore[arg-type]
    config.store_path.parent.mkdir(parents=True)
    (found,) = await policies(config)
    assert (found.verdict, f"{tmp_path / 'own.yaml'}:1: calls.not_reached" in found.said) == (Verdict.FAIL, True)
