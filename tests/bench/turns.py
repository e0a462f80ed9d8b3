"""The CPU of a turn beyond the library's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.crowd import CHECK_IN
from tests.bench.session import Round, Session
from tests.bench.table import Figure, Tell, middle, shown, spread

TARGET, AIM = 1.0, 0.6  # ms


@dataclass(frozen=True)
class Plan:
    """How many people answer one check-in a round, in how many counted rounds; one more goes first to warm up."""

    people: int = 40
    rounds: int = 9
    clients: tuple[str, ...] = ("ptb", "aiogram")
    calm: float = 5.0  # seconds in which the idle loops are measured
    parsing: bool = True  # compare with the library's own get_updates, too


FULL = Plan()
QUICK = Plan(people=15, rounds=1, clients=("ptb",), calm=2.0, parsing=False)


@dataclass
class Client:
    """What was measured of one client."""

    name: str
    rounds: list[Round] = field(default_factory=list)

    def each(self, seconds: str) -> float:
        """The middle round's milliseconds a turn of one part."""
        return middle([(getattr(one, seconds) or 0) / one.turns * 1000 for one in self.rounds])

    def figures(self) -> Iterator[Figure]:
        """The table's lines."""
        beyond = [one.beyond() for one in self.rounds]
        ratios = [one.bot / one.bare for one in self.rounds]
        known = [one.bot / one.parsing for one in self.rounds if one.parsing]
        turns = self.rounds[0].turns
        calls = ", ".join(f"{count / turns:.2f} {name}" for name, count in sorted(self.rounds[0].calls.items()))
        call = self.each("bare") / sum(self.rounds[0].calls.values()) * turns
        note = f"rounds: {spread(beyond)}; the CPU of {shown(middle(beyond) / call)} calls of the library"
        yield Figure(f"{self.name}: a turn beyond the library", middle(beyond), "ms", TARGET, AIM, note)
        idle = f"besides {shown(self.each('idle'))} ms of idle loops, not counted"
        yield Figure(f"{self.name}: the whole bot", self.each("bot"), "ms", note=idle)
        yield Figure(f"{self.name}: the bare library", self.each("bare"), "ms", note=f"a turn: {calls}")
        yield Figure(f"{self.name}: bot to bare", middle(ratios), note=f"rounds: {spread(ratios)}")
        if known:
            parsing = f"a bare library that parses what it fetched: {shown(self.each('parsing'))} ms"
            yield Figure(f"{self.name}: bot to parsing", middle(known), note=parsing)


def measure(client: str, plan: Plan, tell: Tell) -> Client:
    """Measure one client."""
    found = Client(client)
    with Session.opened(client, plan.people, plan.calm) as session:
        for place in range(1, plan.rounds + 1):
            last = session.round(parsing=plan.parsing)
            found.rounds.append(last)
            tell(f"{client} round {place}: bot {last.bot:.2f} s, bare {last.bare:.2f} s, {last.turns} turns")
    return found


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure both clients."""
    acts = len(CHECK_IN)
    tell(f"turns: {plan.people} people answer a check-in of 4 questions in {acts} turns, {plan.rounds} rounds a client")
    return [figure for client in plan.clients for figure in measure(client, plan, tell).figures()]
