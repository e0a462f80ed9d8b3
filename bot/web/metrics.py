"""Figures of one process, as Prometheus asks for them: counts and ages, and nobody's name or number."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot import clock
from bot.messengers import registry
from bot.runtime.workers import Workers
from storage.outbox import LateRows
from storage.unit import Unit

KIND: Final = CONTENT_TYPE_LATEST
_DID: Final = {
    "kept": ("hilo_updates_kept", "Updates that this process kept"),
    "turns": ("hilo_turns_played", "Turns that this process played"),
    "sent": ("hilo_messages_sent", "Messages that this process sent, or tried to"),
    "due": ("hilo_due_done", "What this process did at its hour"),
}
"""What `Workers.did` counts."""
_LEASES: Final = ("courier", "tick")
_POLL: Final = "poll "


@dataclass(slots=True)
class Look:
    """What the database says: how many updates wait, and since when; the same of messages; when was fetched last."""

    updates: int
    since: datetime | None
    messages: list[LateRows]
    fetched: dict[str, datetime]


@dataclass(frozen=True)
class Known(Collector):
    """The figures of one process, read when they are asked for.

    Attributes:
        part: what the process was started for.
        version: of Hilo, with its schema.
        workers: storage, and what was done.
        holds: the leases that it holds, by name.
        began: when it began, on a clock that only goes forward.
    """

    part: str
    version: str
    workers: Workers
    holds: Callable[[], Sequence[str]]
    began: float = field(default_factory=clock.seconds)

    def look(self) -> Look:
        """Ask the database; raises what it raises."""
        with self.workers.storage.reading(self.workers.now()) as unit:
            return _looked(unit)

    def collect(self) -> Iterator[Metric]:
        """Yield every figure; those that only the database knows are missing while it does not answer."""
        about = GaugeMetricFamily("hilo_process", "What this process is", labels=("part", "version"))
        about.add_metric((self.part, self.version), 1)
        yield about
        yield _gauge("hilo_process_age_seconds", "Since this process began", clock.seconds() - self.began)
        for key, (name, what) in _DID.items():
            yield CounterMetricFamily(name, what, value=self.workers.did[key])
        yield self._leases()
        now = self.workers.now()
        try:
            look = self.look()
        except Exception as error:
            if not self.workers.is_transient(error):
                raise
            yield _gauge("hilo_database_up", "Whether the database answers", 0)
            return
        yield _gauge("hilo_database_up", "Whether the database answers", 1)
        yield _gauge("hilo_inbox_waiting", "Updates that wait for their turn", look.updates)
        yield _gauge("hilo_inbox_oldest_seconds", "Since when the first of them waits", _age(now, look.since))
        yield from _outbox(now, look.messages)
        fetched = GaugeMetricFamily("hilo_fetched_seconds", "Since it was last known to work", labels=("messenger",))
        for name, at in look.fetched.items():
            fetched.add_metric((name,), _age(now, at))
        yield fetched

    def _leases(self) -> Metric:
        """Return which of what one process alone may do this one does."""
        held = set(self.holds())
        told = GaugeMetricFamily("hilo_lease_held", "Whether this process does it, of several", labels=("lease",))
        for name in (*_LEASES, *(f"{_POLL}{name}" for name in sorted(registry.MESSENGERS.outside()))):
            told.add_metric((name,), name in held)
        return told


def written(known: Known) -> bytes:
    """Return the figures as Prometheus reads them."""
    asked = CollectorRegistry(auto_describe=False)
    asked.register(known)
    return generate_latest(asked)


def _looked(unit: Unit) -> Look:
    number, since = unit.inbox.overdue(unit.now)
    return Look(number, since, unit.outbox.late(unit.now), unit.fetches.all())


def _outbox(now: datetime, rows: Sequence[LateRows]) -> Iterator[Metric]:
    number = GaugeMetricFamily("hilo_outbox_waiting", "Messages that could go out now", labels=("messenger",))
    oldest = GaugeMetricFamily("hilo_outbox_oldest_seconds", "Since when the first waits", labels=("messenger",))
    found = {each.messenger: each for each in rows}
    for name in sorted({*registry.MESSENGERS.outside(), *found}):
        row = found.get(name)
        number.add_metric((name,), row.number if row else 0)
        oldest.add_metric((name,), _age(now, row.since if row else None))
    yield number
    yield oldest


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
