"""The inbox that the facilitators of a cohort share: one message that is edited in place, and replies through the bot.

The facilitator who takes a conversation answers it; nobody else can meanwhile, unless they take it over. What is
opened does not stay in the chat: the page is blanked, and media that was played is removed (`page_expiry`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Pager, Screen
from bot.messengers.port import Keyboard
from bot.participant import meant_words
from bot.participant.team_message import piece_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.rendering.texts import pages, shorten
from bot.services import automatic_notes, promises, replies
from bot.services.permissions import FACILITATORS, may_see
from bot.services.refusals import ActRefused, NotAllRead, TakenByAnother
from bot.team.kit import newcomers, watched_phones
from bot.team.kit.answer_pages import HEADED
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.kit.page import TeamPage
from bot.team.messages import inbox, meant, reply_sending
from bot.team.messages.inbox import LAST, MAIL, MailPage
from bot.team.messages.reply_sending import WAYS
from dialogs.model import Choice, Media, Value
from dialogs.run import Answer
from dialogs.wording import plain_value
from storage.messages import MessageConversation
from storage.people import Person
from storage.unit import Unit

WIZARD = "reply"
PROMISING = "reply_promising"
"""The wizard that asks whether a reply goes although it promises something."""
PAGE = 365  # characters of a conversation on a page, below its heading
PLAYED = 3  # voice notes and photos on a page: each has a button


@dataclass(frozen=True, slots=True)
class MessagePage:
    """One page of a conversation: its text, and its voice notes and photos with the ids of their messages.

    `seq` is the number of the last message that ends on the page; 0 if none does.
    """

    text: str
    media: tuple[tuple[UUID, Media], ...] = ()
    seq: int = 0


class TakeOver(Argument):
    """A conversation that somebody else took, and whether taking it over is confirmed."""

    layout: ClassVar[str] = "{conversation}[.{sure:1}]"
    conversation: UUID
    sure: bool = False


MAIL_OPEN = Action(targets.MAIL_OPEN, FACILITATORS, (MailPage,))
MAIL_TAKE = Action("mail_take", FACILITATORS, (OfId,))
MAIL_OVER = Action("mail_over", FACILITATORS, (TakeOver,))
MAIL_FREE = Action("mail_free", FACILITATORS, (OfId,))
MAIL_REPLY = Action("mail_reply", FACILITATORS, (OfId,))
MAIL_WRITE = Action(targets.MAIL_WRITE, FACILITATORS, (OfId,))
MAIL_CLOSE = Action(targets.MAIL_CLOSE, FACILITATORS, (OfId,))
MAIL_UNDO = Action("mail_undo", FACILITATORS, (OfId,))
MAIL_PLAY = Action("mail_play", FACILITATORS, (OfId,))


class MessageScreens(Feature):
    """The screens of messages from participants, and the wizard that replies to them."""

    wizards: ClassVar = {WIZARD: MAIL_REPLY, PROMISING: MAIL_REPLY}

    @handles(MAIL)
    def mail(self, screen: Screen, argument: inbox.Listing) -> None:
        """Show the conversations that wait, or the closed ones."""
        inbox.show(TeamPage(self._turns, screen), argument)

    @handles(MAIL_OPEN)
    def open(self, screen: Screen, argument: MailPage) -> None:
        """Show a conversation."""
        team_page, found = self._about(screen, argument.conversation)
        if found is not None:
            self._show(team_page, found.id, None if argument.page == LAST else argument.page)

    @handles(MAIL_TAKE)
    def take(self, screen: Screen, argument: OfId) -> None:
        """Take a conversation; if somebody else has it, say so."""
        team_page, found = self._about(screen, argument.id)
        if found is None:
            return
        try:
            replies.take(team_page.unit, team_page.person, found)
        except TakenByAnother:
            self._taken_already(team_page, found)
        self._show(team_page, found.id)

    @handles(MAIL_OVER)
    def over(self, screen: Screen, argument: TakeOver) -> None:
        """Take a conversation over from somebody else, or ask for confirmation first."""
        team_page, found = self._about(screen, argument.conversation)
        if found is None:
            return
        if not argument.sure:
            self._ask_over(team_page, found)
            return
        self._take_over(team_page, found)
        self._show(team_page, found.id)

    @handles(MAIL_FREE)
    def free(self, screen: Screen, argument: OfId) -> None:
        """Give a conversation back that the facilitator took."""
        team_page, found = self._about(screen, argument.id)
        if found is not None:
            replies.let_go(team_page.unit, team_page.person, found)
            self._show(team_page, found.id)

    @handles(MAIL_REPLY)
    def reply(self, screen: Screen, argument: OfId) -> Next:
        """Begin a reply to a conversation."""
        team_page, found = self._about(screen, argument.id)
        return self._reply(team_page, found) if found is not None else None

    @handles(MAIL_CLOSE)
    def close(self, screen: Screen, argument: OfId) -> None:
        """Close a conversation; if somebody else has it, say so."""
        team_page, found = self._about(screen, argument.id)
        if found is None:
            return
        try:
            self._close(team_page, found)
        except TakenByAnother:
            self._taken_already(team_page, found)
            self._show(team_page, found.id)

    @handles(MAIL_UNDO)
    def undo(self, screen: Screen, argument: OfId) -> None:
        """Reopen a closed conversation."""
        team_page, found = self._about(screen, argument.id)
        if found is not None:
            replies.reopen(team_page.unit, team_page.person, found)
            self._show(team_page, found.id)

    def _about(self, screen: Screen, conversation_id: UUID) -> tuple[TeamPage, MessageConversation | None]:
        """Return the page, and the conversation or None; raises NotAllowed if the facilitator may not see it."""
        team_page = TeamPage(self._turns, screen)
        return team_page, self._found(team_page, conversation_id)

    def _found(self, team_page: TeamPage, conversation_id: UUID) -> MessageConversation | None:
        """Return a conversation, or None after saying that it is gone; raises NotAllowed if it may not be seen."""
        found = team_page.unit.messages.conversation(conversation_id)
        if found is not None and may_see(team_page.unit, team_page.person.id, found.cohort_id):
            return found
        if found is not None:
            team_page.refuse(MAIL.name)
        else:
            team_page.show(
                team_page.words("mail.gone"), rows(team_page.button("button.alerts", MAIL), team_page.menu())
            )
        return None

    def _taken_already(self, team_page: TeamPage, found: MessageConversation) -> None:
        """Put a line above the next screen that says who has the conversation."""
        present = team_page.unit.messages.conversation(found.id) or found
        team_page.lead = team_page.words("mail.taken_already", name=shorten(inbox.holder(team_page, present), HEADED))

    # One conversation's page.

    def _show(self, team_page: TeamPage, conversation_id: UUID, page: int | None = None) -> None:
        """Show a page of a conversation, the last by default, and record the reading."""
        found = team_page.unit.messages.conversation(conversation_id)
        if found is None:
            team_page.show(
                team_page.words("mail.gone"), rows(team_page.button("button.alerts", MAIL), team_page.menu())
            )
            return
        team_page.note("messages.read", found.id)
        seen = watched_phones.told(team_page.speech, found.person_id)
        written = self._pages(team_page, found, PAGE - watched_phones.beyond(seen))
        pager = Pager.of(len(written), 1, len(written) if page is None else page)
        turn = pager.turns(lambda code, number: team_page.button(code, MAIL_OPEN, MailPage(found.id, number)))
        shown = written[pager.page]
        team_page.unit.readings.hear(team_page.person.id, found.id, found.person_id, shown.seq)
        plays = [
            team_page.button("button.play" if piece.kind == "voice" else "button.show", MAIL_PLAY, OfId(message_id))
            for message_id, piece in shown.media
        ]
        last = (team_page.button("button.alerts", MAIL), team_page.menu())
        said = meant.ways(team_page, team_page.unit.messages.said(found))
        keyboard = turn + rows(*plays) + self._ways(team_page, found) + rows(*said) + (last,)
        cohort = team_page.unit.cohorts.get(found.cohort_id) if found.cohort_id else None
        state = team_page.words(f"mail.state.{found.state}", name=shorten(inbox.holder(team_page, found), HEADED))
        named = (shorten(name, HEADED) for name in (team_page.called(found.person_id), cohort.name if cohort else ""))
        heading = " · ".join(filter(None, (*named, state)))
        writer = team_page.unit.people.get(found.person_id)
        new = newcomers.told(self._turns, team_page.speech, writer)
        team_page.show("\n\n".join(filter(None, (team_page.lead, heading, new, seen, shown.text))), keyboard)

    def _ways(self, team_page: TeamPage, found: MessageConversation) -> Keyboard:
        """Return the buttons for what the facilitator can do with a conversation now."""
        this = OfId(found.id)
        reply = team_page.button("button.mail_reply", MAIL_REPLY, this)
        close = team_page.button("button.mail_close", MAIL_CLOSE, this)
        if found.state == "closed":
            return ((team_page.button("button.mail_undo", MAIL_UNDO, this),),)
        if found.taken_by == team_page.person.id:
            return (reply,), (close, team_page.button("button.mail_free", MAIL_FREE, this))
        if not replies.is_free(team_page.unit, team_page.person, found):
            return ((team_page.button("button.mail_over", MAIL_OVER, TakeOver(found.id)),),)
        return (team_page.button("button.mail_take", MAIL_TAKE, this),), (reply, close)

    def _pages(self, team_page: TeamPage, found: MessageConversation, most: int) -> list[MessagePage]:
        """Return a conversation split into pages that fit a phone, each of so many characters at most."""
        written: list[MessagePage] = []
        texts, language = team_page.speech.texts, team_page.speech.language
        messages = team_page.unit.messages.said(found)
        about = team_page.unit.decisions.said_to([each.id for each in messages])
        for message in messages:
            piece = piece_of(team_page.unit, message)
            body = automatic_notes.in_words(texts, language, message.body)
            body = team_page.words("damaged.said") if message.damaged else body
            refused = meant_words.told(self._turns, team_page.speech, message.cohort_id, message.meant)
            to = team_page.words("mail.about_decision") if message.id in about else refused
            told = "\n".join(filter(None, (to, team_page.speech.media_words(piece) if piece else "", body)))
            if message.direction == "from_team":
                who = team_page.words("mail.from_team", name=team_page.called(message.written_by))
            else:
                who = team_page.called(message.person_id)
            text = f"{who}, {team_page.day(message.at)}:\n{told or team_page.words('mail.support')}"
            for number, part in enumerate(pages(text, most)):
                media = ((message.id, piece),) if piece and not number else ()
                before = written[-1] if written else None
                fits = before is not None and len(before.text) + len(part) + 2 <= most
                if before is not None and fits and len(before.media) + len(media) <= PLAYED:
                    written[-1] = MessagePage(f"{before.text}\n\n{part}", before.media + media, before.seq)
                else:
                    written.append(MessagePage(part, media))
            written[-1] = replace(written[-1], seq=message.seq)
        return written or [MessagePage("")]

    def _close(self, team_page: TeamPage, found: MessageConversation) -> None:
        """Close a conversation; if messages came since it was shown, show those instead."""
        try:
            replies.close(team_page.unit, team_page.person, found)
        except NotAllRead:
            team_page.lead = team_page.words("mail.more")
            self._show(team_page, found.id)
            return
        undo = team_page.button("button.mail_undo", MAIL_UNDO, OfId(found.id))
        team_page.lead = team_page.words("mail.closed.done", name=team_page.called(found.person_id))
        inbox.show_waiting(team_page, undo=(undo,))

    def _ask_over(self, team_page: TeamPage, found: MessageConversation) -> None:
        """Ask for confirmation before a conversation is taken over."""
        yes = team_page.button("button.mail_over_sure", MAIL_OVER, TakeOver(found.id, sure=True))
        keyboard = rows(yes, team_page.button("button.return", MAIL_OPEN, MailPage(found.id)), team_page.menu())
        team_page.show(team_page.words("mail.over", name=inbox.holder(team_page, found)), keyboard)

    def _take_over(self, team_page: TeamPage, found: MessageConversation) -> None:
        """Take a conversation over, and tell the facilitator who had it."""
        other = replies.take_over(team_page.unit, team_page.person, found)
        holder = team_page.unit.people.get(other) if other else None
        if holder is not None and holder.chat is not None:
            there = self._turns.speech(team_page.unit, holder)
            there.say(
                "mail.over.told",
                rows(there.button("button.alerts", MAIL)),
                name=team_page.called(team_page.person.id),
            )

    @handles(MAIL_PLAY)
    def play(self, screen: Screen, argument: OfId) -> None:
        """Play a voice note or show a photo of a conversation; raises NotAllowed if it may not be seen."""
        team_page = TeamPage(self._turns, screen)
        message = team_page.unit.messages.get(argument.id)
        piece = piece_of(team_page.unit, message) if message else None
        if message is None or piece is None:
            team_page.speech.say("mail.gone", rows(team_page.speech.button("button.alerts", MAIL)))
        elif message.direction == "held" or not may_see(team_page.unit, team_page.person.id, message.cohort_id):
            team_page.refuse(MAIL.name)
        else:
            team_page.note("messages.played", message.conversation)
            team_page.play(piece, message.conversation)

    # Replying.

    def _reply(self, team_page: TeamPage, found: MessageConversation) -> Next:
        """Begin a reply and take the conversation with it, so that two facilitators do not both reply."""
        try:
            replies.take(team_page.unit, team_page.person, found)
        except TakenByAnother:
            self._taken_already(team_page, found)
            self._show(team_page, found.id)
            return None
        heard = str(team_page.unit.readings.heard(team_page.person.id, found.id))
        return self._begin(team_page, {"person": found.person_id.hex, "top": found.id.hex, "heard": heard})

    @handles(MAIL_WRITE)
    def write_to(self, screen: Screen, argument: OfId) -> Next:
        """Begin a message to a participant; it replies to their conversation if one is going on."""
        team_page, leader_id = TeamPage(self._turns, screen), argument.id
        cohort_id = next(
            (
                each
                for each in team_page.unit.memberships.of(leader_id)
                if may_see(team_page.unit, team_page.person.id, each)
            ),
            None,
        )
        if cohort_id is None:
            team_page.refuse(MAIL.name)
        top = team_page.unit.messages.going_on(leader_id, cohort_id)
        found = team_page.unit.messages.conversation(top) if top else None
        if found is not None:
            return self._reply(team_page, found)
        return self._begin(team_page, {"person": leader_id.hex, "cohort": cohort_id.hex})

    def _begin(self, team_page: TeamPage, task: Mapping[str, str]) -> Next:
        try:
            replies.require_reachable(team_page.unit.people.get(UUID(task["person"])))
        except ActRefused as refusal:
            code = reply_sending.NOT_SENT[type(refusal)]
            team_page.show(team_page.words(code), rows(team_page.button("button.alerts", MAIL), team_page.menu()))
            return None
        return Begin(WIZARD, task)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  no answer changes them
        """Return the name of the participant who is written to, and what the reply promises."""
        task = self.task(person)
        leader = unit.people.get(UUID(task["person"])) if task.get("person") else None
        speech = self._turns.speech(unit, person)
        seen = watched_phones.told(speech, leader.id) if leader else ""
        return {
            "reply_name": speech.mentioned(leader) if leader else "",
            # Looked at anew when it is asked whether it goes: it may have changed while the reply was written.
            "reply_phone": f"{seen}\n\n" if seen else "",
            "reply_promises": str(task.get("promised") or ""),
        }

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return the names under which a reply can be sent, the last chosen one first."""
        if name != "reply_ways":
            return super().choices(unit, person, language, name, answers)
        say = self._turns.texts.say
        ways = [Choice("team", {language: say("mail.way.team", language)})]
        if person.nickname:
            signed = Choice(
                "signed", {language: say("mail.way.signed", language, name=shorten(person.nickname, inbox.NAME))}
            )
            ways.insert(0 if person.preferences.get(reply_sending.SIGNED) else 1, signed)
        return [*ways, Choice("cancel", {language: say("mail.way.cancel", language)})]

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Send the reply as chosen, or drop it; ask first where it promises what nobody can hold."""
        task = self.task(screen.person)
        if done.wizard == PROMISING:
            return self._decided(screen, task, str(done.values.get("way") or ""))
        way, said = str(done.values.get("way") or ""), done.values.get("words")
        found = promises.words(plain_value(said)) if way in WAYS else []
        if found:
            named = promises.quoted(self._turns.texts, screen.speech.language, found)
            return Begin(PROMISING, {**task, "way": way, "written": done.row.id.hex, "promised": named})
        reply_sending.finish(self._turns, screen, reply_sending.WrittenReply(done.row, task, said, way))
        return None

    def _decided(self, screen: Screen, task: Mapping[str, str], choice: str) -> Next:
        """Send a reply that promises something, let it be written anew, or drop it."""
        unit, person = screen.unit, screen.person
        row = unit.runs.get(UUID(task["written"]), person) if task.get("written") else None
        if row is None:
            screen.speech.say("mail.not_sent", rows(screen.speech.button("button.menu", targets.HOME)))
            return None
        if choice == "change":
            reply_sending.forget(unit, person, row)
            return Begin(WIZARD, {key: task[key] for key in task if key not in {"way", "written", "promised"}})
        answer = self._turns.answers(unit, person, row).get("words")
        way = task["way"] if choice == "send" and answer is not None else ""
        said = answer.value if answer is not None else None
        reply_sending.finish(self._turns, screen, reply_sending.WrittenReply(row, task, said, way))
        return None
