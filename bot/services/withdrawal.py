"""What goes with a role that has ended or rests: one function for the chat and the terminal.

Permissions are looked up at every press, so nothing more can be opened. This closes what is open already: a running bot
sends the edits and removals within a second or two, whichever process wrote them.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.rendering.speech import NOTICE, PAGE, PANEL
from bot.services import exports, reading_pages
from bot.services.acts import ConversationPort
from bot.services.chat_cleanup import tidy
from bot.services.permissions import reads, works_here
from storage.people import Person
from storage.unit import Unit

GIVEN_BACK: Final = timedelta(hours=24)
"""How long ago an alert was taken that goes back to the others; whoever took it before has had a day for it."""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What somebody had taken and goes back to the others: how many alerts, and how many conversations."""

    alerts: int = 0
    messages: int = 0


def close(unit: Unit, conversation: ConversationPort, person: Person, *, chats: bool = True) -> GivenBack:
    """Close what somebody has open of the team's, after a role of theirs has ended or begun to rest.

    Pages with answers are blanked, voice notes and photos removed, and panels out of their reach. Whoever reads nothing
    any more gives back what they had taken, and files of answers that they may not have any more are deleted. Whoever
    has no role left, and takes part in nothing or rests, keeps nothing of Hilo's in their chats, as far back as a
    messenger allows; not with `chats` False: they are reading there.
    """
    present = unit.people.known(person.id)
    exports.withdraw(unit, present)
    reading_pages.close_for_good(conversation, unit, present)
    back = GivenBack()
    if not reads(unit, person.id):
        back = GivenBack(unit.alerts.left_all(person.id, unit.now - GIVEN_BACK), unit.messages.let_go_all(person.id))
    if not unit.roles.of(person.id):
        unit.outbox.hush(present, {NOTICE, PAGE, PANEL})
        if chats and (works_here(unit, person.id) or not unit.memberships.of(person.id)):
            for _, messenger, chat in unit.addresses.of(present):
                tidy(replace(conversation.speech(unit, present), messenger=messenger, chat=chat))
    return back


def close_browsers(unit: Unit, person: Person) -> None:
    """Close a person's web chat in every browser, and revoke all links to it."""
    for _, _, chat in unit.addresses.of(person):
        unit.web_sessions.close_all(chat)  # an address elsewhere has no browser to close
    unit.web_links.revoke_all(person.id)
