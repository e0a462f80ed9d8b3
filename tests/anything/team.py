"""What the team does: it asks, reminds, ends, takes back, and reads."""

import contextlib
from datetime import time, timedelta
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from bot import clock
from bot.services import broadcasts as orders
from bot.services import schedules
from bot.services.rhythms import Rhythm
from dialogs.recurrence import Recurrence, Weekly
from storage.unit import Unit
from tests.anything.history import MEXICO, SPANS, WHO, History
from tests.anything.themes import TROUBLES, Fates, Trouble, often
from tests.anything.world import Fate
from tests.bot.rig import PURPOSE, texts

REFUSALS: tuple[Fate, ...] = ("slow", "slow", "flood", "unreached")  # after which a message is sent later


class Team(History):
    """One of the team, who is called Ana."""

    @often("talking", "a bad night", "comings and goings", "orders", times=st.integers(1, 2), trouble=TROUBLES)
    def orders_a_check_in(self, times: int, trouble: Trouble = None) -> None:
        """One of the team asks something, as soon as it is day; the order may be given twice."""
        self.work_begins()
        self.goes_wrong(trouble)
        self.gives_an_order(times)
        self.heard()

    def gives_an_order(self, times: int = 1) -> None:
        """Give an order, once or twice; nothing is sent so far."""
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

    @often("a bad night", "orders", span=st.sampled_from(SPANS[1:]))
    def orders_while_it_is_off(self, span: timedelta) -> None:
        """One of the team asks at the console, and the bot comes up much later: whoever is there is asked by day."""
        if not self.world.net.down:
            self.work_begins()
            self.gives_an_order()
            self.is_off(span)

    def going(self) -> list[UUID]:
        """Return the orders that nobody has ended."""
        return [each for each, state in self.orders.items() if state == "open"]

    @precondition(lambda self: not self.holding.scheduled)
    @often("comings and goings", "orders", hour=st.sampled_from((9, 20)))
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

    @often("orders", number=WHO, how=st.sampled_from(("cancelled", "closed")))
    def ends_an_order(self, number: int, how: str) -> None:
        """One of the team takes an order back, or closes it: nobody begins it any more."""
        if going := self.going():
            self.work_begins()
            self.ends(going[number % len(going)], how)
            self.heard()

    def ends(self, chosen: UUID, how: str) -> None:
        """Take an order back, or close it."""
        act = orders.cancel if how == "cancelled" else orders.close
        if self.acts(lambda unit: act(unit, chosen, self.by(unit))):
            self.orders[chosen] = how
            self.holding.ended[chosen] = how, self.world.now

    @often("orders", fate=st.sampled_from(REFUSALS), how=st.sampled_from(("cancelled", "closed")))
    def ends_it_as_it_goes_out(self, fate: Fate, how: str) -> None:
        """One of the team takes back at once what they have just ordered, and what Telegram refused for now."""
        if self.hurry or self.world.net.down:
            return
        self.ten_comes()
        self.hurry = 1
        self.meets(Fates((fate,), alike=True))
        self.orders_a_check_in(times=1)
        if going := self.going():
            self.ends(going[-1], how)
            self.heard()

    @often("orders", number=WHO)
    def reminds(self, number: int) -> None:
        """One of the team reminds those who have not finished, once."""
        if going := self.going():
            chosen = going[number % len(going)]
            self.acts(lambda unit: orders.remind(unit, chosen, self.by(unit)))
            self.holding.reminders += 1
            self.heard()

    @often("talking", "a bad night")
    def reads_an_alert(self) -> None:
        """One of the team opens the newest notice, and takes it."""
        for code in ("button.alert_open", "button.alert_mine"):
            with contextlib.suppress(LookupError):
                self.world.messenger.press(self.ana.chat, texts().say(code, "es"))
            self.heard()
        self.holding.read()
