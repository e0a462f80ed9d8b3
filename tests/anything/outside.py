"""What nobody does: the clock goes on; Telegram refuses, loses answers and brings things again; the process dies."""

from datetime import UTC, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.anything.goings import Goings
from tests.anything.history import MEXICO, MIXED, SPANS, STRETCH, WHO
from tests.anything.world import Fate


class Outside(Goings):
    """The clock, Telegram and the process."""

    # The clock.

    @rule(span=st.sampled_from(SPANS))
    def passes(self, span: timedelta) -> None:
        """Time passes, with the bot awake."""
        self.waits(span)

    @rule()
    def night_comes(self) -> None:
        """It becomes half past eleven at night."""
        local = self.world.now.astimezone(MEXICO)
        self.live_until(max(local.replace(hour=23, minute=30), local).astimezone(UTC))
        self.heard()

    @rule()
    def morning_comes(self) -> None:
        """It becomes ten in the morning."""
        self.ten_comes()

    @rule(span=st.sampled_from(SPANS))
    def sleeps(self, span: timedelta) -> None:
        """Time passes without the bot."""
        self.is_off(span)

    # Telegram.

    @rule(fates=st.one_of(MIXED, STRETCH))
    def refuses(self, fates: tuple[Fate, ...]) -> None:
        """Telegram will refuse the next messages, or take them and lose the answer."""
        self.meets(fates)

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

    @rule(steps=st.lists(st.integers(0, 6), min_size=1, max_size=3))
    def dies(self, steps: list[int]) -> None:
        """The process will end at one of its next durable steps, and another begins, which may end soon as well."""
        self.meets(steps[0])
        self.world.deaths_to_come = steps[1:]

    @rule()
    def begins_anew(self) -> None:
        """The process ends between two rounds, and another begins."""
        self.world.restart()
        self.heard()
