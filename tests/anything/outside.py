"""What nobody does: the clock goes on; Telegram refuses, loses answers and brings things again; the process dies."""

from datetime import UTC, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.anything.goings import Goings
from tests.anything.history import DAY, MEXICO, SPANS, WHO
from tests.anything.themes import REFUSED, Fates, often

EDGES = ((7, 50), (8, 10), (10, 0), (20, 50), (21, 10), (23, 30), (3, 0))
"""Where a day of work, and the hours in which anybody is asked, begin and end; and the night."""


class Outside(Goings):
    """The clock, Telegram and the process."""

    # The clock.

    @often("a bad night", "comings and goings", "orders", span=st.sampled_from(SPANS))
    def passes(self, span: timedelta) -> None:
        """Time passes, with the bot awake."""
        self.waits(span)

    @often("a bad night", "orders", edge=st.sampled_from(EDGES), off=st.booleans())
    def edge_comes(self, edge: tuple[int, int], off: bool) -> None:
        """It becomes some hour about which something changes, with the bot awake, or without."""
        local = self.world.now.astimezone(MEXICO)
        at = local.replace(hour=edge[0], minute=edge[1])
        span = (at if at > local else at + DAY) - local
        if off:
            self.is_off(span)
        else:
            self.waits(span)

    @often("a bad night")
    def night_comes(self) -> None:
        """It becomes half past eleven at night."""
        local = self.world.now.astimezone(MEXICO)
        self.live_until(max(local.replace(hour=23, minute=30), local).astimezone(UTC))
        self.heard()

    @often("a bad night", "comings and goings")
    def morning_comes(self) -> None:
        """It becomes ten in the morning."""
        self.ten_comes()

    @often("a bad night", "orders", span=st.sampled_from(SPANS))
    def sleeps(self, span: timedelta) -> None:
        """Time passes without the bot."""
        self.is_off(span)

    # Telegram.

    @often("a bad night", fates=REFUSED)
    def refuses(self, fates: Fates) -> None:
        """Telegram will refuse the next messages, or take them and lose the answer."""
        self.goes_wrong(fates)

    @precondition(lambda self: not self.world.net.down)
    @often("a bad night", asks=st.booleans())
    def is_out_of_reach(self, asks: bool) -> None:
        """Nothing passes any more, whatever people do; the team may ask something all the same."""
        self.world.net.down, self.down_at = True, self.world.now
        if asks:
            self.orders_a_check_in(times=1)

    @precondition(lambda self: self.world.net.down)
    @often("talking", "a bad night", "comings and goings", "orders", span=st.sampled_from(SPANS[1:4]))
    def is_reached_again(self, span: timedelta) -> None:
        """Telegram can be reached again, after a while."""
        self.live_until(self.world.now + span)
        self.is_reached()
        self.heard()

    @often("talking", "a bad night")
    def brings_twice(self) -> None:
        """Telegram brings what comes next twice, and some of what was confirmed."""
        self.world.telegram.twice = True

    @often("talking", number=WHO)
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

    @often("talking", "comings and goings", steps=st.integers(1, 4))
    def hurries(self, steps: int) -> None:
        """Things happen one upon the other: the next ones before all is sent that belongs to the one before."""
        self.hurry = steps

    # The process.

    @often("talking", "a bad night", steps=st.lists(st.integers(0, 6), min_size=1, max_size=3))
    def dies(self, steps: list[int]) -> None:
        """The process will end at one of its next durable steps, and another begins, which may end soon as well."""
        self.meets(steps[0])
        self.world.deaths_to_come = steps[1:]

    @often()
    def begins_anew(self) -> None:
        """The process ends between two rounds, and another begins."""
        self.world.restart()
        self.heard()
