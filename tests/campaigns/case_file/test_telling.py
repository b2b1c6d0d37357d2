"""A case from its lead to its end: everything is told, in order, in words."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from campaigns.case_file.page import to_html
from campaigns.case_file.reading import CaseFile, read_case
from campaigns.case_file.telling import _EVENTS, entries, heard
from campaigns.delivery.wording import Language
from campaigns.event_schema import KINDS
from campaigns.follow_up import FollowUpKind, FollowUpState, Order
from campaigns.model import (
    Act,
    AttemptResult,
    Conviction,
    Disposition,
    EscalationState,
    Grade,
    HeardSignal,
    Lead,
    Mention,
    MentionKind,
    NextStep,
    Outcome,
    Relative,
    Speaker,
    Turn,
)
from campaigns.sqlite_store import SqliteStore
from campaigns.store import NotFoundError, Store
from dissuade.timeline import case_timeline, timeline
from tests.campaigns.contract.words import T0, claim_one, decider, follows, number

pytestmark = pytest.mark.unit

ZONE = ZoneInfo("Asia/Shanghai")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SUBJECT = Lead(
    number(1),
    name="欧阳某<b>",
    scam_type="冒充公检法",
    grade=Grade.MEDIUM,
    note="独居",
    address="望江路 12 号",
    relatives=(Relative(number(2), "女儿", "小欧"),),
)


@pytest.fixture
def file(tmp_path: Path) -> CaseFile:
    """A case that was called, escalated, visited, judged, and whose daughter was called."""
    store = SqliteStore(tmp_path / "store.db")
    store.create_campaign("spring", now=T0)
    case_id = live_through(store)
    found = read_case(store, case_id, now=T0 + 9000)
    with pytest.raises(NotFoundError):
        read_case(store, 999, now=T0)
    store.close()
    return found


def live_through(store: Store) -> int:
    store.add_leads("spring", [SUBJECT], now=T0, decide=follows(NextStep(due_at=T0, why="a first call at once")))
    claim = claim_one(store)
    attempt_id, case_id = claim.attempt_id, claim.case.id
    store.dialled(attempt_id, now=T0 + 1)
    store.answered(attempt_id, now=T0 + 5)
    store.add_turn(attempt_id, Turn(Speaker.ROBOT, "有人让您转账吗", 0.5, 2.0, "ask"), now=T0 + 8)
    store.add_turn(attempt_id, Turn(Speaker.SUBJECT, "让我转两万", 3.0, 4.5, "ask"), now=T0 + 10)
    store.add_signal(attempt_id, HeardSignal("about_to_send", "转两万", "zh.send", 3.0), now=T0 + 10)
    store.add_mention(attempt_id, Mention(MentionKind.AMOUNT, "20000", "两万", 3.0), now=T0 + 10)
    offered = store.offer_escalation(attempt_id, reason="about_to_send", words="转两万", now=T0 + 10)
    store.escalation_rang(offered, dissuader="陈警官", now=T0 + 11)
    store.end_escalation(offered, EscalationState.JOINED, dissuader="陈警官", now=T0 + 16)
    store.add_turn(attempt_id, Turn(Speaker.DISSUADER, "先别转", 20.0, 21.0, name="chen"), now=T0 + 26)
    store.add_act(attempt_id, Act.WHISPERED, by="wu", now=T0 + 27)
    store.add_turn(attempt_id, Turn(Speaker.RELATIVE, "妈，听他的", 22.0, 23.0), now=T0 + 28)
    orders = (Order(FollowUpKind.VISIT, T0 + 3600), Order(FollowUpKind.RELATIVE, T0 + 3600))
    step = NextStep(waits=True, grade=Grade.HIGH, orders=orders, why="nobody convinced the subject")
    result = AttemptResult(Outcome.ESCALATED, T0 + 90, T0 + 5, True, 200, "hung up", "recordings/d/1.wav")
    store.finish(attempt_id, result, follows(step), now=T0 + 90)
    store.record_disposition(
        Disposition(case_id, attempt_id, Conviction.NOT_CONVINCED, "陈警官", T0 + 100, 20000.0, None, "仍相信对方"),
        now=T0 + 100,
    )
    visit, relative = store.follow_ups(case_id)
    daughter = Lead(number(2), name="小欧")
    store.add_linked_case(relative.id, daughter, relation="女儿", now=T0 + 120, decide=decider(T0 + 120))
    store.delivered(visit.id, channel="webhook", reference="V-1", now=T0 + 130)
    store.raise_overdue(now=T0 + 4000)
    store.feedback(visit.id, FollowUpState.DONE, result="met", note="见到本人", by="望江所", now=T0 + 5000)
    store.revise(case_id, follows(NextStep(close_reason="met", why="officers met the subject")), now=T0 + 5001)
    return case_id


def test_everything_is_told_in_order_with_its_reason(file: CaseFile) -> None:
    told = [(entry.what.split(",")[0], entry.why or entry.note) for entry in entries(file, "en", ZONE)]
    assert told == [
        ("lead in: 冒充公检法", ""),
        ("to be called from 2027-01-15 16:00:00", "a first call at once"),
        ("call 1", ""),
        ("wu came to whisper", ""),
        ("grade raised from medium to high", "nobody convinced the subject"),
        ("Visit order ordered", ""),
        ("Call to a relative ordered", ""),
        ("waits for what is ordered", "nobody convinced the subject"),
        ("陈警官 recorded: not convinced", "仍相信对方"),
        ("Visit order sent: webhook V-1", ""),
        ("Visit order overdue since 2027-01-15 17:00:00", ""),
        ("Call to a relative overdue since 2027-01-15 17:00:00", ""),
        ("Visit order done: met 望江所", "见到本人"),
        ("closed: met", "officers met the subject"),
    ]


def test_an_amount_that_nobody_recorded_is_not_spoken_of(file: CaseFile) -> None:
    (recorded,) = [entry.what for entry in entries(file, "en", ZONE) if " recorded: " in entry.what]
    assert recorded == "陈警官 recorded: not convinced, at risk 20,000"


def test_a_call_is_told_with_its_signals_and_numbers_behind_the_words_that_showed_them(file: CaseFile) -> None:
    (attempt,) = file.attempts
    assert [line.who for line in heard(attempt)] == ["robot", "person", "signal", "mention", "dissuader", "relative"]
    assert [line.name for line in heard(attempt)][-2:] == ["chen", ""]


def test_no_event_of_a_case_is_left_out() -> None:
    of_calls = {kind for kind in KINDS if kind.startswith(("attempt.", "call.", "escalation."))}
    of_no_case = {kind for kind, (ids, _) in KINDS.items() if "case_id" not in ids} - {
        "suppression.added",
        "suppression.lifted",
    }
    assert set(_EVENTS) - of_calls == set(KINDS) - of_calls - of_no_case


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_names_fields_that_its_event_has(language: Language) -> None:
    for kind, sentence in _EVENTS.items():
        _, fields = KINDS[kind]
        sentence[language].format_map(dict.fromkeys(fields, ""))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_the_whole_case_and_takes_the_lead_for_hostile_text(file: CaseFile, language: Language) -> None:
    page = to_html(file, language, ZONE, centre="反诈中心", printed_at=T0 + 9000)
    for text in (
        "欧阳某&lt;b&gt;",
        number(1),
        "望江路 12 号",
        "让我转两万",
        "20000",
        "仍相信对方",
        "见到本人",
        "小欧",
        "recordings/d/1.wav",
        '<span class="who">chen</span>',
        {"zh": "关系人</span>", "en": "relative</span>"}[language],
    ):
        assert text in page
    assert "<b>" not in page
    assert "a first call at once" in page
    assert 'class="line signal"' in page
    assert {"zh": "关系人电话（女儿），案件 2", "en": "Call to a relative (女儿), case 2"}[language] in page
    assert "<script" not in page
    assert "http" not in page


def test_the_terminal_tells_the_same_case_and_the_relative_s_call_after_it(file: CaseFile, tmp_path: Path) -> None:
    told = case_timeline(file, tmp_path, ZONE)
    assert (
        told.index("让我转两万") < told.index("! signal") < told.index("joined after 6.0 s") < told.index("仍相信对方")
    )
    assert "why: nobody convinced the subject" in told
    assert f"recording (left: the person called, right: robot): {tmp_path}/recordings/d/1.wav" in told
    assert told.index("closed: met") < told.index("call to a relative (女儿), case 2")
    call = timeline(file.attempts[0], file.case, file.history.follow_ups, tmp_path)
    assert "chen      先别转" in call
    assert "relative  妈，听他的" in call
    for line in ("让我转两万", "! signal", "joined after 6.0 s", "key warning heard", "ordered: visit, relative"):
        assert line in call


def test_a_case_whose_data_was_purged_is_still_told(file: CaseFile, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    later = T0 + 1e6
    store.purge(recordings_before_at=later, transcripts_before_at=later, personal_before_at=later, now=later)
    purged = read_case(store, file.case.id, now=later)
    store.close()
    page = to_html(purged, "zh", ZONE, centre="反诈中心", printed_at=later)
    told = case_timeline(purged, tmp_path, ZONE)
    for text in ("欧阳", number(1), "望江路", "两万", "仍相信对方", "见到本人"):
        assert text not in page
        assert text not in told
    assert "officers met the subject" in page
