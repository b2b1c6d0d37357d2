"""The words around a number that tell what it is and whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from speech.mentions.model import MentionKind, Owner
from speech.mentions.numbered import Cue


@dataclass(frozen=True, slots=True)
class Cues:
    """Patterns of one language; those of ``before`` are looked for in the stretch that leads to a number."""

    before: re.Pattern[str]
    """Its groups are named by the values of `Cue`; the last match counts. ``number`` alone is a telephone's."""
    after: re.Pattern[str]
    """What follows a number that somebody called from."""
    of_phone: re.Pattern[str]
    """What follows the last digits of a telephone number."""
    plus: re.Pattern[str]
    """Ends a stretch before an international number."""
    owner: re.Pattern[str]
    """Its groups are named by the values of `Owner`; the last match counts."""
    owner_after: re.Pattern[str]
    reach: int
    """How many characters before a number are looked at."""


def _named(groups: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in groups.items()))


_KIN = (
    "女儿|儿子|孩子|老公|老婆|爱人|丈夫|妻子|爸|妈|父亲|母亲|孙子|孙女|女婿|媳妇|儿媳妇?|姐|妹|哥|弟|家里人?|家人|"
    "邻居|同事"
)
_HIM = "他们?|她们?|对方|那边|那人|那个人|客服|骗子|警官|民警|领导|老师|导师|经理|收款人?|人家|陌生人"
_ZH = Cues(
    before=_named(
        {
            "tail": "尾号|尾数|(?:最后|后|末)(?:面)?[三四五六]位|末尾",
            "other": "验证码|密码|身份证|警号|工号|编号|案件|案号|单号|订单|快递|运单|邮编|房间|会议|qq|扣扣|群号?|"
            "车牌|学号|考号|社保|"
            "代码|邀请码|口令|型号|版本|识别码|证号|号牌|期|序列号|流水号",
            "account": "账号|帐号|账户|帐户|户头|卡号|卡|银行|开户|转[到给进]|转账|汇[到给款]|收款|打款|对公|"
            "存[到进]|支付宝|打到|打进",
            "number": "号码",
            "phone": "电话|手机|座机|来电|拨|打给|打我|打来|打过来|打的|热线|客服|短信|显示|微信|联系|号是|接到",
        }
    ),
    after=re.compile(
        r"[\s,。]*(?:这个|那个|的)?(?:打[来过我的给进]|给我打|一直打|老打|来电|电话|手机|短信|发来|号码?[打发给]|"
        r"这个号|这个短信)"
    ),
    of_phone=re.compile(r"\s*的?(?:那个|这个)?(?:手机|电话|号码|座机|来电)"),
    plus=re.compile(r"(?:\+|加)[\s(]*$"),
    owner=_named(
        {
            "subject": rf"(?<![给让叫要跟])我(?:自己)?(?:的)?(?:这个|那个|这张|那张)?(?:工商|建设|农业|招商|工资|"
            rf"银行|信用|储蓄|另外一?个?)*(?:卡|账|帐|尾号|手机|电话|号)|"
            rf"我(?:的|家|们)?(?:大|小|二)?(?:{_KIN})|从我|我本人|我自己|打我(?:{_KIN})",
            "fraudster": rf"(?:{_HIM})(?:的|让|叫|要|说|给|发|留|用|报|提供|转|那个|那张|手机|电话|卡|账|帐)|打我|来电|"
            "打电话的|收款|转给|他给了|(?:让|叫|要|喊)我.{0,6}(?:转|打|汇|存|回拨|联系)|境外",
        }
    ),
    owner_after=re.compile(
        r"[\s,。]*(?:这个号|那个号|的?账户|的?卡|的?账号|这个|的)?[\s,。]*"
        r"(?:(?P<fraudster>(?:一直|老是?|又)?(?:打[来过我的给进]|给我打|发来)|他给|对方给|他让|他们给|他发)|"
        r"(?P<subject>是我的|我的|是我自己))"
    ),
    reach=24,
)

