# ruff: noqa: D102, N802 - the names and the meaning of callbacks are pjsua2's
"""One SIP call in a line process, as pjsua2 tells about it. It lives on the SIP thread."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from typing import Any, Protocol

import pjsua2 as pj

from dialer.lines.endpoint import guarded
from dialer.lines.media import SlotMedia
from dialer.lines.messages import DigitPressed, Frame, LegEnded, Progress, Report
from dialer.lines.siptext import Q850Reason, headers_of, offer_usual_events, q850_of

_REFER_S = 30.0
"""Seconds after which a transfer that nobody reported on counts as refused."""


class Carrier(Protocol):
    """What a call needs from its process."""

    def report(self, message: Report) -> None:
        """Tell the pool."""
        ...

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Run something on the SIP thread later."""
        ...

    def referred(self, call: CarriedCall, prm: Any) -> None:
        """The far end asks to be transferred."""
        ...

    def over(self, call: CarriedCall) -> None:
        """The call has ended and was reported."""
        ...


class CarriedCall(pj.Call):  # type: ignore[misc]
    """A call and the slot whose media it uses."""

    def __init__(
        self, account: Any, carrier: Carrier, leg: int, media: SlotMedia, call_id: int = pj.PJSUA_INVALID_ID
    ) -> None:
        super().__init__(account, call_id)
        self.leg = leg
        self.media = media
        self.ended_at = 0.0
        self._carrier = carrier
        self._incoming = call_id != pj.PJSUA_INVALID_ID
        self._told: set[str] = set()
        self._q850: Q850Reason | None = None
        self._far_end_spoke_last = False
        self._redirected = False
        self._transfer: Callable[[bool], None] | None = None
        self._transfer_accepted = False
        media.begin(lambda index, pcm: carrier.report(Frame(leg, index, pcm)))

    # Commands

    def dial(self, uri: str, from_uri: str, asserted_identity: str, headers: dict[str, str]) -> None:
        """Send the INVITE. Raises pj.Error."""
        prm = pj.CallOpParam(True)
        prm.opt.audioCount, prm.opt.videoCount = 1, 0
        prm.txOption.localUri = from_uri
        if asserted_identity:
            _add_header(prm, "P-Asserted-Identity", asserted_identity)
        for name, value in headers.items():
            _add_header(prm, name, value)
        self.makeCall(uri, prm)

    def respond(self, code: int, cause: int, text: str) -> None:
        """Answer with a provisional, successful or final code. Raises pj.Error."""
        prm = pj.CallOpParam(True)
        prm.statusCode = code
        prm.opt.audioCount, prm.opt.videoCount = 1, 0
        if cause:
            words = text.replace('"', "'")
            _add_header(prm, "Reason", f"Q.850;cause={cause}" + (f';text="{words}"' if text else ""))
        if code >= 300:
            self.hangup(prm)
        else:
            self.answer(prm)

    def end(self, code: int = 0) -> None:
        """Hang up, whatever the state. Raises pj.Error."""
        prm = pj.CallOpParam()
        prm.statusCode = code
        self.hangup(prm)

    def press(self, digits: str) -> str:
        """Press keys; returns how they went: rfc4733 or info. Raises pj.Error."""
        try:
            self.dialDtmf(digits)
        except pj.Error:
            # The far end offered no telephone-event.
            prm = pj.CallSendDtmfParam()
            prm.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
            prm.digits = digits
            self.sendDtmf(prm)
            return "info"
        return "rfc4733"

    def transfer(self, uri: str, done: Callable[[bool], None]) -> None:
        """Ask the far end to call somebody else; ``done`` tells once whether it did. Raises pj.Error."""
        self.xfer(uri, pj.CallOpParam(True))
        self._transfer = done
        # The timer must not keep this object alive: see LineProcess about ended calls.
        me = weakref.ref(self)

        def give_up() -> None:
            if call := me():
                call._transferred(done, accepted=False)

        self._carrier.after(_REFER_S, give_up)

    def check(self) -> None:
        """Look after it, about every second. Reports the end of a call that pjsip lost, whatever happened to it."""
        if not self.ended_at and not self.isActive():
            self._over(0, "pjsip lost the call")
        self.media.rest()

    # What pjsua2 tells

    @guarded
    def onCallState(self, prm: Any) -> None:
        info = self.getInfo()
        self._look_at(prm.e)
        if info.state == pj.PJSIP_INV_STATE_EARLY and info.lastStatusCode == 180 and not self._incoming:
            self._tell("ringing")
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._tell("answered")
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._over(int(info.lastStatusCode), str(info.lastReason))

    @guarded
    def onCallTsxState(self, prm: Any) -> None:
        self._look_at(prm.e)

    @guarded
    def onCallMediaState(self, _prm: Any) -> None:
        # The list lives inside the info: without a name for it, it is freed memory.
        info = self.getInfo()
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE:
                self.media.attach(self.getAudioMedia(media.index))
                if "answered" not in self._told:
                    self._tell("early_media")
                return

    @guarded
    def onCallSdpCreated(self, prm: Any) -> None:
        if not prm.remSdp.wholeSdp:
            prm.sdp.wholeSdp = offer_usual_events(str(prm.sdp.wholeSdp))

    @guarded
    def onDtmfDigit(self, prm: Any) -> None:
        self._carrier.report(DigitPressed(self.leg, str(prm.digit)))

    def onCallRedirected(self, _prm: Any) -> int:
        self._redirected = True
        return int(pj.PJSIP_REDIRECT_STOP)

    @guarded
    def onCallTransferRequest(self, prm: Any) -> None:
        self._carrier.referred(self, prm)

    @guarded
    def onCallTransferStatus(self, prm: Any) -> None:
        code = int(prm.statusCode)
        if code < 300:
            self._transfer_accepted = True
        if self._transfer is not None and (prm.finalNotify or code >= 200):
            self._transferred(self._transfer, accepted=code < 300)

    # Inside

    def _tell(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._carrier.report(Progress(self.leg, what))

    def _look_at(self, event: Any) -> None:
        """Note what a received message says about the end of the call."""
        if event.type != pj.PJSIP_EVENT_TSX_STATE or event.body.tsxState.type != pj.PJSIP_EVENT_RX_MSG:
            return
        message = str(event.body.tsxState.src.rdata.wholeMsg)
        first, _, rest = message.partition(" ")
        final = first == "SIP/2.0" and rest[:1] in "3456" and _is_answer_to_invite(message)
        if final or first in ("BYE", "CANCEL"):
            self._far_end_spoke_last = True
            self._q850 = q850_of(message) or self._q850

    def _over(self, code: int, phrase: str) -> None:
        if self.ended_at:
            return
        self.ended_at = time.monotonic()
        self.media.end()
        if self._transfer is not None:
            self._transferred(self._transfer, accepted=self._transfer_accepted)
        if self._redirected:
            code, phrase = 302, "Moved Temporarily"
        reason = self._q850
        self._carrier.report(
            LegEnded(
                self.leg,
                code,
                phrase,
                reason.cause if reason else -1,
                reason.text if reason else "",
                by_far_end=self._far_end_spoke_last,
            )
        )
        self._carrier.over(self)

    def _transferred(self, done: Callable[[bool], None], *, accepted: bool) -> None:
        if self._transfer is done:
            self._transfer = None
            done(accepted)


def _is_answer_to_invite(message: str) -> bool:
    return any(name.lower() == "cseq" and value.upper().endswith("INVITE") for name, value in headers_of(message))


def _add_header(prm: Any, name: str, value: str) -> None:
    header = pj.SipHeader()
    header.hName, header.hValue = name, value
    prm.txOption.headers.append(header)
