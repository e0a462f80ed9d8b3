"""What an admin does about people from the console: members of cohorts, roles, and what a cohort agreed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from bot.cli.administration import AdministrationError, cohort_named, speakable
from bot.conversation.turns import Turns
from bot.export.atomic_write import write_private
from bot.services import cohorts as cohort_acts
from bot.services import grants as grant_acts
from bot.services import hours, invites
from bot.services import links as link_acts
from bot.services import members as member_acts
from bot.services import role_rests as rest_acts
from bot.services.acts import CONSOLE
from bot.services.cohorts import APPROVAL, FORMS, SIGNALS
from bot.services.member_status import Member, MemberStatus, members, status_of
from bot.services.minors import Whose
from bot.services.refusals import AdultNeeded, AlreadyDone, LastAdmin, NotFound, Resting, RestUndecided
from storage.cohorts import Cohort
from storage.memberships import Membership
from storage.people import Person
from storage.roles import Grant
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of a cohort, as a list shows them."""

    member: Member
    cohort: Cohort
    status: MemberStatus


def everyone(unit: Unit, cohort_name: str | None) -> list[MemberRow]:
    """List the members of a cohort, or of all of them."""
    cohorts = [cohort_named(unit, cohort_name)] if cohort_name else unit.cohorts.list()
    return [
        MemberRow(each, cohort, status_of(unit, each.person, each.membership))
        for cohort in cohorts
        for each in members(unit, cohort)
    ]


def somebody(unit: Unit, who: str) -> Person:
    """Find a person by their code (`P-7KQ2M9`) or nickname; raises AdministrationError for none, or for several."""
    plain = who.casefold().strip()
    found = [
        each for each in unit.people.each() if plain in {each.pseudonym.casefold(), (each.nickname or "").casefold()}
    ]
    if not found:
        raise AdministrationError("cli.error.person", who=who)
    if len(found) > 1:
        raise AdministrationError("cli.error.people", who=who, codes=", ".join(each.pseudonym for each in found))
    return unit.people.known(found[0].id)


def membership(unit: Unit, person: Person, cohort_name: str | None, *, waiting: bool = False) -> Membership:
    """Return a person's membership: in the named cohort, or their only one; raises AdministrationError."""
    held = [each for each in unit.memberships.held(person.id) if each.waiting or not waiting]
    if cohort_name is not None:
        cohort = cohort_named(unit, cohort_name)
        held = [each for each in held if each.cohort_id == cohort.id]
    if not held:
        code = "cli.error.not_waiting" if waiting else "cli.error.no_member"
        raise AdministrationError(code, who=person.display_name)
    if len(held) > 1:
        cohorts = (unit.cohorts.get(each.cohort_id) for each in held)
        names = ", ".join(each.name for each in cohorts if each)
        raise AdministrationError("cli.error.which_cohort", who=person.display_name, cohorts=names)
    return held[0]


def rehome(unit: Unit, turns: Turns, who: str, to: str, come_from: str | None) -> tuple[str, str]:
    """Move a person to another cohort and tell them; return the person's name and the cohort."""
    person, target = somebody(unit, who), cohort_named(unit, to)
    held = membership(unit, person, come_from)
    if held.cohort_id == target.id:
        raise AdministrationError("cli.error.same_cohort", who=person.display_name, cohort=target.name)
    member_acts.move(unit, turns, None, held, person, target)
    return person.display_name, target.name


def remove(unit: Unit, turns: Turns, who: str, cohort_name: str | None) -> tuple[str, str]:
    """Remove a person from a cohort and tell them; return the person's name and the cohort."""
    person = somebody(unit, who)
    held = membership(unit, person, cohort_name)
    cohort = unit.cohorts.get(held.cohort_id)
    assert cohort is not None  # every membership belongs to a cohort
    member_acts.remove(unit, turns, None, held, person, cohort)
    return person.display_name, cohort.name


def restore(unit: Unit, turns: Turns, who: str, cohort_name: str) -> tuple[str, str]:
    """Take a former member into a cohort again; return the person's name and the cohort."""
    person, cohort = somebody(unit, who), cohort_named(unit, cohort_name)
    past = [each for each in unit.memberships.past(person.id) if each.cohort_id == cohort.id]
    never = AdministrationError("cli.error.never_member", who=person.display_name, cohort=cohort.name)
    if not past:
        raise never
    try:
        member_acts.restore(unit, turns, None, past[-1], person, cohort)
    except AlreadyDone as refusal:
        raise never from refusal
    return person.display_name, cohort.name


def decide(
    unit: Unit, turns: Turns, who: str, cohort_name: str | None, *, yes: bool, adult: Whose | None = None
) -> tuple[str, str]:
    """Approve a person who waits for it, or decline; return the person's name and the cohort.

    Raises AdministrationError for somebody under eighteen without an adult's yes (`adult`: whose).
    """
    person = somebody(unit, who)
    held = membership(unit, person, cohort_name, waiting=True)
    cohort = unit.cohorts.get(held.cohort_id)
    if not yes:
        member_acts.turn_away(unit, turns, None, held, person)
        return person.display_name, cohort.name if cohort else ""
    try:
        member_acts.approve(unit, turns, None, held, person, adult)
    except AdultNeeded:
        raise AdministrationError("cli.people.adult.needed", name=person.display_name) from None
    return person.display_name, cohort.name if cohort else ""


def link(unit: Unit, who: str, base: str | None, *, forget_pin: bool) -> str:
    """Make a person's link to their conversation in the browser; raises AdministrationError without an address."""
    if not base:
        raise AdministrationError("cli.invite.without.web")
    person = somebody(unit, who)
    return link_acts.make(unit, None, person, base, about=person.id, forget_pin=forget_pin)


