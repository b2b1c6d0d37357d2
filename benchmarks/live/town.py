"""The people who are called: scenario files for the crowd, from whole conversations to calls that are soon over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from rehearsal.scenario import ScenarioFile

VOICES = ("f4", "m5", "Andrea", "quincy", "victor", "michel", "steph2", "klatt4")
"""None of them was used to make the bundled models."""

SCAM_TYPES = ("冒充公检法", "冒充电商物流客服", "虚假投资理财", "刷单返利")

_TALKS = ("not_contacted", "denies", "not_contacted", "not_contacted", "sent_money", "not_contacted", "not_contacted")
"""One in seven is in danger and one denies, which is more than a centre has."""


_TALK_S = 29.0
"""A little less than a conversation takes, so that all lines talk."""


def conversations(count: int, lines: int, folder: Path) -> Path:
    """A file with so many people who answer and talk to the end; a dissuader for eight lines takes the escalated calls.

    They are called as fast as keeps all lines talking, so that calls are in all their phases at the same time.
    """
    people = [_person(index, {"behaviour": _TALKS[index % len(_TALKS)]}) for index in range(count)]
    dissuaders = [
        {
            "user": str(8001 + index),
            "answer_after_s": 1.0,
            "talks_s": 6.0,
            "says": ["您好，我是民警，请不要转账。"],
            # Who met whom is told by the sound that crossed: no two of them sound alike.
            "voice": {"variant": VOICES[index % len(VOICES)], "rate_wpm": 150 + 5 * index},
        }
        for index in range(max(6, lines // 8))
    ]
    kept = len(dissuaders) + 2
    return _written(folder / "conversations.yaml", people, dissuaders, lines, kept=kept, per_s=lines / _TALK_S)


def encounters(count: int, lines: int, folder: Path, *, per_s: float, leave_after_s: float) -> Path:
    """A file with so many people who answer, say one thing, and soon hang up."""
    short = {"behaviour": "hangs_up_early", "rings_s": 0.3, "hangs_up_after_s": leave_after_s}
    people = [_person(index, short) for index in range(count)]
    return _written(folder / "encounters.yaml", people, [], lines, kept=0, per_s=per_s)


def _person(index: int, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": f"+861110000{index:04d}",
        "voice": {"variant": VOICES[index % len(VOICES)], "rate_wpm": 155 + index % 3 * 5},
        "lead": {"grade": "medium", "scam_type": SCAM_TYPES[index % len(SCAM_TYPES)]},
        **more,
    }


def _written(
    path: Path,
    people: list[dict[str, Any]],
    dissuaders: list[dict[str, Any]],
    lines: int,
    *,
    kept: int,
    per_s: float,
) -> Path:
    scenario = {
        "rehearsal": path.stem,
        "language": "zh-CN",
        "lines": lines,
        "crowd": True,
        "time_limit_s": 3600,
        "dialer": {
            "lines": {"kept_for_humans": kept, "calls_per_second": per_s, "ring_timeout_s": 15},
            "escalation": {"wrap_up_s": 1},
            "pacing": {"expected": 0.0, "reserve": 0},
        },
        # Whoever hung up is not called again: the calls are counted.
        "policy": {"after": {"answered_incomplete": {"delay": "1h", "limit": 1}}},
        "phones": people,
        "dissuaders": dissuaders,
    }
    ScenarioFile.model_validate(scenario)
    path.write_text(yaml.safe_dump(scenario, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
