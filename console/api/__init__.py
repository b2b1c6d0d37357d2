"""The HTTP API for neighbouring systems."""

from console.api.app import ApiSettings, make_app

__all__ = ["ApiSettings", "make_app"]
