"""Numbers, sums, apps and sites that the subject speaks of, written down as they are heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import phonenumbers
import structlog

from campaigns.model import Mention, MentionKind
from dialer.journal import Journal
from speech.heard import Utterance
from speech.mentions.turns import Heard, MentionListener

_log = structlog.get_logger(__name__)


class Mentioned:
    """What was named on one call, each thing once. Raises nothing: no call ends because a number was not understood."""

    def __init__(self, language: str, journal: Journal, own_numbers: Sequence[str] = ()) -> None:
        """``own_numbers`` are never recorded; the first, in E.164, tells whose national numbers are meant."""
        self._journal = journal
        self._listener = MentionListener(language, region=_region(own_numbers), own=own_numbers)

    def turn(self, utterance: Utterance) -> None:
        """Record what a turn of the subject names; a number at its end may wait for the next turn to go on with it."""
        if utterance.text.strip():
            try:
                self._record(self._listener.turn(utterance))
            except Exception as error:
                _log.error("what a reply named could not be read", error=type(error).__name__)

    def end(self) -> None:
        """The call is over: nothing goes on any more."""
        self._record(self._listener.rest())

    def _record(self, found: Iterable[Heard]) -> None:
        for heard in found:
            mention = heard.mention
            self._journal.mention(Mention(MentionKind(mention.kind), mention.value, mention.words, heard.at_s))


def _region(own_numbers: Sequence[str]) -> str:
    """Country (ISO 3166) of the first of the numbers; mainland China if it tells none."""
    try:
        number = phonenumbers.parse(own_numbers[0] if own_numbers else "")
    except phonenumbers.NumberParseException:
        return "CN"
    region = str(phonenumbers.region_code_for_country_code(number.country_code or 0))
    return "CN" if region == "ZZ" else region
