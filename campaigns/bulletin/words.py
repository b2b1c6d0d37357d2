"""What a bulletin says, in Chinese and English, and what each of its figures means."""

from __future__ import annotations

from typing import NamedTuple

from campaigns.delivery.wording import Language


class Word(NamedTuple):
    """One thing in both languages."""

    zh: str
    en: str
    zh_means: str = ""
    en_means: str = ""

    def text(self, language: Language) -> str:
        """Its name."""
        return self.zh if language == "zh" else self.en

    def meaning(self, language: Language) -> str:
        """What exactly is counted."""
        return self.zh_means if language == "zh" else self.en_means


LANGUAGES: tuple[Language, ...] = ("zh", "en")

FIGURES: dict[str, Word] = {
    "leads": Word(
        "新增预警",
        "leads in",
        "本期新立案件；并入已有案件的预警不另计，亲属电话不计。",
        "Cases opened. A lead that merged into an open case is not counted again, nor is a relative's call.",
    ),
    "calls": Word(
        "拨打事主",
        "calls",
        "本期拨出的事主电话（含未接通）。以下各项通话结果均按拨出时间计入本期。",
        "Calls dialled to subjects, answered or not. What a call led to counts on the day of its dialling.",
    ),
    "answered": Word(
        "接通",
        "answered",
        "其中有应答的电话，含语音信箱和接错人。",
        "Calls that were answered, by voicemail or somebody else, too.",
    ),
    "reached": Word(
        "联系到本人",
        "reached",
        "其中有人应答且未表明接错人的电话。",
        "Calls on which a person spoke who did not turn out to be somebody else.",
    ),
    "warned": Word(
        "已预警", "warned", "关键提醒完整播完的电话。", "Calls on which the key warning was heard to its end."
    ),
    "acknowledged": Word(
        "确认知晓",
        "acknowledged",
        "听完提醒并明确表示知晓的电话。",
        "Calls on which the warning was heard and the subject said so.",
    ),
    "denied": Word(
        "否认被骗", "denied", "坚称未被骗的电话。", "Calls on which the subject insisted on not being defrauded."
    ),
    "wrong_person": Word("非本人", "wrong person", "接听者不是事主的电话。", "Calls that somebody else answered."),
    "failed_calls": Word(
        "线路故障",
        "failed calls",
        "因运营商或本系统线路原因失败的电话。",
        "Calls that failed at the carrier or in our own lines.",
    ),
    "opt_outs": Word(
        "要求勿扰",
        "asked not to be called",
        "事主在通话中要求不再来电的电话。",
        "Calls on which the subject asked not to be called again.",
    ),
    "offered": Word(
        "请求人工",
        "offered to dissuaders",
        "因正在被骗的迹象而转请人工的电话。",
        "Calls offered to the dissuaders because fraud in progress was heard.",
    ),
    "escalated": Word(
        "转入人工",
        "escalated",
        "其中劝阻员已接入的电话。",
        "Calls that a dissuader joined or that were transferred.",
    ),
    "callbacks": Word(
        "待回拨",
        "call-backs due",
        "需要人工而无人空闲、转为最优先回拨的电话。",
        "Calls that needed a human while none was free: called back before all others.",
    ),
    "relative_calls": Word("拨打亲属", "calls to relatives", "本期拨出的亲属电话。", "Calls dialled to relatives."),
    "relatives_reached": Word(
        "联系到亲属",
        "relatives reached",
        "本期办结且联系到亲属的联系单（含亲属拒绝协助）。",
        "Orders to reach a relative that ended with somebody reached, one who refused included.",
    ),
    "sms": Word("短信", "SMS", "本期交付短信网关的短信。", "Messages that the gateway took."),
    "visits_ordered": Word(
        "派发上门", "visits ordered", "本期派发的上门劝阻单。", "Visits ordered from the precincts."
    ),
    "visits_met": Word(
        "见到本人",
        "visits met",
        "本期反馈已见面的上门劝阻单。",
        "Visits that ended with the subject met, whatever came of it.",
    ),
    "stop_payments_ordered": Word(
        "申请止付", "stop-payments ordered", "本期提出的紧急止付申请。", "Stop-payment requests made."
    ),
    "stop_payments_held": Word(
        "止付成功", "stop-payments held", "本期反馈已冻结的止付申请。", "Requests that ended with the money held."
    ),
    "block_reports": Word(
        "封堵上报",
        "block reports",
        "本期上报的涉诈号码、网址、应用封堵单。",
        "Reports of fraudsters' numbers, sites and apps for blocking.",
    ),
    "closed": Word("办结案件", "cases closed", "本期办结的案件。", "Cases that came to their end."),
    "suppressed": Word(
        "停止拨打",
        "not to be called",
        "其中因本人要求或列入免拨名单而办结的案件。",
        "Cases closed because the number may not be called: asked for, or on the suppression list.",
    ),
    "deadlines_missed": Word(
        "逾期",
        "deadlines missed",
        "期限在本期内而未按时完成的首次拨打和工单。",
        "First calls and orders whose deadline fell in the span and was not kept.",
    ),
    "judged": Word(
        "人工结论",
        "cases judged",
        "本期由民警或劝阻员登记结论的案件，多次登记以最后一次为准。",
        "Cases on which a person recorded a judgement; the latest in the span counts.",
    ),
    "convinced": Word("劝阻成功", "convinced", "其中结论为已劝阻的案件。", "Of those, judged as convinced."),
    "money_sent": Word("已转账", "money sent", "其中结论为已转账的案件。", "Of those, judged as having sent money."),
    "amount_at_risk": Word(
        "涉险金额",
        "amount at risk",
        "上述人工结论中登记的涉险金额合计，非系统推算。",
        "Sum of what people recorded in these judgements; nothing is estimated.",
    ),
    "amount_saved": Word(
        "挽回金额",
        "amount saved",
        "上述人工结论中登记的挽回金额合计，非系统推算。",
        "Sum of what people recorded in these judgements; nothing is estimated.",
    ),
    "first_call_median_min": Word(
        "首拨时长中位数（分钟）",
        "median minutes to first call",
        "本期首次拨打的案件，从预警到达到首次拨号的分钟数。",
        "Minutes from the lead's arrival to the first dialling, of cases first called in the span.",
    ),
    "first_call_p90_min": Word(
        "首拨时长九成位（分钟）",
        "minutes to first call, 9 of 10",
        "十个案件中有九个在此时间内首次拨号。",
        "Within so many minutes nine of ten of them were called.",
    ),
    "human_median_min": Word(
        "人工介入时长中位数（分钟）",
        "median minutes to a human",
        "本期首次有人介入的案件，从预警到达到劝阻员接入或民警见面的分钟数。",
        "Minutes from the lead's arrival to a dissuader on the line or officers at the door, of cases that first had"
        " one in the span.",
    ),
    "human_p90_min": Word(
        "人工介入时长九成位（分钟）",
        "minutes to a human, 9 of 10",
        "十个案件中有九个在此时间内有人介入。",
        "Within so many minutes nine of ten of them had a human.",
    ),
}
"""Every figure, in the order in which it is printed."""

