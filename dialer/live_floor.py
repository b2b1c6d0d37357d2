"""What the desk may see and do of a node in its own process. The real `dialer.live.LiveDesk`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from campaigns.async_store import AsyncStore
from dialer.dissuaders import Dissuader, NotFreeError, Place
from dialer.escalation import EscalationDesk
from dialer.floor import Floor
from dialer.joined import Joined
from dialer.lines.errors import LineError
from dialer.live import AudioLink, Changed, FloorState, LiveCall, LiveError, Part, Phase, Post, Refusal
from dialer.live_calls import FollowedCall, LiveCalls
from dialer.page import GONE_S
from dialer.party import Member
from dialer.stations import Stations

__all__ = ["GONE_S", "LiveFloor"]

_E164 = re.compile(r"\+[1-9]\d{5,14}")
_LOOK_S = 1.0
"""How often lines, trunk and broker are looked at."""


class LiveFloor:
    """The floor as people at the desk see it, and what they do to its calls.

    ```python
    calls = LiveCalls(node)                                   # given to Robot(..., live=calls) too
    live = LiveFloor(floor, desk, store, calls, number_uri=trunk.uri)
    task = asyncio.create_task(live.run())                    # until cancelled
    ```
    """

    def __init__(
        self,
        floor: Floor,
        desk: EscalationDesk,
        store: AsyncStore,
        calls: LiveCalls,
        *,
        number_uri: Callable[[str], str],
        trunk_up: Callable[[], bool] = lambda: True,
        broker_up: Callable[[], bool | None] = lambda: None,
    ) -> None:
        """``floor``, ``desk`` and ``store`` are the node's; ``calls`` is what its `Robot` feeds.

        ``number_uri`` makes a SIP URI of an E.164 number (`Trunk.uri`). ``trunk_up`` and ``broker_up`` tell what the
        lines and the broker's link say of themselves; ``None``: there is no broker.
        """
        self._floor = floor
        self._dissuaders = desk.dissuaders
        self._calls = calls
        self._number_uri = number_uri
        self._trunk_up = trunk_up
        self._broker_up = broker_up
        self._stations = Stations(store, desk.dissuaders, calls.node, clock=calls.clock)
        self._began_at = calls.clock()
        self._dissuaders.keeper = self._stations
        self._dissuaders.on_change = calls.changes.tell

    async def run(self) -> None:
        """Keep in step with the store, and tell when lines, trunk or broker change; until it is cancelled."""
        keeping = asyncio.create_task(self._stations.run(), name="stations")
        try:
            before = self._lines()
            while True:
                await asyncio.sleep(_LOOK_S)
                if before != (before := self._lines()):
                    self._calls.changes.tell()
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    # ---- what there is

    def state(self) -> FloorState:
        """See `LiveDesk`."""
        lines, paused, breaker_open, trunk_up, broker_up, pressure = self._lines()
        calls = tuple(each.value() for each in self._calls.all())
        engaged = {name: call.attempt_id for call in calls for name in _engaged(call)}
        return FloorState(
            node=self._calls.node,
            at=self._calls.clock(),
            lines=lines,
            paused=paused,
            breaker_open=breaker_open,
            trunk_up=trunk_up,
            calls=calls,
            posts=tuple(self._post(place, engaged) for place in self._dissuaders.places()),
            broker_up=broker_up,
            pressure=pressure,
        )

    def call(self, attempt_id: int) -> LiveCall | None:
        """See `LiveDesk`."""
        followed = self._calls.get(attempt_id)
        return followed.value() if followed is not None else None

    def changes(self) -> AbstractAsyncContextManager[AsyncIterator[Changed]]:
        """See `LiveDesk`."""
        return self._calls.changes.follow()

    def _lines(self) -> tuple[int, bool, bool, bool, bool | None, str]:
        floor = self._floor
        lines = floor.lines, floor.paused, floor.breaker_open
        return *lines, self._trunk_up(), self._broker_up(), floor.pressure.value

    def _post(self, place: Place, engaged: dict[str, int]) -> Post:
        name = place.dissuader.name
        return Post(
            name=name,
            readiness=place.readiness.value,
            since_at=self._began_at if place.since_s is None else self._calls.at(place.since_s),
            phone=bool(place.dissuader.uri),
            attempt_id=engaged.get(name),
        )

    # ---- dissuaders

    async def set_station(self, login: str, *, ready: bool, phone: str) -> None:
        """See `LiveDesk`. The store is to be told before."""
        try:
            self._stations.set_station(login, ready=ready, phone=phone)
        except ValueError as error:
            raise LiveError(Refusal.PHONES_NAME, name=login) from error

    async def accept(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        self._answered(attempt_id).party.accept(login)

    async def decline(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        self._answered(attempt_id).party.decline(login)

    @asynccontextmanager
    async def audio(self, attempt_id: int, login: str) -> AsyncIterator[AudioLink]:
        """See `LiveDesk`."""
        member = self._member(attempt_id, login)
        if member.page is None:
            raise LiveError(Refusal.BY_PHONE, name=login)
        async with member.page.link() as link:
            member.linked.set()
            yield link

    # ---- coming onto a call

    async def listen(self, attempt_id: int, login: str, part: Part) -> None:
        """See `LiveDesk`. Whoever comes to speak takes the call from the robot."""
        followed = self._answered(attempt_id)
        party = followed.party
        member = party.members.get(login)
        if part is Part.SPEAKS:
            await self._come_to_speak(followed, login, relieve=False)
        elif member is None:
            place = await self._engage(login)
            member = party.new_page(login, part)
            member.dissuader = place
            if not await party.connect(member):
                raise LiveError(Refusal.NOT_JOINED, name=login)
        elif member.part is not part:
            if party.speakers == [member]:
                raise LiveError(Refusal.ONLY_ONE, name=login)
            if not await party.connect(member, part):
                raise LiveError(Refusal.NOT_JOINED, name=login)

    async def take_over(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`. Relatives who were brought in stay."""
        await self._come_to_speak(self._answered(attempt_id), login, relieve=True)

    async def _come_to_speak(self, followed: FollowedCall, login: str, *, relieve: bool) -> None:
        party = followed.party
        asked = party.asked.get(login)
        if asked is not None and not asked.phone:
            party.accept(login)
            return
        place = None if login in party.members else await self._engage(login)
        member = await party.speak(login, relieve=relieve)
        member.dissuader = member.dissuader or place

    # ---- on a call

    async def mute(self, attempt_id: int, login: str, *, on: bool) -> None:
        """See `LiveDesk`."""
        member = self._member(attempt_id, login)
        with _by_the_line():
            await self._answered(attempt_id).party.mute(member, on=on)

    async def hold(self, attempt_id: int, login: str, *, on: bool) -> None:
        """See `LiveDesk`."""
        joined = self._speaking(attempt_id, login)
        with _by_the_line():
            await joined.hold(on=on, by=login)

    async def bring_in(self, attempt_id: int, login: str, *, dissuader: str = "", number: str = "") -> None:
        """See `LiveDesk`. Returns when they are asked; `LiveCall.offers` shows it."""
        joined = self._speaking(attempt_id, login)
        party = self._answered(attempt_id).party
        if bool(dissuader) == bool(number):
            raise LiveError(Refusal.WHOM)
        if (dissuader or number) in party.members or (dissuader or number) in party.asked:
            raise LiveError(Refusal.THERE_ALREADY, name=dissuader or number)
        if number:
            if not _E164.fullmatch(number):
                raise LiveError(Refusal.NO_NUMBER)
            joined.bring_in_number(number, self._number_uri(number))
            return
        try:
            joined.bring_in(await self._dissuaders.take_named(dissuader))
        except NotFreeError as error:
            here = self._dissuaders.place(dissuader) is not None
            raise LiveError(Refusal.NOT_FREE if here else Refusal.NOT_HERE, name=dissuader) from error

    async def leave(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        await self._answered(attempt_id).party.dismiss(self._member(attempt_id, login))

    async def hand_back(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        followed = self._answered(attempt_id)
        if followed.party.joined is None:
            raise LiveError(Refusal.ROBOT_HAS_IT)
        await followed.party.dismiss_all(listeners=True)

    async def hang_up(self, attempt_id: int, login: str) -> None:
        """See `LiveDesk`."""
        self._followed(attempt_id)
        if not await self._floor.hang_up(attempt_id):
            raise LiveError(Refusal.OVER)

    # ---- help

    def _followed(self, attempt_id: int) -> FollowedCall:
        if (followed := self._calls.get(attempt_id)) is None:
            raise LiveError(Refusal.OVER)
        return followed

    def _answered(self, attempt_id: int) -> FollowedCall:
        followed = self._followed(attempt_id)
        if followed.phase_now is Phase.DIALLING:
            raise LiveError(Refusal.NOT_ANSWERED)
        if followed.party.closed or followed.party.exchange.gone.is_set():
            raise LiveError(Refusal.OVER)
        return followed

    def _member(self, attempt_id: int, login: str) -> Member:
        return self._answered(attempt_id).party.member(login)

    def _speaking(self, attempt_id: int, login: str) -> Joined:
        party = self._answered(attempt_id).party
        if party.joined is None or party.member(login).part is not Part.SPEAKS:
            raise LiveError(Refusal.DOES_NOT_SPEAK, name=login)
        return party.joined

    async def _engage(self, login: str) -> Dissuader | None:
        try:
            return await self._dissuaders.engage(login)
        except NotFreeError as error:
            raise LiveError(Refusal.OTHER_CALL, name=login) from error


@contextmanager
def _by_the_line() -> Iterator[None]:
    try:
        yield
    except LineError as error:
        raise LiveError(Refusal.LINE_FAILED) from error


def _engaged(call: LiveCall) -> list[str]:
    return [*(each.dissuader for each in call.offers), *(each.name for each in call.on_call)]
