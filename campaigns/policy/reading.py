"""A policy from its YAML text, laid over the standard one; what is wrong is told with file, line and mend."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from campaigns.model import Campaign
from campaigns.policy.model import Policy

log = structlog.get_logger(__name__)

STANDARD_FILE = Path(__file__).with_name("standard.yaml")
LARGEST_BYTES = 100_000


class PolicyError(Exception):
    """A policy cannot be used; one line for each fault: file, line, what is wrong and the mend."""


def read_policy(file: Path) -> str:
    """The text of a policy file, checked; raises `PolicyError`."""
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise PolicyError(f"{file}: is larger than {LARGEST_BYTES} bytes; is it a policy?")
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise PolicyError(f"{file}:{line}: is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise PolicyError(f"{file}: cannot be read: {error.strerror or error}") from None
    parse_policy(text, name=str(file))
    return text


@lru_cache(maxsize=64)
def parse_policy(text: str, name: str = "policy") -> Policy:
    """The policy that a text describes, empty for the standard one; ``name`` is told in the `PolicyError`."""
    own = _load(text, name)
    try:
        return Policy.model_validate(_laid_over(_standard(), own))
    except ValidationError as error:
        told = dict.fromkeys(_explain(dict(each), own, name) for each in error.errors())
        raise PolicyError("\n".join(told)) from None


def policy_of(campaign: Campaign, default: Policy | None = None) -> Policy:
    """A campaign's own policy, or else ``default``, or else the standard one.

    So it is, too, when its own cannot be read any more, which only another version of this program can bring about:
    the log says so, and nobody is left without a next step.
    """
    own = _readable(campaign.policy, campaign.name) if campaign.policy else None
    return own or default or standard()


@lru_cache(maxsize=64)
def _readable(text: str, name: str) -> Policy | None:
    try:
        return parse_policy(text, name=f"policy of campaign {name}")
    except PolicyError as error:
        log.error("a campaign's policy cannot be read; the default is used instead", campaign=name, reason=str(error))
        return None


def standard() -> Policy:
    """The built-in policy."""
    return parse_policy("")


@lru_cache(maxsize=1)
def _standard() -> CommentedMap:
    data: CommentedMap = YAML().load(STANDARD_FILE.read_text(encoding="utf-8"))
    return data


def _load(text: str, name: str) -> CommentedMap:
    try:
        data = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = (error.problem or error.context or "unreadable").split("\n")[0]
        raise PolicyError(f"{name}:{mark.line + 1 if mark else 1}: is not valid YAML: {reason}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise PolicyError(f"{name}: is not valid YAML: {str(error).splitlines()[0]}") from None
    if data is None:
        return CommentedMap()
    if not isinstance(data, CommentedMap):
        raise PolicyError(f"{name}:1: must be settings and their values, such as `time_zone: Asia/Shanghai`")
    return data


def _laid_over(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Settings in settings are laid over each other; any other value, a list too, is replaced."""
    merged: dict[str, Any] = dict(under)
    for key, value in over.items():
        before = merged.get(key)
        merged[key] = _laid_over(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged


def _explain(detail: dict[str, Any], own: CommentedMap, name: str) -> str:
    where = tuple(str(part) for part in detail["loc"] if part != "[key]")
    setting = ".".join(where)
    message = str(detail["msg"]).removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = f"there is no such setting{_meant(where)}"
    elif detail["type"] == "enum":
        message = f"{detail['input']!r} is none of {detail['ctx']['expected']}"
    elif detail["type"] == "missing":
        message = "is missing"
    return f"{name}:{_line(own, where)}: {setting}: {message}" if setting else f"{name}: {message}"


def _meant(where: tuple[str, ...]) -> str:
    known: Any = _standard()
    for key in where[:-1]:
        known = known.get(key, {}) if isinstance(known, Mapping) else {}
    close = difflib.get_close_matches(where[-1], [str(key) for key in known] if isinstance(known, Mapping) else [], n=1)
    return f"; did you mean {close[0]}?" if close else "; `dissuade campaign policy show` tells all that there are"


def _line(own: CommentedMap, where: tuple[str, ...]) -> int:
    """The line of the deepest part that is in the text, from 1."""
    line, node = 1, own
    for key in where:
        if not isinstance(node, CommentedMap) or key not in node:
            break
        line = node.lc.key(key)[0] + 1 if key in (node.lc.data or {}) else line
        node = node[key]
    return line
