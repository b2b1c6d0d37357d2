"""What may sound while the robot speaks: words, listening noises, coughs, clatter, its own echo, a television.

Everything is synthetic and drawn from seeds: the same case gives the same sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from benchmarks.answering_sounds import RATE_HZ, Sound, add, noise, over_the_line, silence, spoken
from speech.modelling.voices import HELD_OUT

ROBOT_VOICE = "f2"
GREETING = {"zh": "喂，你好", "en": "hello, who is this"}
PROMPT = {
    "zh": "您好，这里是反诈中心。最近有没有陌生人打电话给您，说您的账户有问题，要您把钱转到安全账户里去？",
    "en": "Hello, this is the fraud prevention centre. Has anybody called you lately and said that your account is at "
    "risk, and that you should move your money to a safe account?",
}
WORDS = {
    "zh": ("我没有转账", "你是谁啊", "不用了谢谢", "等一下我有话说", "什么意思", "我在开会", "他让我转钱", "听不清楚",
           "谁让你打的", "已经转了五万", "你们是骗子吧", "请问有什么事", "刚才那个人", "妈妈不在家", "没时间"),
    "en": ("I did not send anything", "who are you", "no thank you", "wait a moment please", "what do you mean",
           "I am in a meeting", "he told me to pay", "speak up please", "stop calling me", "she is not here",
           "my money is gone", "that man again", "let me talk", "how do I know", "yes I already paid them"),
}  # fmt: skip
LIGHT = {
    "zh": ("啊", "哦", "好", "对", "是", "嗯", "行", "嗯嗯"),
    "en": ("uh-huh", "yeah", "okay", "right", "oh", "sure", "I see"),
}

ROBOT_S = 3.2
"""When the robot begins to speak."""
AT_S = 4.6
"""When the sound begins."""
_AFTER_S = 2.6


class Kind(StrEnum):
    """What sounds."""

    WORDS = "words"
    FAINT = "words, softer than the greeting by 8 dB"
    OVER_ECHO = "words over the robot's echo"
    WHISPER = "whispered words, 6 dB softer"
    HUM = "嗯, mm, with closed lips"
    LIGHT = "one light word: 好, 对, open 嗯, yeah"
    COUGH = "cough"
    THROAT = "throat cleared"
    BREATH = "sigh, breath into the telephone"
    CLATTER = "clicks of keys, a door"
    CRACKLE = "crackling line"
    HISS = "noise that sets in"
    BABBLE = "many voices, 18 dB softer"
    TELEVISION = "a voice far away, 20 dB softer"
    ECHO = "the robot's own echo"


SPEECH = (Kind.WORDS, Kind.FAINT, Kind.OVER_ECHO, Kind.WHISPER)
"""What the robot is to stop for."""


@dataclass(frozen=True, slots=True)
class Case:
    """A recording of the subject's side; seconds are from its beginning."""

    kind: Kind
    name: str
    language: str
    pcm: bytes
    robot: Sound
    """What the robot says from `ROBOT_S` on."""
    at_s: float
    """When the sound really begins."""
    until_s: float


def cases(language: str, each: int = 20) -> Iterator[Case]:
    """All cases of ``zh`` or ``en``, ``each`` of every kind."""
    for kind in Kind:
        for number in range(each):
            yield case(kind, number, language)


def case(kind: Kind, number: int, language: str) -> Case:
    """One of them."""
    chance = np.random.default_rng([number, len(kind.value), 5 if language == "zh" else 6])
    voice = HELD_OUT[number % len(HELD_OUT)]
    rate, pitch = int(chance.integers(145, 185)), int(chance.integers(35, 65))
    robot = spoken(PROMPT[language], language, ROBOT_VOICE, 160, 50)
    line = silence(AT_S + _AFTER_S)
    if number % 5:
        add(line, 0.6, spoken(GREETING[language], language, voice, rate, pitch))
    name, sound = _sound(kind, number, _Speaker(language, voice, rate, pitch), chance)
    if kind in (Kind.ECHO, Kind.OVER_ECHO):
        echo, told = _echo(robot, chance, (-35, -20) if kind is Kind.ECHO else (-35, -26))
        add(line, ROBOT_S, echo)
        name = f"{name} {told}"
    add(line, AT_S, sound)
    level_db = float(chance.uniform(-6, 3))
    pcm = over_the_line(line, law="A", noise_db=float(chance.uniform(28, 42)), loss=0.0, level_db=level_db, seed=number)
    first, until_s = (ROBOT_S, AT_S + _AFTER_S) if kind is Kind.ECHO else (AT_S, AT_S + len(sound) / RATE_HZ)
    return Case(kind, name, language, pcm, robot, first + _lead(sound), until_s)


