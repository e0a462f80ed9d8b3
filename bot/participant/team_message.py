"""Messages from the team as a participant receives them: without a name or number except what was signed."""

from bot.messengers.port import Keyboard
from bot.participant.arguments import Answering, FromTeam
from bot.rendering import targets
from bot.rendering.ids import short_id
from bot.rendering.speech import Speech, rows
from bot.services.phones import watched
from dialogs.model import Media
from storage.messages import Message
from storage.outbox import FROM_TEAM
from storage.unit import Unit


def tell(speech: Speech, message: Message) -> None:
    """Send a participant the team's message; on a phone that others see, only a notice that there is one."""
    person = speech.person
    if person is not None and watched(person):
        look = speech.button("button.told_open", targets.TEAM, FromTeam(message.id))
        speech.send(
            speech.words("told.notice"), rows(look, speech.button("button.menu", targets.HOME)), what=_named(message)
        )
        return
    show(speech, message)


def show(speech: Speech, message: Message) -> None:
    """Send the team's message, with buttons to answer, to the menu and to support."""
    piece = piece_of(speech.unit, message)
    if piece is None:
        speech.send(speech.words("told.text", text=message.body), _ways(speech, message), what=_named(message))
        return
    if message.body:
        speech.send(speech.words("told.text", text=message.body), what=_named(message))
    text = None if message.body else speech.words("told.media")
    speech.media(piece, _ways(speech, message), text=text, what=_named(message))


def piece_of(unit: Unit, message: Message) -> Media | None:
    """Return the voice note or photo of a message, if it is still there."""
    item = unit.media.get(message.media_id) if message.media_id else None
    if item is None or item.file is None:
        return None
    return Media("voice" if item.kind == "voice" else "photo", item.id.hex, item.seconds)


def _named(message: Message) -> str:
    return f"{FROM_TEAM}:{short_id(message.id)}"


def _ways(speech: Speech, message: Message) -> Keyboard:
    return rows(
        speech.button("button.told_answer", targets.TEAM, Answering(message.conversation)),
        speech.button("button.support", targets.SUPPORT),
        speech.button("button.menu", targets.HOME),
    )
