"""A secret is taken from its file, and whoever starts the program is told why that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from dissuade.errors import ConfigError
from dissuade.secret import read_secret

pytestmark = pytest.mark.unit


def test_a_secret_is_what_its_file_holds_or_else_as_given(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(" from the file\n", encoding="utf-8")
    assert read_secret(SecretStr(""), file, "sms.password_file") == "from the file"
    assert read_secret(SecretStr("given"), None, "sms.password_file") == "given"


@pytest.mark.parametrize(("held", "reason"), [(None, "No such file"), (b"\xff\xfe", "can't decode")])
def test_a_secret_that_cannot_be_read_is_refused_with_its_key_and_file(
    tmp_path: Path, held: bytes | None, reason: str
) -> None:
    file = tmp_path / "secret"
    if held is not None:
        file.write_bytes(held)
    with pytest.raises(ConfigError, match=f"trunk.password_file .*secret cannot be read: .*{reason}"):
        read_secret(SecretStr(""), file, "trunk.password_file")
