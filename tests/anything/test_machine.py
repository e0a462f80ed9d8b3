"""Anything may happen, in any order: leaders answer, cry, rest, leave and erase; the team asks, ends, takes back and
reads; the clock goes on; Telegram refuses, loses answers and brings things again; the process dies at any step.

After each step everything holds that was promised, and what is stored is what a model of it says. How many histories,
on each database: tests/amounts.py.
"""

import contextlib
import logging
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bot import clock
from bot.services import broadcasts as orders
from bot.services import schedules
from bot.services.members import WELCOME_AT
from bot.services.refusals import ActRefused
from bot.services.rhythms import Rhythm
from dialogs.recurrence import Recurrence, Weekly
from storage.unit import Unit
from tests import amounts
from tests.anything.holding import Holding, Someone
from tests.anything.world import Fate, Place, Tap
from tests.bot.rig import PURPOSE, texts
from tests.storage.conftest import ENGINES, Databases, databases  # noqa: F401  a fixture is known where it is imported

BEGINS = datetime(2026, 3, 3, 16, tzinfo=UTC)  # a Tuesday, ten in the morning in Mexico City
MEXICO = ZoneInfo("America/Mexico_City")
A_MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPANS = (5 * A_MINUTE, HOUR, 5 * HOUR, 12 * HOUR, DAY, 3 * DAY)
CRY = "Mi marido me pegó anoche."
LEADERS = 2
STEPS = 25
LOOKS = 30  # in which a long time passes, at most
OLD = 7  # of ten ways to answer: by a button of a question that is over
MOST = 5  # leaders of one history
WHO = st.integers(0, 9)
FATES: tuple[Fate, ...] = ("flood", "slow", "unreached", "lost", "cut", "cut")
Trouble: TypeAlias = int | tuple[Fate, ...] | None
TROUBLES: st.SearchStrategy[Trouble] = st.one_of(
    st.none(), st.integers(0, 6), st.lists(st.sampled_from(FATES), min_size=1, max_size=4).map(tuple)
)
Acts: TypeAlias = list[tuple[int, Trouble]]
ACTS: st.SearchStrategy[Acts] = st.lists(st.tuples(st.integers(0, 9), TROUBLES), min_size=2, max_size=8)
LONG = amounts.ANYTHING.extended
ANY = LONG and "HILO_SEED" not in os.environ  # whatever chance gives; else what a seed gives, always the same


