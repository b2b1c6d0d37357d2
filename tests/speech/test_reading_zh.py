"""What a Mandarin prompt sounds like. Every row is a sentence, or a piece of one, from a dissuasion call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.numbers_zh import cardinal, quantity
from speech.reading import ReadingError, read_aloud

pytestmark = pytest.mark.unit

CASES = [
    # hotlines and telephone numbers
    ("如有疑问，请拨打96110。", "如有疑问，请拨打九六幺幺零。"),
    ("请拨打96110或者110", "请拨打九六幺幺零或者幺幺零"),
    ("这里是96110反诈专线", "这里是九六幺幺零反诈专线"),
    ("请马上拨打110报警", "请马上拨打幺幺零报警"),
    ("国务院反诈短信是12381", "国务院反诈短信是幺二三八幺"),
    ("银行客服95588", "银行客服九五五八八"),
    ("客服电话400-810-8888", "客服电话四零零，八幺零，八八八八"),
    ("请拨4008108888", "请拨四零零，八幺零，八八八八"),
    ("您的电话13800138000", "您的电话幺三八，零零幺三，八零零零"),
    ("请回拨+86 111 0000 0011", "请回拨幺幺幺，零零零零，零零幺幺"),
    ("请回拨+8611100000011", "请回拨幺幺幺，零零零零，零零幺幺"),
    ("１３８００１３８０００", "幺三八，零零幺三，八零零零"),
    ("座机010-82345678", "座机零幺零，八二三四五六七八"),
    ("(0755)82345678转8001", "零七五五，八二三四五六七八，转八零零幺"),
    ("境外来电+1 202 555 0123", "境外来电加幺，二零二，五五五，零幺二三"),
    # the same digits as amounts and counts
    ("共被骗110元", "共被骗一百一十元"),
    ("劝阻了120人", "劝阻了一百二十人"),
    ("转了96110元", "转了九万六千一百一十元"),
    ("转了30000", "转了三万"),
    # cards, identities, codes
    ("尾号6228的银行卡", "尾号六二二八的银行卡"),
    ("尾号为0011", "尾号为零零幺幺"),
    ("尾号1234、5678的卡", "尾号幺二三四，五六七八的卡"),
    ("卡号6222021234567890123", "卡号六二二二，零二幺二，三四五六，七八九零，幺二三"),
    ("银行卡6222****1234", "银行卡六二二二，尾号幺二三四"),
    ("身份证11010119900307451X", "身份证幺幺零幺零幺，幺九九零零三零七，四五幺X"),
    ("验证码384729不要告诉别人", "验证码三八四七二九不要告诉别人"),
    ("验证码是 384729", "验证码是三八四七二九"),
    ("6位验证码", "六位验证码"),
    ("民警警号012345", "民警警号零幺二三四五"),
    ("案件编号2024051", "案件编号二零二四零五幺"),
    ("车牌京A12345", "车牌京A幺二三四五"),
    # money
    ("转出¥1,200.50", "转出一千二百元五角"),
    ("转账1,200.50元", "转账一千二百元五角"),
    ("手续费0.05元", "手续费五分"),
    ("12.05元", "十二元零五分"),
    ("9.9元", "九点九元"),
    ("5万元", "五万元"),
    ("1.2万", "一点二万"),
    ("1.2万元", "一点二万元"),
    ("30万-50万元", "三十万到五十万元"),
    ("1～2万元", "一到两万元"),
    ("¥3万", "三万元"),
    ("968,000元", "九十六万八千元"),
    ("240万元", "两百四十万元"),
    ("2.5亿", "二点五亿"),
    ("US$1,000", "一千美元"),
    ("20块", "二十块"),
    ("3万多元", "三万多元"),
    ("余额-500元", "余额负五百元"),
    # 两 and 二
    ("2元", "两元"),
    ("2个人", "两个人"),
    ("12个人", "十二个人"),
    ("2位民警", "两位民警"),
    ("200元", "两百元"),
    ("2200元", "两千二百元"),
    ("12000元", "一万两千元"),
    ("2月2号下午2点", "二月二号下午两点"),
    ("2个月", "两个月"),
    ("2楼2单元", "二楼二单元"),
    ("第2次提醒", "第二次提醒"),
    ("2、3个人", "两三个人"),
    # dates and times
    ("2024年5月3日", "二零二四年五月三日"),
    ("2024-05-03", "二零二四年五月三日"),
    ("2024/5/3 14:30", "二零二四年五月三日十四点三十分"),
    ("2011年", "二零一一年"),
    ("98年", "九八年"),
    ("20年", "二十年"),
    ("2023年10月-12月", "二零二三年十月到十二月"),
    ("90后", "九零后"),
    ("14:30", "十四点三十分"),
    ("9:05", "九点零五分"),
    ("2:00", "两点"),
    ("14:05:09", "十四点零五分九秒"),
    ("周一至周五09:00-17:00", "周一至周五九点到十七点"),
    ("通话时长2分30秒", "通话时长两分三十秒"),
    ("24小时", "二十四小时"),
    ("3～5个工作日", "三到五个工作日"),
    # places
    ("3楼301室", "三楼三零幺室"),
    ("12号楼2单元1201", "十二号楼二单元幺二零幺"),
    ("101房间", "幺零幺房间"),
    # shares, fractions, measures
    ("3.5%", "百分之三点五"),
    ("20%~30%", "百分之二十到百分之三十"),
    ("50‰", "千分之五十"),
    ("1/3", "三分之一"),
    ("38-42岁", "三十八到四十二岁"),
    ("0.5小时", "零点五小时"),
    ("1.5倍", "一点五倍"),
    ("2kg", "两公斤"),
    ("-5℃", "零下五摄氏度"),
    # letters, keys, signs, pictures
    ("不要下载App", "不要下载A P P"),
    ("ATM机和VPN", "A T M机和V P N"),
    ("5G", "五G"),
    ("WhatsApp", "瓦次艾普"),
    ("请登录www.12377.cn", "请登录W W W点幺二三七七点C N"),
    ("确认请按1，重听请按#键", "确认请按一，重听请按井号键"),
    ("您好😊", "您好"),
    ("公安局（反诈中心）", "公安局，反诈中心"),
    ("他说“安全账户”", "他说安全账户"),
    ("您好,这里是反诈中心!", "您好，这里是反诈中心！"),
    ("等等……不要挂断", "等等，不要挂断"),
]


@pytest.mark.parametrize(("written", "spoken"), CASES, ids=[case[0] for case in CASES])
def test_mandarin_is_read_as_a_person_reads_it(written: str, spoken: str) -> None:
    assert read_aloud(written, "zh-CN") == spoken


@pytest.mark.parametrize("spoken", [case[1] for case in CASES])
def test_what_has_been_read_already_stays_as_it_is(spoken: str) -> None:
    assert read_aloud(spoken, "zh-CN") == spoken


@given(st.text(alphabet="0123456789.,:-/%￥$第年月日号元万个点到尾转拨打验证码 +*#（）ABab、。", max_size=24))
def test_no_digit_is_ever_left_to_the_synthesiser(text: str) -> None:
    assert not any(character.isdigit() and character.isascii() for character in read_aloud(text, "zh-CN"))


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (0, "零"),
        (10, "十"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (10_010, "一万零一十"),
        (100_010, "十万零一十"),
        (1_050_000, "一百零五万"),
        (100_000_001, "一亿零一"),
        (105_000_000, "一亿零五百万"),
        (200_000_000, "二亿"),
    ],
)
def test_zeros_inside_a_number_are_spoken_once(number: int, spoken: str) -> None:
    assert cardinal(number) == spoken


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (2, "两"),
        (22, "二十二"),
        (220_000, "二十二万"),
        (22_000, "两万两千"),
        (1_020_000, "一百零二万"),
        (200_000_000, "两亿"),
    ],
)
def test_two_of_something_is_liang_only_where_people_say_so(number: int, spoken: str) -> None:
    assert quantity(number) == spoken


def test_text_that_cannot_be_said_is_read_as_nothing() -> None:
    assert read_aloud("😊……", "zh-CN") == ""


def test_a_language_without_a_reader_is_refused_by_name() -> None:
    with pytest.raises(ReadingError, match="fr-FR"):
        read_aloud("bonjour", "fr-FR")
