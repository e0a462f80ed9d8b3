"""Scripted trouble: what a test orders to go wrong, and for which calls."""

import random
import threading
from dataclasses import dataclass, field

from tests.double.refusal import Refusal


@dataclass
class Fault:
    """Trouble for the calls it fits, as often as told.

    Attributes:
        method: the method it is for, or None for every one but getUpdates.
        chat: the chat it is for, or None for all.
        times: how often; None for ever.
        share: the part of fitting calls that it hits, drawn from `chance`.
        refusal: the answer instead of acting, if any.
        delay: seconds the answer is held back, after acting.
        lost: the connection is cut instead of the answer; "before" acting, or "after" it.
        garbled: the answer is cut in the middle.
    """

    method: str | None = None
    chat: int | None = None
    times: int | None = 1
    share: float = 1.0
    chance: random.Random = field(default_factory=random.Random)
    refusal: Refusal | None = None
    delay: float = 0.0
    lost: str = ""
    garbled: bool = False

    def fits(self, method: str, chat: object) -> bool:
        """True when this call is hit; counts it."""
        if self.times == 0 or (self.method or method) != method:
            return False
        if self.method is None and method == "getUpdates":
            return False
        if self.chat is not None and str(self.chat) != str(chat):
            return False
        if self.share < 1.0 and self.chance.random() >= self.share:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Script:
    """All faults ordered, in order; the first that fits a call is its fate."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Order one more."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._faults.clear()

    def fate(self, method: str, chat: object) -> Fault | None:
        """The fault that hits this call, if any."""
        with self._lock:
            return next((fault for fault in self._faults if fault.fits(method, chat)), None)
