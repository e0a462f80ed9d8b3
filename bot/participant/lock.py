"""The lock in the menu: what it is, and the way to choose or change it."""

from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services.locks import has_lock, is_locked, lock_link
from bot.services.permissions import EVERYONE

LOCK = Action(targets.LOCK, EVERYONE, states=ALSO_LEFT)


class LockScreens:
    """The screen of the lock."""

    @handles(LOCK)
    def lock(self, screen: Screen) -> None:
        """Say what the lock does here; where the messenger has its own, say where that is."""
        if not has_lock(screen.speech):
            screen.show(screen.speech.own("lock.elsewhere"), rows(screen.menu()))
            return
        code = "lock.is" if is_locked(screen.speech) else "lock.about"
        screen.show(screen.words(code), rows(lock_link(screen.speech), screen.menu()))
