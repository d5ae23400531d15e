"""Virtual time, as everywhere where a station is simulated."""

from tests.kit.virtual_loop import virtual_time as pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
