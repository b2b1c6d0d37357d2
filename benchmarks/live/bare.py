"""The floor of the lines: calls on bare pjsua2, each with a player and a capture, and nothing of `dissuade` running.

`python -m benchmarks.live.bare PROMPT.wav SECONDS URI...` is one process, with a call to each of at most four URIs. It
says `up` when all are answered. The players play all the time, and what is captured is copied once.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import Any

import pjsua2 as pj

FRAME_MS = 60
_Ends = ctypes.c_void_p * 2


class Capture(pj.AudioMediaPort):  # type: ignore[misc]
    """Copies what it is sent."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.last = b""
        audio = pj.MediaFormatAudio()
        audio.init(pj.PJMEDIA_FORMAT_PCM, 8000, 1, FRAME_MS * 1000, 16)
        self.createPort(f"capture{number}", audio)

    def onFrameReceived(self, frame: Any) -> None:  # noqa: N802
        """pjsua2's callback."""
        begin, end = _Ends.from_address(int(frame.buf.this))
        self.last = ctypes.string_at(begin, end - begin) if begin and end else b""


class BareCall(pj.Call):  # type: ignore[misc]
    """A call with a player and a capture."""

    def __init__(self, account: Any, prompt: str, capture: Capture) -> None:
        super().__init__(account)
        self.up = False
        self._capture = capture
        self._player = pj.AudioMediaPlayer()
        self._player.createPlayer(prompt)

    def onCallMediaState(self, _prm: Any) -> None:  # noqa: N802
        """pjsua2's callback."""
        info = self.getInfo()
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_ACTIVE and not self.up:
                sound = self.getAudioMedia(media.index)
                self._player.startTransmit(sound)
                sound.startTransmit(self._capture)
                self.up = True


def main(prompt: str, seconds: float, uris: list[str]) -> None:
    """Call them, and stay so long."""
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.logConfig.level = config.logConfig.consoleLevel = 0
    media = config.medConfig
    media.clockRate = media.sndClockRate = 8000
    media.ecTailLen, media.noVad, media.quality = 0, True, 4
    media.ptime = media.audioFramePtime = 20
    media.threadCnt, media.sndAutoCloseTime = 1, -1
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = "127.0.0.1"
    number = endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.audDevManager().setNullDev()
    endpoint.libStart()
    for codec in endpoint.codecEnum2():
        endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId.startswith("PCMA/") else 0)
    ours = pj.AccountConfig()
    ours.idUri = "sip:floor@127.0.0.1"
    ours.sipConfig.transportId = number
    ours.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    account = pj.Account()
    account.create(ours)
    calls = []
    for index, uri in enumerate(uris):
        call = BareCall(account, prompt, Capture(index))
        call.makeCall(uri, pj.CallOpParam(True))
        calls.append(call)
    ends_at = time.monotonic() + seconds
    told = False
    while time.monotonic() < ends_at:
        endpoint.libHandleEvents(100)
        if not told and all(call.up for call in calls):
            told = True
            print("up", flush=True)
    endpoint.hangupAllCalls()
    endpoint.libHandleEvents(200)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