def _lead(sound: Sound) -> float:
    """Seconds until it can be heard."""
    loud = np.flatnonzero(np.abs(sound) > 0.03 * np.abs(sound).max()) if len(sound) else np.zeros(1, int)
    return float(loud[0]) / RATE_HZ


@dataclass(frozen=True, slots=True)
class _Speaker:
    language: str
    voice: str
    rate: int
    pitch: int

    def say(self, text: str, *, db: float = 0.0) -> Sound:
        return spoken(text, self.language, self.voice, self.rate, self.pitch) * 10 ** (db / 20)


def _sound(kind: Kind, number: int, speaker: _Speaker, chance: np.random.Generator) -> tuple[str, Sound]:
    words, light = WORDS[speaker.language], LIGHT[speaker.language]
    text = words[number % len(words)]
    match kind:
        case Kind.WORDS | Kind.OVER_ECHO:
            return text, speaker.say(text, db=float(chance.uniform(-3, 3)))
        case Kind.FAINT:
            return text, speaker.say(text, db=-8)
        case Kind.WHISPER:
            return text, replace(speaker, voice="whisper").say(text, db=-6)
        case Kind.HUM:
            return "hum", hum(chance) * 10 ** (float(chance.uniform(-10, 0)) / 20)
        case Kind.LIGHT:
            text = light[number % len(light)]
            return text, speaker.say(text, db=float(chance.uniform(-10, 0)))
        case Kind.TELEVISION:
            other = replace(speaker, voice=HELD_OUT[(HELD_OUT.index(speaker.voice) + 3) % len(HELD_OUT)])
            return text, other.say(f"{text}，{words[(number + 4) % len(words)]}", db=-20)
        case Kind.BABBLE:
            some = [replace(speaker, voice=HELD_OUT[(number + n) % len(HELD_OUT)]) for n in range(1, 6)]
            long = np.zeros(round(2.4 * RATE_HZ))
            for n, one in enumerate(some):
                add(long, 0.15 * n, np.tile(one.say(words[(number + 3 * n) % len(words)]), 4))
            return "babble", _level(long, 0.1 * 10 ** (-18 / 20))
        case Kind.ECHO:
            return "echo", silence(0)
        case Kind.COUGH:
            return "cough", cough(chance)
        case Kind.THROAT:
            return "throat", throat(chance)
        case Kind.BREATH:
            return "breath", _burst(chance, float(chance.uniform(0.4, 0.9)), 0.15, (200, 1800)) * 0.06
        case Kind.CLATTER:
            return "clatter", clatter(chance)
        case Kind.CRACKLE:
            return "crackle", crackle(chance)
        case Kind.HISS:
            hiss = noise(round(2 * RATE_HZ), number, street=bool(number % 2))
            return "hiss", hiss * 10 ** float(chance.uniform(-2.6, -1.3))


def hum(chance: np.random.Generator) -> Sound:
    """A hum through the nose, its pitch falling, rising or both; every third time twice."""
    parts: list[Sound] = []
    base = float(chance.uniform(95, 230))
    for _ in range(2 if chance.random() < 0.33 else 1):
        length = round(float(chance.uniform(0.18, 0.45)) * RATE_HZ)
        bend = np.interp(np.arange(length), [0, length / 2, length], chance.uniform(0.85, 1.2, 3))
        phase = 2 * np.pi * np.cumsum(base * bend) / RATE_HZ
        partials = np.arange(1, 30)
        hertz = partials * base
        # The nose: a strong resonance below 300 Hz, an antiresonance near 800 Hz, weak ones above.
        gain = 1 / partials / (1 + (hertz / 330) ** 3) + 0.012 * np.exp(-(((hertz - 1100) / 300) ** 2))
        gain = (gain + 0.006 * np.exp(-(((hertz - 2300) / 300) ** 2))) * (hertz < 3500)
        sound = np.asarray(gain @ np.sin(partials[:, None] * phase), dtype=np.float64)
        edges = np.minimum(1, np.minimum(np.arange(length), np.arange(length)[::-1]) / (0.03 * RATE_HZ))
        parts += [_level(sound, 0.1) * edges, silence(float(chance.uniform(0.05, 0.12)))]
    return np.concatenate(parts)


