"""Acts on invites: making and ending one, and the data for its QR code and poster."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.errors import Problem
from bot.messengers import registry
from bot.product_languages import LANGUAGES
from bot.rendering import targets
from bot.rendering.texts import Texts
from bot.services import readiness
from bot.services.acts import Actor, actor_name
from bot.services.broadcasts import CLOSED
from bot.services.links import Site, bot_name, invite_links
from bot.services.organisation import local_zone
from bot.services.permissions import ADMINS_OF_ALL, allowed, may_reach, still_given
from bot.services.refusals import ActRefused, NotAllowed
from dialogs import languages
from dialogs.replies import folded
from storage.cohorts import Cohort
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit

LEADER: Final = "leader"
FIRST: Final = "first"
"""What a page puts after an invite's code once somebody said there that it is their first time."""


class GroupClosed(Problem, ActRefused):
    """A cohort is closed, so that nobody is invited into it."""


@dataclass(frozen=True, slots=True)
class MadeInvite:
    """A new invite with its code, which is shown only now, as it is stored nowhere."""

    id: UUID
    code: str


def make(
    unit: Unit,
    by: Actor,
    role: str,
    cohort: Cohort | None,
    uses: int,
    expires_at: datetime,
    nickname: str | None = None,
) -> MadeInvite:
    """Make an invite.

    Args:
        unit: the transaction.
        by: the actor.
        role: the role it gives.
        cohort: for which cohort; None: for all.
        uses: how many people can use it.
        expires_at: when it ends by itself.
        nickname: what the team calls the one person it is for.

    Raises:
        NotAllowed: the actor may not invite into this role or cohort.
        GroupClosed: the cohort is closed.
        NotReady: participants cannot be invited yet.
    """
    cohort_id = cohort.id if cohort else None
    if by is not None and not may_invite(unit, by, role, cohort_id):
        raise NotAllowed(targets.INVITE)
    if cohort is not None and cohort.context.get(CLOSED):
        raise GroupClosed("invite.closed", group=cohort.name)
    if role == LEADER:
        readiness.require(unit, cohort)
    made = MadeInvite(clock.new_id(), clock.new_code())
    unit.invites.create(made.id, made.code, role, cohort_id, uses, expires_at, by.id if by else None, nickname)
    unit.audit.add(actor_name(by), "invite.made", str(made.id), {"role": role, "uses": uses})
    return made


def end(unit: Unit, by: Actor, invite: Invite) -> None:
    """End an invite, so that it opens nothing any more; raises NotAllowed."""
    if by is not None and not may_invite(unit, by, invite.role, invite.cohort_id):
        raise NotAllowed(targets.INVITE)
    unit.invites.revoke(invite.id)
    unit.audit.add(actor_name(by), "invite.ended", str(invite.id), {})


def may_invite(unit: Unit, person: Person, role: str, cohort_id: UUID | None) -> bool:
    """Return whether a person may make, see and end such an invite; only admins of all may for roles in the team."""
    if role != LEADER:
        return allowed(unit, person, ADMINS_OF_ALL)
    return cohort_id is not None and may_reach(unit, person, cohort_id)


def is_open(unit: Unit, invite: Invite) -> bool:
    """Return whether an invite can still be used."""
    return (
        invite.revoked_at is None
        and invite.used < invite.uses
        and (invite.expires_at is None or invite.expires_at > unit.now)
    )


def find(unit: Unit, code: str) -> Invite | None:
    """Return the invite of a code as somebody wrote it, even if it opens nothing any more; None for an unknown one."""
    return unit.invites.find(clock.read_code(code) or code)


def came_by(invite: Invite) -> bool:
    """Return whether somebody came in by an invite for several, so that whoever opens it may be one of them."""
    return invite.role == LEADER and invite.uses > 1 and invite.used > 0


def opens(unit: Unit, code: str) -> bool:
    """Return whether a code lets somebody in: used, ended and unknown ones all do not."""
    invite = find(unit, code)
    return invite is not None and may_use(unit, invite)


def may_use(unit: Unit, invite: Invite) -> bool:
    """Return whether an invite can still be used: its cohort is open, and its maker may still make one."""
    return is_open(unit, invite) and still_given(unit, invite) and not _of_closed(unit, invite)


def _of_closed(unit: Unit, invite: Invite) -> bool:
    cohort = unit.cohorts.get(invite.cohort_id) if invite.role == LEADER and invite.cohort_id else None
    return cohort is not None and bool(cohort.context.get(CLOSED))


def who_came(unit: Unit, code: str, nickname: str) -> list[Person]:
    """Return who may be meant by somebody who says that they came in with a code before.

    Where one person used it, they are; of several, those of that nickname or pseudonym, accents and capitals aside.
    Nobody is for a code that never was.
    """
    invite = find(unit, code)
    used = unit.invites.used_by(invite.id) if invite is not None else ()
    came = [person for person in map(unit.people.get, used) if person is not None and not person.lost]
    sought = folded(nickname)
    return came if len(came) <= 1 else [each for each in came if sought in _called(each)]


def _called(person: Person) -> set[str]:
    return {folded(person.nickname), folded(person.pseudonym)} if person.nickname else {folded(person.pseudonym)}


def drawing(unit: Unit, site: Site, code: str) -> dict[str, Any]:
    """Return the data for the QR picture of an invite's code; raises LookupError if the invite has no link."""
    found = invite_links(unit, site, code)
    if not found:
        raise LookupError("there is no link to draw")
    own = {name: registry.of(name) for name in found}
    return {"links": [[link, own[name].beside(link, bot_name(unit, site, own[name]))] for name, link in found.items()]}


def poster(unit: Unit, texts: Texts, site: Site, invite: Invite, code: str) -> dict[str, Any]:
    """Return the data for an invite's poster: QR codes, the bot's exact name, and words in the cohort's languages.

    It names neither the organisation nor the cohort, so that people passing by learn nothing about who is asked here.
    """
    cohort = unit.cohorts.get(invite.cohort_id) if invite.cohort_id else None
    spoken = [_spoken(texts, tag) for tag in (cohort.languages if cohort else LANGUAGES)]
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


def _spoken(texts: Texts, tag: str) -> str:
    """Return the nearest language that has a catalog of its own."""
    return next(
        (each for each in languages.chain(tag) if each in texts.languages and "-" not in each), languages.DEFAULT
    )
