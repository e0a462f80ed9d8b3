"""Threads whose work is taken in turns: the bot's own first, then known people's, then strangers'.

Within each, whoever asked for much waits for those who asked for little. Who asks is known from the request.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

OWN, KNOWN, STRANGER = range(3)
PASSED_OVER: Final = 8  # pieces of work that go before one that waits: nobody waits for ever


@dataclass(frozen=True, slots=True)
class Asker:
    """Whom work is done for: one of `OWN`, `KNOWN` and `STRANGER`, and the name of a browser or of a place."""

    rank: int = OWN
    name: str = ""


asked_by: ContextVar[Asker] = ContextVar("asked_by", default=Asker())  # noqa: B039  it never changes

_Work = tuple[Future[Any], Callable[[], Any]]


class FairThreads(Executor):
    """So many threads for the work of everybody."""

    def __init__(self, number: int, name: str) -> None:
        """Begin without threads: they start with the first work."""
        self._number, self._name = number, name
        self._waiting: tuple[OrderedDict[str, deque[_Work]], ...] = (OrderedDict(), OrderedDict(), OrderedDict())
        self._passed_over = 0
        self._some = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._under_way: set[Future[Any]] = set()
        self._closed = False

    @property
    def free(self) -> bool:
        """Whether nothing waits and nothing is being done; whoever submits work alone knows that it stays so."""
        return not self._under_way

    def submit(self, work: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """Have work done when its turn has come."""
        asker, future = asked_by.get(), Future[Any]()
        with self._some:
            if self._closed:
                raise RuntimeError("no work is taken any more")
            self._under_way.add(future)
            future.add_done_callback(self._under_way.discard)
            self._waiting[asker.rank].setdefault(asker.name, deque()).append((future, lambda: work(*args, **named)))
            if self._idle:
                self._idle -= 1
                self._some.notify()
            elif len(self._threads) < self._number:
                thread = threading.Thread(target=self._run, name=f"{self._name}_{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Do what waits, then end the threads."""
        with self._some:
            self._closed = True
            if cancel_futures:
                for lane in self._waiting:
                    for future, _ in (each for line in lane.values() for each in line):
                        future.cancel()
                    lane.clear()
            self._some.notify_all()
        for thread in self._threads if wait else ():
            thread.join()

    def _run(self) -> None:
        while (taken := self._next()) is not None:
            future, work = taken
            if not future.set_running_or_notify_cancel():
                continue
            try:
                done = work()
            except BaseException as error:  # noqa: BLE001  whoever waits for it gets it
                future.set_exception(error)
            else:
                future.set_result(done)
            del taken, future, work  # what was done is kept by nobody while the thread waits

    def _next(self) -> _Work | None:
        with self._some:
            while not any(self._waiting):
                if self._closed:
                    return None
                self._idle += 1
                self._some.wait()  # whoever wakes it counts it out
            return self._turn()

    def _turn(self) -> _Work:
        """Take the work whose turn it is: of the first lane with any, and now and then of the last one."""
        lanes = [lane for lane in self._waiting if lane]
        self._passed_over = self._passed_over + 1 if len(lanes) > 1 else 0
        late = self._passed_over > PASSED_OVER
        if late:
            self._passed_over = 0
        lane = lanes[-1 if late else 0]
        name, line = next(iter(lane.items()))
        taken = line.popleft()
        if line:
            lane.move_to_end(name)
        else:
            del lane[name]
        return taken
