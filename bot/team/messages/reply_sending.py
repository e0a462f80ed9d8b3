"""Sending what one of the team wrote to a participant, and what is said then; the wizard's run keeps nothing of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers import registry
from bot.participant.team_message import tell
from bot.rendering import targets
from bot.rendering.speech import media_of, rows
from bot.services import replies, reply_hours
from bot.services.refusals import ActRefused, HasLeft, NotAllowed, NotFound, TakenByAnother
from bot.services.replies import TeamMessage
from bot.team.kit.arguments import OfId
from bot.team.messages import told_by_hand
from bot.team.messages.inbox import MAIL, MailPage
from dialogs.model import Media, Value
from dialogs.run import Run
from storage.erasure import erase_answer
from storage.messages import Message
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

SIGNED: Final = "reply_signed"
"""The preference that says whether the last reply was signed."""
WAYS: Final = frozenset({"team", "signed"})
NOT_SENT: Final[Mapping[type[ActRefused], str]] = {
    NotFound: "mail.nowhere",
    HasLeft: "mail.left",
    NotAllowed: "staff.not_allowed",
    TakenByAnother: "mail.taken_over",
}
"""The code to say for each refusal to send."""


@dataclass(frozen=True, slots=True)
class WrittenReply:
    """A reply as it was written.

    Attributes:
        row: the run of the wizard in which it was written.
        task: to whom, and in which conversation.
        said: words, voice notes and photos.
        way: one of `WAYS`; anything else sends nothing.
    """

    row: RunRow
    task: Mapping[str, str]
    said: Value | None
    way: str


def finish(turns: Turns, screen: Screen, reply: WrittenReply) -> None:
    """Send a reply as it was chosen, or drop it, and say so."""
    unit, person, speech = screen.unit, screen.person, screen.speech
    keyboard = rows(screen.button("button.alerts", MAIL), screen.menu())
    if reply.way not in WAYS:
        forget(unit, person, reply.row)
        speech.say("mail.not_sent", keyboard)
        return
    signed = reply.way == "signed"
    person = unit.people.prefer(person, **{SIGNED: signed})
    refusal = _send(turns, unit, person, reply.task, reply.said, signed=signed)
    forget(unit, person, reply.row, keeping=() if refusal else media_of(reply.said))
    if refusal:
        speech.say(refusal, keyboard)
        return
    leader = unit.people.known(UUID(reply.task["person"]))
    found = unit.messages.conversation(UUID(reply.task["top"])) if reply.task.get("top") else None
    waits = reply_hours.waiting(turns.organisation, unit, leader)
    if waits is None:
        lines = [speech.words("mail.sent", name=speech.mentioned(leader))]
    else:
        zone = turns.organisation.zone(unit, leader)
        when = turns.organisation.moment(speech, zone, waits)
        lines = [speech.words("mail.waits", name=speech.mentioned(leader), when=when)]
    if not registry.of(leader.messenger or "").rings:
        lines.append(speech.words("mail.sent.page"))
    if found is not None and found.state != "answered":
        lines.append(speech.words("mail.more"))
        keyboard = rows(screen.button("button.alert_message", targets.MAIL_OPEN, MailPage(found.id))) + keyboard
    elif found is not None:
        close = screen.button("button.mail_close", targets.MAIL_CLOSE, OfId(found.id))
        keyboard = rows(close) + keyboard
    if waits is not None:
        keyboard = rows(screen.button("button.mail_now", targets.MAIL_NOW, OfId(leader.id))) + keyboard
    speech.send("\n\n".join(lines), keyboard)
    told_by_hand.told_after_writing(screen, turns.site, leader.id)


def forget(unit: Unit, person: Person, row: RunRow, keeping: Sequence[Media] = ()) -> None:
    """Delete a reply from the wizard's run: what is about a participant is kept and erased with their own data.

    A later edit of the facilitator's words then corrects nothing: what was sent stays as it was.
    """
    if keeping:
        unit.answers.drop(row.id, "words")
    else:
        erase_answer(unit, person, row.id, "words")
    present = unit.runs.get(row.id, person)
    if present is not None:
        run = replace(Run.restore(present.state, {}), sources=(), draft=())
        unit.runs.remember(row.id, person, run.state())


def _send(
    turns: Turns, unit: Unit, person: Person, task: Mapping[str, str], said: Value | None, *, signed: bool
) -> str | None:
    """Send the message to the participant; return None, or the code that says why it was not sent."""
    message = TeamMessage(
        UUID(task["person"]),
        said,
        UUID(task["top"]) if task.get("top") else None,
        UUID(task["cohort"]) if task.get("cohort") else None,
        int(task.get("heard") or 0),  # the last message that was shown before the reply was begun
        signed,
    )

    def told(to: Person, added: Message) -> None:
        held = reply_hours.waiting(turns.organisation, unit, to)
        tell(replace(turns.speech(unit, to), held=held), added)

    try:
        replies.send(unit, told, person, message)
    except ActRefused as refusal:
        return NOT_SENT[type(refusal)]
    return None
