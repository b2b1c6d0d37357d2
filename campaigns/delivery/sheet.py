"""An order on paper: one A4 page of HTML for officers, the stop-payment desk or the block list.

What leads and subjects wrote or said is hostile input: everything is escaped and shortened, characters that reorder or
hide text are taken out, and the page allows neither scripts nor anything from elsewhere.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Mapping, Sized
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from campaigns.delivery.channel import Parcel, Receipt, UnavailableError
from campaigns.delivery.wording import Language, language_of, word
from campaigns.follow_up import RESULTS, FollowUpKind

KINDS = frozenset({FollowUpKind.VISIT, FollowUpKind.STOP_PAYMENT, FollowUpKind.BLOCK})
"""What has a sheet."""


class NoSheetError(Exception):
    """Orders of this kind have no sheet."""


def render(document: Mapping[str, Any], *, language: Language | None = None) -> str:
    """The page of an order, in the subject's language unless another is given. Raises `NoSheetError`."""
    kind = FollowUpKind(document["kind"])
    if kind not in KINDS:
        raise NoSheetError(f"{kind} orders have no sheet; {', '.join(sorted(KINDS))} orders have one")
    used = language or language_of(document["subject"]["language"])
    subject, heard = document["subject"], document["heard"]
    about = [
        word(used, "sexes", subject["sex"]),
        "" if subject["age"] is None else (f"{subject['age']} 岁" if used == "zh" else f"aged {subject['age']}"),
        subject["group"],
    ]
    return _template().render(
        doc={**document, "calls": [_called(each, used, "outcomes", "outcome") for each in document["calls"]]},
        language="zh-CN" if used == "zh" else "en",
        title=word(used, "kinds", kind),
        grade=word(used, "grades", document["case"]["grade"]),
        person=_plain(("，" if used == "zh" else ", ").join(filter(None, about)), 24),
        signals=[_called(each, used, "signals", "name") for each in heard["signals"]],
        mentions=[_called(each, used, "mentions", "kind") for each in heard["mentions"]],
        blocked=[
            {**each, "what": word(used, "mentions", name)}
            for name in ("phone", "site", "app")
            for each in document["details"].get(f"{name}s", ())
        ],
        results=[{"name": name, "called": word(used, "results", name)} for name in RESULTS[kind]],
        room=1 if used == "zh" else 2,  # Latin letters are half as wide
        t=lambda zh, en: zh if used == "zh" else en,
        more=lambda items, shown: _more(items, shown, used),
    )


class SheetFolder:
    """Sheets as files, one an order. As a channel: what lies in the folder counts as sent."""

    name = "sheet"
    tells_repetitions = True

    def __init__(self, folder: Path, kinds: frozenset[FollowUpKind] = KINDS) -> None:
        self.kinds = kinds & KINDS
        self._folder = folder

    def path(self, kind: FollowUpKind, order_id: int) -> Path:
        """Where the sheet of an order lies."""
        return self._folder / f"{kind.value}-{order_id}.html"

    def write(self, parcel: Parcel) -> Path:
        """Write a sheet, readable by this user alone, or leave it if it says the same; raises `OSError`."""
        path = self.path(parcel.order.kind, parcel.order.id)
        text = render(parcel.document)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            return path
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=self._folder, prefix=f".{path.stem}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(made).replace(path)
        except BaseException:
            Path(made).unlink(missing_ok=True)
            raise
        return path

    async def deliver(self, parcel: Parcel) -> Receipt:
        """See `campaigns.delivery.channel.Channel`."""
        try:
            return Receipt(reference=self.write(parcel).name)
        except OSError as error:
            raise UnavailableError(f"the sheet cannot be written: {error}") from None


@functools.cache
def _template() -> jinja2.Template:
    here = resources.files("campaigns.delivery")
    style = (here / "sheet.css").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters.update(plain=_plain, clock=_clock, amount=_amount)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment.globals.update(style=Markup(style), style_hash=f"sha256-{digest}")  # noqa: S704 (our own file)
    return environment.from_string((here / "sheet.html.j2").read_text(encoding="utf-8"))


def _called(item: Mapping[str, Any], language: Language, what: str, key: str) -> dict[str, Any]:
    return {**item, "called": word(language, what, item[key])}


def _plain(value: object, length: int = 200) -> str:
    """A text on one line, without characters that reorder or hide others, cut to a length."""
    text = " ".join(str(value if value is not None else "").split())
    shown = "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs", "Cn"})
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def _clock(at: float) -> str:
    """As the wall clock of the centre shows it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def _amount(value: float | None) -> str:
    if value is None:
        return "—"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _more(items: Sized, shown: int, language: Language) -> Markup:
    left = len(items) - shown
    if left <= 0:
        return Markup("")
    text = f"另有 {left} 条，见案件页" if language == "zh" else f"and {left} more: see the case"
    return Markup("<p>{}</p>").format(text)