def poster_of(unit: Unit, turns: Turns, code: str) -> dict[str, Any]:
    """Return the data from which an invite's poster is drawn."""
    invite = unit.invites.find(code)
    if invite is None:
        raise LookupError("no such invite")
    return invites.poster(unit, turns.texts, turns.site, invite, code)


def write_poster(drawn: dict[str, Any], path: Path) -> None:
    """Write a poster as PDF or PNG, by the file's ending; raises AdministrationError."""
    from bot.poster import draw  # noqa: PLC0415  only this needs it

    makers = {".pdf": draw.pdf, ".png": draw.png}
    try:
        write_private(path, makers[path.suffix.lower()](drawn))
    except OSError as error:
        raise AdministrationError("cli.error.write", path=path, problem=error) from error


# Roles.


def grant(unit: Unit, who: str, role: str, cohort_names: Sequence[str], days: int | None) -> str:
    """Grant a role, for every cohort or the named ones, for some days or without limit; return the person's name."""
    if role not in grant_acts.OFFERED_ROLES:
        raise AdministrationError("cli.error.role", role=role, known=", ".join(grant_acts.OFFERED_ROLES))
    if role == "facilitator" and not cohort_names:
        raise AdministrationError("cli.error.needs_cohort", role=role)
    if role != "facilitator" and cohort_names:
        raise AdministrationError("cli.error.no_cohort", role=role)
    person = somebody(unit, who)
    until = unit.now + timedelta(days=days) if days else None
    cohorts: list[UUID | None] = [cohort_named(unit, each).id for each in cohort_names]
    try:
        for cohort_id in cohorts or [None]:
            grant_acts.grant(unit, None, person.id, role, cohort_id, until)
    except Resting:
        raise AdministrationError("cli.error.resting", name=person.display_name) from None
    return person.display_name


def revoke(unit: Unit, turns: Turns, who: str, role: str, cohort_name: str | None) -> str:
    """Take a role back, everywhere or for one cohort; return the person's name. The last admin stays."""
    person = somebody(unit, who)
    cohort = cohort_named(unit, cohort_name) if cohort_name else None
    found = [
        each
        for each in unit.roles.given()
        if (each.person_id, each.role) == (person.id, role) and (cohort is None or each.cohort_id == cohort.id)
    ]
    if not found:
        raise AdministrationError("cli.error.no_role", who=person.display_name, role=role)
    grant_acts.revoke(unit, turns, None, *found)
    return person.display_name


def rest(unit: Unit, turns: Turns, who: str) -> str:
    """Let a person's roles rest; return the person's name. Raises AdministrationError."""
    person = somebody(unit, who)
    try:
        rest_acts.begin(unit, turns, None, person)
    except RestUndecided:
        waiting = unit.role_rests.undecided()
        other = unit.people.known(waiting.person_id) if waiting else person
        facts = {"name": other.display_name, "code": other.pseudonym}
        raise AdministrationError("cli.error.rest.undecided", **facts) from None
    except LastAdmin:
        raise AdministrationError("cli.error.rest.last_admin") from None
    except AlreadyDone:
        raise AdministrationError("cli.error.rest.already", name=person.display_name) from None
    except NotFound:
        raise AdministrationError("cli.error.no_role", who=person.display_name, role="-") from None
    return person.display_name


def decide_rest(unit: Unit, turns: Turns, who: str, *, over: bool) -> str:
    """Decide that a person's roles rest on, or (`over`) are taken up again; return the name. Or AdministrationError."""
    person = somebody(unit, who)
    try:
        (rest_acts.end if over else rest_acts.keep)(unit, turns, None, person)
    except AlreadyDone:
        raise AdministrationError("cli.error.rest.not", name=person.display_name) from None
    return person.display_name


def grants(unit: Unit) -> list[tuple[Person, Grant, Cohort | None]]:
    """List who has which role now, for which cohort."""
    found = []
    for each in unit.roles.given():
        person = unit.people.get(each.person_id)
        if person is not None:
            found.append((person, each, unit.cohorts.get(each.cohort_id) if each.cohort_id else None))
    return found


# Cohorts.


def change_cohort(
    unit: Unit,
    name: str,
    tags: Sequence[str],
    zone: str | None,
    form: str | None,
    parts: Sequence[str],
    data: str | None,
    *,
    approval: bool | None,
) -> Cohort:
    """Change what was agreed for a cohort; what is left out stays as it was. Raises AdministrationError."""
    cohort = cohort_named(unit, name)
    context: dict[str, Any] = dict(cohort.context)
    if zone is not None and zone not in available_timezones():
        raise AdministrationError("cli.error.zone", zone=zone)
    if form is not None:
        context["form"] = _one_of("--form", form, FORMS)
    if data is not None:
        context["data"] = _one_of("--data", data, SIGNALS)
    if parts:
        context["hours"] = [_one_of("--hours", each, hours.CHOICES) for each in parts]
    if approval is not None:
        context[APPROVAL] = approval
    languages = tuple(speakable(tag) for tag in tags) or cohort.languages
    changed = replace(cohort, languages=languages, zone=zone or cohort.zone, context=context)
    cohort_acts.change(unit, None, changed, CONSOLE)
    return changed


def _one_of(option: str, given: str, known: Sequence[str]) -> str:
    if given not in known:
        raise AdministrationError("cli.error.one_of", option=option, given=given, known=", ".join(known))
    return given
