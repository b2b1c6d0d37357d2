"""A floor that a test sets up by hand: what the desk asks of it is kept, and what it changes is told to open pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from campaigns.model import Grade, HeardSignal, Lead, Speaker
from dialer.live import (
    FRAME_BYTES,
    AudioLink,
    Changed,
    FloorState,
    LiveCall,
    LiveError,
    OnCall,
    Part,
    Phase,
    Post,
    Said,
)

NOW = 1_800_000_000.0


def a_call(attempt_id: int = 7, case_id: int = 1, **more: object) -> LiveCall:
    """A subject who is about to send money, with the robot."""
    call = LiveCall(
        attempt_id=attempt_id,
        case_id=case_id,
        campaign="spring",
        lead=Lead("+8611100000011", name="王芳", age=71, grade=Grade.HIGH, scam_type="冒充公检法"),
        phase=Phase.ROBOT,
        started_at=NOW - 60,
        phase_since_at=NOW - 55,
        transcript=(
            Said(Speaker.ROBOT, "最近有没有自称警察的人给您打过电话？", 4.0),
            Said(Speaker.SUBJECT, "有，他让我马上去银行转账", 9.0),
        ),
        signals=(HeardSignal("about_to_send", "马上去银行转账", "zh.about_to_send.1", 9.5),),
        node="n1",
    )
    return replace(call, **more)  # type: ignore[arg-type]


def offered(call: LiveCall, since_at: float = NOW - 12) -> LiveCall:
    """The same call, waiting for a human."""
    return replace(
        call,
        phase=Phase.OFFERED,
        phase_since_at=since_at,
        offered_at=since_at,
        reason="about_to_send",
        words="马上去银行转账",
    )


class Link:
    """A page's sound: what was sent is kept, what is played is put in."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.to_play: asyncio.Queue[bytes | None] = asyncio.Queue()

    def send(self, pcm: bytes) -> None:
        """See `dialer.live.AudioLink`."""
        self.sent += pcm

    async def frames(self) -> AsyncIterator[bytes]:
        """See `dialer.live.AudioLink`."""
        while (frame := await self.to_play.get()) is not None:
            assert len(frame) == FRAME_BYTES
            yield frame


class LiveDouble:
    """See `dialer.live.LiveDesk`."""

    def __init__(self, *, lines: int = 8, clock: float = NOW) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.links: dict[tuple[int, str], Link] = {}
        self._state = FloorState("n1", clock, lines, paused=False, breaker_open=False, trunk_up=True)
        self._readers: set[asyncio.Queue[Changed]] = set()

    def put(self, call: LiveCall) -> None:
        """A call begins, or is another now."""
        others = tuple(each for each in self._state.calls if each.attempt_id != call.attempt_id)
        calls = others if call.phase is Phase.ENDED else (*others, call)
        self._state = replace(self._state, calls=tuple(sorted(calls, key=lambda each: each.attempt_id)))
        self.tell(call.attempt_id)

    def post(self, post: Post) -> None:
        """A dissuader stands elsewhere."""
        others = tuple(each for each in self._state.posts if each.name != post.name)
        self.change(posts=(*others, post))

    def change(self, **more: object) -> None:
        """Anything else changes."""
        self._state = replace(self._state, **more)  # type: ignore[arg-type]
        self.tell(None)

    def tell(self, attempt_id: int | None) -> None:
        """Say that something changed."""
        for each in self._readers:
            each.put_nowait(Changed(attempt_id))

    def state(self) -> FloorState:
        """See `dialer.live.LiveDesk`."""
        return self._state

    def call(self, attempt_id: int) -> LiveCall | None:
        """See `dialer.live.LiveDesk`."""
        return next((each for each in self._state.calls if each.attempt_id == attempt_id), None)

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Changed]]:
        """See `dialer.live.LiveDesk`."""
        return self._changes()

    @asynccontextmanager
    async def _changes(self) -> AsyncIterator[AsyncIterator[Changed]]:
        told: asyncio.Queue[Changed] = asyncio.Queue()
        self._readers.add(told)

        async def read() -> AsyncIterator[Changed]:
            while True:
                yield await told.get()

        try:
            yield read()
        finally:
            self._readers.discard(told)

    async def set_station(self, login: str, *, ready: bool, phone: str) -> None:
        """See `dialer.live.LiveDesk`."""
        self.asked.append(("set_station", login, ready, phone))
        self.post(Post(login, "ready" if ready else "away", self._state.at, bool(phone)))

    async def accept(self, attempt_id: int, login: str) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        if not any(each.dissuader == login for each in call.offers):
            raise LiveError(f"this call is not offered to {login}")
        self.asked.append(("accept", attempt_id, login))
        mine = OnCall(login, Part.SPEAKS, phone=False, joined_at=self._state.at)
        self.put(replace(call, phase=Phase.JOINED, offers=(), on_call=(*call.on_call, mine)))

    async def decline(self, attempt_id: int, login: str) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("decline", attempt_id, login))
        left = tuple(each for each in call.offers if each.dissuader != login)
        self.put(replace(call, offers=left, tried=(*call.tried, login)))

    def audio(self, attempt_id: int, login: str) -> AbstractAsyncContextManager[AudioLink]:
        """See `dialer.live.LiveDesk`."""
        return self._audio(attempt_id, login)

    @asynccontextmanager
    async def _audio(self, attempt_id: int, login: str) -> AsyncIterator[AudioLink]:
        if not any(each.name == login for each in self._there(attempt_id).on_call):
            raise LiveError(f"{login} is not on this call")
        yield self.links.setdefault((attempt_id, login), Link())

    async def listen(self, attempt_id: int, login: str, part: Part) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("listen", attempt_id, login, part))
        others = tuple(each for each in call.on_call if each.name != login)
        self.put(replace(call, on_call=(*others, OnCall(login, part, phone=False, joined_at=self._state.at))))

    async def take_over(self, attempt_id: int, login: str) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("take_over", attempt_id, login))
        mine = OnCall(login, Part.SPEAKS, phone=False, joined_at=self._state.at)
        self.put(replace(call, phase=Phase.JOINED, on_call=(mine,)))

    async def mute(self, attempt_id: int, login: str, *, on: bool) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("mute", attempt_id, login, on))
        self.put(
            replace(
                call,
                on_call=tuple(replace(each, muted=on) if each.name == login else each for each in call.on_call),
            )
        )

    async def hold(self, attempt_id: int, login: str, *, on: bool) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("hold", attempt_id, login, on))
        self.put(replace(call, held=on))

    async def bring_in(self, attempt_id: int, login: str, *, dissuader: str = "", number: str = "") -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("bring_in", attempt_id, login, dissuader, number))
        other = OnCall(dissuader or number, Part.SPEAKS, phone=True, joined_at=self._state.at)
        self.put(replace(call, on_call=(*call.on_call, other)))

    async def leave(self, attempt_id: int, login: str) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("leave", attempt_id, login))
        self.put(replace(call, on_call=tuple(each for each in call.on_call if each.name != login)))

    async def hand_back(self, attempt_id: int, login: str) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("hand_back", attempt_id, login))
        self.put(replace(call, phase=Phase.ROBOT, on_call=()))

    async def hang_up(self, attempt_id: int, login: str) -> None:
        """See `dialer.live.LiveDesk`."""
        call = self._there(attempt_id)
        self.asked.append(("hang_up", attempt_id, login))
        self.put(replace(call, phase=Phase.ENDED))

    def _there(self, attempt_id: int) -> LiveCall:
        if (call := self.call(attempt_id)) is None:
            raise LiveError("the call is over")
        return call
