"""Invites: making one, its QR code and poster, how it was used, and ending it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from bot.conversation.actions import Action, Begin, MenuPlace, Next, handles
from bot.conversation.screen import Screen
from bot.messengers import registry
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument, Page, Picked
from bot.rendering.speech import Speech, pairs, rows
from bot.services import invites, risk_talk
from bot.services.cohorts import open_cohorts_of
from bot.services.grants import OFFERED_ROLES
from bot.services.invites import GroupClosed, is_open, may_invite
from bot.services.links import Site, invite_forward, invite_links, places
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed
from bot.services.readiness import NotReady
from bot.services.refusals import NotAllowed
from bot.team.kit.arguments import OfId, SureOf
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.kit.hand_rows import WouldOpen
from bot.team.people import risk_talk as risk_talk_screens
from bot.team.people.people import NAMED, paged
from bot.team.people.personal_link import by_hand
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.cohorts import Cohort
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit

LEADERS, TEAM = "invite_people", "invite_team"
GROUP = "group"
NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class InviteRequest:
    """The invite that a completed wizard asks for."""

    role: str
    cohort: Cohort | None
    uses: int
    days: int


class Anyway(Argument):
    """Begin an invite for participants; or begin it although nobody said that the talk about risks was held."""

    layout: ClassVar[str] = "[{anyway:!}]"
    anyway: bool = False


INVITE = Action(targets.INVITE, FACILITATORS, (Page,), commands=("invite",), offered=106, menu=MenuPlace("more", 6))
INVITE_NEW = Action("invite_new", FACILITATORS, (Anyway,))
INVITE_LIST = Action("invite_list", FACILITATORS, (Anyway,))
INVITE_TEAM = Action("invite_team", ADMINS_OF_ALL)
INVITE_ONE = Action("invite_one", FACILITATORS, (OfId,))
INVITE_END = Action("invite_end", FACILITATORS, (SureOf,))
POSTER = Action("poster", FACILITATORS, (Picked,))
POSTER_PDF = Action("poster_pdf", FACILITATORS, (Picked,))


class InviteScreens(Feature):
    """The list of invites, the wizards that make one, one invite's screen, and its poster."""

    wizards: ClassVar = {LEADERS: INVITE_NEW, TEAM: INVITE_TEAM}

    @handles(INVITE)
    def invites(self, screen: Screen, argument: Page) -> None:
        """Show a page of the open invites."""
        self._list(screen, argument.page)

    @handles(INVITE_NEW)
    def new(self, screen: Screen, argument: Anyway) -> Next:
        """Begin an invite for participants; without a cohort to invite into, show the list."""
        if asks_first(screen, self._turns.site, INVITE_NEW, argument):
            return None
        if open_cohorts_of(screen.unit, screen.person):
            return Begin(LEADERS, only_cohort(screen.unit, screen.person))
        self._list(screen, 0)
        return None

    @handles(INVITE_TEAM)
    def team(self, screen: Screen) -> Next:
        """Begin an invite into the team."""
        return Begin(TEAM, only_cohort(screen.unit, screen.person))

    @handles(INVITE_ONE)
    def invite(self, screen: Screen, argument: OfId) -> None:
        """Show how an invite was used."""
        self._one(screen, argument.id, ending=False, sure=False)

    @handles(INVITE_END)
    def end(self, screen: Screen, argument: SureOf) -> None:
        """End an invite, or ask for confirmation first."""
        self._one(screen, argument.id, ending=True, sure=argument.sure)

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return the choices of the cohorts this person may invite into, or of the team's roles."""
        if name == "groups":
            return [Choice(str(cohort.id), {language: cohort.name}) for cohort in open_cohorts_of(unit, person)]
        if name == "team_roles":
            say = self._turns.texts.say
            return [Choice(role, {language: say(f"role.{role}", language)}) for role in OFFERED_ROLES]
        return super().choices(unit, person, language, name, answers)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:
        """Return the only cohort's name, which is not asked for; empty if there are several or the role is for all."""
        kept = self.task(person).get(GROUP)
        for_all = "role" in given and given["role"].value != "facilitator"
        cohort = unit.cohorts.get(UUID(kept)) if kept and not for_all else None
        return {"cohort_label": cohort.name if cohort else ""}

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Make the invite that was asked for, or say what still has to be done first."""
        unit, person = screen.unit, screen.person
        wanted = _wanted(unit, done.wizard, {GROUP: self.task(person).get(GROUP), **done.values})
        if wanted is None or done.values.get("confirm") != "yes":
            screen.show(screen.words("invite.not_made"), rows(screen.button("button.invites", INVITE), screen.menu()))
            return
        expires_at = unit.now + timedelta(days=wanted.days)
        try:
            made = invites.make(unit, person, wanted.role, wanted.cohort, wanted.uses, expires_at)
        except NotReady as refusal:
            told = "\n".join(f"☐ {screen.words(f'ready.{code}')}" for code in refusal.missing)
            screen.show(f"{screen.words('ready.refused')}\n{told}", rows(screen.menu()))
        except GroupClosed as refusal:
            screen.show(screen.words(refusal.code, **refusal.facts), rows(screen.menu()))
        else:
            self._made(screen, wanted, made.code)

    def _made(self, screen: Screen, wanted: InviteRequest, code: str) -> None:
        """Show an invite's links, code and QR code, only this once, since the code is not stored."""
        unit, speech = screen.unit, screen.speech
        found = invite_links(unit, self._turns.site, code)
        lines = [
            self._title(screen, wanted.role, wanted.cohort),
            *found.values(),
            speech.words("invite.code", letters=code),
        ]
        text = "\n".join(lines)
        if found:
            speech.picture(invites.drawing(unit, self._turns.site, code), text)
        else:
            speech.send(text)
        buttons = []
        if wanted.role == "leader" and found:
            buttons.append(screen.speech.button("button.poster", POSTER, Picked(code)))
            buttons.append(screen.speech.button("button.poster_pdf", POSTER_PDF, Picked(code)))
        ways = by_hand_of(speech, self._turns.site, found)
        last = (*rows(*ways), *pairs(buttons), *rows(screen.button("button.invites", INVITE), screen.menu()))
        speech.send(speech.words("invite.made") if found else _no_link(speech), last)

    def _title(self, screen: Screen, role: str, cohort: Cohort | None) -> str:
        named = screen.words(f"role.{role}")
        return screen.words("invite.title", role=named, group=cohort.name) if cohort else named

    # The list, and one invite.

    def _list(self, screen: Screen, page: int) -> None:
        """Show a page of the open invites that this person may make, the newest first."""
        unit = screen.unit
        found = [each for each in reversed(unit.invites.list()) if is_open(unit, each) and self._reached(screen, each)]
        cohorts = {cohort.id: cohort for cohort in unit.cohorts.list()}
        shown, turns = paged(screen, found, page, INVITE, Page)
        buttons = [
            screen.labelled(
                self._label(screen, each, cohorts.get(each.cohort_id or each.id)), INVITE_ONE, OfId(each.id)
            )
            for each in shown
        ]
        new = screen.speech.button("button.invite_new", INVITE_NEW)
        each = screen.speech.button("button.invite_list", INVITE_LIST)
        team = allowed(unit, screen.person, ADMINS_OF_ALL)
        last = (*([screen.speech.button("button.invite_team", INVITE_TEAM)] if team else []), screen.menu())
        text = screen.words("invite.list" if found else "invite.list.none")
        screen.show(text, (*rows(*buttons), *turns, (new, each), last))

    def _label(self, screen: Screen, invite: Invite, cohort: Cohort | None) -> str:
        if invite.nickname:
            return f"{invite.nickname[:NAMED]} · {cohort.name[:NAMED] if cohort else ''}"
        where = cohort.name[:NAMED] if cohort else screen.words(f"role.{invite.role}")
        mark = "" if invite.role == "leader" or cohort is None else f" · {screen.words(f'role.{invite.role}')}"
        return f"{where}{mark} · {invite.used}/{invite.uses}"

    def _one(self, screen: Screen, invite_id: UUID, *, ending: bool, sure: bool) -> None:
        """Show how an invite was used, ask before it is ended, or end it."""
        invite = self._found(screen, invite_id)
        back = screen.button("button.return", INVITE)
        if not is_open(screen.unit, invite):
            screen.show(f"{self._told(screen, invite)}\n{screen.words('invite.over')}", rows(back))
        elif not ending:
            end = screen.button("button.invite_end", INVITE_END, SureOf(invite_id))
            screen.show(self._told(screen, invite), rows(end, back, screen.menu()))
        elif not sure:
            yes = screen.button("button.invite_end_sure", INVITE_END, SureOf(invite_id, sure=True))
            no = screen.button("button.rather_not", INVITE_ONE, OfId(invite_id))
            screen.show(screen.words("invite.end"), rows(yes, no))
        else:
            invites.end(screen.unit, screen.person, invite)
            screen.show(screen.words("invite.ended"), rows(back, screen.menu()))

    def _told(self, screen: Screen, invite: Invite) -> str:
        unit, speech = screen.unit, screen.speech
        cohort = unit.cohorts.get(invite.cohort_id) if invite.cohort_id else None
        lines = [self._title(screen, invite.role, cohort)]
        if invite.nickname:
            lines.append(speech.words("invite.for", name=invite.nickname))
        lines.append(speech.texts.count("invite.left", speech.language, max(0, invite.uses - invite.used)))
        if invite.expires_at is not None:
            zone = self._turns.organisation.zone(unit, screen.person)
            lines.append(speech.words("invite.until", day=speech.texts.day(invite.expires_at, zone, speech.language)))
        known = [unit.people.get(each) for each in unit.invites.used_by(invite.id)]
        names = [speech.called(person) for person in known if person]
        if names:
            more = len(names) - NAMES_SHOWN
            told = speech.texts.all_of(names[:NAMES_SHOWN], speech.language)
            lines.append(speech.words("invite.came", names=told))
            if more > 0:
                lines.append(speech.texts.count("invite.came.more", speech.language, more))
        else:
            lines.append(speech.words("invite.nobody"))
        return "\n".join(lines)

    @handles(POSTER)
    def poster(self, screen: Screen, argument: Picked) -> None:
        """Send the poster of an invite; the button carries the code, which is not stored."""
        self._poster(screen, argument.choice, printed=False)

    @handles(POSTER_PDF)
    def poster_pdf(self, screen: Screen, argument: Picked) -> None:
        """Send the same as a PDF to print."""
        self._poster(screen, argument.choice, printed=True)

    def _poster(self, screen: Screen, code: str, *, printed: bool) -> None:
        invite = screen.unit.invites.find(code)
        if invite is None or not self._reached(screen, invite):
            raise NotAllowed(INVITE.name)
        if not is_open(screen.unit, invite):
            screen.show(screen.words("invite.over"), rows(screen.button("button.invites", INVITE)))
        elif not invite_links(screen.unit, self._turns.site, code):
            screen.show(_no_link(screen.speech), rows(screen.button("button.invites", INVITE)))
        else:
            drawn = invites.poster(screen.unit, self._turns.texts, self._turns.site, invite, code)
            send = screen.speech.sheet if printed else screen.speech.picture
            send(drawn, screen.words("invite.poster"))

    def _found(self, screen: Screen, invite_id: UUID) -> Invite:
        invite = screen.unit.invites.get(invite_id)
        if invite is not None and self._reached(screen, invite):
            return invite
        raise NotAllowed(INVITE.name)

    def _reached(self, screen: Screen, invite: Invite) -> bool:
        return may_invite(screen.unit, screen.person, invite.role, invite.cohort_id)


