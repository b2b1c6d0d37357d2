"""``dissuade desk`` beside ``dissuade run``: a live call is seen, taken and spoken on at the desk of that process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect

from campaigns.staff import Role
from dialer.live import FRAME_BYTES
from dissuade.rehearsed import start_program
from rehearsal.ports import free_port
from tests.desk.centre import WAIT_S, Centre, open_centre
from tests.desk.sound import RATE, found_again, read, samples

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

LI = "+8611100000012"
SCENARIO = f"""
rehearsal: apart
language: zh-CN
lines: 1
time_limit_s: 100
phones:
  - number: "{LI}"
    voice: {{variant: m5, rate_wpm: 165}}
    lead: {{name: 李强, scam_type: 冒充公检法, grade: high, sex: 男, age: 45}}
    rings_s: 0
    lines:
      - say: 喂，我已经转了五万块
    afterwards: repeat
"""
LOUD = 2000


@asynccontextmanager
async def apart(centre: Centre) -> AsyncIterator[str]:
    """A desk in a process of its own, over the node's store and home; its address."""
    port, node_port = free_port(), centre.address.rpartition(":")[2]
    config = centre.folder / "apart.toml"
    text = (centre.folder / "dissuade.toml").read_text(encoding="utf-8")
    config.write_text(text.replace(f"port = {node_port}", f"port = {port}"), encoding="utf-8")
    desk = await start_program(config, "desk")
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(WAIT_S):
            while True:
                try:
                    await client.get(address)
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield address
    finally:
        await desk.stop()


class Dissuader:
    """Somebody at a page, as far as it is requests."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._csrf = ""

    async def come(self, ticket: str) -> None:
        assert (await self._client.post(ticket)).status_code == 303
        page = await self.read("/desk")
        found = re.search(r'name="csrf" value="([^"]+)"', page)
        assert found is not None
        self._csrf = found[1]

    async def read(self, path: str) -> str:
        return (await self._client.get(path)).text

    async def do(self, path: str, **fields: str) -> httpx.Response:
        return await self._client.post(path, data={"csrf": self._csrf, **fields}, headers={"HX-Request": "true"})

    async def sees(self, path: str, *words: str) -> str:
        """Return the page once it shows these words."""
        async with asyncio.timeout(WAIT_S):
            while True:
                page = await self.read(path)
                if all(each in page for each in words):
                    return page
                await asyncio.sleep(0.1)

    @property
    def headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())
        return {"Cookie": cookies, "Origin": str(self._client.base_url).rstrip("/")}


async def test_a_live_call_is_seen_taken_and_spoken_on_at_a_desk_beside_the_node(tmp_path: Path) -> None:
    noise = np.random.default_rng(7).normal(0, 3000, 2 * RATE).astype("<i2")
    async with open_centre(tmp_path, SCENARIO) as centre, apart(centre) as address:
        ticket = centre.ticket("chen", Role.DISSUADER, name="陈警官").replace(centre.address, address)
        async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=WAIT_S) as client:
            chen = Dissuader(client)
            await chen.come(ticket)
            assert (await chen.do("/desk/station", station="ready")).status_code == 200
            call = f"/calls/{(await centre.call(LI)).id}"
            await chen.sees("/desk/post", "李强", "转了", f"{call}/accept")
            await chen.do(f"{call}/accept")
            async with connect(f"{address.replace('http', 'ws')}{call}/audio", additional_headers=chen.headers) as page:
                await chen.sees(f"{call}/live", "callbar joined")
                heard = b""
                async with asyncio.timeout(WAIT_S):
                    while len(heard) < 2 * len(noise) or samples(heard).max() < LOUD:
                        await page.send(noise[len(heard) // 2 :][: FRAME_BYTES // 2].tobytes())
                        heard += await page.recv(decode=False)
            await chen.do(f"{call}/hang-up")
            await centre.until(lambda: (found := centre.attempt(LI)) is not None and found.result is not None)
        await centre.phones.idle()
        ended = centre.at_phone(LI).ended
        assert ended is not None
        assert found_again(samples(noise.tobytes()), read(tmp_path / ended.recording)) > 0.5