def cough(chance: np.random.Generator) -> Sound:
    """One to three bursts of air, each with an explosive beginning; every other time the voice joins in at the end."""
    parts: list[Sound] = []
    for _ in range(int(chance.integers(1, 4))):
        burst = _burst(chance, float(chance.uniform(0.12, 0.3)), 0.008, (350, 2600)) * 0.25
        if chance.random() < 0.5:
            length = round(float(chance.uniform(0.05, 0.14)) * RATE_HZ)
            burst = np.concatenate([burst, 0.4 * _rough(chance, length, float(chance.uniform(120, 260)))])
        parts += [burst, silence(float(chance.uniform(0.06, 0.2)))]
    return np.concatenate(parts)


def throat(chance: np.random.Generator) -> Sound:
    """A low, rough, uneven voice within noise, once or twice."""
    parts: list[Sound] = []
    for _ in range(int(chance.integers(1, 3))):
        length = round(float(chance.uniform(0.2, 0.45)) * RATE_HZ)
        rough = _rough(chance, length, float(chance.uniform(60, 110))) * np.hanning(length)
        parts += [rough + 0.5 * _burst(chance, length / RATE_HZ, 0.05, (300, 1500)) * 0.15, silence(0.1)]
    return np.concatenate(parts)


def clatter(chance: np.random.Generator) -> Sound:
    """Clicks of keys, or a door that falls shut."""
    if chance.random() < 0.3:
        thud = _burst(chance, 0.35, 0.004, (60, 500)) * 0.5
        return np.concatenate([_burst(chance, 0.02, 0.001, (500, 3300)) * 0.3, thud])
    out = silence(1.8)
    at = 0.0
    while at < 1.7:
        add(out, at, _burst(chance, float(chance.uniform(0.008, 0.03)), 0.001, (900, 3400)) * 0.2)
        at += float(chance.uniform(0.06, 0.25))
    return out


def crackle(chance: np.random.Generator) -> Sound:
    """Impulses at random, dense for moments."""
    length = round(1.8 * RATE_HZ)
    dense = np.repeat(chance.uniform(0.0005, 0.03, length // 400 + 1), 400)[:length]
    return np.where(chance.random(length) < dense, chance.uniform(-0.6, 0.6, length), 0.0)


def _echo(robot: Sound, chance: np.random.Generator, levels_db: tuple[float, float]) -> tuple[Sound, str]:
    """What of the robot comes back: later, softer, through the handset."""
    delay_s, db = float(chance.uniform(0.05, 0.25)), float(chance.uniform(*levels_db))
    room = chance.standard_normal(400) * np.exp(-np.arange(400) / 60) * 0.08
    room[0] = 1
    heard = _band(np.convolve(robot, room)[: len(robot)], (350, 3000)) * 10 ** (db / 20)
    return np.concatenate([silence(delay_s), heard]), f"{db:.0f} dB {1000 * delay_s:.0f} ms"


def _burst(chance: np.random.Generator, seconds: float, rise_s: float, band: tuple[float, float]) -> Sound:
    """Noise in a band that rises and dies away, about 1 at its loudest."""
    length = round(seconds * RATE_HZ)
    time = np.arange(length) / RATE_HZ
    shape = np.minimum(1, time / rise_s) * np.exp(-time / (seconds / 2.5))
    return np.asarray(_level(_band(chance.standard_normal(length), band), 0.35) * shape, dtype=np.float64)


def _rough(chance: np.random.Generator, length: int, hertz: float) -> Sound:
    """Pulses that come unevenly, through a throat."""
    pulses = np.zeros(length)
    at = 0.0
    while at < length:
        pulses[int(at)] = float(chance.uniform(0.4, 1.2))
        at += RATE_HZ / hertz * float(chance.uniform(0.75, 1.3))
    return _level(_band(pulses + 0.1 * chance.standard_normal(length), (150, 1400)), 0.1)


def _band(sound: Sound, band: tuple[float, float]) -> Sound:
    hertz = np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE_HZ), 1)
    response = 1 / np.sqrt((1 + (band[0] / hertz) ** 4) * (1 + (hertz / band[1]) ** 4))
    return np.asarray(np.fft.irfft(np.fft.rfft(sound) * response, len(sound)), dtype=np.float64)


def _level(sound: Sound, effective: float) -> Sound:
    return np.asarray(sound * effective / (np.sqrt(np.mean(sound**2)) + 1e-9), dtype=np.float64)
