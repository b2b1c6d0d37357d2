"""The process in which pyttsx3 runs: one engine, one voice, one rate, for as long as it lives.

pyttsx3 2.99 loses changes of rate and volume after the first utterance, hangs with two engines in a process, returns
before a file is written, and prints on standard output. So: settings once, before the first utterance; one utterance
at a time; an answer only when ``finished-utterance`` has come; standard output given away.

Lines of JSON: settings come first, then one request after another (``text``, ``path``); each is answered by ``{}`` or
``{"error": ...}``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TextIO


def main() -> None:
    """Serve requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    try:
        _serve(json.loads(sys.stdin.readline()), answers)
    except Exception as error:  # whatever it is, the parent reports it and replaces this process
        _answer(answers, f"{type(error).__name__}: {error}")
    os._exit(0)  # libespeak-ng's own threads would sometimes keep a process from ending


def _serve(settings: dict[str, object], answers: TextIO) -> None:
    import pyttsx3  # noqa: PLC0415 - it writes on standard output, which is given away by now

    finished = threading.Event()
    engine = pyttsx3.init("espeak")
    engine.connect("finished-utterance", lambda **_: finished.set())
    for name, value in settings.items():
        engine.setProperty(name, value)
    _answer(answers)
    for line in sys.stdin:
        request = json.loads(line)
        finished.clear()
        engine.save_to_file(request["text"], request["path"])
        engine.runAndWait()
        finished.wait()  # for ever, if need be: the parent's clock ends this process
        _answer(answers)


def _answer(answers: TextIO, error: str = "") -> None:
    answers.write(json.dumps({"error": error} if error else {}) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