def asks_first(screen: Screen, site: Site, action: Action, argument: Anyway) -> bool:
    """Ask whether the talk about risks was held, unless somebody said so; return whether that is asked now."""
    asks = not argument.anyway and not site.practice and risk_talk.is_due(screen.unit)
    if asks:
        risk_talk_screens.ask(screen, screen.button("button.invite_anyway", action, Anyway(anyway=True)))
    return asks


def only_cohort(unit: Unit, person: Person) -> dict[str, str]:
    """Return the wizard's task with the person's cohort if they reach only one, else an empty task."""
    found = open_cohorts_of(unit, person)
    return {GROUP: found[0].id.hex} if len(found) == 1 else {}


def by_hand_of(speech: Speech, site: Site, found: Mapping[str, str]) -> list[Button]:
    """Return the buttons that send an invite's links from one's own WhatsApp or SMS; in practice, what would open."""
    if site.practice and found:
        return [speech.button("button.whatsapp", targets.HAND_TRY, WouldOpen("i"))]
    # Whoever has the messenger is rung there; the page is for everybody else.
    buttons = []
    for own, link in found.items():
        made = invite_forward(speech.texts, speech.language, link)
        if not registry.of(own).kept_here:
            where = registry.of(own).title
            buttons.append(Button(speech.words("button.whatsapp_for", where=where), "", made.whatsapp))
        else:
            sms = made.sms if "sms" in speech.can.opens else made.page
            buttons += by_hand(speech, made.whatsapp, sms)
    return buttons


def _wanted(unit: Unit, wizard: str, values: Mapping[str, Value | None]) -> InviteRequest | None:
    given = values.get(GROUP)
    cohort = unit.cohorts.get(UUID(str(given))) if given else None
    days = int(str(values.get("days") or "d14")[1:])
    if wizard == LEADERS:
        return InviteRequest("leader", cohort, int(str(values.get("uses") or 1)), days) if cohort else None
    role = str(values.get("role") or "")
    if role not in OFFERED_ROLES or (role == "facilitator" and cohort is None):
        return None
    return InviteRequest(role, cohort if role == "facilitator" else None, 1, days)


def _no_link(speech: Speech) -> str:
    ways = [*places(), speech.words("invite.page")]
    return speech.words("invite.no_link", where=speech.texts.any_of(ways, speech.language))
