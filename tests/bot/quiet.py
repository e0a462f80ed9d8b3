"""A messenger that does not ring, beside the one that does: for whoever has only a page."""

from dataclasses import dataclass, field, replace
from typing import Any

from bot.messengers._telegram import CAPABILITIES as TELEGRAM
from bot.messengers.port import Kind
from bot.messengers.registry import MESSENGERS, KnownMessenger
from tests.bot.phone import Phone
from tests.bot.rig import SIERRA, Rig
from tests.memory import MemoryMessenger

QUIET = "quiet"


@dataclass(slots=True)
class WithPage(MemoryMessenger):
    """The messenger in memory; what comes from some chats comes by one that does not ring."""

    pages: set[str] = field(default_factory=set)

    def _arrive(self, chat: str, kind: Kind, **fields: Any) -> None:
        MemoryMessenger._arrive(self, chat, kind, **fields)
        number = max(self._updates)
        if chat in self.pages:
            self._updates[number] = replace(self._updates[number], messenger=QUIET)

    @staticmethod
    def known() -> KnownMessenger:
        """What the quiet one can do."""
        return KnownMessenger(replace(TELEGRAM, name=QUIET, rings=False, join_link="", record="", title=""))


def with_page(hilo: Rig) -> WithPage:
    """Let the rig's phones be on either; those that are on the quiet one are added to `pages`."""
    MESSENGERS.add(WithPage.known())
    messenger = WithPage()
    hilo.messenger = messenger
    hilo.loops()
    return messenger


def join_by_page(
    hilo: Rig, messenger: WithPage, nickname: str, language: str = "Español", cohort: str = SIERRA
) -> Phone:
    """Let a leader come in who has only the page: by invite, language, yes and nickname."""
    phone = hilo.phone()
    messenger.pages.add(phone.chat)
    phone.say(f"/start {hilo.invite(cohort=cohort)}")
    phone.say(language)
    phone.press("Sí, quiero participar" if language == "Español" else "Yes, I want to take part")
    phone.say(nickname)
    phone.look()
    return phone
