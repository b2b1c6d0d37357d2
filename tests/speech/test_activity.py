"""Voice activity: speech begins and ceases where it does, tones and quiet noise are no speech."""

from __future__ import annotations

import numpy as np
import pytest

from speech.activity import FRAME_BYTES, ActivitySettings, VoiceActivity, VoiceBegan, VoiceCeased, VoiceChange
from speech.modelling.voices import HELD_OUT
from tests.speech.callers import Sound, noise, over_the_line, say, silence, tone

pytestmark = pytest.mark.voice


def changes(pcm: bytes, settings: ActivitySettings | None = None) -> list[VoiceChange]:
    activity = VoiceActivity(settings)
    frames = range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)
    return [change for start in frames if (change := activity.feed(pcm[start : start + FRAME_BYTES]))]


@pytest.mark.parametrize("mode", [1, 2])
@pytest.mark.parametrize("voice", HELD_OUT)
def test_speech_begins_and_ceases_where_it_does(voice: str, mode: int) -> None:
    began, ceased = changes(say("我没有转账", voice=voice), ActivitySettings(mode=mode))
    assert isinstance(began, VoiceBegan)
    assert isinstance(ceased, VoiceCeased)
    assert began.at_s == pytest.approx(0.5, abs=0.1)
    assert 0.8 < ceased.at_s - began.at_s < 2.0


def ringing(seconds: float) -> Sound:
    """Ringback as China has it: 450 Hz, one second on, four off."""
    return np.concatenate([tone(450, 1), silence(4)] * round(seconds / 5))


@pytest.mark.parametrize("mode", [1, 2])
@pytest.mark.parametrize(
    "sound",
    [
        silence(3),
        ringing(10),
        ringing(10) + noise(10, 0.002),
        np.concatenate([tone(450, 0.35), silence(0.35)] * 5),
        np.concatenate([tone(440, 2, 0.15) + tone(480, 2, 0.15), silence(2)]),
        np.concatenate([silence(1), tone(1000, 0.5), silence(1)]),
        noise(3, 0.0008),
    ],
    ids=["silence", "ringback", "ringback and noise", "busy tone", "American ringback", "beep", "line noise"],
)
def test_what_is_no_voice_changes_nothing(sound: Sound, mode: int) -> None:
    assert changes(over_the_line(sound), ActivitySettings(mode=mode)) == []


def test_a_click_is_no_speech() -> None:
    click = np.concatenate([silence(0.5), noise(0.03, 0.3), silence(1)])
    assert changes(over_the_line(click)) == []


def test_speech_right_after_a_tone_is_found() -> None:
    pcm = over_the_line(tone(450, 1)) + say("没有", voice="m5", before_s=0.2)
    began = changes(pcm)[0]
    assert began.at_s == pytest.approx(1.2, abs=0.15)


def test_two_sentences_are_two_spans() -> None:
    pcm = say("没有", voice="m5") + say("没有", voice="m5")
    assert [type(change) for change in changes(pcm)] == [VoiceBegan, VoiceCeased] * 2


def test_a_piece_that_is_no_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="319"):
        VoiceActivity().feed(b"\0" * 319)


def test_silence_heard_together_changes_what_comes_later_as_little_as_silence_heard_frame_by_frame() -> None:
    hum = 0.0006 * np.sin(np.arange(16000) / 8000 * 2 * np.pi * 50)
    pcm = over_the_line(np.concatenate([silence(1), tone(450, 1), silence(2), hum, noise(1.0, 0.002), silence(1)]))
    pcm += say("我没有转账", voice="m5") + over_the_line(silence(2))
    whole, together = VoiceActivity(), VoiceActivity()
    at = skipped = 0
    found: list[VoiceChange | None] = []
    while at + 3840 <= len(pcm):
        piece, taken = pcm[at : at + 3840], 0
        if not together.active and not together.voiced and together.silent(piece):
            taken = together.still(piece)
            skipped += taken
        rest = range(taken * FRAME_BYTES, len(piece), FRAME_BYTES)
        found += [together.feed(piece[start : start + FRAME_BYTES]) for start in rest]
        at += len(piece)
    assert skipped > 0.3 * at // FRAME_BYTES
    assert [each for each in found if each] == changes(pcm[:at])
    for start in range(0, at, FRAME_BYTES):
        whole.feed(pcm[start : start + FRAME_BYTES])
    assert (together.clock_s, together.rms, together.last_voice_s) == pytest.approx(
        (whole.clock_s, whole.rms, whole.last_voice_s)
    )
