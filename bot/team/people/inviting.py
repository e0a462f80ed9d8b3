"""Invites: making one, its QR code and poster, how each was used, and ending it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from bot import clock
from bot.conversation.actions import Action, Begin, Next, Place, handles
from bot.conversation.screen import Screen
from bot.participant.settings import ALWAYS
from bot.rendering import targets
from bot.rendering.arguments import Page, Picked
from bot.rendering.speech import rows
from bot.rendering.texts import Texts
from bot.services import readiness
from bot.services.links import Site, bot_name, invite_links
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed, cohorts_of, may_reach
from bot.team.kit.arguments import OfId, SureOf
from bot.team.kit.feature import Finished, Part
from bot.team.people.people import NAMED, paged, refused
from dialogs import languages
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.cohorts import Cohort
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit

LEADERS, TEAM = "invite_people", "invite_team"
GROUP = "group"
NAMES_SHOWN = 12
TEAM_ROLES = ("facilitator", "translator", "admin")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a finished wizard asks for."""

    role: str
    cohort: Cohort | None
    uses: int
    days: int


INVITE = Action(targets.INVITE, FACILITATORS, (Page,), commands=("invite",), offered=106, menu=Place("more", 6))
INVITE_NEW = Action("invite_new", FACILITATORS)
INVITE_TEAM = Action("invite_team", ADMINS_OF_ALL)
INVITE_ONE = Action("invite_one", FACILITATORS, (OfId,))
INVITE_END = Action("invite_end", FACILITATORS, (SureOf,))
POSTER = Action("poster", FACILITATORS, (Picked,))


