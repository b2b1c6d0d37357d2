"""The scripts of a node: the built-in ones, and those of the centre before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.loader import LIBRARY, ScriptLibrary, load_library

if TYPE_CHECKING:
    from dissuade.config import Config


def load_scripts(config: Config) -> ScriptLibrary:
    """The centre's own scripts, and the built-in ones for what they leave out; raises `scripts.loader.ScriptError`.

    An own script replaces the built-in one of the same name, or of the same language and scam type.
    """
    built_in = load_library(LIBRARY)
    own = load_library(config.centre.scripts) if config.centre.scripts else {}
    served = {(script.language, script.scam_type) for script in own.values()}
    kept = [s for s in built_in.values() if s.name not in own and (s.language, s.scam_type) not in served]
    return ScriptLibrary([*own.values(), *kept])
