"""The desk: pages for dissuaders, duty officers, auditors and administrators."""

from console.desk.app import make_desk
from console.desk.context import Desk, DeskSettings

__all__ = ["Desk", "DeskSettings", "make_desk"]
