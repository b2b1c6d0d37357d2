"""A node's calls at the desk of another process: two ends over a real UNIX socket, and what disturbs them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import stat
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from campaigns.model import Speaker
from dialer.live import FRAME_BYTES, Changed, FloorState, LiveError, LiveOffer, Part, Phase, Post, Refusal, Said
from dialer.live_link import LinkedNodes, LinkError, LinkServer
from dialer.live_link import client as client_module
from dialer.live_link import messages as m
from dialer.live_link import sound as sound_module
from dialer.live_link import wire as wire_module
from dialer.live_link.places import connect, socket_path
from dialer.live_link.wire import Wire
from tests.console.live_double import LiveDouble, a_call, offered

pytestmark = pytest.mark.wire

LONG_S = 30.0
FRAME = bytes(range(256)) + bytes(FRAME_BYTES - 256)


async def until(holds: Callable[[], object]) -> None:
    """Return when something holds; `TimeoutError` when it does not in time."""
    async with asyncio.timeout(LONG_S):
        while not holds():
            await asyncio.sleep(0.005)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


@asynccontextmanager
async def serving(folder: Path, live: LiveDouble, node: str = "n1") -> AsyncIterator[LinkServer]:
    server = LinkServer(live, node, folder)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def linked(folder: Path, *lives: LiveDouble) -> AsyncIterator[LinkedNodes]:
    """A desk with these nodes, named as they are."""
    async with contextlib.AsyncExitStack() as parts:
        for live in lives:
            await parts.enter_async_context(serving(folder, live, live.state().node))
        desk = await parts.enter_async_context(LinkedNodes(folder))
        await until(lambda: len(desk.state().nodes) == len(lives))
        yield desk


def a_node(name: str = "n1", **more: object) -> LiveDouble:
    live = LiveDouble()
    live.change(node=name, **more)
    return live


async def told_nothing(told: asyncio.Future[Changed]) -> None:
    """Nothing is told for three times as long as a change takes."""
    await asyncio.wait({told}, timeout=0.3)
    assert not told.done()


# ---- what is seen


async def test_a_desk_sees_the_whole_floor_and_every_change_of_it(folder: Path) -> None:
    live = a_node(broker_up=False)
    live.put(a_call(7, mentions=()))
    live.post(Post("chen", "ready", 5.0, phone=False))
    async with linked(folder, live) as desk:
        assert desk.state() == live.state()
        assert desk.call(7) == live.call(7)
        growing = replace(
            a_call(7), transcript=(*a_call(7).transcript, Said(Speaker.SUBJECT, "我已", 12.0, final=False))
        )
        live.put(growing)
        await until(lambda: desk.call(7) == growing)
        live.put(offered(a_call(8, offers=(LiveOffer("chen", False, 1.0, 21.0),))))
        await until(lambda: [each.attempt_id for each in desk.state().calls] == [7, 8])
        live.put(replace(growing, phase=Phase.ENDED))
        await until(lambda: desk.call(7) is None)
        live.change(paused=True)
        await until(lambda: desk.state().paused)
        assert desk.state() == live.state()


async def test_changes_that_come_faster_than_they_are_read_are_told_once(folder: Path) -> None:
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk, desk.changes() as changes:
        for number in range(500):
            live.put(a_call(7, words=str(number)))
        last = a_call(7, words="last")
        live.put(last)
        await until(lambda: desk.call(7) == last)
        live.change(lines=3)
        await until(lambda: desk.state().lines == 3)
        seen = [await anext(changes), await anext(changes)]
        assert seen == [Changed(7), Changed(None)]
        await told_nothing(asyncio.ensure_future(anext(changes)))


async def test_where_somebody_stands_is_not_told_anew_because_their_beginning_is_reckoned_anew(folder: Path) -> None:
    live = a_node()
    live.post(Post("chen", "ready", 5.0, phone=False))
    async with linked(folder, live) as desk, desk.changes() as changes:
        live.change(posts=(Post("chen", "ready", 5.000001, phone=False),))
        live.change(posts=(Post("chen", "ready", 5.000002, phone=False),))
        told = asyncio.ensure_future(anext(changes))
        await told_nothing(told)
        live.change(posts=(Post("chen", "ready", 9.0, phone=False),))
        assert await told == Changed(None)


async def test_with_no_node_in_reach_there_is_a_floor_of_none(folder: Path) -> None:
    async with linked(folder) as desk:
        assert desk.state().nodes == ()
        assert desk.state().calls == ()
        assert desk.call(7) is None
        with pytest.raises(LiveError) as refused:
            await desk.hang_up(7, "chen")
        assert refused.value.said == Refusal.OVER
        with pytest.raises(LiveError):
            async with desk.audio(7, "chen"):
                pass
        await desk.set_station("chen", ready=True, phone="")


# ---- what is done


async def test_every_command_reaches_the_node_as_it_was_given(folder: Path) -> None:
    live = a_node()
    live.put(offered(a_call(7, offers=(LiveOffer("chen", False, 1.0, 21.0), LiveOffer("zhao", False, 1.0, 21.0)))))
    async with linked(folder, live) as desk:
        await desk.set_station("chen", ready=True, phone="sip:chen@desk")
        await desk.decline(7, "zhao")
        await desk.accept(7, "chen")
        await desk.listen(7, "root", Part.WHISPERS)
        await desk.mute(7, "chen", on=True)
        await desk.hold(7, "chen", on=False)
        await desk.bring_in(7, "chen", dissuader="何警官")
        await desk.bring_in(7, "chen", number="+8611100000012")
        await desk.leave(7, "chen")
        await desk.take_over(7, "root")
        await desk.hand_back(7, "root")
        await desk.hang_up(7, "root")
    assert live.asked == [
        ("set_station", "chen", True, "sip:chen@desk"),
        ("decline", 7, "zhao"),
        ("accept", 7, "chen"),
        ("listen", 7, "root", Part.WHISPERS),
        ("mute", 7, "chen", True),
        ("hold", 7, "chen", False),
        ("bring_in", 7, "chen", "何警官", ""),
        ("bring_in", 7, "chen", "", "+8611100000012"),
        ("leave", 7, "chen"),
        ("take_over", 7, "root"),
        ("hand_back", 7, "root"),
        ("hang_up", 7, "root"),
    ]


async def test_what_a_command_changed_is_seen_as_soon_as_it_is_done(folder: Path) -> None:
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        for on in (True, False, True):
            await desk.hold(7, "chen", on=on)
            call = desk.call(7)
            assert call is not None
            assert call.held is on
        await desk.hang_up(7, "chen")
        assert desk.call(7) is None


async def test_a_command_is_answered_at_once_however_seldom_changes_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.live_link.telling.SPACING_S", LONG_S)
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        await until(lambda: desk.call(7))
        async with asyncio.timeout(LONG_S / 3):
            await desk.hold(7, "chen", on=True)


class Refusing(LiveDouble):
    """Refuses in words with values, or fails by a fault of its own."""

    async def accept(self, attempt_id: int, login: str) -> None:
        raise LiveError(Refusal.NOT_OFFERED, name=login)

    async def hold(self, attempt_id: int, login: str, *, on: bool) -> None:
        raise RuntimeError("secret")


async def test_why_something_cannot_be_done_is_told_in_the_same_words_with_the_same_values(folder: Path) -> None:
    live = Refusing()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        with pytest.raises(LiveError) as refused:
            await desk.accept(7, "chen")
        assert (refused.value.said, refused.value.values) == (Refusal.NOT_OFFERED, {"name": "chen"})
        assert str(refused.value) == "This call is not offered to chen any more."
        with pytest.raises(LiveError) as unheard:
            async with desk.audio(7, "chen"):
                pass
        assert str(unheard.value) == "chen is not on this call"


async def test_a_fault_of_the_node_is_told_without_its_inside_and_the_link_goes_on(folder: Path) -> None:
    live = Refusing()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        with capture_logs() as logs, pytest.raises(LiveError) as failed:
            await desk.hold(7, "chen", on=True)
        assert failed.value.said == Refusal.NODE_FAILED
        assert [each["log_level"] for each in logs] == ["error"]
        await desk.listen(7, "chen", Part.LISTENS)


async def test_a_node_that_never_answers_is_not_waited_for_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent(LiveDouble):
        async def accept(self, attempt_id: int, login: str) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(client_module, "ANSWER_S", 0.1)
    live = Silent()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        with pytest.raises(LiveError) as late:
            await desk.accept(7, "chen")
        assert late.value.said == Refusal.NO_ANSWER
        await desk.listen(7, "chen", Part.LISTENS)


# ---- several nodes


async def test_several_nodes_are_one_floor_and_a_command_goes_to_the_one_that_carries_the_call(folder: Path) -> None:
    one, two = a_node("n1", lines=3), a_node("n2", lines=4, paused=True, trunk_up=False, broker_up=True)
    one.put(a_call(7))
    two.put(a_call(8, node="n2"))
    one.post(Post("chen", "ready", 1.0, phone=False))
    two.post(Post("chen", "talking", 2.0, phone=False, attempt_id=8))
    two.post(Post("zhao", "away", 3.0, phone=False))
    async with linked(folder, one, two) as desk:
        state = desk.state()
        assert (state.node, state.lines, state.paused, state.breaker_open) == ("n1, n2", 7, True, False)
        assert (state.trunk_up, state.broker_up) == (False, True)
        assert state.nodes == (one.state(), two.state())
        assert [each.attempt_id for each in state.calls] == [7, 8]
        assert [(each.name, each.readiness) for each in state.posts] == [("chen", "talking"), ("zhao", "away")]
        await desk.hold(8, "chen", on=True)
        await desk.set_station("chen", ready=False, phone="")
    assert one.asked == [("set_station", "chen", False, "")]
    assert two.asked == [("hold", 8, "chen", True), ("set_station", "chen", False, "")]


# ---- comings and goings


async def test_a_node_that_starts_anew_is_found_again_and_what_went_on_before_is_over(folder: Path) -> None:
    before, after = a_node(), a_node()
    before.put(a_call(7))
    after.put(a_call(9))
    async with LinkedNodes(folder) as desk, desk.changes() as changes, asyncio.timeout(LONG_S):
        async with serving(folder, before):
            await until(lambda: desk.call(7))
            assert {await anext(changes), await anext(changes)} == {Changed(7), Changed(None)}
        await until(lambda: not desk.state().nodes)
        assert desk.call(7) is None
        assert {await anext(changes), await anext(changes)} == {Changed(7), Changed(None)}
        async with serving(folder, after):
            await until(lambda: desk.call(9))
            assert desk.call(7) is None


async def test_a_command_under_way_when_the_node_goes_says_so(folder: Path) -> None:
    begun = asyncio.Event()

    class Slow(LiveDouble):
        async def accept(self, attempt_id: int, login: str) -> None:
            begun.set()
            await asyncio.Event().wait()

    live = Slow()
    live.put(a_call(7))
    async with LinkedNodes(folder) as desk:
        async with serving(folder, live):
            await until(lambda: desk.call(7))
            asked = asyncio.create_task(desk.accept(7, "chen"))
            await begun.wait()
        with pytest.raises(LiveError) as gone:
            await asked
        assert (gone.value.said, gone.value.values) == (Refusal.NODE_GONE, {"name": "n1"})


async def test_a_node_that_says_nothing_more_is_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "SILENT_S", 0.3)
    monkeypatch.setattr("dialer.live_link.telling.BEAT_S", LONG_S)
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        await until(lambda: desk.call(7) is None)


async def test_a_socket_that_a_killed_node_left_is_replaced_and_one_that_has_a_new_owner_stays(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(folder / "n1.sock"))
    left.close()
    async with LinkedNodes(folder) as desk:
        old, new = a_node(lines=1), a_node(lines=2)
        async with serving(folder, new):
            await until(lambda: desk.state().lines == 2)
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not (folder / "n1.sock").exists()
        first = LinkServer(old, "n1", folder)
        await first.start()
        async with serving(folder, new) as second:
            await first.stop()
            assert second.path.exists()
            await until(lambda: desk.state().lines == 2)


async def test_only_the_owner_can_reach_the_socket_wherever_it_lies_and_whatever_the_node_is_called(
    tmp_path: Path,
) -> None:
    deep = tmp_path.joinpath(*["a-long-folder-name"] * 8, "run")
    for name in ("n1", "x" * 300, "..", "x" * 299 + "y"):
        live = a_node(name)
        async with serving(deep, live, name) as server:
            assert stat.S_IMODE(deep.stat().st_mode) == 0o700
            assert stat.S_IMODE(server.path.stat().st_mode) == 0o600
            assert server.path.parent == deep
            async with LinkedNodes(deep) as desk:
                await until(lambda desk=desk, name=name: desk.state().node == name)
    assert socket_path(deep, "x" * 300) != socket_path(deep, "x" * 299 + "y")


async def test_a_socket_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(LinkError, match=r"n1\.sock cannot be made: "):
        await LinkServer(a_node(), "n1", tmp_path / "run").start()


# ---- sound


async def test_sound_goes_both_ways_whole_and_in_order(folder: Path) -> None:
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        await desk.listen(7, "chen", Part.SPEAKS)
        async with desk.audio(7, "chen") as link:
            await until(lambda: (7, "chen") in live.links)
            node = live.links[7, "chen"]
            heard = []

            async def hear() -> None:
                async for frame in link.frames():
                    heard.append(frame)

            hearing = asyncio.create_task(hear())
            said = b""
            for number in range(50):
                frame = struct.pack("<160h", *[number] * 160)
                node.to_play.put_nowait(frame)
                link.send(frame)
                said += frame
                await asyncio.sleep(0.005)
            link.send(b"\x01\x02" * 2000 + b"\x03")
            said += b"\x01\x02" * 2000
            await until(lambda: len(heard) == 50 and bytes(node.sent) == said)
            assert b"".join(heard) == said[: 50 * FRAME_BYTES]
            node.to_play.put_nowait(None)
            async with asyncio.timeout(LONG_S):
                await hearing


async def test_how_late_sound_came_is_told_at_both_ends(folder: Path) -> None:
    live = a_node()
    live.put(a_call(7))
    with capture_logs() as logs:
        async with linked(folder, live) as desk:
            await desk.listen(7, "chen", Part.SPEAKS)
            async with desk.audio(7, "chen") as link:
                frames = link.frames()
                for _ in range(20):
                    link.send(FRAME)
                    live.links[7, "chen"].to_play.put_nowait(FRAME)
                    assert await anext(frames) == FRAME
            await until(lambda: len([each for each in logs if "frames" in each]) == 2)
    for each in logs:
        if "frames" in each:
            assert each["frames"] == 20
            assert 0 < each["mean_ms"] <= each["worst_ms"] < 1000 * sound_module.LATE_S


async def test_a_page_that_takes_no_sound_for_a_while_hears_what_is_said_then_and_not_what_was(folder: Path) -> None:
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        await desk.listen(7, "chen", Part.SPEAKS)
        async with desk.audio(7, "chen") as link:
            node = live.links[7, "chen"]
            for number in range(2000):
                node.to_play.put_nowait(struct.pack("<160h", *[number] * 160))
            await until(node.to_play.empty)
            await asyncio.sleep(sound_module.LATE_S + 0.1)
            node.to_play.put_nowait(FRAME)
            assert await anext(link.frames()) == FRAME


async def test_of_sound_that_is_sent_faster_than_it_goes_the_newest_is_heard(folder: Path) -> None:
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        await desk.listen(7, "chen", Part.SPEAKS)
        async with desk.audio(7, "chen") as link:
            frames = [struct.pack("<160h", *[number] * 160) for number in range(1000)]
            for frame in frames:
                link.send(frame)
            sent = live.links[7, "chen"].sent
            await until(lambda: sent.endswith(frames[-1]))
            assert bytes(sent) == b"".join(frames[-10:])


async def test_when_the_node_goes_the_sound_ends(folder: Path) -> None:
    live = a_node()
    live.put(a_call(7))
    async with LinkedNodes(folder) as desk, contextlib.AsyncExitStack() as node:
        await node.enter_async_context(serving(folder, live))
        await until(lambda: desk.call(7))
        await desk.listen(7, "chen", Part.SPEAKS)
        async with desk.audio(7, "chen") as link:
            await node.aclose()
            async with asyncio.timeout(LONG_S):
                assert [frame async for frame in link.frames()] == []
            link.send(FRAME)


async def test_a_desk_that_goes_leaves_the_sound_to_the_call(folder: Path) -> None:
    left = asyncio.Event()

    class Leaving(LiveDouble):
        @asynccontextmanager
        async def _audio(self, attempt_id: int, login: str) -> AsyncIterator[object]:
            try:
                async with super()._audio(attempt_id, login) as link:
                    yield link
            finally:
                left.set()

    live = Leaving()
    live.put(a_call(7))
    async with linked(folder, live) as desk:
        await desk.listen(7, "chen", Part.SPEAKS)
        async with desk.audio(7, "chen"):
            assert not left.is_set()
        async with asyncio.timeout(LONG_S):
            await left.wait()


# ---- what is no desk, and what is no node


async def a_stranger(server: LinkServer, hello: m.Hello | None = None) -> Wire:
    wire = Wire(*await connect(server.path))
    if hello is not None:
        await wire.write(m.hellos.encode(hello))
    return wire


async def ended(wire: Wire) -> None:
    """The node has let go."""
    async with asyncio.timeout(LONG_S):
        while True:
            try:
                await wire.read(m.MOST_TOLD)
            except wire_module.WireError:
                return


GARBAGE = {
    "no JSON": b"\xff\x00garbage",
    "no command": b"[]",
    "an unknown command": b'{"id": 1, "command": {"do": "shut_down", "attempt_id": 7, "login": "chen"}}',
    "an unknown field": b'{"id": 1, "command": {"do": "accept", "attempt_id": 7, "login": "chen", "root": true}}',
    "a field too few": b'{"id": 1, "command": {"do": "mute", "attempt_id": 7, "login": "chen"}}',
    "a text for a number": b'{"id": 1, "command": {"do": "accept", "attempt_id": "7", "login": "chen"}}',
    "a number that no store has": b'{"id": 1, "command": {"do": "accept", "attempt_id": %d, "login": "chen"}}' % 2**63,
    "a name beyond all measure": b'{"id": 1, "command": {"do": "accept", "attempt_id": 7, "login": "%s"}}'
    % (b"x" * 999),
    "an unknown part": b'{"id": 1, "command": {"do": "listen", "attempt_id": 7, "login": "chen", "part": "sings"}}',
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_what_is_no_command_ends_the_connection_and_nothing_else(folder: Path, garbage: bytes) -> None:
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk, serving(folder / "other", live) as server:
        stranger = await a_stranger(server, m.Hello(m.version()))
        with capture_logs() as logs:
            await stranger.write(garbage)
            await ended(stranger)
        assert [each["log_level"] for each in logs] == ["warning"]
        assert "chen" not in str(logs)
        assert live.asked == []
        await desk.hold(7, "chen", on=True)


@pytest.mark.parametrize("head", [struct.pack(">I", m.MOST_ASKED + 1), b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 100])
@pytest.mark.parametrize("greeted", [False, True])
async def test_a_message_beyond_all_measure_is_not_even_read(folder: Path, head: bytes, greeted: bool) -> None:
    async with serving(folder, a_node()) as server:
        reader, writer = await connect(server.path)
        if greeted:
            await Wire(reader, writer).write(m.hellos.encode(m.Hello(m.version())))
        writer.write(head)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(LONG_S):
                while await reader.read(65536):
                    pass
        writer.close()


async def test_a_desk_of_another_version_is_refused_and_says_so_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(folder, a_node()) as server:
        stranger = await a_stranger(server, m.Hello("other"))
        welcome = m.welcomes.decode(await stranger.read(m.MOST_ASKED))
        assert welcome.refused is not None
        assert "another version" in welcome.refused.said
        await ended(stranger)
        monkeypatch.setattr("dialer.live_link.nodes.LOOK_S", 0.01)
        monkeypatch.setattr(client_module, "version", lambda: "other")
        tries = 0

        async def count(*arguments: object) -> object:
            nonlocal tries
            tries += 1
            return await connect(server.path)

        monkeypatch.setattr(client_module, "connect", count)
        with capture_logs() as logs:
            async with LinkedNodes(folder) as desk:
                await until(lambda: tries >= 3)
                assert not desk.state().nodes
        assert ["another version" in each["reason"] for each in logs if each["log_level"] == "warning"] == [True]


async def test_the_version_changes_with_the_messages() -> None:
    assert m.version() == m.version()
    told = m.tellings.schema()
    assert {"transcript", "offers", "held"} <= told["$defs"]["LiveCall"]["properties"].keys()


@pytest.mark.parametrize("sound", [b"", bytes(8), bytes(9), bytes(8 + 321), bytes(8 + 11 * FRAME_BYTES)])
async def test_what_is_no_sound_ends_the_sound(folder: Path, sound: bytes) -> None:
    live = a_node()
    live.put(a_call(7))
    async with serving(folder, live) as server:
        await live.listen(7, "chen", Part.SPEAKS)
        stranger = await a_stranger(server, m.Hello(m.version(), 7, "chen"))
        assert m.welcomes.decode(await stranger.read(m.MOST_ASKED)).refused is None
        await stranger.write(sound)
        await ended(stranger)
        assert not live.links[7, "chen"].sent


async def test_a_desk_that_takes_nothing_does_not_stop_the_node_and_is_let_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_module, "STUCK_S", 0.5)
    live = a_node()
    live.put(a_call(7))
    async with linked(folder, live) as desk, serving(folder / "other", live) as server:
        stuck = socket.socket(socket.AF_UNIX)
        stuck.connect(str(server.path))
        hello = m.hellos.encode(m.Hello(m.version()))
        stuck.sendall(struct.pack(">I", len(hello)) + hello)
        for number in range(200):
            words = f"{number} " + "很长" * 20_000
            live.put(a_call(7, words=words))
            await desk.hold(7, "chen", on=bool(number % 2))
            call = desk.call(7)
            assert call is not None
            assert call.words == words
            if not server._connections:
                break
            await asyncio.sleep(0.02)
        await until(lambda: not server._connections)
        stuck.close()


async def test_a_desk_that_asks_without_listening_waits(folder: Path) -> None:
    """Its commands are taken on only as fast as it takes the answers."""
    let = asyncio.Event()
    begun: list[str] = []

    class Slow(LiveDouble):
        async def accept(self, attempt_id: int, login: str) -> None:
            begun.append(login)
            await let.wait()

    live = Slow()
    async with serving(folder, live) as server:
        eager = await a_stranger(server, m.Hello(m.version()))
        for number in range(200):
            ask = m.Ask(number, m.Simple("accept", 7, f"user{number}"))
            await eager.write(m.asks.encode(ask))
        await until(lambda: len(begun) == 32)
        await asyncio.sleep(0.1)
        assert len(begun) == 32
        let.set()
        answers = 0
        async with asyncio.timeout(LONG_S):
            m.welcomes.decode(await eager.read(m.MOST_ASKED))
            while answers < 200:
                answers += isinstance(m.tellings.decode(await eager.read(m.MOST_TOLD)), m.Done)
        eager.close()


@pytest.mark.parametrize(
    "told",
    [
        b"\x00nonsense",
        b'{"told": "call", "call": {"attempt_id": 7}}',
        b'{"told": "done", "id": 0, "refused": {"said": "%(name)s %(other)s", "values": {"name": "x"}}}',
    ],
)
async def test_a_node_that_talks_nonsense_is_let_go_and_shows_nothing(
    folder: Path, told: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mad(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(reader, writer)
        await wire.read(m.MOST_ASKED)
        await wire.write(m.welcomes.encode(m.Welcome(m.version(), "mad")))
        floor = FloorState("mad", time.time(), 1, paused=False, breaker_open=False, trunk_up=True)
        await wire.write(m.tellings.encode(m.FloorSaid(floor)))
        await wire.write(m.tellings.encode(m.Settled(floor.at)))
        m.asks.decode(await wire.read(m.MOST_ASKED))
        await wire.write(told)
        with contextlib.suppress(wire_module.WireError):
            await wire.read(0)
        wire.close()

    folder.mkdir()
    monkeypatch.setattr("dialer.live_link.nodes.LOOK_S", LONG_S)
    server = await asyncio.start_unix_server(mad, str(folder / "mad.sock"))
    async with server, LinkedNodes(folder) as desk:
        await until(lambda: desk.state().node == "mad")
        with capture_logs() as logs:
            await desk.set_station("chen", ready=True, phone="")
            await until(lambda: not desk.state().nodes)
        assert [each["log_level"] for each in logs] == ["info", "warning"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
async def test_another_user_of_the_machine_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(folder, a_node()) as server:
        monkeypatch.setattr(wire_module, "_peer", lambda _: 65534)
        with pytest.raises(wire_module.WireError, match="user 65534"):
            await a_stranger(server)
