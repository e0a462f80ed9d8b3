"""Every screen of the team's, with a cohort of a thousand and all it answered: what one turn takes, beside a small one.

The target is for the 95th percentile of each screen; the ratio to a cohort of ten tells how it grows, on any machine.
"""

import itertools
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.rendering.ids import short_id
from tests.bench.table import Figure, Tell, middle, shown
from tests.bench.team_database import FULL, QUICK, Plan, TeamDatabase

__all__ = ["FULL", "QUICK", "report"]

TARGET = 300.0  # milliseconds at the 95th percentile
SMALL = 10  # people
PAGES = 4  # pages turned in a list
LAST = 9999
Press = tuple[str, str]


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure both cohorts."""
    small = measured(Plan(SMALL, plan.orders, max(3, plan.times // 4)), tell)
    large = measured(plan, tell)
    figures = []
    for name, turns in large.items():
        value = percentile(turns)
        note = f"p50 {shown(middle(turns))}; {shown(value / percentile(small[name]))} x that of {SMALL} people"
        figures.append(Figure(f"{name}: p95", value, "ms", TARGET, note=f"{note}; {len(turns)} turns"))
    return figures


def percentile(values: list[float]) -> float:
    """Return the 95th percentile: the value that one in twenty is above."""
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def measured(plan: Plan, tell: Tell) -> dict[str, list[float]]:
    """Fill a database and open every screen; returns milliseconds by screen."""
    with tempfile.TemporaryDirectory() as folder:
        workers = TeamDatabase(Path(folder))
        try:
            began = time.monotonic()
            workers.fill(plan)
            seconds = time.monotonic() - began
            tell(f"staff: {plan.people:,} people, {workers.answers:,} answers, filled in {seconds:.0f} s")
            return Round(workers, plan.times).taken()
        finally:
            workers.close()


class Round:
    """One round over every screen, each opened so often."""

    def __init__(self, workers: TeamDatabase, times: int) -> None:
        self._workers, self._times = workers, times
        self._taken: defaultdict[str, list[float]] = defaultdict(list)

    def taken(self) -> dict[str, list[float]]:
        """Open what only shows, then do what can be done to an order, each to one of its own."""
        self._workers.rest()
        self._open({"menu, all new": [("home", "")]} | self._reading(", all new"))
        self._workers.read_all()
        self._open({"menu, all read": [("home", "")]} | self._reading(", all read"))
        self._open(self._following() | self._asking() | self._others())
        self._orders()
        return dict(self._taken)

    def lists(self) -> dict[str, list[float]]:
        """Open what only shows."""
        self._workers.rest()
        self._open({"menu, all new": [("home", "")]} | self._reading(", all new"))
        self._open(self._following() | self._asking() | self._others())
        return dict(self._taken)

    def open(self, name: str, presses: list[Press]) -> list[float]:
        """Open one more screen so often; returns what its turns took."""
        self._open({name: presses})
        return self._taken[name]

    def _open(self, screens: dict[str, list[Press]]) -> None:
        for name, presses in screens.items():
            self._workers.press(*presses[0])  # the first one compiles its statements
            for press in itertools.islice(itertools.cycle(presses), max(self._times, len(presses))):
                self._taken[name].append(self._workers.press(*press))

    def _reading(self, state: str) -> dict[str, list[Press]]:
        order, person = short_id(self._workers.orders[-1]), short_id(self._workers.people[0].id)
        return {
            f"what there is to read{state}": [("read", "")],
            f"what is next{state}": [("read", "n")],
            "by question": [("read", "q"), ("read", "q.1"), ("read", f"q{order}")],
            "one question's answers": list(paged("read", f"Q{order}.1")),
            "an order's answers": list(paged("read", f"b{order}")),
            "by person": [("read", "p"), ("read", "pA"), ("read", "pA.1")],
            "one person's answers": list(paged("read", f"P{person}")),
            "by day": [("read", "t"), ("read", "t.1")],
            "one day's answers": list(paged("read", f"T{self._workers.today:%Y%m%d}")),
            f"digest{state}": [("digest", "n")],
        }

    def _following(self) -> dict[str, list[Press]]:
        newest = short_id(self._workers.orders[-1])
        return {
            "orders": [("progress", ""), ("progress", ".1")],
            "an order's panel": [("progress", newest)],
            "who is missing": [("order_who", f"{newest}.0"), ("order_who", f"{newest}.{LAST}")],
            "asking to remind": [("order_nudge", newest)],
            "asking to close": [("order_end", newest)],
            "asking to stop": [("halt", newest), ("halt", "")],
        }

    def _asking(self) -> dict[str, list[Press]]:
        return {
            "what to ask": [("ask", ""), ("ask", "p1")],
            "the last order again": [("ask_last", "")],
            "an order's last look": [("ask_order", "")],
            "how it arrives": [("ask_look", "")],
            "when": [("ask_when", "")],
            "what for": [("ask_why", "")],
            "library": [("library", "")],
        }

    def _others(self) -> dict[str, list[Press]]:
        conversation, group = self._workers.conversation(), short_id(self._workers.cohort)
        return {
            "messages": [("mail", ""), ("mail", "p1")],
            "a conversation": [("mail_open", short_id(conversation))],
            "alerts": [("alert", "")],
            "people": [("people", ""), ("people", "0"), ("invite", ""), ("roles", "")],
            "members of a group": [("members", f"{group}.0"), ("members", f"{group}.3")],
            "a person": [("someone", short_id(self._workers.membership()))],
            "a group": [("group", group)],
            "checklist": [("checklist", "")],
            "more": [("more", "")],
            "what is owed": [("told", "")],
            "export": [("export", ""), ("export", "talks"), ("export", "groups")],
        }

    def _orders(self) -> None:
        """Do to each order what can be done to one once."""
        workers, orders = self._workers, [short_id(order) for order in self._workers.orders]
        for order in orders:
            workers.press("progress", order)
        for _ in range(self._times):
            self._taken["a look of the tick at one panel"].append(workers.looked())
        self._each("reminding", "order_nudge", orders)
        self._each("stopping", "halt", orders[: len(orders) // 2])
        self._each("closing", "order_end", orders)

    def _each(self, name: str, action: str, orders: Sequence[str]) -> None:
        self._taken[name] += [self._workers.press(action, f"{order}!") for order in orders]


def paged(action: str, argument: str) -> Iterator[Press]:
    """Give the presses that open something and turn its first pages."""
    return ((action, f"{argument}.{page}") for page in range(PAGES))
