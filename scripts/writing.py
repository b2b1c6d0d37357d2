"""A script as one YAML file that needs no frame."""

from __future__ import annotations

import io

from ruamel.yaml import YAML

from scripts.model import Script


def to_yaml(script: Script) -> str:
    """The whole script as its author could have written it, what is left at its default left out."""
    data = script.model_dump(mode="json", exclude_defaults=True, exclude={"version"})
    for name, step in script.steps.items():
        if step.key_warning:
            data["steps"][name].pop("interruptible", None)
    text = io.StringIO()
    yaml = YAML()
    yaml.width = 1000
    yaml.dump(data, text)
    return text.getvalue()
