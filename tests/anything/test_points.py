"""The process dies at each named durable step, just before it and just after: the story ends as if it had not.

At how many of them: tests/amounts.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.messengers.port import Kind
from bot.services.members import WELCOME_AT
from storage.tables import answers, inbox, media, outbox, people, runs
from tests import amounts
from tests.anything.holding import AGAIN, NOTICE
from tests.anything.points import POINTS, RECOVERED, NamedLife, Pointed, named
from tests.bot import samples
from tests.bot.phone import Phone
from tests.bot.rig import texts
from tests.by_day import DATABASES_ALIKE
from tests.storage.conftest import ENGINES, Databases, databases  # noqa: F401  a fixture is known where it is imported

BEGINS = datetime(2026, 3, 3, 16, tzinfo=UTC)  # ten in the morning in Mexico City
CRY = "Mi marido me pegó anoche."
Url = Callable[[], str]


class Story:
    """A check-in that is asked and answered, a voice note, a cry, and somebody who erases everything."""

    def __init__(self, folder: Path, url: str, patch: pytest.MonkeyPatch) -> None:
        named(lambda: self.world, patch)
        self.world = Pointed(folder, 1, BEGINS, url)
        self.flor, self.ceiba = (self._joined(name) for name in ("Flor", "Ceiba"))
        self.ana = self.world.facilitator()
        self.life.made.clear()

    @property
    def life(self) -> NamedLife:
        """The process that lives."""
        assert isinstance(self.world.life, NamedLife)
        return self.world.life

    def _joined(self, name: str) -> Phone:
        phone = self.world.join(nickname=name)
        with self.world.unit() as unit:
            unit.people.prefer(phone.person, **{WELCOME_AT: None})
        return phone

    def goes_on(self) -> None:
        """Let the bot do all there is to do for a few minutes."""
        for _ in range(3):
            self.world.happens()
            self.world.now += timedelta(minutes=1)

    def presses(self, phone: Phone, label: str) -> None:
        """Press a button, and wait."""
        self.world.messenger.press(phone.chat, label)
        self.goes_on()

    def says(self, phone: Phone, text: str) -> None:
        """Write, and wait."""
        phone.write(text)
        self.goes_on()

    def erases(self, phone: Phone) -> None:
        """Erase everything; whatever screen did not come, since nothing is shown twice, is asked for anew."""
        sure = texts().say("button.erase_all_sure", "es")
        while not any(sure in each.labels for each in phone.heard):
            self.says(phone, "/borrar")
            if any("Borrar todo lo mío" in each.labels for each in phone.heard):
                self.presses(phone, "Borrar todo lo mío")
        self.presses(phone, sure)

    def told(self) -> None:
        """Tell it from its beginning to its end."""
        last, self.life.last = self.life.last, None
        self.world.order()
        self.life.last = last
        self.goes_on()
        self.presses(self.flor, "Sí, ahora")
        self.presses(self.flor, "2 · 🙁 Bajo")
        self.world.messenger.give_file(self.flor.chat, Kind.VOICE, samples.ogg(), mime="audio/ogg", seconds=1)
        self.goes_on()
        self.presses(self.flor, "Listo")
        self.presses(self.flor, "1 · Nada por ahora")
        self.says(self.flor, CRY)
        self.erases(self.ceiba)
        self.world.now += timedelta(days=3)
        self.goes_on()

    def wrong(self) -> list[str]:
        """List what is not as it has to be at its end."""
        found = self.known()
        expected = {"answers": 3, "media": 1, "runs": ["completed"], "people": 2, "left": 0, "alerts": 1}
        wrong = [f"{name}: {found[name]}, and not {value}" for name, value in expected.items() if found[name] != value]
        by_row: dict[int, list[str]] = {}
        for each in self.world.telegram.arrived:
            by_row.setdefault(each.row, []).append(each.text)
        for row, came in by_row.items():
            again = any(words in came[-1] for words in AGAIN)
            if len(came) > 1 and not (again and len(came) == 2):
                wrong.append(f"row {row} came {len(came)} times: {came}")
        rang = any(each.chat == self.ana.chat and NOTICE in each.text for each in self.world.telegram.arrived)
        return wrong + ([] if rang else ["nobody was told of the cry"])

    def known(self) -> dict[str, Any]:
        """Return what is stored."""
        with self.world.reading() as unit:
            count = unit.connection.execute
            waiting = select(func.count()).where(outbox.c.state.in_(("queued", "sending")))
            undone = select(func.count()).where(inbox.c.state != "done")
            return {
                **{each.name: count(select(func.count()).select_from(each)).scalar() for each in (answers, media)},
                "runs": [row[0] for row in count(select(runs.c.status).where(runs.c.person_id == self.flor.person.id))],
                "people": count(select(func.count()).select_from(people)).scalar(),
                "left": int(count(waiting).scalar() or 0) + int(count(undone).scalar() or 0),
                "alerts": len(unit.alerts.of(self.flor.person.id, BEGINS)),
            }


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> Iterator[Url]:
    """Where the rows are."""
    if request.param == "sqlite":
        yield lambda: ""
        return
    found: Databases = request.getfixturevalue("databases")
    taken: list[str] = []
    yield lambda: taken.append(found.take()) or taken[-1]  # type: ignore[func-returns-value]  # it is kept to be given back
    for each in taken:
        found.give(each)


@contextmanager
def story(folder: Path, url: str) -> Iterator[Story]:
    """Begin a story; it is let go at the end."""
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        made = Story(folder, url, patch)
        yield made
        made.world.close()


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(0 if amounts.POINTS.extended else 120)
def test_it_dies_at_each_step(url: Url, tmp_path: Path) -> None:
    """At each name that there is; in the long form at each step, before it and after it, which is before the next."""
    with story(tmp_path / "whole", url()) as whole:
        whole.told()
        made = list(whole.life.made)
        assert whole.wrong() == []
    first = {name: place for place, names in reversed([*enumerate(made)]) for name in names}
    missing = {*POINTS} - first.keys() - {RECOVERED}
    assert missing == set()
    places = sorted({*first.values()} | {place + 1 for place in first.values()})
    chosen = (
        range(len(made)) if amounts.POINTS.value > len(places) else places[:: -(-len(places) // amounts.POINTS.value)]
    )
    recovered = False
    for place in chosen:
        with story(tmp_path / str(place), url()) as each:
            each.life.end_after(place)
            each.told()
            assert each.wrong() == [], (place, made[place : place + 1])
            assert each.world.deaths == 1
            recovered |= any(RECOVERED in names for names in each.life.made)
    print(f"{len(made)} steps, dead at {len(chosen)} of them")
    assert recovered