class Inviting(Part):
    """The list of invites, the wizards that make one, and what hangs below it."""

    wizards: ClassVar = {LEADERS: INVITE_NEW, TEAM: INVITE_TEAM}

    @handles(INVITE)
    def invites(self, screen: Screen, argument: Page) -> None:
        """List the invites that still open something."""
        self._list(screen, argument.page)

    @handles(INVITE_NEW)
    def new(self, screen: Screen) -> Next:
        """Begin an invite for participants; without a group there is none."""
        if cohorts_of(screen.unit, screen.person):
            return Begin(LEADERS, _only(screen.unit, screen.person))
        self._list(screen, 0)
        return None

    @handles(INVITE_TEAM)
    def team(self, screen: Screen) -> Next:
        """Begin an invite into the team."""
        return Begin(TEAM, _only(screen.unit, screen.person))

    @handles(INVITE_ONE)
    def invite(self, screen: Screen, argument: OfId) -> None:
        """Show how an invite was used."""
        self._one(screen, argument.id, ending=False, sure=False)

    @handles(INVITE_END)
    def end(self, screen: Screen, argument: SureOf) -> None:
        """End an invite, once it was asked about."""
        self._one(screen, argument.id, ending=True, sure=argument.sure)

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """List the groups this person may invite into, and the team's roles."""
        if name == "groups":
            return [Choice(str(cohort.id), {language: cohort.name}) for cohort in cohorts_of(unit, person)]
        if name == "team_roles":
            say = self._turns.texts.say
            return [Choice(role, {language: say(f"role.{role}", language)}) for role in TEAM_ROLES]
        return super().choices(unit, person, language, name, answers)

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:
        """Name the only group, which is not asked for; nothing where there are several, or a role is for all."""
        kept = self.task(person).get(GROUP)
        for_all = "role" in given and given["role"].value != "facilitator"
        cohort = unit.cohorts.get(UUID(kept)) if kept and not for_all else None
        return {"cohort_label": cohort.name if cohort else ""}

    def finish(self, screen: Screen, done: Finished) -> None:
        """Make the invite that was asked for, or say what still lacks; lead on."""
        unit, person = screen.unit, screen.person
        wanted = _wanted(unit, done.wizard, {GROUP: self.task(person).get(GROUP), **done.values})
        if wanted is None or done.values.get("confirm") != "yes":
            screen.show(screen.words("invite.not_made"), rows(screen.button("button.invites", INVITE), screen.menu()))
        elif not _may(unit, person, wanted.role, wanted.cohort.id if wanted.cohort else None):
            refused(screen, INVITE.name)
        elif lacking := readiness.missing(unit, wanted.cohort) if wanted.role == "leader" else []:
            told = "\n".join(f"☐ {screen.words(f'ready.{code}')}" for code in lacking)
            screen.show(f"{screen.words('ready.refused')}\n{told}", rows(screen.menu()))
        else:
            self._make(screen, wanted)

    def _make(self, screen: Screen, wanted: Wanted) -> None:
        """Make an invite, and show its link, code and QR picture: this once, since the code is kept nowhere."""
        unit, speech = screen.unit, screen.speech
        code, invite_id, expires_at = clock.new_code(), clock.new_id(), unit.now + timedelta(days=wanted.days)
        cohort_id = wanted.cohort.id if wanted.cohort else None
        unit.invites.create(invite_id, code, wanted.role, cohort_id, wanted.uses, expires_at, screen.person.id)
        facts = {"role": wanted.role, "uses": wanted.uses}
        unit.audit.add(str(screen.person.id), "invite.made", str(invite_id), facts)
        found = invite_links(unit, self._turns.site, code)
        lines = [
            self._title(screen, wanted.role, wanted.cohort),
            *found.values(),
            speech.words("invite.code", letters=code),
        ]
        text = "\n".join(lines)
        if found:
            speech.picture(drawing(unit, self._turns.site, code), text)
        else:
            speech.send(text)
        buttons = []
        if wanted.role == "leader" and found:
            buttons.append(screen.speech.button("button.poster", POSTER, Picked(code)))
        last = rows(*buttons, screen.button("button.invites", INVITE), screen.menu())
        speech.send(speech.words("invite.made" if found else "invite.no_link"), last)

    def _title(self, screen: Screen, role: str, cohort: Cohort | None) -> str:
        named = screen.words(f"role.{role}")
        return screen.words("invite.title", role=named, group=cohort.name) if cohort else named

    # What there is.

    def _list(self, screen: Screen, page: int) -> None:
        """List the invites that still open something, those of groups she reaches; the newest first."""
        unit = screen.unit
        found = [each for each in reversed(unit.invites.list()) if _open(unit, each) and self._reached(screen, each)]
        cohorts = {cohort.id: cohort for cohort in unit.cohorts.list()}
        shown, turns = paged(screen, found, page, INVITE, Page)
        buttons = [
            screen.labelled(
                self._label(screen, each, cohorts.get(each.cohort_id or each.id)), INVITE_ONE, OfId(each.id)
            )
            for each in shown
        ]
        new = screen.speech.button("button.invite_new", INVITE_NEW)
        team = allowed(unit, screen.person, ADMINS_OF_ALL)
        last = (*([screen.speech.button("button.invite_team", INVITE_TEAM)] if team else []), screen.menu())
        text = screen.words("invite.list" if found else "invite.list.none")
        screen.show(text, (*rows(*buttons), *turns, (new,), last))

    def _label(self, screen: Screen, invite: Invite, cohort: Cohort | None) -> str:
        where = cohort.name[:NAMED] if cohort else screen.words(f"role.{invite.role}")
        mark = "" if invite.role == "leader" or cohort is None else f" · {screen.words(f'role.{invite.role}')}"
        return f"{where}{mark} · {invite.used}/{invite.uses}"

    def _one(self, screen: Screen, invite_id: UUID, *, ending: bool, sure: bool) -> None:
        """Show how an invite was used, ask before it is ended, or end it."""
        invite = self._found(screen, invite_id)
        if invite is None:
            return
        back = screen.button("button.return", INVITE)
        if not _open(screen.unit, invite):
            screen.show(f"{self._told(screen, invite)}\n{screen.words('invite.over')}", rows(back))
        elif not ending:
            end = screen.button("button.invite_end", INVITE_END, SureOf(invite_id))
            screen.show(self._told(screen, invite), rows(end, back, screen.menu()))
        elif not sure:
            yes = screen.button("button.invite_end_sure", INVITE_END, SureOf(invite_id, sure=True))
            no = screen.button("button.rather_not", INVITE_ONE, OfId(invite_id))
            screen.show(screen.words("invite.end"), rows(yes, no))
        else:
            screen.unit.invites.revoke(invite.id)
            screen.unit.audit.add(str(screen.person.id), "invite.ended", str(invite.id), {})
            screen.show(screen.words("invite.ended"), rows(back, screen.menu()))

    def _told(self, screen: Screen, invite: Invite) -> str:
        unit, speech = screen.unit, screen.speech
        cohort = unit.cohorts.get(invite.cohort_id) if invite.cohort_id else None
        lines = [self._title(screen, invite.role, cohort)]
        lines.append(speech.texts.count("invite.left", speech.language, max(0, invite.uses - invite.used)))
        if invite.expires_at is not None:
            zone = self._turns.organisation.zone(unit, screen.person)
            lines.append(speech.words("invite.until", day=speech.texts.day(invite.expires_at, zone, speech.language)))
        known = [unit.people.get(each) for each in unit.invites.used_by(invite.id)]
        names = [person.nickname or person.pseudonym for person in known if person]
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
        """Draw the poster of an invite whose code the button still carries."""
        code = argument.choice
        invite = screen.unit.invites.find(code)
        if invite is None or not self._reached(screen, invite):
            refused(screen, INVITE.name)
        elif not _open(screen.unit, invite):
            screen.show(screen.words("invite.over"), rows(screen.button("button.invites", INVITE)))
        elif not invite_links(screen.unit, self._turns.site, code):
            screen.show(screen.words("invite.no_link"), rows(screen.button("button.invites", INVITE)))
        else:
            drawn = poster(screen.unit, self._turns.texts, self._turns.site, invite, code)
            screen.speech.picture(drawn, screen.words("invite.poster"))

    def _found(self, screen: Screen, invite_id: UUID) -> Invite | None:
        invite = screen.unit.invites.get(invite_id)
        if invite is not None and self._reached(screen, invite):
            return invite
        refused(screen, INVITE.name)
        return None

    def _reached(self, screen: Screen, invite: Invite) -> bool:
        return _may(screen.unit, screen.person, invite.role, invite.cohort_id)


