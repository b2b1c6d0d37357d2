"""What a text message says: short, no link, whom to call; a centre's own texts before the built-in ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from campaigns.delivery.sms_coding import encode
from campaigns.delivery.sms_texts import SmsTexts, TextsError
from campaigns.model import Grade, Lead

pytestmark = pytest.mark.unit

NUMBER = "+8611100000001"
TYPES = [
    "冒充公检法",
    "冒充电商物流客服",
    "刷单返利",
    "虚假投资理财",
    "虚假贷款",
    "虚假征信",
    "冒充领导熟人",
    "网络婚恋交友",
    "网黑裸聊",
    "机票退改签",
    "网络游戏虚假交易",
    "冒充军警购物",
    "虚假购物服务",
]


def texts(own: Path | None = None, centre: str = "广州市反诈中心") -> SmsTexts:
    return SmsTexts(own, centre=centre, callback_number="96110")


def said(scam_type: str, language: str = "zh-CN", used: SmsTexts | None = None) -> str:
    return (used or texts()).message(Lead(NUMBER, scam_type=scam_type, language=language)).text


@pytest.mark.parametrize("scam_type", ["", "unheard of", *TYPES])
def test_every_built_in_chinese_text_is_one_message_that_names_the_number_and_has_no_link(scam_type: str) -> None:
    text = said(scam_type)
    assert len(encode(text).parts) == 1
    assert "96110" in text
    assert not re.search(r"http|www|\.c", text)


def test_each_chinese_scam_type_has_a_text_of_its_own() -> None:
    assert len({said(each) for each in ["", *TYPES]}) == len(TYPES) + 1


@pytest.mark.parametrize("language", ["en", "en-US", "fr-FR"])
def test_who_does_not_read_chinese_gets_english_for_a_chinese_scam_type_too(language: str) -> None:
    used = texts(centre="Anti-Fraud Centre")
    assert "safe account" in said("冒充公检法", language, used)
    assert len(encode(said("冒充公检法", language, used)).parts) == 1


def test_high_grades_are_flashed_and_whoever_orders_may_say_otherwise() -> None:
    lead = Lead(NUMBER, grade=Grade.HIGH)
    assert texts().message(lead).flash
    assert not texts().message(Lead(NUMBER, grade=Grade.LOW)).flash
    told = texts().message(lead, {"text": "请回电 96110", "flash": False, "why": "x"})
    assert (told.text, told.flash) == ("请回电 96110", False)


def test_a_centres_own_text_goes_before_the_built_in_one(tmp_path: Path) -> None:
    own = tmp_path / "texts.yaml"
    own.write_text("flash: []\nzh:\n  - types: [冒充公检法]\n    text: 本地 {callback_number}\n", encoding="utf-8")
    used = texts(own)
    assert said("冒充公检法", used=used) == "本地 96110"
    assert said("虚假贷款", used=used) == said("虚假贷款")
    assert not used.message(Lead(NUMBER, grade=Grade.HIGH)).flash


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("zh: [{types: [general], text: '请看 www.example.com {callback_number}'}]", "no links"),
        ("zh: [{types: [general], text: '请小心'}]", "say whom to call back"),
        ("zh: [{types: [general], text: '{name} {callback_number}'}]", "{name} is not known"),
        ("zh: [{types: [general], text: '{centre.x} {callback_number}'}]", "{centre.x} is not known"),
        ("zh: [{types: [general], text: '{ {callback_number}'}]", "zh, general"),
        ("zh: [{types: [general], text: '" + "请" * 140 + "{callback_number}'}]", "shorten it to 2"),
        ("fr: [{types: [prêt], text: '{callback_number}'}]", "there must be an entry of type general"),
        ("zh: [{type: general}]", "zh.0.types: Field required"),
        ("flash: [urgent]", "high, medium, low"),
        ("[1]", "a table by language"),
        ("zh: [", "not valid YAML"),
    ],
)
def test_a_mistake_in_a_centres_texts_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    own = tmp_path / "texts.yaml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(TextsError, match=re.escape(complaint)):
        texts(own)
    with pytest.raises(TextsError, match="cannot be read"):
        texts(tmp_path / "none.yaml")
