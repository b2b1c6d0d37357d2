"""What is raised about leads that come in."""

from __future__ import annotations

from campaigns.messages import Said


class CellError(ValueError):
    """A cell cannot be taken over."""

    def __init__(self, column: str, said: Said) -> None:
        """``column`` is the field of a lead, empty when the row as a whole is wrong."""
        super().__init__(f"{column}: {said.text()}" if column else said.text())
        self.column = column
        self.said = said


class SourceError(Exception):
    """A file or message as a whole cannot be read; ``said`` says why in either language."""

    def __init__(self, said: Said) -> None:
        super().__init__(said.text())
        self.said = said
