"""Variants of espeak-ng's voices: those that the bundled models learn from, and those kept for tests.

The one list of both; the training, the measurement and the tests of hearing all read it.
"""

from __future__ import annotations

HELD_OUT = ("f4", "m5", "Andrea", "quincy", "victor", "klatt4", "Nguyen", "steph2", "michel", "Michael")
"""Never used in training."""

TRAINING = (
    "", "Alex", "Alicia", "Andy", "Annie", "AnxiousAndy", "Denis", "Diogo", "Gene", "Gene2", "Henrique", "Hugo",
    "Jacky", "Lee", "Marco", "Mario", "Mike", "RicishayMax", "RicishayMax2", "Storm", "adam", "anika", "antonio",
    "aunty", "belinda", "benjamin", "boris", "caleb", "david", "ed", "f1", "f2", "f3", "f5", "grandma", "grandpa",
    "gustave", "iven", "iven2", "iven3", "john", "kaukovalta", "klatt", "klatt2", "klatt3", "klatt5", "klatt6",
    "linda", "m1", "m2", "m3", "m4", "m6", "m7", "m8", "marcelo", "max", "miguel", "norbert", "pablo", "paul",
    "pedro", "rob", "robert", "sandro", "shelby", "steph", "steph3", "travis", "zac", "croak",
)  # fmt: skip
"""The empty name is the voice without a variant. Robots, whispers and the like are left out of both lists."""

BASE = {"zh": "cmn-latn-pinyin", "en": "en-us"}
"""The voice of each language. Debian's espeak-ng reads Hanzi wrongly, so Mandarin goes in as pinyin."""
