"""Inviting from a pasted list of nicknames: an invite of its own for each, to send from one's own phone."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Final
from uuid import UUID

from bot.conversation.actions import Begin, Next, handles
from bot.conversation.screen import Screen
from bot.messengers import registry
from bot.messengers.port import Button
from bot.participant.settings import NICKNAME_LENGTH, clean_name
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services import invites
from bot.services.cohorts import open_cohorts_of
from bot.services.invites import GroupClosed
from bot.services.links import invite_forward, invite_links
from bot.services.readiness import NotReady
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.people.inviting import GROUP, INVITE, INVITE_LIST, Anyway, asks_first, only_cohort
from bot.team.people.people import NAMED
from dialogs.model import Choice, Value
from dialogs.replies import folded
from dialogs.run import Answer
from storage.cohorts import Cohort
from storage.erasure import forget_typed
from storage.people import Person
from storage.unit import Unit

WIZARD = "invite_list"
MOST: Final = 40  # names: more buttons than this are no list to work through
IN_A_MESSAGE: Final = 10
MARKS: Final = "·•-\N{EN DASH}\N{EM DASH}*. \t"  # that lists begin their lines with


class InviteListScreen(Feature):
    """The wizard that makes one invite for each line. The links are shown only now, as no code is stored."""

    wizards: ClassVar = {WIZARD: INVITE_LIST}

    @handles(INVITE_LIST)
    def begin(self, screen: Screen, argument: Anyway) -> Next:
        """Begin the wizard; without a cohort to invite into, say so."""
        if asks_first(screen, self._turns.site, INVITE_LIST, argument):
            return None
        if open_cohorts_of(screen.unit, screen.person):
            return Begin(WIZARD, only_cohort(screen.unit, screen.person))
        screen.show(screen.words("people.no_groups"), rows(screen.menu()))
        return None

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return the choices of the cohorts this person may invite into."""
        if name == "groups":
            return [Choice(str(cohort.id), {language: cohort.name}) for cohort in open_cohorts_of(unit, person)]
        return super().choices(unit, person, language, name, answers)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  for features that need it
        """Return the only cohort's name, which is not asked for."""
        kept = self.task(person).get(GROUP)
        cohort = unit.cohorts.get(UUID(kept)) if kept else None
        return {"cohort_label": cohort.name if cohort else ""}

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Make the invites, or say why none was made."""
        unit, values = screen.unit, {GROUP: self.task(screen.person).get(GROUP), **done.values}
        given = values.get(GROUP)
        cohort = unit.cohorts.get(UUID(str(given))) if given else None
        names = names_of(_written(values.get("names")))
        again = screen.speech.button("button.invite_list", INVITE_LIST)
        back = rows(again, screen.button("button.invites", INVITE), screen.menu())
        if values.get("confirm") != "yes" or cohort is None:
            screen.show(screen.words("invite.not_made"), back)
            return
        if problem := self._problem(screen, names):
            screen.show(problem, back)
            return
        try:
            made = self._make(screen, cohort, names, int(str(values.get("days") or "d14")[1:]))
        except NotReady as refusal:
            told = "\n".join(f"☐ {screen.words(f'ready.{code}')}" for code in refusal.missing)
            screen.show(f"{screen.words('ready.refused')}\n{told}", rows(screen.menu()))
        except GroupClosed as refusal:
            screen.show(screen.words(refusal.code, **refusal.facts), rows(screen.menu()))
        else:
            # They stand on the invites, until each is used: the list itself is needed no more.
            unit.answers.drop(done.row.id, "names")
            forget_typed(unit, screen.person, done.row.id, {_written(values.get("names")), *names})
            self._tell(screen, cohort, names, made)

    def _problem(self, screen: Screen, names: Sequence[str]) -> str:
        """Return what is wrong with the list, and what to do; empty if nothing is."""
        if not names:
            return screen.words("invite.list.empty")
        if len(names) > MOST:
            return screen.words("invite.list.many", most=MOST, n=len(names))
        long = [name for name in names if len(name) > NICKNAME_LENGTH]
        if long:
            return screen.words("invite.list.long", name=shorten(long[0], NICKNAME_LENGTH), most=NICKNAME_LENGTH)
        return ""

    def _make(self, screen: Screen, cohort: Cohort, names: Sequence[str], days: int) -> list[str]:
        """Make an invite for each name; return their codes."""
        expires_at = screen.unit.now + timedelta(days=days)
        return [
            invites.make(screen.unit, screen.person, invites.LEADER, cohort, 1, expires_at, name).code for name in names
        ]

    def _tell(self, screen: Screen, cohort: Cohort, names: Sequence[str], codes: Sequence[str]) -> None:
        """Send the links, a few in each message, with a button for each person."""
        speech = screen.speech
        lines, buttons = [], []
        for name, code in zip(names, codes, strict=True):
            found = invite_links(screen.unit, self._turns.site, code)
            lines.append("\n".join((name, *(found.values() or (speech.words("invite.code", letters=code),)))))
            buttons.append(self._ways(screen, name, found))
        speech.send(speech.texts.count("invite.list.made", speech.language, len(names), group=cohort.name))
        for start in range(0, len(lines), IN_A_MESSAGE):
            part = slice(start, start + IN_A_MESSAGE)
            speech.send("\n\n".join(lines[part]), tuple(row for row in buttons[part] if row), protect=True)
        how = "invite.list.how" if any(buttons) else "invite.list.how.practice"
        speech.send(speech.words(how), rows(screen.button("button.invites", INVITE), screen.menu()))

    def _ways(self, screen: Screen, name: str, found: Mapping[str, str]) -> tuple[Button, ...]:
        """Return the buttons that send one person's link: by WhatsApp, and by SMS where it leads to the page."""
        speech = screen.speech
        page = next((link for own, link in found.items() if registry.of(own).kept_here), None)
        link = page or next(iter(found.values()), None)
        if link is None or self._turns.site.practice:
            return ()
        made = invite_forward(speech.texts, speech.language, link)
        whatsapp = Button(shorten(name, NAMED), "", made.whatsapp)
        if link != page:
            return (whatsapp,)
        sms = made.sms if "sms" in speech.can.opens else made.page
        return (whatsapp, Button(speech.words("button.invite_sms"), "", sms))


def _written(value: Value | None) -> str:
    """Return the words of an answer, which may have come in several messages; a voice note is no list."""
    pieces = value if isinstance(value, tuple) else (value,)
    return "\n".join(piece for piece in pieces if isinstance(piece, str))


def names_of(pasted: str) -> list[str]:
    """Return the nicknames of a pasted list: one a line, without what lists begin their lines with, each once."""
    found: dict[str, str] = {}
    for line in pasted.splitlines():
        name = clean_name(line.lstrip(MARKS))
        number, _, rest = name.partition(" ")
        if rest and number[-1:] in {".", ")"} and number[:-1].isdecimal():
            name = rest.strip()
        if name:
            found.setdefault(folded(name), name)
    return list(found.values())
