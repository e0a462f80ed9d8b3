"""Alerts: what was said or asked for, the organisation's protocol, and who sees to it."""

from contextlib import suppress

from bot.conversation.actions import Action, MenuPlace, handles
from bot.conversation.asides import quoted
from bot.conversation.screen import Pager, Screen
from bot.messengers.port import Button
from bot.participant.team_message import piece_of
from bot.rendering import targets
from bot.rendering.arguments import Page
from bot.rendering.buttons import digest
from bot.rendering.speech import Speech, media_of, rows
from bot.rendering.texts import pages, shorten
from bot.services import alerts as alert_acts
from bot.services import care, support
from bot.services.notices import AlertPage, AlertRead, Notices, OneAlert
from bot.services.permissions import FACILITATORS, may_see_alert
from bot.services.refusals import AlreadyDone
from bot.team.kit import watched_phones
from bot.team.kit.answer_pages import HEADED
from bot.team.kit.arguments import OfId
from bot.team.kit.feature import Feature
from bot.team.kit.page import SCREEN_LENGTH, TeamPage
from bot.team.messages import asked, inbox
from dialogs import wording
from dialogs.danger import Found
from dialogs.model import Media, Step
from storage.alerts import PRESS, RINGS, Alert
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

LEAST = 160  # characters of what was said that a screen has at least
ASKED = 80
PROTOCOL = 200


ALERT = Action(
    targets.ALERT,
    FACILITATORS,
    (Page, OneAlert, AlertPage, AlertRead),
    commands=("alerts",),
    menu=MenuPlace("first", 1),
)


def _short(name: str) -> str:
    return shorten(name, HEADED)


