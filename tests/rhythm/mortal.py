"""A process that can be ended between any two of its durable steps, and what is written and sent counted.

A durable step is a transaction that wrote something, or a message that the network took. Whoever is dead does nothing
more: every further step fails, as if it had never begun.
"""

from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType

from storage.unit import Storage, Unit


class Died(BaseException):
    """The process has ended; nothing catches it."""


class Life:
    """How many durable steps a process has made, and after how many it ends."""

    def __init__(self) -> None:
        self.steps = 0
        self.last: int | None = None
        self.dead = False

    def end_after(self, steps: int | None) -> None:
        """End after so many durable steps from now on: 0, before the next. None: do not."""
        self.last = None if steps is None else self.steps + steps

    def before(self) -> None:
        """Begin a durable step."""
        if self.dead or (self.last is not None and self.steps >= self.last):
            self.dead = True
            raise Died

    def after(self) -> None:
        """Note that a durable step was made."""
        self.steps += 1
        if self.last is not None and self.steps >= self.last:
            self.dead = True
            raise Died


class MortalStorage(Storage):
    """A storage whose writing is what a process lives by."""

    life: Life

    def unit(self, now: datetime, *, at_once: bool = False) -> AbstractContextManager[Unit]:
        """Open a write transaction; its end is a durable step if anything was written."""
        return Step(super().unit(now, at_once=at_once), self.life)


class Step(AbstractContextManager[Unit]):
    """A transaction that may be the last."""

    def __init__(self, inner: AbstractContextManager[Unit], life: Life) -> None:
        self._inner, self._life = inner, life

    def __enter__(self) -> Unit:
        if self._life.dead:
            raise Died
        self._unit = self._inner.__enter__()
        self._before = self._written()
        return self._unit

    def _written(self) -> int:
        driver = self._unit.run.driver
        if hasattr(driver, "total_changes"):
            return int(driver.total_changes)
        ((assigned,),) = driver.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").fetchall()
        return int(assigned)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        wrote = kind is None and self._written() > self._before
        try:
            if wrote:
                self._life.before()
        except Died as died:
            self._inner.__exit__(Died, died, died.__traceback__)
            raise
        self._inner.__exit__(kind, error, trace)
        if wrote:
            self._life.after()
