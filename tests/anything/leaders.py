"""What leaders say: they answer, by a button, by its number or in words; they cry, put off, and go on."""

from datetime import timedelta

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from tests.anything.history import ACTS, HOUR, WHO, Acts
from tests.anything.holding import Someone
from tests.anything.team import REFUSALS, Team
from tests.anything.themes import THEMES, TROUBLES, WEATHER, Fates, Theme, Trouble, often
from tests.anything.world import Fate, Tap
from tests.bot.rig import texts

CRY = "Mi marido me pegó anoche."
OLD = 7  # of ten ways to answer: by a button of a question that is over
IN_WORDS = ("week", "need_about")
READ_AFTER = (1, 20, 40, 90)  # minutes


class Leaders(Team):
    """Leaders, as they answer."""

    @initialize(number=st.integers(0, 1000), theme=st.sampled_from(THEMES), weather=WEATHER, acts=ACTS)
    def begin(self, number: int, theme: Theme, weather: tuple[Fate, ...], acts: Acts) -> None:
        """Let everybody be there; the first is asked at once, and answers."""
        assume(number)  # else everything is as plain as it can be, which is tried before anything
        self.opens(number, theme, weather)
        self.is_asked_and_answers(number=0, acts=acts)

    @often("talking", "orders", number=WHO, acts=ACTS)
    def is_asked_and_answers(self, number: int, acts: Acts) -> None:
        """Somebody answers some of what is asked, by a button, by its number, or in words; asked now if nothing is."""
        someone = self.one(number)
        if someone.there and not self.world.net.down:
            self.says(someone, "/menu")
            if self.chooses(someone, "button.go_on"):
                self.holding.asked[someone.phone.chat] += 2
                self.heard()
        if someone.there and not self.live(someone) and not self.world.net.down:
            self.work_begins()
            self.orders_a_check_in(times=1, trouble=acts[0][1])
        self.does(someone, acts)

    @often("talking", number=WHO, acts=ACTS)
    def answers(self, number: int, acts: Acts) -> None:
        """Somebody answers some of what stands on the screen."""
        self.does(self.one(number, lambda each: bool(self.live(each))), acts)

    def does(self, someone: Someone, acts: Acts) -> None:
        """Answer some of what stands on the screen."""
        for way, trouble in acts:
            self.goes_wrong(trouble)
            if way == OLD:
                self.taps_old(someone, 0)
            elif self.shows(someone) in IN_WORDS and way % 3:
                self.tells(someone)
            elif way > OLD:
                self.types(someone, way - 6)
            else:
                self.taps(someone, way)

    @often(acts=ACTS)
    def all_are_asked_and_answer(self, acts: Acts) -> None:
        """The team asks, and everybody answers, one after the other."""
        for number in range(len(self.someone)):
            self.is_asked_and_answers(number=number, acts=acts[number:] or acts)

    @often("talking", "orders", number=WHO, acts=ACTS, hours=st.sampled_from((1, 3, 6)))
    def answers_after_a_while(self, number: int, acts: Acts, hours: int) -> None:
        """Somebody lets hours pass, and answers then."""
        self.waits(hours * HOUR)
        self.answers(number=number, acts=acts)

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

    @often("talking", number=WHO, button=st.integers(0, 9), again=st.integers(1, 3))
    def taps_more_than_once(self, number: int, button: int, again: int) -> None:
        """Somebody is impatient: one of the buttons, several times before the bot hears the first."""
        someone = self.one(number, lambda each: bool(self.live(each)))
        found = [each for each in self.live(someone) if each.action != "done"]
        if not found or self.world.net.down:
            return
        tap = found[button % len(found)]
        for _ in range(again + 1):
            self.press(someone, tap)
        self.holding.tapped(someone, tap)
        self.heard()

    @often("talking", number=WHO, which=st.integers(0, 99))
    def taps_an_old_button(self, number: int, which: int) -> None:
        """Somebody presses a button of a question that was answered before: nothing stored changes."""
        self.taps_old(self.one(number), which)

    def taps_old(self, someone: Someone, which: int) -> None:
        """Press a button of a question that is over."""
        old = [each for each in someone.shown if each.action == "choose" and self.holding.over(someone, each)]
        if old:
            self.press(someone, old[-1 - which % min(len(old), 8)])
            self.heard()

    def shows(self, someone: Someone) -> str | None:
        """Return which question stands on the screen and is open, if one does."""
        found = self.world.taps(someone.phone)
        return found[0].path if found and self.holding.live(someone, found[0]) and found[0].action != "start" else None

    @often("comings and goings", "orders", number=WHO)
    def puts_off(self, number: int) -> None:
        """Somebody who was offered questions would rather have them later."""
        someone = self.one(number, lambda each: any(tap.action == "later" for tap in self.world.taps(each.phone)))
        for tap in self.world.taps(someone.phone):
            if tap.action == "later" and self.holding.live(someone, tap):
                self.holding.asked[someone.phone.chat] += 1
                self.press(someone, tap)
                self.heard()
                return

    def tells(self, someone: Someone) -> None:
        """Answer a question in words, and be heard."""
        if self.writes(someone):
            self.heard()

    def writes(self, someone: Someone) -> bool:
        """Answer a question in words; return whether it was known which."""
        path = self.shows(someone)
        if path is None or self.holding.doubtful(someone):
            return False
        self.texts += 1
        said = f"Hubo junta {self.texts}."
        run = self.world.taps(someone.phone)[0].run
        someone.phone.write(said)
        self.holding.told(someone, run, path, said)
        return True

    def types(self, someone: Someone, digit: int) -> None:
        """Answer with the number of a choice."""
        path = self.shows(someone)
        taps = [each for each in self.world.taps(someone.phone) if each.action == "choose"]
        if path not in {"mood", "need"} or self.holding.doubtful(someone) or len(taps) < digit:
            return
        someone.phone.write(str(digit))
        self.holding.tapped(someone, taps[digit - 1], typed=True)
        someone.acted(taps)
        self.heard()

    @often("talking", "a bad night", number=WHO, trouble=TROUBLES)
    def cries(self, number: int, trouble: Trouble = None) -> None:
        """Somebody cries for help, wherever they are."""
        someone = self.one(number)
        if someone.erased or self.holding.doubtful(someone):
            return
        path, taps = self.shows(someone), self.world.taps(someone.phone)
        if path is None and (self.holding.open(someone) or self.holding.unsure(someone)):
            return  # words that answer what stands further up are told by no screen
        self.goes_wrong(trouble)
        someone.phone.write(CRY)
        self.holding.cried(someone)
        if path in IN_WORDS:
            self.holding.told(someone, taps[0].run, path, CRY)
        self.heard()

    @often("talking", number=WHO, minutes=st.sampled_from(READ_AFTER))
    def cries_again_after_it_was_read(self, number: int, minutes: int) -> None:
        """Somebody cries for help, one of the team takes it, and some time later they cry once more."""
        self.cries(number=number)
        self.reads_an_alert()
        self.waits(timedelta(minutes=minutes))
        self.cries(number=number)

    @often("talking", number=WHO, fate=st.sampled_from(REFUSALS))
    def presses_what_was_answered(self, number: int, fate: Fate) -> None:
        """Somebody answers, the next question is held up, and they press a button of the one before meanwhile."""
        self.hurry = 2
        self.meets(Fates(("well", fate, fate)))  # what was pressed is shown, and what is asked next is held up
        someone = self.one(number, lambda each: bool(self.live(each)))
        self.does(someone, [(1, None)])
        self.taps_old(someone, 0)
        self.hurry = 0
        self.heard()

    @often("orders", number=WHO, fate=st.sampled_from(REFUSALS))
    def answers_as_it_is_closed(self, number: int, fate: Fate) -> None:
        """Somebody answers, the next question is held up, and the team closes the order meanwhile."""
        someone = self.one(number, lambda each: self.holding.order_of(each) in self.going())
        going = self.holding.order_of(someone)
        if going in self.going() and not self.world.net.down:
            self.hurry = 1
            self.meets(Fates(("well", fate, fate)))
            self.does(someone, [(1, None)])
            self.ends(going, "closed")
            self.hurry = 0
            self.heard()

    @often("orders", number=WHO, hours=st.sampled_from((1, 5)))
    def writes_before_it_is_closed(self, number: int, hours: int) -> None:
        """Somebody answers in words, the team closes the order, and the bot, which was off, hears of it hours later."""
        if self.world.net.down:
            return
        self.work_begins()
        someone = self.one(number, self.tells_of_what_goes_on)
        going = self.holding.order_of(someone)
        if not self.tells_of_what_goes_on(someone) or self.world.net.down:
            return
        self.writes(someone)
        self.ends(going, "closed")
        self.is_off(hours * HOUR)

    @often("comings and goings", "orders", number=WHO)
    def goes_on(self, number: int) -> None:
        """Somebody looks into the menu, and goes on with the questions."""
        someone = self.one(number)
        self.holding.asked[someone.phone.chat] += 2  # in the menu, and once they go on
        if self.says(someone, "/menu"):
            self.chooses(someone, "button.go_on")
            self.heard()

    def tells_of_what_goes_on(self, someone: Someone) -> bool:
        """Return whether somebody is asked for words by an order that nobody has ended."""
        return self.shows(someone) in IN_WORDS and self.holding.order_of(someone) in self.going()

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
        for button in (each for row in shown[-1].keyboard for each in row) if shown and not self.world.net.down else ():
            if button.label in labels:
                self.world.messenger.press_id(someone.phone.chat, button.id, shown[-1].order)
                return True
        return False
