"""Acts about invites: making one and ending one; and what its QR code and poster are drawn from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot import clock
from bot.messengers import registry
from bot.product_languages import LANGUAGES
from bot.rendering import targets
from bot.rendering.texts import Texts
from bot.services import readiness
from bot.services.acts import Actor, actor_name
from bot.services.links import Site, bot_name, invite_links
from bot.services.organisation import local_zone
from bot.services.permissions import ADMINS_OF_ALL, allowed, may_reach
from bot.services.refusals import NotAllowed
from dialogs import languages
from storage.cohorts import Cohort
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit

LEADER = "leader"


@dataclass(frozen=True, slots=True)
class MadeInvite:
    """An invite just made, with its code: this once, since the code is kept nowhere."""

    id: UUID
    code: str


def make(unit: Unit, by: Actor, role: str, cohort: Cohort | None, uses: int, expires_at: datetime) -> MadeInvite:
    """Make an invite.

    Args:
        unit: the transaction.
        by: who invites.
        role: what it gives.
        cohort: for which cohort; None: for all.
        uses: by how many people it can be used.
        expires_at: from when on it opens nothing.

    Raises:
        NotAllowed: `by` may not invite into this role, or this cohort.
        NotReady: leaders cannot be invited yet.
    """
    cohort_id = cohort.id if cohort else None
    if by is not None and not may_invite(unit, by, role, cohort_id):
        raise NotAllowed(targets.INVITE)
    if role == LEADER:
        readiness.require(unit, cohort)
    made = MadeInvite(clock.new_id(), clock.new_code())
    unit.invites.create(made.id, made.code, role, cohort_id, uses, expires_at, by.id if by else None)
    unit.audit.add(actor_name(by), "invite.made", str(made.id), {"role": role, "uses": uses})
    return made


def end(unit: Unit, by: Actor, invite: Invite) -> None:
    """End an invite: it opens nothing any more; raises NotAllowed."""
    if by is not None and not may_invite(unit, by, invite.role, invite.cohort_id):
        raise NotAllowed(targets.INVITE)
    unit.invites.revoke(invite.id)
    unit.audit.add(actor_name(by), "invite.ended", str(invite.id), {})


def may_invite(unit: Unit, person: Person, role: str, cohort_id: UUID | None) -> bool:
    """Tell whether a person may make, see and end such an invite: the team's are an admin's alone."""
    if role != LEADER:
        return allowed(unit, person, ADMINS_OF_ALL)
    return cohort_id is not None and may_reach(unit, person, cohort_id)


def is_open(unit: Unit, invite: Invite) -> bool:
    """Tell whether an invite still opens something."""
    return (
        invite.revoked_at is None
        and invite.used < invite.uses
        and (invite.expires_at is None or invite.expires_at > unit.now)
    )


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
    """Return the nearest language that has words of its own here."""
    return next(
        (each for each in languages.chain(tag) if each in texts.languages and "-" not in each), languages.DEFAULT
    )
