"""An answered call on the wire, on which phones and pages can be brought in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from dialer.call import Call, Target
from dialer.lines import Leg, LinePool, LineSettings
from dialer.phone import PhoneLeg
from dialer.seam import Answered
from speech.ear import Ear
from speech.prompts import Prompts
from speech.recognition import Recogniser
from speech.synthesis import VoiceSettings
from tests.dialer.lines.peers import WAIT_S, tone
from tests.dialer.parties import Phone, WebPage

SUBJECT, PHONE, PAGE, OTHER = 500, 900, 1300, 1700
"""At what pitch each party hums."""


@dataclass
class Stage:
    """A call that was answered."""

    call: Call
    line: Leg
    """The subject's."""
    subject: Phone
    prompts: Prompts
    lines: LinePool
    phones: LinePool
    folder: Path

    @property
    def recording(self) -> Path:
        return self.folder / "call.wav"

    @property
    def uri(self) -> str:
        """Where the phones are called."""
        return _uri(self.phones)

    async def ring(self, hertz: int = PHONE, *, hums: bool = True) -> tuple[PhoneLeg, Phone]:
        """Another phone, answered."""
        ringing = asyncio.create_task(self.call.ring(self.uri, timeout_s=WAIT_S))
        leg = await asyncio.wait_for(anext(self.phones.incoming()), WAIT_S)
        await leg.answer()
        party = await ringing
        assert isinstance(party, PhoneLeg)
        return party, Phone(leg, tone(self.folder / f"{hertz}.wav", 60, hertz) if hums else None)

    def page(self, hertz: int = PAGE) -> WebPage:
        return WebPage(self.call.page(), hertz)


@pytest.fixture
def apart() -> bool:
    """Whether the phones beside the subject are on other line processes."""
    return False


@pytest.fixture
async def stage(tmp_path: Path, *, apart: bool) -> AsyncIterator[Stage]:
    """For those who import it, and `apart` with it."""
    async with staged(tmp_path, apart=apart) as stage:
        yield stage


@asynccontextmanager
async def staged(folder: Path, *, apart: bool = False, slots: int = 1) -> AsyncIterator[Stage]:
    """An answered call; with ``apart``, each line process has but ``slots`` slots, and the subject's is the first."""
    lines = LinePool(LineSettings(processes=3, slots_per_process=slots) if apart else LineSettings(processes=1))
    phones = LinePool(LineSettings(processes=1), incoming=True)
    await asyncio.gather(lines.start(), phones.start())
    prompts = Prompts(folder / "prompts", VoiceSettings(engine="espeak-ng", language="en"))
    with ThreadPoolExecutor(2) as executor:
        leg = lines.take()
        call = Call(
            leg,
            Target(_uri(phones), "<sip:96110@carrier.test>", "", folder / "call.wav"),
            beside=partial(lines.beside, leg),
            language="en",
            ear=lambda: Ear(Recogniser("en")),
            prompts=prompts,
            executor=executor,
        )
        dialling = asyncio.create_task(call.dial())
        answering = await asyncio.wait_for(anext(phones.incoming()), WAIT_S)
        await answering.answer()
        assert isinstance(await dialling, Answered)
        subject = Phone(answering, tone(folder / "subject.wav", 60, SUBJECT))
        yield Stage(call, leg, subject, prompts, lines, phones, folder)
        await call.hang_up()
        await subject.close()
        await asyncio.gather(lines.stop(), phones.stop())
    await prompts.close()


def _uri(phones: LinePool) -> str:
    return phones.contacts[0].replace("sip:", "sip:12025550101@")
