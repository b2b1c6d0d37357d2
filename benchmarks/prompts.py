"""Time and failures of rendering prompts: ``python -m benchmarks.prompts [count] [workers]``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from speech.prompts import Prompts
from speech.synthesis import SynthesisError, VoiceSettings

SENTENCES = (
    "王先生，您好，这里是反诈中心，您的案件编号是{0}，本次通话会录音。",
    "您尾号{0}的银行卡在2024年5月3日14:30转出¥{0}.50元，是您本人操作的吗？",
    "真正的警察不会在电话里办案，更不会让您转账{0}元。",
    "第{0}次提醒：不要下载App，不要共享屏幕，有疑问请拨打96110。",
    "请问，最近{0}天有没有自称警察的人给您打过电话？",
)


async def measure(engine: str, count: int, workers: int) -> None:
    """Render so many different prompts into an empty cache, then all of them again."""
    texts = [SENTENCES[n % len(SENTENCES)].format(1000 + n) for n in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        prompts = Prompts(Path(folder), VoiceSettings.model_validate({"engine": engine}), workers)
        start = time.perf_counter()
        made = await asyncio.gather(*(prompts.render(text) for text in texts), return_exceptions=True)
        took_s = time.perf_counter() - start
        failures = sum(isinstance(prompt, SynthesisError) for prompt in made)
        spoken_s = sum(prompt.seconds for prompt in made if not isinstance(prompt, BaseException))
        start = time.perf_counter()
        await asyncio.gather(*(prompts.render(text) for text in texts), return_exceptions=True)
        again_s = time.perf_counter() - start
        await prompts.close()
    print(
        f"{engine:10} {workers} worker(s): {count} prompts ({spoken_s:.0f} s of speech) in {took_s:.2f} s, "
        f"{failures} failed; from the cache {again_s / count * 1000:.2f} ms each"
    )


def main() -> None:
    """Measure both engines."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    for engine in ("pyttsx3", "espeak-ng"):
        asyncio.run(measure(engine, count, workers))


if __name__ == "__main__":
    main()
