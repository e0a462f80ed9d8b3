"""Sending at once a reply that waits for the hours of whom it is for."""

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import reply_hours
from bot.services.permissions import FACILITATORS
from bot.services.refusals import NotFound
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Feature

MAIL_NOW = Action(targets.MAIL_NOW, FACILITATORS, (OfId,))


class SendingNow(Feature):
    """Lets a reply go that was to wait."""

    @handles(MAIL_NOW)
    def now(self, screen: Screen, argument: OfId) -> None:
        """Let go what waits, and say so; what has gone meanwhile is said to be on its way, too."""
        keyboard = rows(screen.button("button.alerts", targets.MAIL), screen.menu())
        try:
            reply_hours.send_now(screen.unit, screen.person, argument.id)
        except NotFound:
            screen.show(screen.words("mail.nowhere"), keyboard)
            return
        name = screen.mentioned(screen.unit.people.known(argument.id))
        screen.show(screen.words("mail.sent", name=name), keyboard)
