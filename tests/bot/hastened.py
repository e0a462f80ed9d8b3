"""A loop whose time passes at once whenever nothing is to be done: hours of sending take seconds."""

import asyncio
import selectors
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


class _Selector(selectors.BaseSelector):
    """Looks at what is there, and instead of waiting puts the clock forward."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.now = 0.0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = self._real.select(0)
        if not found and timeout is None:
            raise RuntimeError("nothing is to be done any more, and somebody waits")
        if not found and timeout is not None:
            self.now += max(timeout, 0.0)
        return found

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()


class Hastened(asyncio.SelectorEventLoop):
    """The loop. `begun`: which moment its time 0 is."""

    def __init__(self, begun: datetime) -> None:
        """Begin at a moment."""
        self._hastened = _Selector()
        self._begun = begun
        super().__init__(self._hastened)

    def time(self) -> float:
        """Return the seconds since the beginning."""
        return self._hastened.now

    def moment(self) -> datetime:
        """Return the moment it is."""
        return self._begun + timedelta(seconds=self.time())
