"""Invites: making one, its QR code and poster, how each was used, and ending it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from bot import clock
from bot.conversation.screen import Screen, brief
from bot.messengers import registry
from bot.messengers.port import Incoming
from bot.participant.settings import ALWAYS
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import Texts
from bot.services import readiness
from bot.services.links import Site, bot_name, invite_links, places
from bot.services.organisation import local_zone
from bot.services.permissions import allowed, cohorts_of, may_reach
from bot.team.kit.feature import Finished, Part
from bot.team.people.people import NAMED, SURE, paged, read_id, refused
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


class Inviting(Part):
    """The list of invites, the wizards that make one, and what hangs below it."""

    actions: ClassVar = frozenset({"invite", "invite_new", "invite_team", "invite_one", "invite_end", "poster"})
    wizards: ClassVar = frozenset({LEADERS, TEAM})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  every part's shape
        """Show invites or one of them, begin a wizard, end one, or draw a poster."""
        unit, person = screen.unit, screen.person
        match action:
            case "invite_new" if cohorts_of(unit, person):
                self.begin(unit, person, LEADERS, _only(unit, person))
            case "invite_team":
                self.begin(unit, person, TEAM, _only(unit, person))
            case "invite_one" | "invite_end":
                self._one(screen, argument, ending=action == "invite_end")
            case "poster":
                self._poster(screen, argument)
            case _:
                self._list(screen, int(argument) if argument.isdecimal() else 0)

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
            screen.show(screen.words("invite.not_made"), rows(screen.button("button.invites", "invite"), screen.menu()))
        elif not _may(unit, person, wanted.role, wanted.cohort.id if wanted.cohort else None):
            refused(screen, "invite")
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
            buttons.append(screen.speech.button("button.poster", "poster", code))
        last = rows(*buttons, screen.button("button.invites", "invite"), screen.menu())
        speech.send(speech.words("invite.made") if found else _no_link(speech), last)

    def _title(self, screen: Screen, role: str, cohort: Cohort | None) -> str:
        named = screen.words(f"role.{role}")
        return screen.words("invite.title", role=named, group=cohort.name) if cohort else named

    # What there is.

    def _list(self, screen: Screen, page: int) -> None:
        """List the invites that still open something, those of groups she reaches; the newest first."""
        unit = screen.unit
        found = [each for each in reversed(unit.invites.list()) if _open(unit, each) and self._reached(screen, each)]
        cohorts = {cohort.id: cohort for cohort in unit.cohorts.list()}
        shown, turns = paged(screen, found, page, "invite", "")
        buttons = [
            screen.labelled(
                self._label(screen, each, cohorts.get(each.cohort_id or each.id)), "invite_one", brief(each.id)
            )
            for each in shown
        ]
        new = screen.speech.button("button.invite_new", "invite_new")
        team = allowed(unit, screen.person, "invite_team")
        last = (*([screen.speech.button("button.invite_team", "invite_team")] if team else []), screen.menu())
        text = screen.words("invite.list" if found else "invite.list.none")
        screen.show(text, (*rows(*buttons), *turns, (new,), last))

    def _label(self, screen: Screen, invite: Invite, cohort: Cohort | None) -> str:
        where = cohort.name[:NAMED] if cohort else screen.words(f"role.{invite.role}")
        mark = "" if invite.role == "leader" or cohort is None else f" · {screen.words(f'role.{invite.role}')}"
        return f"{where}{mark} · {invite.used}/{invite.uses}"

    def _one(self, screen: Screen, argument: str, *, ending: bool) -> None:
        """Show how an invite was used, ask before it is ended, or end it."""
        written, _, sure = argument.partition(".")
        invite = self._found(screen, written)
        if invite is None:
            return
        back = screen.button("button.return", "invite")
        if not _open(screen.unit, invite):
            screen.show(f"{self._told(screen, invite)}\n{screen.words('invite.over')}", rows(back))
        elif not ending:
            end = screen.button("button.invite_end", "invite_end", written)
            screen.show(self._told(screen, invite), rows(end, back, screen.menu()))
        elif sure != SURE:
            yes = screen.button("button.invite_end_sure", "invite_end", f"{written}.{SURE}")
            no = screen.button("button.rather_not", "invite_one", written)
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
        names = [person.display_name for person in known if person]
        if names:
            more = len(names) - NAMES_SHOWN
            told = speech.texts.all_of(names[:NAMES_SHOWN], speech.language)
            lines.append(speech.words("invite.came", names=told))
            if more > 0:
                lines.append(speech.texts.count("invite.came.more", speech.language, more))
        else:
            lines.append(speech.words("invite.nobody"))
        return "\n".join(lines)

    def _poster(self, screen: Screen, code: str) -> None:
        """Draw the poster of an invite whose code the button still carries."""
        invite = screen.unit.invites.find(code)
        if invite is None or not self._reached(screen, invite):
            refused(screen, "invite")
        elif not _open(screen.unit, invite):
            screen.show(screen.words("invite.over"), rows(screen.button("button.invites", "invite")))
        elif not invite_links(screen.unit, self._turns.site, code):
            screen.show(_no_link(screen.speech), rows(screen.button("button.invites", "invite")))
        else:
            drawn = poster(screen.unit, self._turns.texts, self._turns.site, invite, code)
            screen.speech.picture(drawn, screen.words("invite.poster"))

    def _found(self, screen: Screen, written: str) -> Invite | None:
        invite_id = read_id(written)
        invite = screen.unit.invites.get(invite_id) if invite_id else None
        if invite is not None and self._reached(screen, invite):
            return invite
        refused(screen, "invite")
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
        return allowed(unit, person, "invite_team")
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
    own = {name: registry.of(name) for name in found}
    return {"links": [[link, own[name].beside(link, bot_name(unit, site, own[name]))] for name, link in found.items()]}


def poster(unit: Unit, texts: Texts, site: Site, invite: Invite, code: str) -> dict[str, Any]:
    """Return what an invite's poster is drawn from: QR codes, the bot's exact name, and words in its group's languages.

    Neither the organisation nor the group is named: whoever passes by learns nothing about who is asked here.
    """
    cohort = unit.cohorts.get(invite.cohort_id) if invite.cohort_id else None
    spoken = [_spoken(texts, tag) for tag in (cohort.languages if cohort else ALWAYS)]
    zone = local_zone(unit, cohort=cohort)
    drawn = drawing(unit, site, code)
    first = registry.of(next(iter(invite_links(unit, site, code))))
    name = bot_name(unit, site, first)
    written = []
    for tag in dict.fromkeys(spoken):
        how = texts.own("poster.how", first.own_words, tag, name=name, letters=code)
        ends = invite.expires_at
        until = texts.say("poster.until", tag, day=texts.day(ends, zone, tag)) if ends else ""
        title, never = texts.say("poster.title", tag), texts.say("poster.never", tag)
        written.append({"title": title, "how": how, "never": never, "until": until})
    return {**drawn, "texts": written}


def _no_link(speech: Speech) -> str:
    ways = [*places(), speech.words("invite.page")]
    return speech.words("invite.no_link", where=speech.texts.any_of(ways, speech.language))


def _spoken(texts: Texts, tag: str) -> str:
    """Return the nearest language that has words of its own here."""
    return next((each for each in languages.chain(tag) if each in texts.languages and "-" not in each), "es")
