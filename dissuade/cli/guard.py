"""The one place where errors end: a line for the user, the traceback for the log."""

from __future__ import annotations

import sys
from collections.abc import Callable

from dissuade.errors import ConfigError, DissuadeError
from dissuade.home import find_home

OK = 0
NO = 1
"""It worked, and the answer is no; or it could not be done."""
USAGE = 2
"""The command line or the configuration cannot be understood."""
INTERRUPTED = 130


def guarded(command: Callable[[], object]) -> None:
    """Run ``command``; leave with an exit code."""
    try:
        command()
    except KeyboardInterrupt:
        _say("interrupted")
        sys.exit(INTERRUPTED)
    except ConfigError as error:
        _complain(error, error.mend)
        sys.exit(USAGE)
    except Exception as error:
        if _is_expected(error):
            _complain(error, str(getattr(error, "mend", "")))
        else:
            _say(f"error: {type(error).__name__}: {error}".rstrip(": "))
            _say(_keep_traceback(error))
        sys.exit(NO)


def _is_expected(error: Exception) -> bool:
    """Whether the error was raised to be read: the rooms' own exceptions say what is wrong and the mend."""
    rooms = ("campaigns", "console", "dialer", "dissuade", "rehearsal", "scripts", "speech")
    return isinstance(error, DissuadeError) or type(error).__module__.partition(".")[0] in rooms


def _complain(error: Exception, mend: str) -> None:
    text = str(error)
    _say(f"error: {text}")
    if mend and mend not in text:
        _say(f"  mend: {mend}")


def _keep_traceback(error: Exception) -> str:
    """Write it to the log that is open, or else to the log of the home folder."""
    import logging

    from dissuade import logs

    file = logs.open_file()
    if file is None:
        file = find_home().log_file
        try:
            logs.set_up(file, console_level=logging.CRITICAL + 1)
        except OSError as refused:
            return f"  this is a fault of the program; the details could not be written: {refused}"
    logging.getLogger("dissuade").error("internal error", exc_info=error)
    return f"  this is a fault of the program; the details are in {file}"


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
