"""What each figure means, for the reader: `python -m campaigns.bulletin.reference` prints ``docs/bulletin.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from campaigns.bulletin.words import DIMENSIONS, FIGURES

HEAD = """\
# The bulletin's figures

`dissuade bulletin day` and `dissuade bulletin week` write each figure beside those of the day (or week) before and,
for a day, of the same day a week earlier. The page shows what each means beside it; this is the same list, with the
names that the CSV and the JSON use ([bulletin.schema.json](bulletin.schema.json)).

![A daily bulletin, invented](bulletin.png)

How it is counted:

- A day is a calendar day of `centre.time_zone`, a week goes from Monday to Sunday. What happens at midnight belongs
  to the day that begins.
- What happened is counted on the day on which it happened; all that a call led to, on the day of its dialling, so
  that shares of calls are shares of the same calls.
- A bulletin tells its span as it stood at its end. Made again later it says the same, also after a purge; only what
  a case is counted under (grade, scam type, district, ...) is as known today. A span that is not over is counted
  until now, and the page says so.
- A deadline belongs to the span in which it falls. What had not happened by the end of the span is late up to
  there.
- Calls to relatives are cases of their own and are kept apart: they are no leads and no calls to subjects.
- Minutes are counted from the arrival of the lead here, not from the moment of the warning elsewhere.
- Money is what people recorded in dispositions. Nothing is estimated.

The CSV holds one line for each figure of each part: `figure`, `dimension` (`all`, `scam_type`, `grade`, `district`,
`group`, `source`, `hour`, `outcome`), `part` (empty: the lead does not say), `value`, `before`, `week_before`.

"""


def document() -> str:
    """The text of ``docs/bulletin.md``."""
    return HEAD + "\n".join(_tables()) + "\n"


def _tables() -> Iterator[str]:
    yield "| figure | 中文 | what is counted | 口径 |\n| --- | --- | --- | --- |"
    for name, word in FIGURES.items():
        yield f"| `{name}` {word.en} | {word.zh} | {word.en_means} | {word.zh_means} |"
    yield "\n| dimension | 中文 | what it is | 口径 |\n| --- | --- | --- | --- |"
    for name, word in DIMENSIONS.items():
        yield f"| `{name}` {word.en} | {word.zh} | {word.en_means} | {word.zh_means} |"


if __name__ == "__main__":
    sys.stdout.write(document())
