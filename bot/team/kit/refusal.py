"""What the team's chat says where an act is refused: the one place in which a refusal becomes a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.conversation.screen import Screen
from bot.rendering.speech import rows
from bot.services.refusals import NotAllowed


@contextmanager
def said(screen: Screen) -> Iterator[None]:
    """Say that whoever asks may not, and put on the trail that it was tried."""
    try:
        yield
    except NotAllowed as refusal:
        screen.unit.audit.add(str(screen.person.id), "refused", refusal.action, {})
        screen.speech.say("staff.not_allowed", rows(screen.speech.button("button.menu", "home")))
