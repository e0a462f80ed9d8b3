"""The menu of commands and what the bot tells of itself: in each language, within limits, and only what works."""

import asyncio

import pytest

from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.port import Commands, Descriptions, Messenger, MessengerError, Rejected, RetryLater
from bot.messengers.ptb import PtbMessenger
from bot.pipeline.screens import offer
from bot.pipeline.team_menus import TeamMenus
from bot.rendering.commands import parse
from bot.services import introduction
from tests.bot.actions import COMMANDS
from tests.bot.rig import Rig, texts
from tests.double import Double
from tests.double.fixture import double
from tests.memory import MemoryMessenger

__all__ = ["double"]

LANGUAGES = ("es", "en")
OFFER = offer()
CODES = (*OFFER.everybody, *(code for code, _ in OFFER.team))


class Refusing(MemoryMessenger):
    """A messenger that takes no introduction, of any chat or of one."""

    def __init__(self, error: MessengerError, chat: str | None) -> None:
        super().__init__()
        self.error = error
        self.only = chat

    async def introduce(self, commands: Commands, descriptions: Descriptions, chat: str | None = None) -> None:
        """Refuse."""
        if chat == self.only:
            raise self.error
        await super().introduce(commands, descriptions, chat)


def test_every_command_in_the_menu_does_what_it_says() -> None:
    """What the menu offers in a language is known, and asks for the same in both."""
    spanish, english = (introduction.menu(texts(), tag, OFFER.everybody) for tag in LANGUAGES)
    assert len(spanish) == len(english) >= 8
    for (name, _), (other, _) in zip(spanish, english, strict=True):
        asked, known = parse(f"/{name}"), parse(f"/{other}")
        assert asked == known
        assert name in COMMANDS
    assert [name for name, _ in spanish[:2]] == ["menu", "apoyo"]


@pytest.mark.parametrize("language", ["es", "es-usted", "en"])
def test_commands_and_words_are_within_telegrams_limits(language: str) -> None:
    """Names are small letters without accents, and nothing is longer than Telegram takes."""
    for code in CODES:
        name = texts().say(f"command.{code}.name", language)
        assert name.isascii()
        assert name.isalpha()
        assert name == name.lower()
        assert 1 <= len(texts().say(f"command.{code}", language)) <= 60
    assert len(texts().say("intro.short", language)) <= 120
    assert len(texts().say("intro.long.telegram", language)) <= 512


def test_any_other_language_gets_the_organisations_own() -> None:
    """An app in a language without words shows the first language of the organisation."""
    for otherwise in LANGUAGES:
        commands = introduction.commands(texts(), OFFER, otherwise)
        assert set(commands) == {None, "es", "en"}
        assert commands[None] == commands[otherwise]
        told = introduction.descriptions(texts(), otherwise)
        assert told[None] == told[otherwise]
        assert told["es"] != told["en"]


def test_the_team_has_its_commands_in_its_own_chats(hilo: Rig) -> None:
    """A facilitator's chat offers what her role allows, in her language, before a leader's commands; no other does."""
    ana = hilo.facilitator(language="en")
    leader = hilo.join()
    with hilo.reading() as unit:
        members = introduction.team(unit, "memory", OFFER)
        assert introduction.team(unit, "telegram", OFFER) == []
    assert [member.chat for member in members] == [ana.chat]
    assert asyncio.run(introduction.introduce(hilo.messenger, texts(), OFFER, members))
    offered = hilo.messenger.menus[ana.chat, None]
    assert offered[:3] == ["ask", "progress", "read"]
    assert "support" in offered
    assert (leader.chat, None) not in hilo.messenger.menus
    assert "leer" not in hilo.messenger.menus[None, "es"]


@pytest.mark.parametrize("error", [Rejected("no"), RetryLater(5, everyone=True)])
def test_a_messenger_that_takes_no_introduction_stops_nothing(error: MessengerError) -> None:
    """It is a courtesy: a start goes on without it."""
    assert not asyncio.run(introduction.introduce(Refusing(error, None), texts(), OFFER))


