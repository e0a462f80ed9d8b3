"""Words of danger that were said: what it was, the organisation's own protocol beside it, and who sees to it."""

import json
from contextlib import suppress

from bot.conversation.actions import Action, Place, handles
from bot.conversation.screen import Pager, Screen
from bot.messengers.port import Button
from bot.participant.team_message_view import piece_of
from bot.rendering import targets
from bot.rendering.arguments import Page
from bot.rendering.speech import media_of, rows
from bot.rendering.texts import shorten
from bot.services import alerts as alert_acts
from bot.services.notices import OneAlert
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed, may_see
from bot.services.refusals import AlreadyDone
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Part
from bot.team.kit.page import Desk
from dialogs import wording
from dialogs.model import Media
from dialogs.run import Answer
from storage.alerts import Alert

SHOWN = 5
NAME = 18  # characters of a name on a button
SAID = 500  # characters of what was said: with the protocol beside it, still one screen
ASKED = 150
PROTOCOL = 250


ALERT = Action(targets.ALERT, FACILITATORS, (Page, OneAlert), commands=("alerts",), menu=Place("more", 1))


class Alerts(Part):
    """Alerts, until somebody says that she sees to them."""

    @handles(ALERT)
    def alert(self, screen: Screen, argument: Page | OneAlert) -> None:
        """Open an alert, play what it is about, see to it or not, or list a page."""
        desk = Desk(self._turns, screen)
        if isinstance(argument, Page):
            self._list(desk, argument.page)
            return
        kind, alert = argument.step, desk.unit.alerts.get(argument.alert)
        if alert is None:
            desk.show(desk.words("alert.gone"), rows(desk.button("button.alerts", ALERT), desk.menu()))
        elif not may_see(desk.unit, desk.person.id, alert.cohort_id):
            desk.refuse(ALERT.name)
        elif kind == "m":
            self._mine(desk, alert)
        elif kind == "l":
            self._left(desk, alert)
        elif kind == "p" and (piece := self._said(desk, alert)[1]) is not None:
            desk.play(piece, alert.id)
        else:
            self._open(desk, alert)

    def _list(self, desk: Desk, page: int) -> None:
        """List what nobody has seen to in her groups, the longest waiting first."""
        mine = [each for each in desk.unit.alerts.open() if may_see(desk.unit, desk.person.id, each.cohort_id)]
        pager = Pager.of(len(mine), SHOWN, page)
        buttons = [self._line(desk, each) for each in pager.cut(mine)]
        turn = pager.turns(lambda code, number: desk.button(code, ALERT, Page(number)))
        admin = [desk.button("button.danger", targets.DANGER)] if allowed(desk.unit, desk.person, ADMINS_OF_ALL) else []
        keyboard = rows(*buttons) + turn + rows(*admin, desk.menu())
        desk.show(desk.words("alert.list" if mine else "alert.none"), keyboard)

    def _line(self, desk: Desk, alert: Alert) -> Button:
        label = f"{shorten(desk.called(alert.person_id), NAME)} · {desk.day(alert.raised_at)}"
        return desk.labelled(label, ALERT, OneAlert("o", alert.id))

    def _open(self, desk: Desk, alert: Alert) -> None:
        """Show what was said and the protocol; that she read it is on record, and the notice is left as it is."""
        said, piece = self._said(desk, alert)
        seen = desk.words("alert.seen", name=desk.called(alert.seen_by)) if alert.seen_by else ""
        heading = " · ".join((desk.called(alert.person_id), desk.day(alert.raised_at)))
        protocol = self._turns.organisation.danger_protocol(desk.speech)
        told = desk.words("alert.protocol", text=shorten(protocol, PROTOCOL)) if protocol else ""
        keyboard = []
        if alert.seen_at is None:
            keyboard.append(desk.button("button.alert_mine", ALERT, OneAlert("m", alert.id)))
        elif alert.seen_by == desk.person.id:
            keyboard.append(desk.button("button.alert_left", ALERT, OneAlert("l", alert.id)))
        if piece is not None:
            code = "button.play" if piece.kind == "voice" else "button.show"
            keyboard.append(desk.button(code, ALERT, OneAlert("p", alert.id)))
        message = desk.unit.messages.get(alert.message_id) if alert.message_id else None
        if message is not None:
            keyboard.append(desk.button("button.alert_message", targets.MAIL_OPEN, OfId(message.conversation)))
        else:
            keyboard.append(desk.button("button.alert_write", targets.MAIL_WRITE, OfId(alert.person_id)))
        keyboard += [desk.button("button.alerts", ALERT), desk.menu()]
        desk.show("\n\n".join(filter(None, (desk.lead, heading, said, seen, told))), rows(*keyboard))

    def _said(self, desk: Desk, alert: Alert) -> tuple[str, Media | None]:
        """Write out what raised an alert, as it is now."""
        unit, speech = desk.unit, desk.speech
        desk.note("alerts.read", alert.id)
        person = unit.people.known(alert.person_id)
        if alert.message_id is not None:
            message = unit.messages.get(alert.message_id)
            if message is None:
                return desk.words("alert.erased"), None
            desk.note("messages.read", message.conversation)
            piece = piece_of(unit, message)
            body = desk.words("damaged.said") if message.damaged else shorten(message.body, SAID)
            told = (speech.media_words(piece) if piece else "", body)
            return "\n".join(filter(None, told)), piece
        row = unit.runs.read(alert.run_id, person) if alert.run_id else None
        found = unit.answers.of(row.id, person).get(alert.path or "") if row else None
        if row is not None and alert.path in unit.answers.damaged(row.id, person):
            return desk.words("damaged.said"), None
        if row is None or found is None:
            return desk.words("alert.erased"), None
        # She has read this one answer: whatever else was answered with it still waits to be read.
        desk.note("answers.read", row.id)
        answer = Answer.from_dict(json.loads(found[1]))
        step = self._turns.dialog(unit, row.dialog_hash).step(alert.path or "")
        asked = shorten(wording.choose(step.label, speech.language), ASKED)
        said = shorten(speech.described(answer.value, answer.label), SAID)
        return f"{asked}\n→ {said}", next(iter(media_of(answer.value)), None)

    def _mine(self, desk: Desk, alert: Alert) -> None:
        """See to an alert: one of the team does, and the others hear who."""
        speech, unit = desk.speech, desk.unit
        keyboard = rows(speech.button("button.alert_open", ALERT, OneAlert("o", alert.id)), desk.menu())
        try:
            alert_acts.see_to(unit, desk.person, alert)
        except AlreadyDone:
            present = unit.alerts.get(alert.id) or alert
            speech.say("alert.taken_already", keyboard, name=desk.called(present.seen_by))
            return
        if desk.place is None:
            speech.say("alert.mine", keyboard)
        else:
            desk.lead = desk.words("alert.mine")
            self._open(desk, unit.alerts.get(alert.id) or alert)
        alert_acts.tell_team(unit, self._turns, desk.person, alert, "alert.taken")

    def _left(self, desk: Desk, alert: Alert) -> None:
        """Leave an alert to the others again, who hear so; where that was done before, show it as it is."""
        with suppress(AlreadyDone):
            alert_acts.leave(desk.unit, desk.person, alert)
            desk.lead = desk.words("alert.left")
            alert_acts.tell_team(desk.unit, self._turns, desk.person, alert, "alert.free")
        self._open(desk, desk.unit.alerts.get(alert.id) or alert)
