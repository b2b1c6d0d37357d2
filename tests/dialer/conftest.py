"""Tests of the tier ``virtual`` run on a clock that jumps."""

from tests.virtual_time import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
