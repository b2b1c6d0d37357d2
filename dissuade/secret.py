"""Passwords and the like: written in the configuration or, better, in a file of their own."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from dissuade.errors import ConfigError


def read_secret(given: SecretStr, file: Path | None, what: str) -> str:
    """What the file holds, without space around it, or ``given`` where no file is named.

    Raises `ConfigError` when the file cannot be read; ``what`` names its key there.
    """
    if file is None:
        return given.get_secret_value()
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{what} {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{what} {file} cannot be read: {error}", "it must be UTF-8") from None
