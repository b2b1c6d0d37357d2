"""A centre's own staff can edit the rules, and are told where they went wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from speech import lexicon as lexicons
from speech.assess import assess
from speech.assessment import SIGNALS
from speech.homophones import Homophones
from speech.lexicon import FOLDER, LexiconError, label, load_lexicon
from speech.patterns import PatternError, alphabet, expression
from speech.reply import prepare
from speech.required import pieces
from tests.speech.corpus import corpus

pytestmark = pytest.mark.unit

ZH = (FOLDER / "zh-CN.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_lexicon_knows_every_signal_and_names_it(path: Path) -> None:
    found = load_lexicon(path)
    assert found.signals.keys() == SIGNALS
    assert all(signal.label for signal in found.signals.values())


FAULTS = [
    ("label: 已经转钱", "lable: 已经转钱", "unknown key 'lable'"),
    ("weight: 0.95", "weight: 95", "weight of money_sent must be from 0 to 1"),
    ("  money_sent:\n", "  money_spent:\n", "there is no signal 'money_spent'"),
    ('"转人工"', '"转(人工"', "an open parenthesis"),
    ('"转人工"', '"转人工?"', "may only follow a closing parenthesis"),
    ('"转人工"', '"转{operator}"', "there is no term 'operator'"),
    ('"转人工"', '"转[人]工"', "a character that patterns do not know"),
    ('"转人工"', '"(转人工)?"', "matches nothing at all"),
    ('"转人工"', '"转(人工|)"', "an empty choice"),
    ("cancels: [coached", "cancels: [coach", "there is no signal coach"),
    ("asks: [money_sent]", "asks: [money]", "there is no signal money"),
    ("escalate: true\n", "escalate: maybe\n", "must be true or false"),
    ("sure: true\n", "sure: perhaps\n", "must be true or false"),
    ("    [同学, 室友", "    [老公, 同学, 室友", "'老公' is of the kind 'kin' already"),
    ("language: zh-CN\n", "language: zh-CN\n  bad: [\n", "is not valid YAML"),
]


@pytest.mark.parametrize(("old", "new", "reason"), FAULTS, ids=[f"{fault[1]}-{fault[2]}"[:60] for fault in FAULTS])
def test_a_fault_is_told_with_file_and_line(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in ZH
    path = tmp_path / "zh-CN.yaml"
    path.write_text(ZH.replace(old, new, 1), encoding="utf-8")
    expected = ZH[: ZH.index(old)].count("\n") + 1
    with pytest.raises(LexiconError, match=re.escape(reason)) as caught:
        load_lexicon(path)
    found = re.match(rf"{re.escape(str(path))}:(\d+): ", str(caught.value))
    assert found is not None
    assert abs(int(found[1]) - expected) <= 2


def test_a_language_without_a_lexicon_is_told() -> None:
    with pytest.raises(LexiconError, match=r"'fr'.*en, zh-CN"):
        assess("bonjour", language="fr")


def test_rules_are_reloaded_and_a_faulty_file_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "zh-CN.yaml"
    path.write_text(ZH, encoding="utf-8")
    monkeypatch.setattr(lexicons, "FOLDER", tmp_path)
    monkeypatch.setattr(lexicons, "_loaded", {})
    assert not assess("包青天在吗", language="zh-CN").escalate
    path.write_text(ZH.replace('"转人工"', '"转人工|包青天"'), encoding="utf-8")
    lexicons.reload()
    assert assess("包青天在吗", language="zh-CN").escalate
    path.write_text(ZH.replace('"转人工"', '"转人工("'), encoding="utf-8")
    with pytest.raises(LexiconError):
        lexicons.reload()
    assert assess("包青天在吗", language="zh-CN").escalate


def test_a_signal_has_a_name_for_people() -> None:
    assert label("money_sent", "zh-CN") == "已经转钱"
    assert label("money_sent", "en") == "has sent money"


@pytest.mark.parametrize(
    ("heard", "corrected"),
    [
        ("一经转了", "已经转了"),
        ("把严正码告诉他", "把验证码告诉他"),
        ("转到安全帐户", "转到安全账户"),
        ("安转流程", "安转流程"),
        ("克服困难", "克服困难"),
        ("股票赚了", "股票赚了"),
        ("社区宣传过", "社区宣传过"),
    ],
)
def test_homophones_are_written_as_they_are_known_and_everyday_words_stay(heard: str, corrected: str) -> None:
    homophones = load_lexicon(FOLDER / "zh-CN.yaml").grammar.homophones
    assert homophones is not None
    assert homophones.correct(heard) == corrected


def test_sounds_that_recognisers_mix_up_count_in_long_words_only() -> None:
    homophones = Homophones(["验证码", "转账"])
    assert homophones.correct("验怎马") == "验证码"
    assert homophones.correct("钻脏") == "钻脏"


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("转…了", "转了三万了", True),
        ("转…万", "转没有三万", False),
        ("转…万", "转，三万", False),
        ("转……万", "转给他，三万", True),
        ("(给|告诉)他(了)?$", "告诉他", True),
        ("^转了", "我转了", False),
        ("转了{amount}", "转了三万块", True),
        ("打了{amount}", "打了三个电话", False),
    ],
)
def test_patterns_match_as_the_guide_says(pattern: str, text: str, found: bool) -> None:
    letters = alphabet("zh-CN", ["没有"])
    marked = text.replace("没", letters.marks["没"])
    assert bool(re.search(expression(pattern, {}, letters), marked)) is found


def test_english_patterns_match_whole_words() -> None:
    letters = alphabet("en", ["not"])
    assert re.search(expression("sent (him|her)? money", {}, letters), "i sent  money")
    assert not re.search(expression("sent money", {}, letters), "i resent money")
    with pytest.raises(PatternError):
        expression("sent*", {}, letters)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_way_of_saying_is_passed_over_that_would_match(language: str) -> None:
    rules = load_lexicon(FOLDER / f"{language}.yaml")
    ways = [way for signal in rules.signals.values() for rule in signal.rules for way in rule.says]
    ways += [way for signal in rules.signals.values() for way in signal.denied_by]
    assert sum(needed.bit_count() > 1 for needed, _ in ways) > len(ways) / 4
    for reply in corpus(language, "dev")[::4]:
        prepared = prepare(reply.text, rules.grammar)
        met = rules.needs.met(pieces(prepared.text, rules.grammar.letters))
        for needed, says in ways:
            if needed & met != needed:
                assert not says.search(prepared.scan), (says.pattern, reply.text)


def test_a_rule_that_is_sure_holds_against_the_judgement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexicons, "FOLDER", tmp_path)
    monkeypatch.setattr(lexicons, "_loaded", {})
    heard = {}
    for sure in ("false", "true"):
        rule = f'      - name: soup\n        sure: {sure}\n        says: ["我在喝汤"]\n'
        path = tmp_path / "zh-CN.yaml"
        path.write_text(ZH.replace("      - name: human-short\n", f"{rule}      - name: human-short\n", 1), "utf-8")
        lexicons._loaded.clear()
        heard[sure] = [signal.rule for signal in assess("我在喝汤 一会儿还要去买菜", language="zh-CN").signals]
    assert {sure: "soup" in rules for sure, rules in heard.items()} == {"false": False, "true": True}
