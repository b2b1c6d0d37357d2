"""What all commands share: the options before the command, the configuration, the store."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dissuade.home import Home, find_home

if TYPE_CHECKING:
    from dissuade.config import Config

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value for a program to read.")]


@dataclass
class State:
    """Made by the root command from its options; every command finds it as ``context.obj``."""

    config_file: Path | None
    home_given: Path | None
    verbose: bool = False
    long_running: bool = False
    """Whether the console shows what goes on, not warnings alone."""

    @property
    def home(self) -> Home:
        """Where to look for the configuration."""
        return Home(self.home_given.absolute()) if self.home_given else find_home()

    @property
    def _console_level(self) -> int:
        if self.verbose:
            return logging.DEBUG
        return logging.INFO if self.long_running else logging.WARNING

    def read_config(self) -> Config:
        """The configuration, for a command that writes nothing; raises `ConfigError`."""
        from dissuade.config_file import load

        return load(self.config_file, home=Home(self.home_given.absolute()) if self.home_given else None)

    @cached_property
    def config(self) -> Config:
        """The configuration, read once.

        From then on the home folder exists, the log is open, and the centre's own lexicons are in use.
        """
        from dissuade import logs
        from dissuade.errors import DissuadeError

        config = self.read_config()
        config.home.make()
        try:
            logs.set_up(config.home.log_file, console_level=self._console_level)
        except OSError as error:
            raise DissuadeError(f"cannot write {config.home.log_file}: {error.strerror}") from error
        use_lexicons(config)
        return config


def use_lexicons(config: Config) -> None:
    """Let the centre's own rules be used, if it has any; raises `ConfigError`."""
    if config.centre.lexicons is None:
        return
    from dissuade.errors import ConfigError
    from speech.lexicon import LexiconError, use_own

    try:
        use_own(config.centre.lexicons)
    except LexiconError as error:
        raise ConfigError(str(error), "correct centre.lexicons") from error


def state(context: typer.Context) -> State:
    """The state of this run."""
    found = context.find_object(State)
    assert found is not None
    return found
