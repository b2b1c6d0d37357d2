"""What all sections of the configuration share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class Section(BaseModel):
    """One table of the file. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServedSection(Section):
    """A table about something that is served on a port; each says for itself what that port and host are."""

    port: int = Field(default=0, ge=0, le=65535)
    host: str = Field(default="127.0.0.1", min_length=1)
    certificate: Path | None = Field(default=None, description="PEM file; with it and key, HTTPS is spoken.")
    key: Path | None = Field(default=None, description="PEM file of the certificate's private key.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("give certificate and key, or neither")
        return self
