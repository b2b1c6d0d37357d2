"""A prompt that is stopped in the moment in which it ends: two threads of pjsip meet at its player."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.dialer.lines.peers import tone

pytestmark = pytest.mark.wire

_ROUNDS = 15
_PROGRAM = """
import faulthandler, os, sys, time
from dialer.lines.endpoint import LineEndpoint
from dialer.lines.media import SlotMedia
from dialer.lines.ports import OutsidePorts, silence_port
from dialer.lines.recording import RecordingThread
from dialer.lines.settings import LineSettings
from dialer.lines.work import Work

faulthandler.enable()
endpoint = LineEndpoint(LineSettings(), 0, 0, print, print)
work, silence, outside, recordings, ended = Work(), silence_port(), OutsidePorts(), RecordingThread(), []

def held_up(task):
    work.now(task)
    time.sleep(0.08)

def slot(index, post):
    made = SlotMedia(
        index, 60, silence=silence, outside=outside, recordings=recordings, post=post, after=work.after
    )
    made.begin(lambda index, pcm: None)
    made.attach(silence_port())
    return made

first, second = slot(0, held_up), slot(1, work.now)

def live(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        endpoint.handle_events(1)
        work.run_due()

for played in range(int(sys.argv[3])):
    first.play(sys.argv[1], 0.0, ended.append)
    second.play(sys.argv[2], 0.0, lambda result: None)
    while len(ended) == played:
        live(0.005)
    live(0.045)  # the second file ends, too, which cannot be told while pjsip's thread is held up with the first
    second.stop_playing()
    live(0.1)
live(0.7)
print(len(ended), len(first._retired) + len(second._retired), flush=True)
os._exit(0)
"""


def test_it_may_be_stopped_while_its_end_is_on_its_way(tmp_path: Path) -> None:
    prompts = [str(tone(tmp_path / f"{seconds}.wav", seconds)) for seconds in (0.1, 0.13)]
    program = [sys.executable, "-c", _PROGRAM, *prompts, str(_ROUNDS)]
    child = subprocess.run(program, check=False, capture_output=True, text=True, timeout=40)
    assert child.returncode == 0, child.stderr[-2000:]
    assert child.stdout.splitlines()[-1] == f"{_ROUNDS} 0"
