"""The HTTP API for neighbouring systems."""

from console.api.app import ApiSettings, make_app
from console.api.server import ApiError, ApiServer

__all__ = ["ApiError", "ApiServer", "ApiSettings", "make_app"]