_EN_KIN = (
    "daughter|son|wife|husband|mother|father|mom|mum|dad|sister|brother|kid|kids|neighbou?r|grandson|"
    "granddaughter|partner"
)
_EN_HIM = (
    "he|she|they|the (?:guy|man|woman|lady|caller|agent|officer|person|scammer)|this (?:guy|man|woman|lady|"
    "agent)|someone|somebody"
)
_EN = Cues(
    before=_named(
        {
            "tail": r"\b(?:ending|ends|ended)(?:\s+(?:in|with))?\b|\blast (?:four|five|six|three|4)(?: digits|"
            r" numbers)?\b",
            "other": r"\bpin\b|(?<!area )(?<!sort )\bcodes?\b|\bbadge\b|\bcase (?:number|no|id)|\breference\b|"
            r"\border\b|\bpassword|"
            r"\bsocial security\b|\bssn\b|\btracking\b|\bzip\b|\broom\b|\bflight\b|\bmeeting\b|\bticket\b|"
            r"\binvoice\b|\bversion\b|(?<!caller )\bid\b|"
            r"\bpolicy\b|\bserial\b|\bstep\b|\bborn\b|\bsort code\b",
            "number": r"\bnumbers?\b",
            "account": r"\baccounts?\b|\bacct\b|\bcard\b|\biban\b|\brouting\b|\bwired?\b",
            "phone": r"\bcall(?:s|ed|er|ing)?\b|\bphone|\bcell\b|\bmobile\b|\bdial|\brang\b|\bring(?:s|ing)?\b|"
            r"\btext(?:s|ed)?\b|"
            r"\barea code\b|\bline\b|\bwhatsapp\b",
        }
    ),
    after=re.compile(
        r"[\s,.]*(?:(?:has |have )?(?:been )?(?:keeps? )?(?:call|ring|phon|text)|rang|was the (?:mobile|phone|number|"
        r"caller))"
    ),
    of_phone=re.compile(r"\s*(?:phone|cell|mobile|number|called|rang)\b"),
    plus=re.compile(r"(?:\+|\bplus)[\s(]*$"),
    owner=_named(
        {
            "subject": rf"\bmy (?:own )?(?:bank |checking |savings |credit |debit )?(?:account|card|number|phone|"
            rf"cell|mobile)\b|"
            rf"\bmy (?:{_EN_KIN})(?:'s)?\b|\bcall me (?:back )?(?:at|on)\b|\breach me\b|\bmy own\b",
            "fraudster": rf"\b(?:{_EN_HIM})\b.{{0,20}}\b(?:gave|give|gives|said|told|tells|wants?|sent|left|called|"
            rf"calls|texted|used|made|has)\b|"
            r"\b(?:his|her|their|safe)\b|\brang (?:me )?from\b|\bcaller id\b|\bcalls? (?:came )?from\b|"
            r"\bcalled (?:me )?from\b|\bwired?\b|\bto account\b|\bwent to\b",
        }
    ),
    owner_after=re.compile(
        r"[\s,.]*(?:(?P<fraudster>(?:keeps? |kept )?(?:call|ring)|he gave|they gave|is (?:his|her|their))|"
        r"(?P<subject>(?:that's|that is|is|it's) (?:my|mine)))"
    ),
    reach=60,
)


def cues(language: str) -> Cues:
    """The patterns of a language: Mandarin, or English for every other one."""
    return _ZH if language == "zh" else _EN


def cue(text: str, start: int, end: int, words: Cues) -> Cue:
    """What the words around ``text[start:end]`` say that it is."""
    told = Cue.NONE
    for found in words.before.finditer(text, max(0, start - words.reach), start):
        name = found.lastgroup
        if name == "number":
            told = Cue.PHONE if told is Cue.NONE else told
        elif name == "tail":
            told = Cue.OTHER if told in (Cue.PHONE, Cue.OTHER) else Cue.TAIL
        elif not (name == "account" and told is Cue.TAIL):
            told = Cue(name)
    if told in (Cue.NONE, Cue.ACCOUNT) and words.after.match(text, end):
        return Cue.PHONE
    return Cue.OTHER if told is Cue.TAIL and words.of_phone.match(text, end) else told


def owner(text: str, start: int, end: int, kind: MentionKind, words: Cues) -> Owner:
    """Whose number ``text[start:end]`` is."""
    if kind not in (MentionKind.PHONE, MentionKind.ACCOUNT):
        return Owner.UNKNOWN
    if (found := words.owner_after.match(text, end)) and found.lastgroup:
        return Owner(found.lastgroup)
    told = Owner.UNKNOWN
    for found in words.owner.finditer(text, max(0, start - words.reach), start):
        told = Owner(str(found.lastgroup))
    return told
