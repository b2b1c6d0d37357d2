"""A line process: pjsua2 with a few call slots, told what to do over a socket by its pool.

One thread, the first, owns every pjsua2 object. A second reads the socket and wakes the first. When the socket closes,
because the pool wants it or because its process died, every call is hung up and the process ends.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from dialer.lines import messages as m
from dialer.lines.calls import CarriedCall
from dialer.lines.dialling import Dialling
from dialer.lines.endpoint import LineEndpoint, calls_in_use
from dialer.lines.errors import LineError
from dialer.lines.media import SlotMedia
from dialer.lines.ports import OutsidePorts, silence_port
from dialer.lines.recording import RecordingThread
from dialer.lines.settings import LineSettings, SipAccount
from dialer.lines.siptext import called_of, identity_headers, user_of
from dialer.lines.work import Work

_WAIT_MS = 100
_LINGER_WAIT_MS = 10
_LINGER_S = 0.5
"""Shorter waits just after the end of a call, to see when pjsip gives its slot back."""
_ALIVE_S = 1.0
_LEAVE_S = 1.0
"""Seconds for BYE and unregistering at the end."""
_STUCK_S = 5.0
"""Seconds after the end of the socket at which the process ends whatever it is doing."""
_REWIRE_S = 0.06
"""Seconds after the end of a call at which pjsip has surely removed its port: three frames of the bridge."""


class LineProcess:
    """See the module."""

    def __init__(self, link: socket.socket, setup: m.Configure) -> None:
        """Start pjsua2. Raises LineError."""
        values = dict(setup.settings)
        account = values.pop("account")
        self._settings = LineSettings(**values, account=SipAccount(**account) if account else None)
        self._takes_calls = setup.incoming
        self._link = link
        self._work = Work()
        self._quitting = False
        self._calls: dict[int, CarriedCall] = {}
        self._lingering: list[int] = []
        self._ended: list[Any] = []
        self._ended_at = 0.0
        self._own_leg = 0
        self._recordings = RecordingThread()
        self._endpoint = LineEndpoint(self._settings, setup.index, setup.port, self.report, self._on_call)
        self._dialling = Dialling(
            self._endpoint,
            self._work,
            self.report,
            calls_per_s=self._settings.calls_per_s,
            take=self._take,
            drop=self._drop,
        )
        self._silence = silence_port()
        self._outside = OutsidePorts()
        self._slots = [
            SlotMedia(
                i,
                self._settings.frame_ms,
                silence=self._silence,
                outside=self._outside,
                recordings=self._recordings,
                post=self._post,
                after=self.after,
            )
            for i in range(self._settings.slots_per_process)
        ]
        self._free = list(reversed(self._slots))

    def run(self) -> None:
        """Work until the socket closes or `Quit` comes."""
        self.report(m.Ready(self._endpoint.contact))
        threading.Thread(target=self._read, name="link", daemon=True).start()
        self._beat()
        while not self._quitting:
            self._turn()
        self._leave()

    # Carrier: what calls need

    def report(self, message: m.Report) -> None:
        """Tell the pool; from any thread. Sound that finds the socket full is lost, nothing else is."""
        with contextlib.suppress(OSError):
            if isinstance(message, m.Frame | m.Tapped):
                self._link.send(m.encode(message), socket.MSG_DONTWAIT)
            else:
                self._link.send(m.encode(message))

    def after(self, delay_s: float, action: Callable[[], None]) -> None:
        """Run something on this thread later."""
        self._work.after(delay_s, action)

    def over(self, call: CarriedCall) -> None:
        """Give the media of an ended call back; its slot is free when pjsip says so."""
        if self._calls.pop(call.leg, None) is not None:
            self._free.append(call.media)
            self._lingering.append(call.leg)
            self._ended_at = time.monotonic()
            self._ended.append(call)
            self._work.after(_REWIRE_S, self._rewire)

    def referred(self, call: CarriedCall, prm: Any) -> None:
        """Follow a transfer: the new call takes a slot of its own."""
        leg = self._new_leg()
        new = self._take(leg)
        if new is None:
            prm.statusCode = 486
            return
        self.report(m.Referred(leg, call.leg, str(prm.dstUri)))
        prm.newCall = new

    def _rewire(self) -> None:
        """Mend what the end of a call may have undone: see `SlotMedia.end`."""
        for call in self._calls.values():
            with contextlib.suppress(pj.Error):
                call.media.wire()

    # The loop

    def _turn(self) -> None:
        lingers = self._lingering and time.monotonic() < self._ended_at + _LINGER_S
        wait_ms = _LINGER_WAIT_MS if lingers else _WAIT_MS
        self._endpoint.handle_events(self._work.wait_ms(wait_ms))
        self._work.run_due()
        if self._ended:
            # The end of a call object hangs up the call that has its number by then: it may go only while none has.
            self._ended = [call for call in self._ended if call.isActive()]
        if self._lingering:
            held = calls_in_use() - len(self._calls)
            while len(self._lingering) > max(0, held):
                self.report(m.Freed(self._lingering.pop(0)))

    def _post(self, task: Callable[[], None]) -> None:
        """Run something on the SIP thread; from any thread."""
        self._work.now(task)
        self._endpoint.wake()

    def _read(self) -> None:
        while True:
            try:
                packet = self._link.recv(m.MAX_PACKET)
            except OSError:
                packet = b""
            if not packet:
                break
            command = m.decode(packet)
            self._post(lambda command=command: self._obey(command))  # type: ignore[misc]
        self._post(self._quit)
        time.sleep(_STUCK_S)
        os._exit(1)

    def _quit(self) -> None:
        self._quitting = True

    def _beat(self) -> None:
        self.report(m.Alive())
        for call in tuple(self._calls.values()):
            call.check()
        self._work.after(_ALIVE_S, self._beat)

    def _leave(self) -> None:
        """Hang up, unregister and let both be answered. The process then ends without tearing pjsip down (1 s)."""
        for call in tuple(self._calls.values()):
            with contextlib.suppress(pj.Error):
                call.end()
        with contextlib.suppress(pj.Error):
            self._endpoint.unregister()
        until = time.monotonic() + _LEAVE_S
        while time.monotonic() < until and (calls_in_use() or self._registered()):
            self._endpoint.handle_events(_LINGER_WAIT_MS)
        self._recordings.stop()

    def _registered(self) -> bool:
        return bool(self._endpoint.account.getInfo().regIsActive)

    # Commands

    def _obey(self, command: m.Message) -> None:
        if isinstance(command, m.Quit):
            self._quit()
            return
        if isinstance(command, m.Feed):
            if command.leg in self._calls:
                self._calls[command.leg].media.feed(command.source, command.pcm)
            return
        request = getattr(command, "request", 0)
        try:
            finished = self._do(command)
        except LineError as error:
            self.report(m.Done(request, str(error)))
        except pj.Error as error:
            self.report(m.Done(request, f"pjsip refuses {type(command).__name__}: {error.reason}"))
        else:
            if finished:
                self.report(m.Done(request))

    def _do(self, command: m.Message) -> bool:
        """Do it; False when `Done` follows later."""
        match command:
            case m.Invite():
                self._dialling.line_up(command)
                return False
            case m.HangUp(leg=leg, code=code):
                if not self._dialling.cancel(leg) and leg in self._calls:
                    # pjsip refuses when the call is ending anyway.
                    with contextlib.suppress(pj.Error):
                        self._calls[leg].end(code)
            case m.StopPlaying(leg=leg):
                if leg in self._calls:
                    self._calls[leg].media.stop_playing()
            case m.Connect(leg=leg, other=other, hears=hears, speaks=speaks, prompts=prompts):
                if hears or speaks or (leg in self._calls and other in self._calls):
                    media, others = self._call(leg).media, self._call(other).media
                    media.hear(others, on=hears, prompts=prompts)
                    others.hear(media, on=speaks)
            case m.Tap(leg=leg, on=True, prompts=prompts):
                self._tap(leg, prompts=prompts)
            case m.Tap(leg=leg):
                if leg in self._calls:
                    self._calls[leg].media.untap()
            case m.Respond():
                self._call(command.leg).respond(command.code, command.cause, command.text)
            case m.Play(request=request):
                media = self._call(command.leg).media
                media.play(command.path, command.from_s, lambda result: self.report(m.Done(request, "", dict(result))))
                return False
            case m.Record():
                self._call(command.leg).media.record(command.path)
            case m.SendDigits(request=request):
                way = self._call(command.leg).press(command.digits)
                self.report(m.Done(request, "", {"way": way}))
                return False
            case m.Refer(request=request):
                self._call(command.leg).transfer(
                    self._endpoint.routed(command.uri),
                    lambda accepted: self.report(m.Done(request, "", {"accepted": accepted})),
                )
                return False
        return True

    def _call(self, leg: int) -> CarriedCall:
        try:
            return self._calls[leg]
        except KeyError:
            raise LineError("The leg has no call: it has ended or was never dialled.") from None

    def _tap(self, leg: int, *, prompts: bool) -> None:
        self._call(leg).media.tap(lambda index, pcm: self.report(m.Tapped(leg, index, pcm)), prompts=prompts)

    def _drop(self, call: CarriedCall) -> None:
        """Forget a call that pjsip never carried."""
        del self._calls[call.leg]
        call.media.end()
        self._free.append(call.media)
        self._ended.append(call)

    def _take(self, leg: int) -> CarriedCall | None:
        """A call of ours in a free slot; ``None`` while there is none."""
        if not self._free:
            return None
        call = self._calls[leg] = CarriedCall(self._endpoint.account, self, leg, self._free.pop())
        return call

    def _on_call(self, prm: Any) -> None:
        """Somebody calls us."""
        message = str(prm.rdata.wholeMsg)
        if not self._takes_calls or not self._free:
            call = pj.Call(self._endpoint.account, prm.callId)
            answer = pj.CallOpParam()
            answer.statusCode = 486 if self._takes_calls else 480
            call.hangup(answer)
            self._ended.append(call)
            return
        headers = identity_headers(message)
        leg = self._new_leg()
        self._calls[leg] = CarriedCall(self._endpoint.account, self, leg, self._free.pop(), prm.callId)
        self.report(m.Incoming(leg, called_of(message), user_of(headers.get("From", "")), headers))

    def _new_leg(self) -> int:
        """Even numbers are ours, odd ones the pool's."""
        self._own_leg += 2
        return self._own_leg
