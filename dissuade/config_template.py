"""The commented ``dissuade.toml`` that ``dissuade init`` writes: every key with its description and default."""

from __future__ import annotations

import json
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from dissuade.config import Config

WIDTH = 110

HEADER = """\
# Configuration of dissuade. Every key is shown with its default; take the # away to change one.
# Environment variables go before it: DISSUADE_LINES__COUNT=16. `dissuade doctor` says whether all of it works.
"""

BLOCKS = {
    "dissuaders": """\
# Who takes live calls, in this order: one block for each.
# [[dissuaders]]
# name = "陈警官"
# uri = "sip:8001@192.0.2.10"
""",
    "webhooks": """\
# Neighbouring systems that take orders over HTTP: one block for each. An order goes to the one of its kind whose
# precinct fits best; without precincts, one takes all that no other does. docs/integrator.md tells what they get.
# [[webhooks]]
# name = "orders"
# url = "https://orders.example/dissuade"
# kinds = ["visit", "stop_payment", "block"]       # or sms
# precincts = ["广州市/天河区"]                     # city, city/district, ...; default: everywhere
# secret_file = "orders.secret"                    # orders are signed with it; or secret = "..."
# key_id = "1"                                     # names the secret to the receiver
# timeout_s = 10.0
# ca_file = "authorities.pem"                      # default: the usual authorities
""",
}


def template() -> str:
    """The text of the file. It loads as it stands."""
    return "\n".join([HEADER, *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    for name, info in Config.model_fields.items():
        if name in BLOCKS:
            yield BLOCKS[name]
        else:
            assert isinstance(info.annotation, type)
            assert issubclass(info.annotation, BaseModel)
            yield from _table(name, info.annotation)


def _table(name: str, model: type[BaseModel]) -> Iterator[str]:
    nested = {key: info.annotation for key, info in model.model_fields.items() if _is_model(info.annotation)}
    lines = [f"# {(model.__doc__ or '').strip()}", f"[{name}]"]
    for key, info in model.model_fields.items():
        if key not in nested:
            lines += _key(info.alias or key, info)
    if len(nested) < len(model.model_fields):
        yield "\n".join(lines) + "\n"
    for key, annotation in nested.items():
        yield from _table(f"{name}.{key}", typing.cast("type[BaseModel]", annotation))


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _key(key: str, info: FieldInfo) -> Iterator[str]:
    if info.description:
        yield from (f"# {line}" for line in textwrap.wrap(info.description, WIDTH))
    yield f"# {key} = {_value(info)}"


def _value(info: FieldInfo) -> str:
    """The default in TOML; ``""`` where it is found out at run time."""
    if info.default_factory is dict:
        return "{}"
    default = info.default if info.default_factory is None else ""
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None or isinstance(default, Path):
        default = ""
    return json.dumps(default, ensure_ascii=False)
