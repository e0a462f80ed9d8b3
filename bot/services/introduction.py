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
from bot.rendering.commands import COMMANDS
from bot.rendering.texts import MissingText, Texts
from bot.services.permissions import allowed
from dialogs import languages
from storage.unit import Unit

log = logging.getLogger(__name__)

# In the order of the menu, by their codes: `command.<code>` tells what one does, `command.<code>.name` how it is typed.
LEADERS: Final = (
    "menu",
    "support",
    "why",
    "who",
    "mydata",
    "agreement",
    "pause",
    "resume",
    "team",
    "language",
    "hours",
    "voice",
    "erase",
    "leave",
    "help",
)
TEAM: Final = (
    "ask",
    "progress",
    "read",
    "messages",
    "people",
    "invite",
    "library",
    "halt",
    "export",
    "status",
)
AGAIN: Final = (60.0, 600.0, 3600.0)  # seconds
_TWO_LETTERS: Final = 2  # messengers know languages of two letters


@dataclass(frozen=True, slots=True)
class Member:
    """Someone of the team at one chat: her language, and the actions her roles allow."""

    chat: str
    language: str
    may: frozenset[str]


def menu(texts: Texts, language: str, codes: Sequence[str] = LEADERS) -> list[tuple[str, str]]:
    """List commands as they are typed in a language, with what each one does; what does nothing yet is left out."""
    offered = []
    for code in codes:
        try:
            name, told = texts.say(f"command.{code}.name", language), texts.say(f"command.{code}", language)
        except MissingText:
            continue
        if name in COMMANDS:
            offered.append((name, told))
    return offered


def commands(texts: Texts, otherwise: str = languages.DEFAULT) -> Commands:
    """Return the leaders' menu in every language, and for any other app's language the one of `otherwise`."""
    spoken: dict[str | None, Sequence[tuple[str, str]]] = {tag: menu(texts, tag) for tag in _known(texts)}
    return {None: menu(texts, otherwise)} | spoken


def descriptions(texts: Texts, otherwise: str = languages.DEFAULT, messenger: str = "") -> Descriptions:
    """Return what the bot tells of itself on a messenger, by language as in `commands`."""
    own = registry.of(messenger).own_words
    wanted: dict[str | None, str] = {None: otherwise, **{tag: tag for tag in _known(texts)}}
    return {key: (texts.say("intro.short", tag), texts.own("intro.long", own, tag)) for key, tag in wanted.items()}


def team(unit: Unit, messenger: str) -> list[Member]:
    """List whoever may read, at every chat of hers on a messenger."""
    found = []
    for person_id in unit.roles.who_reads():
        person = unit.people.get(person_id)
        if person is None:
            continue
        may = frozenset(action for action in COMMANDS.values() if allowed(unit, person, action))
        found += [
            Member(chat, language_of(person), may) for _, where, chat in unit.addresses.of(person) if where == messenger
        ]
    return found


async def introduce(
    messenger: Messenger,
    texts: Texts,
    members: Sequence[Member] = (),
    otherwise: str = languages.DEFAULT,
    again: Sequence[float] = (),
) -> bool:
    """Tell the messenger everything; True when all of it was taken. Never raises.

    `again`: seconds to wait before each further try, or longer where the messenger asks for it.
    """
    for pause in (*again, None):
        try:
            await messenger.introduce(commands(texts, otherwise), descriptions(texts, otherwise, messenger.name))
            for member in members:
                await introduce_member(messenger, texts, member)
        except MessengerError as error:
            log.warning("%s was not told the commands: %s", messenger.name, type(error).__name__)
            if pause is not None:
                await asyncio.sleep(max(pause, error.seconds) if isinstance(error, RetryLater) else pause)
        else:
            return True
    return False


async def introduce_member(messenger: Messenger, texts: Texts, member: Member) -> None:
    """Put the team's commands before the leaders' in one chat. One chat that refuses is no trouble for others."""
    hers = [(name, told) for name, told in menu(texts, member.language, TEAM) if COMMANDS[name] in member.may]
    try:
        await messenger.introduce({None: [*hers, *menu(texts, member.language)]}, {}, member.chat)
    except RetryLater:
        raise
    except MessengerError as error:
        log.info("a chat was not told its commands: %s", type(error).__name__)


def _known(texts: Texts) -> list[str]:
    return [tag for tag in texts.languages if len(tag) == _TWO_LETTERS and languages.base(tag) == tag]
