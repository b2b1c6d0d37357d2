"""What is told to people about leads that came in: every sentence once, in Chinese and English.

A `Said` names a sentence and its values; it becomes text only where a person reads it, in that person's language.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Tongue = Literal["zh", "en"]


class Sentence(NamedTuple):
    """What is wrong and what to do about it, in both languages, with ``{values}``."""

    reason_en: str
    mend_en: str
    reason_zh: str
    mend_zh: str


_CORRECT = ("correct the number in the source", "在来源中更正号码")
_EXPORT = ("export the leads as CSV UTF-8 or XLSX", "另存为 CSV UTF-8 或 XLSX")

SENTENCES: Mapping[str, Sentence] = {
    "number.empty": Sentence("empty", "give one telephone number", "没有号码", "填写一个电话号码"),
    "number.none": Sentence("no digits", "give one telephone number", "没有数字", "填写一个电话号码"),
    "number.exponent": Sentence(
        "written as 1.23E+10, digits are lost",
        "format the column as text in the spreadsheet and export again",
        "写成了 1.23E+10，丢了位数",
        "在表格里把这一列设为文本再导出",
    ),
    "number.many": Sentence(
        "not a telephone number, or more than one",
        "give one number, digits only, without extension",
        "不是电话号码，或不止一个",
        "只填一个号码，只写数字，不带分机",
    ),
    "number.service": Sentence(
        "an emergency, hotline or service number is never dialled",
        "remove this row",
        "紧急、热线或服务号码，从不拨打",
        "删除这一行",
    ),
    "number.not": Sentence(
        "not a telephone number", "write it as +86 and the number", "不是电话号码", "写成 +86 加号码"
    ),
    "number.mobile": Sentence(
        "{count} digits, but a mobile number has 11 digits",
        _CORRECT[0],
        "{count} 位，手机号应为 11 位",
        _CORRECT[1],
    ),
    "number.landline": Sentence(
        "{count} digits, but area code and number have 10 or 11 digits",
        _CORRECT[0],
        "{count} 位，区号加号码应为 10 或 11 位",
        _CORRECT[1],
    ),
    "number.short": Sentence("too short", _CORRECT[0], "太短", _CORRECT[1]),
    "number.long": Sentence("too long", _CORRECT[0], "太长", _CORRECT[1]),
    "number.area": Sentence("the area code is missing", _CORRECT[0], "缺少区号", _CORRECT[1]),
    "number.length": Sentence("not a possible length for its country", _CORRECT[0], "位数不合该国规则", _CORRECT[1]),
    "number.caller": Sentence(
        "not a possible caller number",
        "give the number that the carrier assigned to you",
        "不能作为主叫号码",
        "填写运营商分配的号码",
    ),
    "cell.long": Sentence("longer than {limit} characters", "shorten it", "超过 {limit} 个字", "缩短内容"),
    "cell.word": Sentence(
        "{cell} is not known",
        "write {choices}, or leave it empty",
        "无法识别 {cell}",
        "填写 {choices}，或留空",
    ),
    "cell.language": Sentence(
        "{cell} is not known",
        "write a tag such as zh-CN or en-US",
        "无法识别 {cell}",
        "填写 zh-CN、en-US 之类的标签",
    ),
    "cell.age": Sentence(
        "{cell} is not an age", "write years as a number from 0 to 130", "{cell} 不是年龄", "填写 0 到 130 的周岁数"
    ),
    "cell.amount": Sentence(
        "{cell} is not a sum of money",
        "write it as 200000, 20万 or 200k",
        "{cell} 不是金额",
        "写成 200000、20万 或 200k",
    ),
    "cell.time": Sentence(
        "{cell} is not a time",
        "write it as 2026-11-22 07:05",
        "{cell} 不是时间",
        "写成 2026-11-22 07:05",
    ),
    "cell.future": Sentence(
        "{cell} lies in the future", "correct the time in the source", "{cell} 是将来的时间", "在来源中更正时间"
    ),
    "cell.order": Sentence(
        "the warning is void before it was given",
        "correct one of the two times",
        "失效时间早于预警时间",
        "更正其中一个时间",
    ),
    "cell.zone": Sentence(
        "{cell} is not a time zone",
        "write an IANA name such as Asia/Shanghai, or leave it empty",
        "{cell} 不是时区",
        "填写 Asia/Shanghai 之类的名称，或留空",
    ),
    "cell.account": Sentence(
        "{cell} is not an account",
        "separate accounts by ; and write each without words",
        "{cell} 不是账号",
        "账号之间用分号隔开，只写账号",
    ),
    "cell.account_digits": Sentence(
        "a number of 16 digits or more, of which the spreadsheet has lost some",
        "format the column as text and enter the account again",
        "16 位以上的数字，表格已丢失末尾几位",
        "把这一列设为文本，重新填写账号",
    ),
    "cell.relative": Sentence(
        "{cell}: {why}",
        "write relation:name:number, with ; between several",
        "{cell}：{why}",
        "写成 关系:姓名:号码，多个之间用分号隔开",
    ),
    "cell.many": Sentence("more than {limit} of them", "keep the most important", "超过 {limit} 个", "只留最重要的"),
    "cell.formula": Sentence(
        "{cell}: a formula that went wrong",
        "mend the formula or write the value",
        "{cell}：公式出错",
        "修正公式，或直接填写数值",
    ),
    "cell.kind": Sentence(
        "neither text nor a number", "write one text or number", "既不是文字也不是数字", "填写一段文字或一个数字"
    ),
    "row.quote_open": Sentence(
        "a quote is opened and not closed", "mend the quotes of this line", "引号没有闭合", "修正这一行的引号"
    ),
    "row.quote_text": Sentence(
        "text follows a closing quote", "mend the quotes of this line", "闭引号后面还有文字", "修正这一行的引号"
    ),
    "row.csv": Sentence("{why}", "mend this line", "{why}", "修正这一行"),
    "row.cells": Sentence(
        "{cells} cells under {headings} headings",
        "put quotes around a cell that holds the delimiter",
        "{headings} 个列名下有 {cells} 格",
        "含分隔符的单元格要加引号",
    ),
    "row.json": Sentence("not JSON: {why}", "write one JSON object a line", "不是 JSON：{why}", "每行写一个 JSON 对象"),
    "row.object": Sentence(
        "not a JSON object", 'write {{"number": ..., ...}}', "不是 JSON 对象", '写成 {{"number": ..., ...}}'
    ),
    "file.read": Sentence("cannot read {name}: {why}", "", "无法读取 {name}：{why}", ""),
    "file.large": Sentence("{name} is larger than {limit} MB", "split it", "{name} 超过 {limit} MB", "拆分后再导入"),
    "file.rows": Sentence("{name} has more than {limit} rows", "split it", "{name} 超过 {limit} 行", "拆分后再导入"),
    "file.empty": Sentence(
        "{name} is empty",
        "it needs a header line and a row for each lead",
        "{name} 是空的",
        "需要一行列名，每条线索一行",
    ),
    "file.no_rows": Sentence(
        "{name} has a header and no rows", "nothing to import", "{name} 只有列名没有数据", "没有可导入的内容"
    ),
    "file.no_number": Sentence(
        "{name}, line {line}: no column holds the number",
        "name one `number` or 手机号, or say which it is (found: {found})",
        "{name} 第 {line} 行：没有号码列",
        "把一列命名为 手机号，或指明是哪一列（现有：{found}）",
    ),
    "file.header": Sentence(
        "{name}, line {line}: the header cannot be read: {why}",
        "mend that line",
        "{name} 第 {line} 行：列名无法读取：{why}",
        "修正这一行",
    ),
    "file.binary": Sentence(
        "{name} is not a file of leads (it holds binary data)",
        _EXPORT[0],
        "{name} 不是线索文件（二进制数据）",
        _EXPORT[1],
    ),
    "file.encoding": Sentence(
        "{name} is neither UTF-8 nor GB18030 text",
        "export the leads as CSV UTF-8",
        "{name} 既不是 UTF-8 也不是 GB18030",
        "另存为 CSV UTF-8",
    ),
    "file.old_workbook": Sentence(
        "{name} is an Excel workbook of the old kind (or one with a password)",
        "save it as XLSX without a password",
        "{name} 是旧式或带密码的 Excel 文件",
        "另存为不带密码的 XLSX",
    ),
    "file.workbook": Sentence(
        "{name} cannot be read as an Excel workbook: {why}",
        "open it in a spreadsheet program and save it as XLSX again",
        "{name} 不是可读的 Excel 工作簿：{why}",
        "在表格软件里打开后重新另存为 XLSX",
    ),
    "file.workbook_large": Sentence(
        "{name}: its sheets are larger than is taken ({why})",
        "save the rows of leads alone, as CSV or XLSX",
        "{name}：工作表过大（{why}）",
        "只保留线索数据，另存为 CSV 或 XLSX",
    ),
    "file.sheet": Sentence(
        "{name} has no sheet {sheet}", "it has: {found}", "{name} 没有工作表 {sheet}", "现有：{found}"
    ),
    "file.json": Sentence(
        "{name} is not JSON: {why}",
        "give a list of objects, or one object a line",
        "{name} 不是 JSON：{why}",
        "写成对象列表，或每行一个对象",
    ),
    "file.rejects": Sentence(
        "cannot write the rejected rows to {folder}: {why}",
        "make room or give rights",
        "无法把退回的行写入 {folder}：{why}",
        "清理空间或检查权限",
    ),
    "message.campaign": Sentence(
        "the message names no campaign",
        'write {{"campaign": NAME, "leads": [...]}}',
        "消息没有指明任务",
        '写成 {{"campaign": 名称, "leads": [...]}}',
    ),
    "map.field": Sentence(
        "no field of a lead is named {field}",
        "known are: {known}",
        "线索没有名为 {field} 的字段",
        "可用：{known}",
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of `SENTENCES` with its values; a value may be a `Said` itself."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def reason(self, tongue: Tongue = "en") -> str:
        """What is wrong."""
        sentence = SENTENCES[self.code]
        return self._filled(sentence.reason_zh if tongue == "zh" else sentence.reason_en, tongue)

    def mend(self, tongue: Tongue = "en") -> str:
        """What to do about it."""
        sentence = SENTENCES[self.code]
        return self._filled(sentence.mend_zh if tongue == "zh" else sentence.mend_en, tongue)

    def text(self, tongue: Tongue = "en") -> str:
        """Both in one line."""
        reason, mend = self.reason(tongue), self.mend(tongue)
        return f"{reason}{'；' if tongue == 'zh' else '; '}{mend}" if mend else reason

    def _filled(self, text: str, tongue: Tongue) -> str:
        values = {key: value.reason(tongue) if isinstance(value, Said) else value for key, value in self.values.items()}
        return text.format(**values)


def said(code: str, /, **values: object) -> Said:
    """A sentence with its values."""
    return Said(code, values)


def tongue_of(setting: str, environment: Mapping[str, str] = os.environ) -> Tongue:
    """The language to speak to a person in: as set, else that of the environment (``LANG``), else English."""
    asked = setting or next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return "zh" if asked.lower().startswith("zh") else "en"
