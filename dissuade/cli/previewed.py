"""How ``dissuade leads preview`` tells a person, in Chinese or English."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.messages import Tongue
from campaigns.model import CampaignState, Grade
from campaigns.preview import Preview
from dissuade.cli.output import say, table

_WORDS = {
    "grade": ("grade", "等级"),
    "now": ("now", "立即呼叫"),
    "later": ("later", "稍后呼叫"),
    "never": ("never", "不呼叫"),
    "total": ("total", "合计"),
    "high": ("high", "高"),
    "medium": ("medium", "中"),
    "low": ("low", "低"),
    "why": ("why", "原因"),
    "hour": ("hour", "时段"),
    "leads": ("leads", "线索"),
    "calls": ("calls", "呼叫"),
    "rejected": ("the row cannot be taken", "该行无法导入"),
    "never_dialled": ("an emergency or service number", "紧急或服务号码"),
    "same_number_above": ("the same number stands above", "号码与上文重复"),
    "open_case": ("adds to a case in progress", "并入处理中的案件"),
    "imported_before": ("the file was imported before", "文件已导入过"),
    "suppressed": ("the number is suppressed", "号码在免呼名单中"),
    "expired": ("the lead has expired", "线索已失效"),
    "called_before": ("called a short while ago, or often today", "刚呼叫过或已达每日上限"),
    "waits": ("no call; waits for what is ordered", "不呼叫，等待其他措施"),
    "ordered": ("ordered at once", "同时下达"),
    "sms": ("SMS", "短信"),
    "relative": ("call to a relative", "关系人电话"),
    "visit": ("visit", "上门"),
    "stop_payment": ("stop-payment", "止付"),
    "block": ("block report", "封堵"),
    "calling_hours": ("outside the calling hours", "不在呼叫时段"),
}
_SHOWN_HOURS = 48


def tell(preview: Preview, tongue: Tongue, *, zone: str, shown_errors: int) -> None:
    """Print it; ``zone`` (IANA) is the clock of the hours."""

    def word(key: str) -> str:
        return _WORDS[key][tongue == "zh"] if key in _WORDS else key

    if preview.campaign_state in {CampaignState.PAUSED, CampaignState.STOPPED}:
        state = preview.campaign_state
        say(
            f"任务 {preview.campaign} 已{'暂停' if state == 'paused' else '停止'}，启动前不呼叫任何人"
            if tongue == "zh"
            else f"campaign {preview.campaign} is {state}: nobody is called before it is started"
        )
    rows: list[list[object]] = []
    for grade in Grade:
        counts = preview.grades[grade]
        rows.append([word(grade), *(counts.get(fate, 0) for fate in ("now", "later", "never"))])
    rows.append([word("total"), preview.now, preview.later, preview.never])
    table([word("grade"), word("now"), word("later"), word("never")], rows)
    for title, reasons in (("later", preview.later_reasons), ("never", preview.never_reasons)):
        if reasons:
            say()
            table([f"{word(title)}: {word('why')}", word("leads")], [[word(why), n] for why, n in reasons.items()])
    if preview.hours:
        say()
        hours = [
            [datetime.fromtimestamp(hour.from_at, ZoneInfo(zone)).strftime("%m-%d %H:00"), hour.calls]
            for hour in preview.hours[:_SHOWN_HOURS]
        ]
        table([word("hour"), word("calls")], hours)
    if preview.orders:
        say()
        table([word("ordered"), word("leads")], [[word(kind), n] for kind, n in preview.orders.items()])
    if preview.proposed:
        say(
            f"{preview.proposed} 条没有诈骗类型，按备注推定"
            if tongue == "zh"
            else f"{preview.proposed} without a scam type would be given one by their free text"
        )
    for error in preview.errors[:shown_errors]:
        column = f", {error.heading or error.column}" if error.column else ""
        line = f"第 {error.line} 行" if tongue == "zh" else f"line {error.line}"
        say(f"  {line}{column}: {error.reason}; {error.mend}")
    if len(preview.errors) > shown_errors:
        say(f"  + {len(preview.errors) - shown_errors}")
    if preview.ignored_columns:
        say(("未使用的列：" if tongue == "zh" else "columns that were not used: ") + ", ".join(preview.ignored_columns))
