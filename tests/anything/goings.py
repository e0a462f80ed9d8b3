"""How leaders rest, leave, erase everything, go on in another language, and block the bot."""

import contextlib

from hypothesis import strategies as st

from tests.anything.history import WHO
from tests.anything.holding import Someone
from tests.anything.leaders import Leaders
from tests.anything.team import REFUSALS
from tests.anything.themes import Fates, often
from tests.anything.world import Fate


class Goings(Leaders):
    """Leaders, as they go and come."""

    @staticmethod
    def about(each: Someone) -> bool:
        """Return whether somebody is there in every way."""
        return each.there and not each.paused and not each.blocked

    @often("comings and goings", number=WHO)
    def pauses(self, number: int) -> None:
        """Somebody takes a break, for as long as they like."""
        someone = self.one(number, self.about)
        if self.says(someone, "/pausa") and not someone.paused and self.chooses(someone, "button.pause_open"):
            someone.paused = someone.hindered = True
            self.heard()

    @often("comings and goings", number=WHO)
    def comes_back(self, number: int) -> None:
        """Somebody ends the break."""
        someone = self.one(number, lambda each: each.there and each.paused)
        if not someone.left and not someone.erased:
            someone.paused = False
            self.holding.asked[someone.phone.chat] += 1
            self.says(someone, "/seguir")

    @often("comings and goings", number=WHO)
    def leaves(self, number: int) -> None:
        """Somebody takes back the yes, for good."""
        someone = self.one(number)
        if self.others(someone) and self.says(someone, "/salir") and self.chooses(someone, "button.leave_sure"):
            someone.left = True
            self.heard()

    @often("comings and goings", number=WHO)
    def puts_off_and_leaves(self, number: int) -> None:
        """Somebody is asked, would rather answer later, and then leaves altogether."""
        someone = self.one(number, lambda each: each.there and self.shows(each) is None)
        if someone.there and not self.world.net.down:
            self.ten_comes()
            self.orders_a_check_in(times=1)
            self.puts_off(number=number)
            self.leaves(number=number)

    @often("comings and goings", number=WHO, fate=st.sampled_from(REFUSALS), leaves=st.booleans())
    def leaves_as_it_comes(self, number: int, fate: Fate, leaves: bool) -> None:
        """Somebody was about to leave or rest, and does while questions that Telegram refused are on their way."""
        someone = self.one(number, self.about)
        if not self.others(someone) or self.hurry or someone.paused or self.world.net.down:
            return
        self.ten_comes()
        if self.says(someone, "/salir" if leaves else "/pausa"):
            self.hurry = 1
            self.meets(Fates((fate,), alike=True))
            self.orders_a_check_in(times=1)
            if self.chooses(someone, "button.leave_sure" if leaves else "button.pause_open"):
                someone.left, someone.paused = leaves, not leaves
                someone.hindered = True
                self.world.happens()
                self.holding.settle()
            self.heard()

    @often("comings and goings", number=WHO, leaves=st.booleans(), back=st.booleans())
    def goes_and_blocks(self, number: int, leaves: bool, back: bool) -> None:
        """Somebody leaves or rests, and blocks the bot before it has answered; for good, or until the team asks."""
        someone = self.one(number, self.about)
        if not self.others(someone) or someone.paused or someone.blocked or self.world.net.down:
            return
        if self.says(someone, "/salir" if leaves else "/pausa"):
            if self.chooses(someone, "button.leave_sure" if leaves else "button.pause_open"):
                someone.left, someone.paused = leaves, not leaves
            self.shuts(someone)
            if back:
                self.ten_comes()
                self.opens_again(someone)
                self.orders_a_check_in(times=1)

    @often("comings and goings", number=WHO)
    def erases_all(self, number: int) -> None:
        """Somebody erases everything."""
        someone = self.one(number)
        if self.others(someone) and self.says(someone, "/borrar") and self.chooses(someone, "button.erase_all"):
            self.heard()
            if self.chooses(someone, "button.erase_all_sure"):
                someone.erased = True
                self.world.telegram.forgotten.add(someone.phone.chat)
                self.heard()

    @often("talking", number=WHO, language=st.sampled_from(("Español", "English")))
    def speaks_another_language(self, number: int, language: str) -> None:
        """Somebody goes on in another language."""
        someone = self.one(number)
        self.holding.asked[someone.phone.chat] += 1  # what is open is said in the new one
        if self.says(someone, "/idioma"):
            with contextlib.suppress(LookupError):
                self.world.messenger.press(someone.phone.chat, language)
            self.heard()

    @often("comings and goings", number=WHO)
    def blocks(self, number: int) -> None:
        """Somebody blocks the bot."""
        someone = self.one(number)
        if not someone.erased and not someone.blocked:
            self.shuts(someone)

    def shuts(self, someone: Someone) -> None:
        """Block the bot."""
        self.world.messenger.block(someone.phone.chat)
        someone.blocked = someone.hindered = True
        self.heard()

    @often("comings and goings", number=WHO)
    def unblocks(self, number: int) -> None:
        """Somebody lets the bot write again."""
        someone = self.one(number, lambda each: each.blocked)
        if someone.blocked:
            self.opens_again(someone)

    def opens_again(self, someone: Someone) -> None:
        """Let the bot write again."""
        self.world.messenger.unblock(someone.phone.chat)
        someone.blocked = False
        self.heard()
