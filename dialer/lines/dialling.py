"""The calls that a line process is to make, one after the other at the rate that the trunk allows."""

from __future__ import annotations

import time
from collections.abc import Callable

import pjsua2 as pj

from dialer.lines import messages as m
from dialer.lines.calls import CarriedCall
from dialer.lines.endpoint import LineEndpoint
from dialer.lines.errors import LineError
from dialer.lines.work import Work

_TOO_MANY = 70010
_RETRY_S = 0.02
_RETRIES = 25
"""pjsip may need some milliseconds after a call until its slot can be used."""


class Dialling:
    """Makes calls of invitations, and tells what became of each. It lives on the SIP thread."""

    def __init__(
        self,
        endpoint: LineEndpoint,
        work: Work,
        report: Callable[[m.Report], None],
        *,
        calls_per_s: float,
        take: Callable[[int], CarriedCall | None],
        drop: Callable[[CarriedCall], None],
    ) -> None:
        """``take`` gives a leg a slot, or ``None`` while none is free; ``drop`` takes it from a call never carried."""
        self._endpoint = endpoint
        self._work = work
        self._report = report
        self._calls_per_s = calls_per_s
        self._take = take
        self._drop = drop
        self._waiting: set[int] = set()
        self._next_at = 0.0

    def line_up(self, invite: m.Invite) -> None:
        """Dial when the rate allows."""
        now = time.monotonic()
        at = max(now, self._next_at)
        self._next_at = at + 1 / self._calls_per_s
        self._waiting.add(invite.leg)
        self._work.after(at - now, lambda: self._dial(invite, _RETRIES))

    def cancel(self, leg: int) -> bool:
        """Do not dial a leg; whether it was still to be dialled."""
        waited = leg in self._waiting
        self._waiting.discard(leg)
        return waited

    def _dial(self, invite: m.Invite, retries: int) -> None:
        if invite.leg not in self._waiting:
            self._not_dialled(invite, 487, "Cancelled before the INVITE")
            return
        call = self._take(invite.leg)
        if call is None:
            self._try_again(invite, retries)
            return
        try:
            if invite.recording:
                call.media.record(invite.recording)
            call.dial(self._endpoint.routed(invite.uri), invite.from_uri, invite.asserted_identity, invite.headers)
        except LineError as error:
            self._drop(call)
            self._refuse(invite, str(error))
        except pj.Error as error:
            if call.ended_at:
                # pjsip told the end of the call from inside: it is not to be told twice.
                self._waiting.discard(invite.leg)
                self._report(m.Done(invite.request))
                return
            self._drop(call)
            if error.status == _TOO_MANY:
                self._try_again(invite, retries)
            else:
                self._refuse(invite, f"This cannot be called: {error.reason}. Check the SIP URI.")
        else:
            self._waiting.discard(invite.leg)
            self._report(m.Done(invite.request))

    def _refuse(self, invite: m.Invite, error: str) -> None:
        self._waiting.discard(invite.leg)
        self._report(m.Freed(invite.leg))
        self._report(m.Done(invite.request, error))

    def _try_again(self, invite: m.Invite, retries: int) -> None:
        if retries:
            self._work.after(_RETRY_S, lambda: self._dial(invite, retries - 1))
            return
        self._waiting.discard(invite.leg)
        self._not_dialled(invite, 0, "No call slot became free")

    def _not_dialled(self, invite: m.Invite, code: int, phrase: str) -> None:
        self._report(m.Done(invite.request))
        self._report(m.LegEnded(invite.leg, code, phrase, -1, "", False))
        self._report(m.Freed(invite.leg))
