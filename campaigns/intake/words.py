"""The words of headings and of cells with a fixed set of values, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from campaigns.model import Grade

T = TypeVar("T")

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": (
        "number", "phone", "phone number", "mobile", "telephone", "msisdn", "手机号", "手机号码", "手机", "电话",
        "电话号码", "联系电话", "联系方式", "号码", "事主电话", "事主号码", "受害人电话", "被害人电话",
        "潜在受害人电话", "预警号码", "预警手机号",
    ),
    "name": (
        "name", "姓名", "名字", "潜在受害人", "事主", "事主姓名", "受害人姓名", "被害人姓名", "潜在受害人姓名", "机主",
    ),
    "scam_type": (
        "scam type", "fraud type", "诈骗类型", "类型", "案件类型", "预警类型", "诈骗类别", "涉诈类型", "案由",
    ),
    "grade": (
        "grade", "risk", "risk grade", "risk level", "风险等级", "等级", "风险", "预警等级", "预警级别", "危险等级",
        "级别",
    ),
    "language": ("language", "语言", "语种"),
    "sex": ("sex", "gender", "性别"),
    "age": ("age", "年龄"),
    "note": (
        "note", "notes", "remark", "remarks", "text", "description", "备注", "说明", "情况", "简要情况", "预警内容",
        "描述", "案情",
    ),
    "group": ("group", "subject group", "人群", "群体", "重点人群", "人员类别", "人群类别", "职业", "特殊群体", "身份"),
    "amount": (
        "amount", "amount at risk", "sum", "金额", "涉案金额", "风险金额", "涉及金额", "预警金额", "资金", "可能损失",
    ),
    "source": ("source", "warning source", "来源", "预警来源", "线索来源", "数据来源", "推送单位"),
    "warned_at": (
        "warned at", "warning time", "time", "date", "预警时间", "时间", "日期", "下发时间", "推送时间", "线索时间",
        "发现时间",
    ),
    "expires_at": (
        "expires at", "expires", "expiry", "valid until", "失效时间", "有效期", "有效期至", "截止时间", "到期时间",
        "有效时间",
    ),
    "address": ("address", "地址", "住址", "家庭住址", "现住址", "居住地", "联系地址", "详细地址"),
    "precinct": ("precinct", "jurisdiction", "辖区", "所属辖区", "管辖单位", "责任单位", "所属单位"),
    "city": ("city", "市", "地市", "城市", "所属市"),
    "district": ("district", "区", "区县", "分局", "所属区", "所属分局", "县区"),
    "station": ("station", "police station", "派出所", "所属派出所", "辖区派出所", "所"),
    "community": ("community", "社区", "所属社区", "村居", "社区村居"),
    "time_zone": ("time zone", "timezone", "时区"),
    "accounts": (
        "accounts", "account", "suspect account", "suspect accounts", "涉案账号", "涉案账户", "嫌疑账号", "嫌疑账户",
        "对方账号", "可疑账号", "可疑账户", "收款账号", "收款账户", "银行卡号",
    ),
    "relatives": ("relatives", "contacts", "关系人", "亲属", "家属", "亲友", "联系人列表"),
    "relative_name": (
        "relative", "relative name", "contact", "contact name", "联系人", "联系人姓名", "关系人姓名", "亲属姓名",
        "家属姓名", "紧急联系人", "紧急联系人姓名",
    ),
    "relative_number": (
        "relative number", "relative phone", "contact number", "contact phone", "联系人电话", "联系人号码",
        "联系人手机", "联系人手机号", "关系人电话", "亲属电话", "家属电话", "紧急联系人电话", "关系人号码",
    ),
    "relation": (
        "relation", "relationship", "关系", "联系人关系", "与本人关系", "与事主关系", "亲属关系", "紧急联系人关系",
        "关系人关系",
    ),
}  # fmt: skip
"""Field of a row to the headings that name it; how a heading is compared is told in `campaigns.intake.headings`."""

OUR_OWN = frozenset({"line", "column", "reason", "mend", "行", "列", "原因", "改法"})
"""Headings that a file of rejected rows adds: no part of a lead."""

GRADES = {
    Grade.HIGH: ("high", "urgent", "critical", "高", "高危", "高风险", "高级", "极高", "特高", "紧急"),
    Grade.MEDIUM: ("medium", "middle", "中", "中危", "中风险", "中级", "中等"),
    Grade.LOW: ("low", "低", "低危", "低风险", "低级", "一般"),
}
SEXES = {
    "male": ("male", "m", "man", "男", "男性"),
    "female": ("female", "f", "woman", "女", "女性"),
    "": ("unknown", "未知", "不详", "不明", "-"),
}
LANGUAGES = {
    "zh-CN": ("zh", "zh-cn", "中文", "汉语", "普通话", "国语", "chinese", "mandarin"),
    "en-US": ("en", "en-us", "英文", "英语", "english"),
}
GROUPS = {
    "elderly": (
        "elderly", "senior", "seniors", "old", "retired", "retiree", "pensioner", "老人", "老年", "老年人", "高龄",
        "老年群体", "独居老人", "退休", "退休人员", "离退休人员", "空巢老人", "中老年", "中老年人",
    ),
    "student": (
        "student", "students", "pupil", "学生", "大学生", "在校学生", "高校学生", "中学生", "小学生", "高中生",
        "初中生", "研究生", "留学生", "学生群体", "在校生",
    ),
    "company accountant": (
        "company accountant", "accountant", "accounting", "finance officer", "bookkeeper", "cashier", "会计", "财务",
        "财会", "财务人员", "财会人员", "企业财务", "企业财务人员", "公司会计", "企业会计", "出纳", "公司财务",
    ),
    "minor": ("minor", "child", "children", "teenager", "未成年", "未成年人", "儿童", "少年", "青少年"),
    "parent at home": (
        "parent at home", "housewife", "stay-at-home mother", "stay-at-home parent", "宝妈", "全职妈妈", "家庭主妇",
        "全职太太",
    ),
    "business owner": (
        "business owner", "shop owner", "self-employed", "企业主", "老板", "企业负责人", "个体户", "个体工商户",
        "商户", "店主",
    ),
    "public servant": (
        "public servant", "civil servant", "teacher", "公务员", "教师", "老师", "事业单位人员", "机关干部", "体制内",
    ),
    "unemployed": ("unemployed", "jobless", "无业", "失业", "待业", "无业人员", "待业人员"),
}  # fmt: skip
"""Groups with a word of their own; any other word is kept as it was written."""

NOTHING = frozenset(
    (
        "",
        "-",
        "--",
        "—",
        "/",
        "\\",
        "无",
        "未知",
        "不详",
        "不明",
        "暂无",
        "空",
        "null",
        "none",
        "nil",
        "n/a",
        "na",
        "unknown",
    )
)
"""Cells that say nothing, where text would not be taken for an answer."""


RELATIONS = frozenset(
    (
        "父亲", "母亲", "爸爸", "妈妈", "父", "母", "爸", "妈", "丈夫", "妻子", "老公", "老婆", "爱人", "配偶", "夫",
        "妻", "儿子", "女儿", "子", "女", "儿", "儿媳", "媳妇", "女婿", "孙子", "孙女", "外孙", "外孙女", "哥哥",
        "弟弟", "姐姐", "妹妹", "哥", "弟", "姐", "妹", "兄弟", "姐妹", "爷爷", "奶奶", "外公", "外婆", "姥姥",
        "姥爷", "叔叔", "伯伯", "舅舅", "姑姑", "姨", "侄子", "侄女", "亲属", "亲戚", "家属", "家人", "监护人",
        "朋友", "同事", "邻居", "同学", "室友", "老师", "辅导员", "班主任", "领导", "老板", "单位", "社区", "网格员",
        "护工", "保姆", "father", "mother", "dad", "mum", "mom", "husband", "wife", "spouse", "partner", "son",
        "daughter", "son-in-law", "daughter-in-law", "grandson", "granddaughter", "brother", "sister", "grandfather",
        "grandmother", "uncle", "aunt", "cousin", "nephew", "niece", "parent", "guardian", "relative", "friend",
        "colleague", "neighbour", "neighbor", "teacher", "manager", "boss", "carer",
    )
)  # fmt: skip
"""Words that are a relation and not a name, where the order leaves it open."""


def lookup(table: Mapping[T, Sequence[str]]) -> dict[str, T]:
    """Word to value."""
    return {word: key for key, words in table.items() for word in words}
