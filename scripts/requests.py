"""Finds a prompt that asks the subject for what only a fraudster asks for: a code, password, transfer, link or app.

Four kinds of wording are let through: a negated one ("不要告诉任何人验证码"), one that tells what the fraudster does
("要您转账的警察，都是骗子"), a question about what has happened ("您给对方转过钱吗"), and a sentence that tells of
somebody else ("有人说出了验证码"), as far as it does not turn to the subject.
"""

from __future__ import annotations

import re

_SECRET = "(?:验证码|校验码|动态码|密码|口令|卡号|银行卡号|身份证号|安全码)"  # noqa: S105
_PAY = (
    "(?:转账|汇款|打款|付款|支付|充值|缴费|交费|转钱|打钱|汇钱"
    "|转过来|打过来|汇过来|转到|汇到|打到|转入|转给|汇给|打给我们|交保证金)"
)
_PLACE = "(?:链接|网址|网站|网页|二维码)"
_PROGRAM = "(?:app|应用|软件|程序|插件|会议)"

_ASKS_ZH = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:告诉|提供|报|念|说|发|输入|回复|核对|核实|填写|出示|给).{{0,8}}{_SECRET}",
        rf"{_SECRET}.{{0,6}}(?:告诉|报|发|提供|是多少|念|说|输入|给)",
        rf"(?:请|把|将|需要|必须|应该|马上|立即|立刻|先|去|可以|能|帮|麻烦).{{0,12}}{_PAY}",
        rf"^{_PAY}",
        rf"(?:点|点击|点开|打开|访问|登录|进入|扫|扫描).{{0,8}}{_PLACE}",
        rf"(?:下载|安装|装|打开).{{0,8}}{_PROGRAM}",
        r"(?:打开|开启|开始|进行|请)?.{0,4}(?:共享.{0,2}屏幕|屏幕共享|远程控制|远程协助)",
    )
)
_NOT_ZH = re.compile("不|别|勿|没|未|拒绝|关掉|关闭|退出|停止|之前")
_TELLS_ZH = re.compile(
    "有没有|是不是|是否|^(?!.*我).*(?:过(?![来去]).{0,10}|了)(?:吗|没有|么)$"
    "|(?:对方|(?<!其)他|她|骗子|有人|凡是|陌生人|任何人).{0,4}(?:[要让叫](?:求)?您|会|说)|[要让叫](?:求)?您.{0,12}的"
)
_THIRD_PARTY_ZH = re.compile("(?:警察|客服|领导|老师|银行|公安|检察院|法院).{0,4}[要让叫](?:求)?您")

_STORY_ZH = re.compile("^有(?:一)?(?:人|位|个|些)")
_SUBJECT_ZH = re.compile("[您你请我]")

_ASKS_EN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            r"\b(?:tell|give|send|read|say|enter|confirm|provide|share|type)\b.{0,30}\b(?:code|password|pin|passcode"
            r"|card number|account number|social security)\b"
        ),
        r"\bwhat(?: is|'s)\b.{0,20}\b(?:code|password|pin|card number|account number)\b",
        (
            r"\b(?:please|must|need to|have to|should|can you|could you|now|first)\b.{0,20}"
            r"\b(?:transfer|pay|send (?:the |your |us |some )?(?:money|payment)|wire|deposit)\b"
        ),
        r"^(?:transfer|pay|wire|send (?:the |your |us |some )?(?:money|payment))\b",
        r"\b(?:click|open|follow|visit|tap|go to|scan)\b.{0,20}\b(?:link|website|site|page|qr code|url)\b",
        r"\b(?:download|install|open)\b.{0,20}\b(?:app|application|software|program)\b",
        r"\bshare your screen\b",
    )
)
_NOT_EN = re.compile(r"\b(?:not|never|no|nobody|don't|before|without|until|stop|close|refuse)\b|n't\b", re.IGNORECASE)
_TELLS_EN = re.compile(
    r"\b(?:did|has|have|had) (?:you|they|he|she|anyone|someone|a|an|any|the)\b|\bwho (?:ask|want|tell|need)s?\b"
    r"|\b(?:they|he|she|anyone|someone|stranger|scammers?|frauds?) (?:ask|want|tell|say)",
    re.IGNORECASE,
)

_STORY_EN = re.compile(
    r"^(?:a|an|one|some|many) (?:\w+ )?(?:man|woman|person|people|officer|shop|clerk|couple)\b", re.IGNORECASE
)
_SUBJECT_EN = re.compile(r"\b(?:you|your|please|us|me|we)\b", re.IGNORECASE)

_CLAUSES = re.compile(r"[，。？！；：,.?!;:\n]+")
_SENTENCES = re.compile(r"(?<=[。？！?!\n])|(?<=\.)\s")


def asked_for(text: str, language: str) -> str | None:
    """The words with which a prompt asks for something that it must never ask for; ``None`` if it does not."""
    chinese = language.lower().startswith("zh")
    asks, negated = (_ASKS_ZH, _NOT_ZH) if chinese else (_ASKS_EN, _NOT_EN)
    tells = (_TELLS_ZH, _THIRD_PARTY_ZH) if chinese else (_TELLS_EN,)
    story, subject = (_STORY_ZH, _SUBJECT_ZH) if chinese else (_STORY_EN, _SUBJECT_EN)
    for sentence in map(str.strip, _SENTENCES.split(text)):
        of_others = story.match(sentence) is not None
        for clause in map(str.strip, _CLAUSES.split(sentence)):
            if negated.search(clause) or any(pattern.search(clause) for pattern in tells):
                continue
            if of_others and not subject.search(clause):
                continue
            for pattern in asks:
                if found := pattern.search(clause):
                    return found[0]
    return None