def _only(unit: Unit, person: Person) -> dict[str, str]:
    """Return the group an invite is for where there is one alone."""
    found = cohorts_of(unit, person)
    return {GROUP: found[0].id.hex} if len(found) == 1 else {}


def _may(unit: Unit, person: Person, role: str, cohort_id: UUID | None) -> bool:
    """Tell whether someone may make, see and end such an invite: the team's are an admin's alone."""
    if role != "leader":
        return allowed(unit, person, ADMINS_OF_ALL)
    return cohort_id is not None and may_reach(unit, person, cohort_id)


def _open(unit: Unit, invite: Invite) -> bool:
    return (
        invite.revoked_at is None
        and invite.used < invite.uses
        and (invite.expires_at is None or invite.expires_at > unit.now)
    )


def _wanted(unit: Unit, wizard: str, values: Mapping[str, Value | None]) -> Wanted | None:
    given = values.get(GROUP)
    cohort = unit.cohorts.get(UUID(str(given))) if given else None
    days = int(str(values.get("days") or "d14")[1:])
    if wizard == LEADERS:
        return Wanted("leader", cohort, int(str(values.get("uses") or 1)), days) if cohort else None
    role = str(values.get("role") or "")
    if role not in TEAM_ROLES or (role == "facilitator" and cohort is None):
        return None
    return Wanted(role, cohort if role == "facilitator" else None, 1, days)


def drawing(unit: Unit, site: Site, code: str) -> dict[str, Any]:
    """Return what the QR picture of an invite's code is drawn from; raises LookupError where there is no link."""
    found = invite_links(unit, site, code)
    if not found:
        raise LookupError("there is no link to draw")
    words = {"telegram": f"Telegram: @{bot_name(unit)}", "web": found.get("web", "").partition("://")[2]}
    return {"links": [[address, words[messenger]] for messenger, address in found.items()]}


def poster(unit: Unit, texts: Texts, site: Site, invite: Invite, code: str) -> dict[str, Any]:
    """Return what an invite's poster is drawn from: QR codes, the bot's exact name, and words in its group's languages.

    Neither the organisation nor the group is named: whoever passes by learns nothing about who is asked here.
    """
    cohort = unit.cohorts.get(invite.cohort_id) if invite.cohort_id else None
    spoken = [_spoken(texts, tag) for tag in (cohort.languages if cohort else ALWAYS)]
    zone = (cohort.zone if cohort else None) or str(unit.organisation.get().get("zone") or "UTC")
    drawn = drawing(unit, site, code)
    name = bot_name(unit) if site.telegram else ""
    written = []
    for tag in dict.fromkeys(spoken):
        how = texts.say("poster.how", tag, name=name, letters=code) if name else texts.say("poster.how.web", tag)
        ends = invite.expires_at
        until = texts.say("poster.until", tag, day=texts.day(ends, zone, tag)) if ends else ""
        title, never = texts.say("poster.title", tag), texts.say("poster.never", tag)
        written.append({"title": title, "how": how, "never": never, "until": until})
    return {**drawn, "texts": written}


def _spoken(texts: Texts, tag: str) -> str:
    """Return the nearest language that has words of its own here."""
    return next((each for each in languages.chain(tag) if each in texts.languages and "-" not in each), "es")
