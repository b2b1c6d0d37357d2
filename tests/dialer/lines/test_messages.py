"""Messages between pool and process survive the way."""

from __future__ import annotations

import pytest

from dialer.lines import LineError, LineSettings
from dialer.lines import messages as m

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "message",
    [
        m.Frame(7, 123456, bytes(range(256))),
        m.Frame(1, 0, b""),
        m.Feed(7, 3, bytes(range(256))),
        m.Tapped(7, 123456, b"\0\1"),
        m.Connect(3, 7, 9, True, False, True),
        m.Invite(3, 7, "sip:1@x", '"反诈中心" <sip:96110@x>', "", {"X-Case": "7"}, "/tmp/a.wav"),
        m.Done(3, "wrong", {"started_s": 0.25, "complete": True}),
        m.LegEnded(7, 486, "Busy Here", -1, "", True),
        m.Quit(),
    ],
)
def test_what_is_sent_is_what_arrives(message: m.Message) -> None:
    assert m.decode(m.encode(message)) == message


@pytest.mark.parametrize("packet", [b"", b"\xff[]"])
def test_a_packet_that_is_not_ours_is_refused(packet: bytes) -> None:
    with pytest.raises(ValueError, match="unknown message kind"):
        m.decode(packet)


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [({"frame_ms": 50}, "multiple of 20"), ({"processes": 0}, "at least one"), ({"transport": "sctp"}, "udp or tcp")],
)
def test_settings_that_cannot_work_are_told(wrong: dict[str, object], mend: str) -> None:
    with pytest.raises(LineError, match=f"(?i){mend}"):
        LineSettings(**wrong)  # type: ignore[arg-type]