class AlertScreens(Feature):
    """What waits for one of the team, and one alert's screen."""

    @handles(ALERT)
    def alert(self, screen: Screen, argument: Page | OneAlert | AlertPage | AlertRead) -> None:
        """Show a page of the list or an alert, play its recording, or record that the reader sees to or leaves it."""
        team_page = TeamPage(self._turns, screen)
        if isinstance(argument, Page):
            inbox.show_waiting(team_page, argument.page)
            return
        alert = team_page.unit.alerts.get(argument.alert)
        if alert is None:
            team_page.show(
                team_page.words("alert.gone"), rows(team_page.button("button.alerts", ALERT), team_page.menu())
            )
        elif not may_see_alert(team_page.unit, team_page.person.id, alert):
            team_page.refuse(ALERT.name)
        elif isinstance(argument, AlertPage):
            self._open(team_page, alert, argument.page)
        elif isinstance(argument, AlertRead):
            self._read(team_page, alert, argument)
        else:
            self._pressed(team_page, alert, argument.step)

    def _pressed(self, team_page: TeamPage, alert: Alert, kind: str) -> None:
        """Do what a button asks for that does not say what was read."""
        unread = alert.strength == RINGS and alert.seen_at is None
        if kind in {"m", "n"} and unread:  # a button of before, on a notice or where more may have come since
            team_page.lead = team_page.words("alert.read_first")
            self._open(team_page, alert)
        elif kind == "n" and alert.strength == RINGS:
            self._mistaken(team_page, alert)
        elif kind in {"v", "n"}:
            self._marked(team_page, alert, not_so=kind == "n")
        elif kind == "m":
            self._mine(team_page, alert)
        elif kind == "l":
            self._left(team_page, alert)
        elif kind == "p" and (piece := self._said(team_page, alert)[1]) is not None:
            team_page.play(piece, alert.id)
        else:
            self._open(team_page, alert)

    def _read(self, team_page: TeamPage, alert: Alert, argument: AlertRead) -> None:
        """Take that an alert was read, or is not so, unless more was said since it was shown: that is shown first."""
        if alert.seen_at is None and self._number(team_page, alert) > argument.shown:
            team_page.lead = team_page.words("alert.more")
            self._open(team_page, alert, None)
        elif argument.step == "x":
            self._mistaken(team_page, alert)
        else:
            self._mine(team_page, alert)

    def _number(self, team_page: TeamPage, alert: Alert) -> int:
        """Return how many things were said that one reading of an alert is about."""
        return 1 + len(team_page.unit.alerts.added(alert))

    def _open(self, team_page: TeamPage, alert: Alert, page: int | None = 0) -> None:
        """Show a page of what was said, None for the last, and the protocol; add the reading to the audit.

        That it was read can be said below its last page; the notice is not edited.
        """
        said, piece = self._said(team_page, alert)
        others = watched_phones.told(team_page.speech, alert.person_id, alert)
        lowered = team_page.words("alert.lowered") if alert.lowered_at else ""
        added = [self._said(team_page, each)[0] for each in team_page.unit.alerts.added(alert)]
        more = "\n".join((team_page.words("alert.added"), *added)) if added else ""
        seen = team_page.words("alert.seen", name=_short(team_page.called(alert.seen_by))) if alert.seen_by else ""
        when = f"{team_page.day(alert.raised_at)} {team_page.hour(alert.raised_at)}"
        heading = " · ".join((_short(team_page.called(alert.person_id)), when))
        protocol = self._turns.organisation.danger_protocol(team_page.speech)
        agreed = PROTOCOL - watched_phones.beyond(others)
        told = team_page.words("alert.protocol", text=shorten(protocol, agreed)) if protocol else ""
        if team_page.lead and alert.seen_by == team_page.person.id:
            seen = ""  # it says so already
        frame = [others, team_page.lead, heading, lowered, seen, told]
        room = max(LEAST, SCREEN_LENGTH - sum(len(part) + 2 for part in frame if part))
        written = pages("\n\n".join(filter(None, (said, more))), room) or [""]
        pager = Pager.of(len(written), 1, len(written) if page is None else page)
        keyboard = []
        if pager.after and alert.seen_at is None:
            pass  # that it was read is said of all of it
        elif alert.seen_at is None and alert.strength == RINGS:
            read = AlertRead("r", alert.id, 1 + len(added))
            keyboard.append(team_page.button("button.alert_mine", ALERT, read))
            keyboard += self._not_so(team_page, alert, AlertRead("x", alert.id, 1 + len(added)))
        elif alert.seen_at is None:
            keyboard.append(team_page.button("button.alert_seen", ALERT, OneAlert("v", alert.id)))
            keyboard.append(team_page.button("button.alert_not_so", ALERT, OneAlert("n", alert.id)))
        elif alert.seen_by == team_page.person.id:
            keyboard += self._not_so(team_page, alert, OneAlert("n", alert.id))
            keyboard.append(team_page.button("button.alert_left", ALERT, OneAlert("l", alert.id)))
        if piece is not None:
            code = "button.play" if piece.kind == "voice" else "button.show"
            keyboard.append(team_page.button(code, ALERT, OneAlert("p", alert.id)))
        message = team_page.unit.messages.get(alert.message_id) if alert.message_id else None
        if message is not None:
            keyboard.append(team_page.button("button.alert_message", targets.MAIL_OPEN, OfId(message.conversation)))
        else:
            keyboard.append(team_page.button("button.alert_write", targets.MAIL_WRITE, OfId(alert.person_id)))
        keyboard += [*self._request(team_page, alert), team_page.button("button.alerts", ALERT), team_page.menu()]
        turn = pager.turns(lambda code, number: team_page.button(code, ALERT, AlertPage(alert.id, number)))
        frame.insert(3, written[pager.page])
        team_page.show("\n\n".join(filter(None, frame)), turn + rows(*keyboard))

    def _request(self, team_page: TeamPage, alert: Alert) -> list[Button]:
        """Return the button back to what was asked for with a press, while it is open."""
        found = support.open_for(team_page.unit, team_page.person) if alert.source == PRESS or alert.wordless else []
        mine = (each for each in found if support.key(each) == support.key(alert))
        opens = (asked.OneSupportRequest("o", each.id) for each in mine)
        return [team_page.button("button.alert_request", asked.ASKED, each) for each in opens]

    def _not_so(self, team_page: TeamPage, alert: Alert, argument: AlertRead | OneAlert) -> list[Button]:
        """Return the button which says that words that rang were not so; a press of the person's own always was."""
        if alert.strength != RINGS or alert.source == PRESS or alert.wordless:
            return []
        return [team_page.button("button.alert_not_so", ALERT, argument)]

    def _said(self, team_page: TeamPage, alert: Alert) -> tuple[str, Media | None]:
        """Return the text and media of what raised an alert, as they are now; add the reading to the audit."""
        unit, speech = team_page.unit, team_page.speech
        team_page.note("alerts.read", alert.id)
        person = unit.people.known(alert.person_id)
        if alert.wordless:
            return team_page.words("alert.pressed" if alert.source == PRESS else "alert.only_that"), None
        if alert.message_id is not None:
            message = unit.messages.get(alert.message_id)
            if message is None:
                return team_page.words("alert.erased"), None
            if message.direction == "held":
                return team_page.words("alert.held"), None
            if message.asks_support:
                return team_page.words("alert.pressed"), None
            team_page.note("messages.read", message.conversation)
            piece = piece_of(unit, message)
            body = team_page.words("damaged.said") if message.damaged else message.body
            told = (speech.media_words(piece) if piece else "", body)
            return "\n".join(filter(None, told)), piece
        row = unit.runs.read(alert.run_id, person) if alert.run_id else None
        if row is None:
            return team_page.words("alert.erased"), None
        step = self._asked(unit, row, alert)
        if unit.answers.damaged(row.id, person, (step.name,) if step else ()):
            return team_page.words("damaged.said"), None
        answer = self._turns.answers(unit, person, row).get(step.name) if step else None
        if step is None or answer is None:
            return self._beside(team_page, alert, person, step) or team_page.words("alert.erased"), None
        # Only this one answer was read: the other answers of the run still wait.
        team_page.note("answers.read", row.id)
        question = shorten(wording.choose(step.label, speech.language), ASKED)
        # A question that was passed, or keeps an earlier answer, has the words that raised the alert beside it.
        beside = self._beside(team_page, alert, person, step)
        given = speech.described(answer.value, answer.label) if answer.value is not None or not beside else ""
        said = "\n".join(filter(None, (given, beside)))
        return f"{question}\n→ {said}", next(iter(media_of(answer.value)), None)

    def _asked(self, unit: Unit, row: RunRow, alert: Alert) -> Step | None:
        """Return the question that an alert is about."""
        dialog = self._turns.dialog(unit, row.dialog_hash)
        path = unit.alerts.path(alert, (step.name for step in dialog.steps))
        return dialog.step(path) if path else None

    def _beside(self, team_page: TeamPage, alert: Alert, person: Person, step: Step | None) -> str:
        """Return what was said beside a question, the newest first; empty if nothing was."""
        asides = team_page.unit.asides.of(alert.run_id, person) if alert.run_id and step else ()
        said = [quoted(team_page.speech, each) for each in reversed(asides) if step and each.path == step.name]
        return " · ".join(said)

    def _mistaken(self, team_page: TeamPage, alert: Alert) -> None:
        """Record that an alert that rang was not so, and count it against the phrase that rang."""
        unit = team_page.unit
        if alert_acts.mistaken(unit, team_page.person, alert):
            found = self._found(unit, alert)
            if found is not None and found.phrase:
                Notices(self._turns.organisation).mistaken(unit, self._turns.texts, digest(found.phrase).hex())
            if alert.seen_at is None:
                alert_acts.tell_team(unit, self._turns, team_page.person, alert, "alert.taken")
        team_page.lead = team_page.words("alert.not_so")
        self._open(team_page, unit.alerts.get(alert.id) or alert)

    def _found(self, unit: Unit, alert: Alert) -> Found | None:
        """Return what the words of an alert say, as they are now."""
        person = unit.people.known(alert.person_id)
        return self._turns.organisation.danger(unit, person).look(alert_acts.words_of_alert(unit, person, alert))

    def _marked(self, team_page: TeamPage, alert: Alert, *, not_so: bool) -> None:
        """Record that the reader has seen an alert that is only marked, or that it is not so."""
        with suppress(AlreadyDone):
            alert_acts.see_to(team_page.unit, team_page.person, alert, not_so=not_so)
            team_page.lead = team_page.words("alert.mark_seen")
            if not_so and (found := self._found(team_page.unit, alert)) is not None and found.mark:
                Notices(self._turns.organisation).mistaken_mark(team_page.unit, self._turns.texts, found.mark)
        self._open(team_page, team_page.unit.alerts.get(alert.id) or alert)

    def _mine(self, team_page: TeamPage, alert: Alert) -> None:
        """Record that the reader sees to an alert, and tell the others; if somebody already does, say who."""
        speech, unit = team_page.speech, team_page.unit
        keyboard = rows(speech.button("button.alert_open", ALERT, OneAlert("o", alert.id)), team_page.menu())
        try:
            alert_acts.read(unit, team_page.person, alert)
        except AlreadyDone:
            present = unit.alerts.get(alert.id) or alert
            speech.say("alert.taken_already", keyboard, name=team_page.called(present.seen_by))
            return
        told = alert_acts.tell_team(unit, self._turns, team_page.person, alert, "alert.taken")
        noted = self._noted(speech, alone=not told)
        if team_page.place is None:
            speech.send(noted, keyboard)
        else:
            team_page.lead = noted
            self._open(team_page, unit.alerts.get(alert.id) or alert)

    def _noted(self, speech: Speech, *, alone: bool) -> str:
        """Return that the reader's press was noted, whether others are told, and whom one can call who read it."""
        whom = self._turns.organisation.after_alert(speech) or care.first_line(self._turns.organisation, speech)
        return " ".join(
            (
                speech.words("alert.mine.alone" if alone else "alert.mine"),
                speech.words("alert.after", whom=whom) if whom else "",
            )
        ).strip()

    def _left(self, team_page: TeamPage, alert: Alert) -> None:
        """Leave an alert to the others again, and tell them; if that was done before, only show it."""
        with suppress(AlreadyDone):
            alert_acts.leave(team_page.unit, team_page.person, alert)
            told = alert_acts.tell_team(team_page.unit, self._turns, team_page.person, alert, "alert.free")
            team_page.lead = team_page.words("alert.left" if told else "alert.left.alone")
        self._open(team_page, team_page.unit.alerts.get(alert.id) or alert)
