"""``python -m tests.speech.replies``: precision and recall of the assessment, and the time it takes."""

from __future__ import annotations

import time

from benchmarks.assessment import escalation, judge, of_signal
from speech.assess import assess
from speech.assessment import SIGNALS
from tests.speech.replies import labelled

for language in ("zh-CN", "en"):
    for name in (language, f"{language}-unseen"):
        judged = judge(labelled(name), language)
        print(f"\n{name}: {len(judged)} replies")
        scores = {"escalation": escalation(judged)} | {each: of_signal(judged, each) for each in sorted(SIGNALS)}
        for what, score in scores.items():
            if score.hits or score.false or score.missed:
                print(
                    f"  {what:<20} precision {score.precision:.2f}  recall {score.recall:.2f}"
                    f"  of {score.hits + score.missed}"
                )
    wall, cpu = [], []
    for _ in range(5):
        for reply in labelled(language):
            wall_0, cpu_0 = time.perf_counter(), time.thread_time()
            assess(reply.text, language=language, asks=reply.asks)
            wall.append(1000 * (time.perf_counter() - wall_0))
            cpu.append(1000 * (time.thread_time() - cpu_0))
    for what, times in (("wall", sorted(wall)), ("cpu", sorted(cpu))):
        print(f"  {what} per reply: p50 {times[len(times) // 2]:.2f} ms, p99 {times[int(0.99 * len(times))]:.2f} ms")
