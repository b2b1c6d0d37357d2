"""The scripts of a node: the built-in ones, and those of the centre before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.loader import LIBRARY, POINTS_FOLDER, ScriptLibrary, load_library
from scripts.points import POINTS, PointsLibrary

if TYPE_CHECKING:
    from dissuade.config import Config


def rules(language: str) -> set[str]:
    """The rules of a language's lexicon as a script names them: ``signal/rule``; none if it has no lexicon."""
    from speech.lexicon import LexiconError, lexicon

    try:
        known = lexicon(language)
    except LexiconError:
        return set()
    return {f"{name}/{rule.name}" for name, signal in known.signals.items() for rule in signal.rules}


def load_scripts(config: Config) -> ScriptLibrary:
    """The centre's own scripts, and the built-in ones for what they leave out; raises `scripts.loader.ScriptError`.

    An own script replaces the built-in one of the same name, or of the same language and scam type, in all versions.
    """
    built_in = load_library(LIBRARY)
    own = load_library(config.centre.scripts) if config.centre.scripts else {}
    served = {(script.language, script.scam_type) for script in own.values()}
    replaced = {script.file for name, script in built_in.items() if name in own}
    kept = [s for s in built_in.values() if s.file not in replaced and (s.language, s.scam_type) not in served]
    return ScriptLibrary([*own.values(), *kept])


def load_talking_points(config: Config) -> PointsLibrary:
    """What dissuaders see beside a call: the built-in talking points, and the centre's own, in ``talking_points/`` of
    its folder of scripts, before them. Raises `scripts.loader.ScriptError`.
    """
    own = [config.centre.scripts / POINTS_FOLDER] if config.centre.scripts else []
    return PointsLibrary.load(POINTS, *own)
