"""How the bot introduces itself to a messenger: its command menu, and its description before a chat begins.

Every private chat shows participants' commands, in the language of the app; a chat with one of the team shows the
team's as well. This is a courtesy at start: if it fails, the bot runs without it.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.messengers import registry
from bot.messengers.port import Commands, Descriptions, Messenger, MessengerError, RetryLater
from bot.product_languages import language_of
from bot.rendering.texts import Texts
from bot.services.permissions import Permission, allowed
from dialogs import languages
from storage.unit import Unit

log = logging.getLogger(__name__)

AGAIN: Final = (60.0, 600.0, 3600.0)  # seconds
_TWO_LETTERS: Final = 2  # messengers know only language codes of two letters


@dataclass(frozen=True, slots=True)
class Offer:
    """The commands that are offered, by their codes, in order.

    `command.<code>` says what a command does, `command.<code>.name` how it is typed.

    Attributes:
        everybody: for all chats.
        team: for the team, listed before the others, each with its permission.
    """

    everybody: Sequence[str]
    team: Sequence[tuple[str, Permission]]


@dataclass(frozen=True, slots=True)
class TeamChat:
    """A chat with one of the team: its language, and the codes of the team commands that their roles allow."""

    chat: str
    language: str
    may: Sequence[str]


def menu(texts: Texts, language: str, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Return commands as they are typed in a language, with what each one does."""
    return [(texts.say(f"command.{code}.name", language), texts.say(f"command.{code}", language)) for code in codes]


def commands(texts: Texts, offer: Offer, otherwise: str = languages.DEFAULT) -> Commands:
    """Return everybody's menu in every language; an app in any other language gets that of `otherwise`."""
    spoken: dict[str | None, Sequence[tuple[str, str]]] = {
        tag: menu(texts, tag, offer.everybody) for tag in _known(texts)
    }
    return {None: menu(texts, otherwise, offer.everybody)} | spoken


def descriptions(texts: Texts, otherwise: str = languages.DEFAULT, messenger: str = "") -> Descriptions:
    """Return the bot's descriptions for a messenger, by language as in `commands`."""
    own = registry.of(messenger).own_words
    wanted: dict[str | None, str] = {None: otherwise, **{tag: tag for tag in _known(texts)}}
    return {key: (texts.say("intro.short", tag), texts.own("intro.long", own, tag)) for key, tag in wanted.items()}


def team(unit: Unit, messenger: str, offer: Offer) -> list[TeamChat]:
    """Return every chat on a messenger with a person whose role may read."""
    found = []
    for person_id in unit.roles.who_reads():
        person = unit.people.get(person_id)
        if person is None:
            continue
        may = [code for code, permission in offer.team if allowed(unit, person, permission)]
        found += [
            TeamChat(chat, language_of(person), may)
            for _, where, chat in unit.addresses.of(person)
            if where == messenger
        ]
    return found


async def introduce(
    messenger: Messenger,
    texts: Texts,
    offer: Offer,
    members: Sequence[TeamChat] = (),
    otherwise: str = languages.DEFAULT,
    again: Sequence[float] = (),
) -> bool:
    """Send the messenger all menus and descriptions; return whether it took them. MessengerError is logged, not raised.

    `again`: seconds to wait before each further try, or longer if the messenger asks for it.
    """
    for pause in (*again, None):
        try:
            await messenger.introduce(commands(texts, offer, otherwise), descriptions(texts, otherwise, messenger.name))
            for member in members:
                await introduce_member(messenger, texts, offer, member)
        except MessengerError as error:
            log.warning("%s was not told the commands: %s", messenger.name, type(error).__name__)
            if pause is not None:
                await asyncio.sleep(max(pause, error.seconds) if isinstance(error, RetryLater) else pause)
        else:
            return True
    return False


async def introduce_member(messenger: Messenger, texts: Texts, offer: Offer, member: TeamChat) -> None:
    """Set one chat's menu, the team's commands first; a chat that refuses is logged and does not stop the others."""
    listed = menu(texts, member.language, (*member.may, *offer.everybody))
    try:
        await messenger.introduce({None: listed}, {}, member.chat)
    except RetryLater:
        raise
    except MessengerError as error:
        log.info("a chat was not told its commands: %s", type(error).__name__)


def _known(texts: Texts) -> list[str]:
    return [tag for tag in texts.languages if len(tag) == _TWO_LETTERS and languages.base(tag) == tag]