class Errors(logging.Handler):
    """Keeps what was logged as an error: nothing here may be one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.said.append(record.getMessage())


class Anything(RuleBasedStateMachine):
    """One installation, and everything that may happen to it.

    Attributes:
        home: where installations are made.
        take: gives the address of an empty database; "" is a file.
        give: takes it back.
    """

    home: ClassVar[Path | None] = None
    take: ClassVar[Callable[[], str]] = staticmethod(lambda: "")
    give: ClassVar[Callable[[str], object]] = staticmethod(lambda _url: None)

    @initialize(number=st.integers(0, 1000), acts=ACTS)
    def begin(self, number: int, acts: Acts) -> None:
        """Let some leaders be there, and one of the team; the first is asked at once, and answers."""
        self.folder = tempfile.TemporaryDirectory(dir=self.home)
        self.url = type(self).take()
        self.world = Place(Path(self.folder.name), number, BEGINS, self.url)
        self.world.telegram.chance.seed(number)
        self.errors = Errors()
        logging.getLogger("bot").addHandler(self.errors)
        self.someone: list[Someone] = []
        self.holding = Holding(self.world, self.someone, self.errors.said)
        self.orders: dict[UUID, str] = {}
        self.texts = self.hurry = 0
        for _ in range(LEADERS):
            self.joins()
        self.ana = self.world.facilitator()
        self.holding.ana = self.ana.chat
        self.is_asked_and_answers(number=0, acts=acts)

    def teardown(self) -> None:
        """Let go of everything."""
        if hasattr(self, "world"):
            logging.getLogger("bot").removeHandler(self.errors)
            self.world.close()
            type(self).give(self.url)
            self.folder.cleanup()

    # Time.

    def heard(self) -> None:
        """Let the bot hear what was said, until nothing is left to do now; in a hurry, only once."""
        self.world.happens()
        if self.world.net.down:
            return
        if self.hurry:
            self.hurry -= 1
            return
        self.live_until(self.world.now + 2 * A_MINUTE)
        self.calm()
        self.live_until(self.world.now + 2 * A_MINUTE)
        self.holding.check()

    def calm(self) -> None:
        """Let nothing more go wrong."""
        self.hurry = 0
        if self.world.net.down:
            self.world.net.down = False
            self.holding.reached_at = self.world.now
        self.world.life.end_after(None)
        self.world.telegram.fates.clear()
        self.world.telegram.twice = self.world.telegram.shuffles = False

    def live_until(self, moment: datetime) -> None:
        """Go on to each moment at which something is due, or a little later where a long time passes."""
        least = (moment - self.world.now) / LOOKS
        while self.world.now < moment:
            self.world.now = min(max(self.world.next_due(), self.world.now + least), moment)
            self.world.happens()

    # Leaders.

    def one(self, number: int) -> Someone:
        """Return one of the leaders."""
        return self.someone[number % len(self.someone)]

    @precondition(lambda self: hasattr(self, "world") and len(self.someone) < MOST)
    @rule()
    def joins(self) -> None:
        """Somebody comes in who was welcomed before."""
        self.calm()
        phone = self.world.join(nickname=f"Flor {len(self.someone)}")
        with self.world.unit() as unit:
            unit.people.prefer(phone.person, **{WELCOME_AT: None})
            person = phone.person.id
        self.someone.append(Someone(phone, person))

    @rule(number=WHO, acts=ACTS)
    def is_asked_and_answers(self, number: int, acts: Acts) -> None:
        """Somebody answers some of what is asked, by a button, by its number, or in words; asked now if nothing is."""
        someone = self.one(number)
        if someone.there and not self.world.net.down:
            self.says(someone, "/menu")
            if self.chooses(someone, "button.go_on"):
                self.holding.asked[someone.phone.chat] += 2
                self.heard()
        if someone.there and not self.live(someone) and not self.world.net.down:
            if not self.daytime():
                self.morning_comes()
            self.orders_a_check_in(times=1, trouble=acts[0][1])
        self.answers(number=number, acts=acts)

    @rule(number=WHO, acts=ACTS)
    def answers(self, number: int, acts: Acts) -> None:
        """Somebody answers some of what stands on the screen."""
        someone = self.one(number)
        for way, trouble in acts:
            self.meets(trouble)
            if way == OLD:
                self.taps_an_old_button(number=number, which=0)
            elif self.shows(someone) in {"week", "need_about"} and way % 3:
                self.tells(someone)
            elif way > OLD:
                self.types(someone, way - 6)
            else:
                self.taps(someone, way)

    @rule(acts=ACTS)
    def all_are_asked_and_answer(self, acts: Acts) -> None:
        """The team asks, and everybody answers, one after the other."""
        for number in range(len(self.someone)):
            self.is_asked_and_answers(number=number, acts=acts[number:] or acts)

    @rule(number=WHO, acts=ACTS, hours=st.sampled_from((1, 3, 6)))
    def answers_after_a_while(self, number: int, acts: Acts, hours: int) -> None:
        """Somebody lets hours pass, and answers then."""
        self.passes(span=hours * HOUR)
        self.answers(number=number, acts=acts)

    def meets(self, trouble: Trouble) -> None:
        """Let the process die after so many steps, or Telegram do so with what is sent next."""
        if isinstance(trouble, int):
            self.dies(steps=trouble)
        elif trouble is not None:
            self.refuses(fates=[*trouble])

    def taps(self, someone: Someone, button: int) -> None:
        """Press a button of the question on the screen."""
        found = self.live(someone)
        if not found or self.world.net.down:  # Telegram forgets a press that waits for long
            return
        tap = found[button % len(found)]
        self.press(someone, tap)
        self.holding.tapped(someone, tap)
        self.heard()

    def live(self, someone: Someone) -> list[Tap]:
        """Return the buttons on the screen by which what is asked now is begun, answered or ended."""
        found = [each for each in self.world.taps(someone.phone) if each.action in {"start", "choose", "done"}]
        return found if found and self.holding.live(someone, found[0]) else []

    def press(self, someone: Someone, tap: Tap) -> None:
        """Press a button."""
        someone.acted(self.world.taps(someone.phone))
        self.world.messenger.press_id(someone.phone.chat, tap.id, tap.order)

    @rule(number=WHO, button=st.integers(0, 9), again=st.integers(1, 3))
    def taps_more_than_once(self, number: int, button: int, again: int) -> None:
        """Somebody is impatient: one of the buttons, several times before the bot hears the first."""
        someone = self.one(number)
        found = [each for each in self.live(someone) if each.action != "done"]
        if not found or self.world.net.down:
            return
        tap = found[button % len(found)]
        for _ in range(again + 1):
            self.press(someone, tap)
        self.holding.tapped(someone, tap)
        self.heard()

    @rule(number=WHO, which=st.integers(0, 99))
    def taps_an_old_button(self, number: int, which: int) -> None:
        """Somebody presses a button of a question that was answered before: nothing stored changes."""
        someone = self.one(number)
        old = [each for each in someone.shown if each.action == "choose" and self.holding.over(someone, each)]
        if old:
            self.press(someone, old[-1 - which % min(len(old), 8)])
            self.heard()

    def shows(self, someone: Someone) -> str | None:
        """Return which question stands on the screen and is open, if one does."""
        found = self.world.taps(someone.phone)
        return found[0].path if found and self.holding.live(someone, found[0]) and found[0].action != "start" else None

    @rule(number=WHO)
    def puts_off(self, number: int) -> None:
        """Somebody who was offered questions would rather have them later."""
        someone = self.one(number)
        for tap in self.world.taps(someone.phone):
            if tap.action == "later" and self.holding.live(someone, tap):
                self.holding.asked[someone.phone.chat] += 1
                self.press(someone, tap)
                self.heard()
                return

    def tells(self, someone: Someone) -> None:
        """Answer a question in words."""
        path = self.shows(someone)
        if path is None or self.holding.doubtful(someone):
            return
        self.texts += 1
        said = f"Hubo junta {self.texts}."
        run = self.world.taps(someone.phone)[0].run
        someone.phone.write(said)
        self.holding.told(someone, run, path, said)
        self.heard()

    def types(self, someone: Someone, digit: int) -> None:
        """Answer with the number of a choice."""
        path = self.shows(someone)
        taps = [each for each in self.world.taps(someone.phone) if each.action == "choose"]
        if path not in {"mood", "need"} or self.holding.doubtful(someone) or len(taps) < digit:
            return
        someone.phone.write(str(digit))
        self.holding.tapped(someone, taps[digit - 1])
        someone.acted(taps)
        self.heard()

    @rule(number=WHO)
    def cries(self, number: int) -> None:
        """Somebody cries for help, wherever they are."""
        someone = self.one(number)
        if someone.erased or self.holding.doubtful(someone):
            return
        path, taps = self.shows(someone), self.world.taps(someone.phone)
        if path is None and self.holding.open(someone):
            return  # words that answer what stands further up are told by no screen
        someone.phone.write(CRY)
        self.holding.cried(someone)
        if path in {"week", "need_about"}:
            self.holding.told(someone, taps[0].run, path, CRY)
        self.heard()

    @rule(number=WHO)
    def goes_on(self, number: int) -> None:
        """Somebody looks into the menu, and goes on with the questions."""
        someone = self.one(number)
        self.holding.asked[someone.phone.chat] += 2  # in the menu, and once they go on
        if self.says(someone, "/menu"):
            self.chooses(someone, "button.go_on")
            self.heard()

    def says(self, someone: Someone, words: str) -> bool:
        """Let somebody who has not left write something, and hear the answer; return whether they could."""
        if someone.erased or someone.left:
            return False
        someone.phone.write(words)
        self.heard()
        return True

    def chooses(self, someone: Someone, code: str) -> bool:
        """Press the button of a code under the newest message, in whatever language; return whether it was there."""
        shown = [each for each in someone.phone.heard if each.keyboard]
        labels = {texts().say(code, tag) for tag in ("es", "en")}
        for button in (each for row in shown[-1].keyboard for each in row) if shown else ():
            if button.label in labels:
                self.world.messenger.press_id(someone.phone.chat, button.id, shown[-1].order)
                return True
        return False

    @rule(number=WHO)
    def pauses(self, number: int) -> None:
        """Somebody takes a break, for as long as they like."""
        someone = self.one(number)
        if self.says(someone, "/pausa") and not someone.paused and self.chooses(someone, "button.pause_open"):
            someone.paused = someone.hindered = True
            self.heard()

    @rule(number=WHO)
    def comes_back(self, number: int) -> None:
        """Somebody ends the break."""
        someone = self.one(number)
        if not someone.left and not someone.erased:
            someone.paused = False
            self.holding.asked[someone.phone.chat] += 1
            self.says(someone, "/seguir")

    @rule(number=WHO)
    def leaves(self, number: int) -> None:
        """Somebody takes back the yes, for good."""
        someone = self.one(number)
        if self.others(someone) and self.says(someone, "/salir") and self.chooses(someone, "button.leave_sure"):
            someone.left = True
            self.heard()

    @rule(number=WHO, fate=st.sampled_from(("slow", "slow", "flood", "unreached")), leaves=st.booleans())
    def leaves_as_it_comes(self, number: int, fate: Fate, leaves: bool) -> None:
        """Somebody was about to leave or rest, and does while questions that Telegram refused are on their way."""
        someone = self.one(number)
        if not self.others(someone) or not self.daytime() or self.hurry or someone.paused:
            return
        if self.says(someone, "/salir" if leaves else "/pausa") and not self.world.net.down:
            self.hurry = 1
            self.orders_a_check_in(times=1, trouble=(fate,) * len(self.someone))
            if self.chooses(someone, "button.leave_sure" if leaves else "button.pause_open"):
                someone.left, someone.paused = leaves, not leaves
                someone.hindered = True
                self.world.happens()
                self.holding.settle()
            self.heard()

    @rule(number=WHO)
    def erases_all(self, number: int) -> None:
        """Somebody erases everything."""
        someone = self.one(number)
        if self.others(someone) and self.says(someone, "/borrar") and self.chooses(someone, "button.erase_all"):
            self.heard()
            if self.chooses(someone, "button.erase_all_sure"):
                someone.erased = True
                self.world.telegram.forgotten.add(someone.phone.chat)
                self.heard()

    def others(self, someone: Someone) -> bool:
        """Return whether anybody else is there."""
        return any(each.there and each is not someone for each in self.someone)

    @rule(number=WHO, language=st.sampled_from(("Español", "English")))
    def speaks_another_language(self, number: int, language: str) -> None:
        """Somebody goes on in another language."""
        someone = self.one(number)
        self.holding.asked[someone.phone.chat] += 1  # what is open is said in the new one
        if self.says(someone, "/idioma"):
            with contextlib.suppress(LookupError):
                self.world.messenger.press(someone.phone.chat, language)
            self.heard()

    @rule(number=WHO)
    def blocks(self, number: int) -> None:
        """Somebody blocks the bot."""
        someone = self.one(number)
        if not someone.erased and not someone.blocked:
            self.world.messenger.block(someone.phone.chat)
            someone.blocked = someone.hindered = True
            self.heard()

    @rule(number=WHO)
    def unblocks(self, number: int) -> None:
        """Somebody lets the bot write again."""
        someone = self.one(number)
        if someone.blocked:
            self.world.messenger.unblock(someone.phone.chat)
            someone.blocked = False
            self.heard()

    # The team.

    def acts(self, work: Callable[[Unit], Any]) -> Any:
        """Do something as the team does at the console, in a process of its own; None where it was refused."""
        life = self.world.life
        left, life.last = None if life.last is None else life.last - life.steps, None
        try:
            with self.world.unit() as unit:
                return work(unit)
        except ActRefused:
            return None
        finally:
            life.end_after(left)

    def by(self, unit: Unit) -> Any:
        """Return whoever acts."""
        return unit.people.get(self.ana.person.id)

    def daytime(self) -> bool:
        """Return whether the team is at work."""
        return 9 <= self.world.now.astimezone(MEXICO).hour < 18

    @rule(times=st.integers(1, 2), trouble=TROUBLES)
    def orders_a_check_in(self, times: int, trouble: Trouble = None) -> None:
        """One of the team asks something in the daytime; the order may be given twice."""
        if not self.daytime():
            return
        self.meets(trouble)
        key = clock.new_id().hex
        for _ in range(times):
            done = self.acts(
                lambda unit: orders.order(
                    unit,
                    self.world.content.dialog("check_in"),
                    unit.cohorts.list()[0],
                    PURPOSE,
                    key=key,
                    ordered_by=self.by(unit),
                )
            )
            if done is not None and not done.again:
                self.orders[done.broadcast_id] = "open"
        self.holding.ordered = len(self.orders)
        self.heard()

    @precondition(lambda self: not self.holding.scheduled)
    @rule(hour=st.sampled_from((9, 20)))
    def lets_it_come_back(self, hour: int) -> None:
        """One of the team lets a check-in come back, three days a week."""
        start = self.world.now.astimezone(MEXICO).date()
        rhythm = Rhythm(Recurrence(Weekly((1, 3, 5)), start, None), time(hour))
        facts, dialog = self.world.turns.organisation, self.world.content.dialog("check_in")

        def act(unit: Unit) -> None:
            cohort = unit.cohorts.list()[0]
            given = (self.world.turns.content, facts, [dialog], cohort, PURPOSE, rhythm)
            schedules.begin(unit, *given, key=clock.new_id().hex, by=self.by(unit))
            self.holding.scheduled = True

        self.acts(act)
        self.heard()

    @rule(number=WHO, how=st.sampled_from(("cancelled", "closed")))
    def ends_an_order(self, number: int, how: str) -> None:
        """One of the team takes an order back, or closes it: nobody begins it any more."""
        going = [each for each, state in self.orders.items() if state == "open"]
        if going and self.daytime():
            chosen = going[number % len(going)]
            act = orders.cancel if how == "cancelled" else orders.close
            if self.acts(lambda unit: act(unit, chosen, self.by(unit))):
                self.orders[chosen] = how
                self.holding.ended[chosen] = how, self.world.now
            self.heard()

    @rule(fate=st.sampled_from(("slow", "slow", "flood", "unreached")), how=st.sampled_from(("cancelled", "closed")))
    def ends_it_as_it_goes_out(self, fate: Fate, how: str) -> None:
        """One of the team takes back at once what they have just ordered, and what Telegram refused for now."""
        if self.daytime() and not self.hurry:
            self.hurry = 1
            self.orders_a_check_in(times=1, trouble=(fate,) * len(self.someone))
            going = [each for each, state in self.orders.items() if state == "open"]
            self.ends_an_order(number=len(going) - 1, how=how)

    @rule(number=WHO)
    def reminds(self, number: int) -> None:
        """One of the team reminds those who have not finished, once."""
        going = [each for each, state in self.orders.items() if state == "open"]
        if going:
            chosen = going[number % len(going)]
            self.acts(lambda unit: orders.remind(unit, chosen, self.by(unit)))
            self.holding.reminders += 1
            self.heard()

    @rule()
    def reads_an_alert(self) -> None:
        """One of the team opens the newest notice, and takes it."""
        for code in ("button.alert_open", "button.alert_mine"):
            with contextlib.suppress(LookupError):
                self.world.messenger.press(self.ana.chat, texts().say(code, "es"))
            self.heard()
        self.holding.read()

    # The clock.

    @rule(span=st.sampled_from(SPANS))
    def passes(self, span: timedelta) -> None:
        """Time passes, with the bot awake."""
        self.live_until(self.world.now + span)
        self.heard()

    @rule()
    def night_comes(self) -> None:
        """It becomes half past eleven at night."""
        local = self.world.now.astimezone(MEXICO)
        self.live_until(max(local.replace(hour=23, minute=30), local).astimezone(UTC))
        self.heard()

    @rule()
    def morning_comes(self) -> None:
        """It becomes ten in the morning."""
        local = self.world.now.astimezone(MEXICO)
        ten = local.replace(hour=10, minute=0)
        self.live_until((ten if ten > local else ten + DAY).astimezone(UTC))
        self.heard()

    @rule(span=st.sampled_from(SPANS))
    def sleeps(self, span: timedelta) -> None:
        """Time passes without the bot."""
        self.world.restart()
        self.world.now += span
        self.heard()

    # Telegram.

    @rule(fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=4))
    def refuses(self, fates: list[Fate]) -> None:
        """Telegram will refuse the next messages, or take them and lose the answer."""
        self.world.telegram.fates = list(fates)

    @precondition(lambda self: not self.world.net.down)
    @rule(asks=st.booleans())
    def is_out_of_reach(self, asks: bool) -> None:
        """Nothing passes any more, whatever people do; the team may ask something all the same."""
        self.world.net.down = True
        if asks:
            self.orders_a_check_in(times=1)

    @precondition(lambda self: self.world.net.down)
    @rule(span=st.sampled_from(SPANS[1:4]))
    def is_reached_again(self, span: timedelta) -> None:
        """Telegram can be reached again, after a while."""
        self.live_until(self.world.now + span)
        self.world.net.down = False
        self.holding.reached_at = self.world.now
        self.heard()

    @rule()
    def brings_twice(self) -> None:
        """Telegram brings what comes next twice, and some of what was confirmed."""
        self.world.telegram.twice = True

    @rule(number=WHO)
    def brings_in_another_order(self, number: int) -> None:
        """Two people act before the bot hears either, and the second is brought first."""
        self.world.telegram.shuffles = True
        for someone in {id(each): each for each in (self.one(number), self.one(number + 1))}.values():
            taps = [each for each in self.world.taps(someone.phone) if each.action == "choose"]
            if taps and self.holding.live(someone, taps[0]) and not self.world.net.down:
                self.press(someone, taps[number % len(taps)])
                self.holding.tapped(someone, taps[number % len(taps)])
            elif not someone.erased:
                someone.phone.write("/ayuda")
        self.heard()

    @rule(steps=st.integers(1, 4))
    def hurries(self, steps: int) -> None:
        """Things happen one upon the other: the next ones before all is sent that belongs to the one before."""
        self.hurry = steps

    # The process.

    @rule(steps=st.integers(0, 6))
    def dies(self, steps: int) -> None:
        """The process will end at one of its next durable steps, and another begins."""
        self.world.life.end_after(steps)

    @rule()
    def begins_anew(self) -> None:
        """The process ends between two rounds, and another begins."""
        self.world.restart()
        self.heard()


@pytest.fixture(params=ENGINES)
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the histories happen: in a file, or on a server."""
    monkeypatch.setattr(Anything, "home", tmp_path)
    if request.param == "postgresql":
        found: Databases = request.getfixturevalue("databases")
        monkeypatch.setattr(Anything, "take", staticmethod(found.take))
        monkeypatch.setattr(Anything, "give", staticmethod(found.give))
    return str(request.param)


@pytest.mark.proof
@pytest.mark.usefixtures("home")
@pytest.mark.timeout(0 if LONG else 120)
def test_whatever_happens() -> None:
    """After each step of each history everything holds."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis has no type for it
        Anything if ANY else seed(amounts.SEED.value)(Anything),
        settings=settings(
            max_examples=amounts.ANYTHING.value,
            stateful_step_count=STEPS,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
