"""Debian's Chromium, and people who sit before it."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import soxr
from numpy.typing import NDArray
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, WebSocket, async_playwright

from tests.desk.sound import RATE, Samples

CHROMIUM = "/usr/bin/chromium"
WAIT_MS = 60_000.0
_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
_MOST_TABS = 120
_TAP = (Path(__file__).parent / "tap.js").read_text(encoding="utf-8")


class Person:
    """Somebody's browser. What the page complains of, asks of strangers, sends and plays is kept."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        """Errors on the console, breaches of the content security policy, requests that leave the desk."""
        self.sockets: list[WebSocket] = []
        self.spoken = bytearray()
        """What the page sent to calls, s16le at 8 kHz."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("websocket", self._opened)
        page.on("dialog", lambda dialog: dialog.accept())

    async def open(self, path: str) -> Response | None:
        """Go to a page of the desk."""
        return await self.page.goto(self.address + path)

    async def post(self, path: str) -> int:
        """Do what no button of the page does, as a script in it could; returns the status of the answer."""
        status: int = await self.page.evaluate(
            """async (path) => {
                const headers = { ...JSON.parse(document.body.getAttribute("hx-headers")), "HX-Request": "true" };
                return (await fetch(path, { method: "POST", headers })).status;
            }""",
            path,
        )
        return status

    async def tab_to(self, selector: str) -> None:
        """Reach a control by the keyboard alone."""
        for _ in range(_MOST_TABS):
            if await self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    async def played(self) -> Samples:
        """All that the loudspeaker of the present page was given, at 8 kHz."""
        rate, text = await self.page.evaluate("window.played()")
        samples: NDArray[np.int16] = np.frombuffer(base64.b64decode(text), dtype="<i2")
        found: Samples = soxr.resample(samples.astype(np.float64), rate, RATE)
        return found

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "ScriptProcessorNode" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if request.url.startswith(("http:", "https:", "ws:", "wss:")) and not self._ours(request.url):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _ours(self, url: str) -> bool:
        return urlsplit(url).netloc == urlsplit(self.address).netloc

    def _opened(self, socket: WebSocket) -> None:
        self.sockets.append(socket)
        socket.on("framesent", self._spoke)

    def _spoke(self, payload: str | bytes) -> None:
        if isinstance(payload, bytes):
            self.spoken += payload


class People:
    """One Chromium."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser

    async def come(
        self, address: str, *, language: str = "en", ticket: str = "", keyboard: bool = False, cookie: str = ""
    ) -> Person:
        """Somebody comes to the desk. By a ticket they log in, by ``keyboard`` if they have no mouse; by the ``cookie``
        of a session they are logged in.
        """
        context = await self.browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
        context.set_default_timeout(WAIT_MS)
        if cookie:
            await context.add_cookies([{"name": "dissuade", "value": cookie, "url": address}])
        await context.add_init_script(_TAP)
        person = Person(await context.new_page(), address)
        if ticket:
            await person.page.goto(ticket)
            if keyboard:
                await person.tab_to("main button")
                await person.page.keyboard.press("Enter")
            else:
                await person.page.locator("main button").click()
            await person.page.wait_for_url("**/account")
        return person


@asynccontextmanager
async def chromium(microphone: Path | None = None) -> AsyncIterator[People]:
    """The browser runs; its microphones hear a WAV file, over and over."""
    heard = (f"--use-file-for-fake-audio-capture={microphone}",) if microphone else ()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, headless=False, args=[*_SWITCHES, *heard], ignore_default_args=["--mute-audio"]
        )
        try:
            yield People(browser)
        finally:
            await browser.close()
