"""Scam types proposed from free text, on invented notes: who is taken for whom."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from campaigns.intake.fields import LeadDefaults, LeadForm
from campaigns.intake.headings import Headings
from campaigns.intake.scam_types import Proposer, ScamTypesError, built_in

pytestmark = pytest.mark.unit

HERE = Path(__file__).parent
NOW = 1_800_000_000.0


def confusion(name: str) -> Counter[tuple[str, str, str]]:
    """(language, type by a person, type proposed) and how often."""
    notes = YAML(typ="safe").load((HERE / name).read_text(encoding="utf-8"))
    return Counter(
        (language, given, built_in().of(language).propose(note))
        for language, types in notes.items()
        for given, texts in types.items()
        for note in texts
    )


def told(table: Counter[tuple[str, str, str]]) -> str:
    return "\n".join(f"{n:4} {lang} {given or '-'} -> {got or '-'}" for (lang, given, got), n in sorted(table.items()))


def counts(table: Counter[tuple[str, str, str]]) -> tuple[int, int, int, int]:
    """Notes, right, taken for another type, left open."""
    right = sum(n for (_, given, got), n in table.items() if given == got)
    wrong = sum(n for (_, given, got), n in table.items() if got not in {given, ""})
    return table.total(), right, wrong, table.total() - right - wrong


def test_notes_that_the_keywords_were_chosen_by_are_told_apart() -> None:
    table = confusion("scam_notes.yaml")
    notes, right, wrong, _ = counts(table)
    assert notes >= 150
    assert wrong == 0, told(table)
    assert right >= 0.98 * notes, told(table)


def test_of_notes_written_after_the_keywords_few_are_taken_for_another_type() -> None:
    """37 right, 1 wrong, 11 left to the general script, of 49."""
    table = confusion("scam_notes_unseen.yaml")
    notes, right, wrong, _ = counts(table)
    assert wrong <= 0.05 * notes, told(table)
    assert right >= 0.7 * notes, told(table)


def test_the_proposed_types_are_those_that_scripts_are_written_for(repository: Path) -> None:
    scripts = [
        YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for path in (repository / "scripts" / "library").rglob("*.yaml")
    ]
    written = {each["scam_type"] for each in scripts if each.get("scam_type")}
    assert _types("zh") | _types("en") == written


def _types(language: str) -> set[str]:
    text = Path(built_in.__wrapped__.__code__.co_filename).with_suffix(".yaml").read_text(encoding="utf-8")
    return set(YAML(typ="safe").load(text)[language])


def lead_type(**cells: str) -> tuple[str, int]:
    form = LeadForm(LeadDefaults(), now=NOW, proposer=built_in())
    known = Headings()
    values = {slot: value for key, value in {"number": "11100000011", **cells}.items() if (slot := known.slot(key))}
    return form.lead(values).scam_type, form.proposed


def test_a_given_type_is_never_overridden_and_a_missing_one_is_proposed() -> None:
    note = "对方发来通缉令，要求把钱转到安全账户"
    assert lead_type(note=note) == ("冒充公检法", 1)
    assert lead_type(note=note, scam_type="虚假贷款") == ("虚假贷款", 0)
    assert lead_type(note=note, scam_type="本地新骗局") == ("本地新骗局", 0)
    assert lead_type(note=note, scam_type="其他") == ("冒充公检法", 1)
    assert lead_type(note="独居") == ("", 0)
    assert lead_type(note="asked for bail money for her grandson in jail", language="en-US") == ("boss", 1)


def test_the_longer_labels_of_the_police_set_are_taken_for_the_usual_one() -> None:
    assert lead_type(scam_type="冒充公检法及政府机关类") == ("冒充公检法", 0)
    assert lead_type(scam_type="杀猪盘") == ("网络婚恋交友", 0)


def test_words_of_a_centre_s_own_are_laid_over_type_by_type(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "zh:\n  本地新骗局: {strong: [龙门阵], labels: [新骗局]}\n  虚假贷款: {strong: [土话]}\n", encoding="utf-8"
    )
    types = Proposer(own).of("zh-CN")
    assert types.propose("他们摆龙门阵") == "本地新骗局"
    assert types.label("新骗局") == "本地新骗局"
    assert types.propose("下款前要走账，无抵押") == ""
    assert types.propose("对方发来通缉令") == "冒充公检法"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("zh: [", "not YAML"), ("zh:\n  类型: {strng: [x]}\n", "zh > 类型 > strng"), ("zh: 1\n", "zh")],
)
def test_a_faulty_file_is_named_with_the_place(tmp_path: Path, text: str, reason: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(ScamTypesError, match=reason):
        Proposer(own)
    with pytest.raises(ScamTypesError, match="cannot read"):
        Proposer(tmp_path / "none.yaml")


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert isinstance(built_in().of("zh-CN").propose(text), str)
    assert isinstance(built_in().of("en").propose(text), str)
