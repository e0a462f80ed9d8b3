"""How the bot introduces itself to a messenger: its menu of commands, and what it says before a chat begins.

Leaders' commands stand in every private chat, in the language of the app; whoever is of the team has hers besides, in
her own chat alone. A courtesy at start: whatever goes wrong, the bot runs without it.
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
_TWO_LETTERS: Final = 2  # messengers know languages of two letters


@dataclass(frozen=True, slots=True)
class Offer:
    """The commands that are offered, by their codes, in their order.

    `command.<code>` tells what one does, `command.<code>.name` how it is typed.

    Attributes:
        everybody: those that everybody has.
        team: those that the team has before them, each with its permission.
    """

    everybody: Sequence[str]
    team: Sequence[tuple[str, Permission]]


@dataclass(frozen=True, slots=True)
class TeamChat:
    """Someone of the team at one chat: the language, and the codes of the team's commands that the roles allow."""

    chat: str
    language: str
    may: Sequence[str]


def menu(texts: Texts, language: str, codes: Sequence[str]) -> list[tuple[str, str]]:
    """List commands as they are typed in a language, with what each one does."""
    return [(texts.say(f"command.{code}.name", language), texts.say(f"command.{code}", language)) for code in codes]


def commands(texts: Texts, offer: Offer, otherwise: str = languages.DEFAULT) -> Commands:
    """Return everybody's menu in every language, and for any other app's language the one of `otherwise`."""
    spoken: dict[str | None, Sequence[tuple[str, str]]] = {
        tag: menu(texts, tag, offer.everybody) for tag in _known(texts)
    }
    return {None: menu(texts, otherwise, offer.everybody)} | spoken


def descriptions(texts: Texts, otherwise: str = languages.DEFAULT, messenger: str = "") -> Descriptions:
    """Return what the bot tells of itself on a messenger, by language as in `commands`."""
    own = registry.of(messenger).own_words
    wanted: dict[str | None, str] = {None: otherwise, **{tag: tag for tag in _known(texts)}}
    return {key: (texts.say("intro.short", tag), texts.own("intro.long", own, tag)) for key, tag in wanted.items()}


def team(unit: Unit, messenger: str, offer: Offer) -> list[TeamChat]:
    """List whoever may read, at every chat on a messenger."""
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
    """Tell the messenger everything; True when all of it was taken. Never raises.

    `again`: seconds to wait before each further try, or longer where the messenger asks for it.
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
    """Put the team's commands before everybody's in one chat. One chat that refuses is no trouble for others."""
    listed = menu(texts, member.language, (*member.may, *offer.everybody))
    try:
        await messenger.introduce({None: listed}, {}, member.chat)
    except RetryLater:
        raise
    except MessengerError as error:
        log.info("a chat was not told its commands: %s", type(error).__name__)


def _known(texts: Texts) -> list[str]:
    return [tag for tag in texts.languages if len(tag) == _TWO_LETTERS and languages.base(tag) == tag]