SHORT: dict[str, Word] = {
    "deadlines_missed": Word("逾期", "missed"),
    "stop_payments_ordered": Word("申请止付", "stop-pay. ordered"),
    "stop_payments_held": Word("止付成功", "stop-pay. held"),
    "first_call_median_min": Word("首拨（分）", "min. to call"),
    "human_median_min": Word("人工（分）", "min. to human"),
}
"""Headings where room is scarce."""

DIMENSIONS: dict[str, Word] = {
    "all": Word("全部", "all"),
    "scam_type": Word("诈骗类型", "scam type"),
    "grade": Word("风险等级", "grade", "以目前等级为准。", "As it is now: a raised grade counts as raised."),
    "district": Word("区县", "district", "警务辖区的前两级。", "The first two parts of the precinct."),
    "group": Word("人群", "group"),
    "source": Word("预警来源", "source"),
}

NOT_SAID = Word("未注明", "not said")
"""A scam type, district, group or source that the lead does not name."""
FIRST_CALL = Word("首次拨打", "First call")
"""The deadline that is no order's."""

PAGE: dict[str, Word] = {
    "day": Word("反诈劝阻日报", "Daily bulletin"),
    "week": Word("反诈劝阻周报", "Weekly review"),
    "all_campaigns": Word("全部任务", "all campaigns"),
    "campaign": Word("任务", "campaign"),
    "made": Word("生成于", "made"),
    "zone": Word("时区", "time zone"),
    "partial": Word("统计至 {at}，本期尚未结束", "counted until {at}: the span is not over"),
    "key": Word("要点", "At a glance"),
    "all_figures": Word("全部指标", "All figures"),
    "figure": Word("指标", "figure"),
    "now_day": Word("当日", "day"),
    "now_week": Word("本周", "week"),
    "before_day": Word("前一日", "day before"),
    "before_week": Word("前一周", "week before"),
    "week_before": Word("上周同日", "a week before"),
    "means": Word("口径", "what is counted"),
    "by_hour": Word("各时段拨打与联系到本人", "Calls and subjects reached, by hour of the day"),
    "by_day": Word("各日拨打与联系到本人", "Calls and subjects reached, by day"),
    "outcomes": Word("通话结果", "How calls ended"),
    "by": Word("按{dimension}", "By {dimension}"),
    "others": Word("其余 {count} 项", "{count} others"),
    "missed": Word("逾期最久的期限", "Worst deadlines missed"),
    "none_missed": Word("本期期限均按时完成。", "Every deadline of the span was kept."),
    "missed_shown": Word(
        "共逾期 {all} 项，列出最久的 {shown} 项。", "{all} were missed; the {shown} longest delays are shown."
    ),
    "case": Word("案件号", "case"),
    "what": Word("事项", "what"),
    "deadline": Word("期限", "deadline"),
    "late": Word("逾期", "late by"),
    "still_open": Word("期末仍未完成", "still open at the end"),
    "no_calls": Word("本期没有拨打电话。", "No calls were dialled."),
    "by_people": Word(
        "金额由民警、劝阻员登记，非系统推算。", "Amounts are as recorded by people; nothing is estimated."
    ),
    "no_names": Word(
        "本报不含个人信息，案件号可在系统内查询。",
        "No personal data: a case is looked up by its number with `dissuade case show`.",
    ),
}