@pytest.mark.parametrize("client", [PtbMessenger, AiogramMessenger])
def test_what_telegram_put_off_is_told_later(double: Double, client: type[PtbMessenger | AiogramMessenger]) -> None:
    """Telegram lets a bot change what it tells of itself only so often: after its pause all of it is told."""
    double.refuse("setMyDescription", retry_after=1)
    double.lose("setMyCommands")

    async def whole() -> bool:
        messenger: Messenger = client(double.token, double.url)
        try:
            return await introduction.introduce(messenger, texts(), OFFER, again=(0.01, 0.01))
        finally:
            await messenger.close()

    assert asyncio.run(whole())
    assert double.account.profile["description:en"] == texts().say("intro.long.telegram", "en")
    told, waited = (call.at for call in double.calls("setMyDescription")[:2])
    assert waited - told >= 1


def test_a_chat_that_takes_no_menu_keeps_no_other_from_its_own() -> None:
    """Whoever of the team blocked the bot costs the others nothing."""
    members = [introduction.TeamChat(chat, "es", ("read",)) for chat in ("1", "2")]
    refusing = Refusing(Rejected("blocked"), "1")
    assert asyncio.run(introduction.introduce(refusing, texts(), OFFER, members))
    assert refusing.menus["2", None][0] == "leer"


@pytest.mark.parametrize("client", [PtbMessenger, AiogramMessenger])
def test_telegram_takes_the_whole_introduction(double: Double, client: type[PtbMessenger | AiogramMessenger]) -> None:
    """Every command, description and language of ours is one Telegram accepts."""
    user = double.user()
    user.start()

    async def whole() -> bool:
        messenger: Messenger = client(double.token, double.url)
        member = introduction.TeamChat(str(user.id), "es-usted", [code for code, _ in OFFER.team])
        try:
            return await introduction.introduce(messenger, texts(), OFFER, [member])
        finally:
            await messenger.close()

    assert asyncio.run(whole())
    profile = double.account.profile
    assert {"commands@all_private_chats", "commands@all_private_chats:es", "commands@all_private_chats:en"} < set(
        profile
    )
    assert profile[f"commands@chat={user.id}"][0]["command"] == "preguntar"
    assert profile["description:en"] == texts().say("intro.long.telegram", "en")


def test_a_role_given_or_taken_changes_the_menu_at_once(hilo: Rig) -> None:
    """Within seconds, not at the next start; what a messenger refuses for a moment is told at the next look."""
    root, ana = hilo.facilitator(nickname="Raíz", cohort=None, role="admin"), hilo.facilitator(nickname="Ana")
    messenger = Refusing(RetryLater(5, everyone=True), None)
    menus = TeamMenus(hilo.workers, texts(), {"memory": messenger}, OFFER)
    hilo.run(menus.look())
    assert messenger.menus == {}  # the introduction at the start tells it
    eva = hilo.facilitator(nickname="Eva")
    hilo.run(menus.look())
    assert set(messenger.menus) == {(eva.chat, None)}
    root.say("/personas")
    root.press(texts().say("button.people_groups", "es"))
    root.press(texts().say("button.people_roles", "es"))
    root.press("Ana · Facilitar, Sierra Norte")
    messenger.only = ana.chat
    root.press(texts().say("button.role_end", "es"))
    root.press(texts().say("button.role_end_sure", "es"))
    with pytest.raises(RetryLater):
        hilo.run(menus.look())
    messenger.only = "nobody"
    hilo.run(menus.look())

    menu = messenger.menus[ana.chat, None]
    assert menu == [word for word, _ in introduction.menu(texts(), "es", OFFER.everybody)]
    assert "leer" not in menu
    assert (root.chat, None) not in messenger.menus
