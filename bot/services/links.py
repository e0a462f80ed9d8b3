"""Links: of invites, and personal ones, with a text to forward them.

A facilitator forwards a link with their own WhatsApp or SMS: no number is stored, no interface is used, no fee is paid.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from bot import clock
from bot.messengers import registry
from bot.messengers.port import Capabilities
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import Texts
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed, may_reach, works_here
from bot.services.refusals import NotAllowed
from storage.link_requests import LinkRequest
from storage.memberships import Membership
from storage.people import Person
from storage.unit import Unit

GOOD_FOR = timedelta(days=14)  # until a link is opened for the first time


@dataclass(frozen=True, slots=True)
class Site:
    """How people reach this bot: what links are made of.

    Attributes:
        public_url: base of the web pages, such as `https://hilo.example.org`; None: not reachable from outside.
        messengers: names of the messengers it is on, besides the web.
        practice: whether nothing leaves this machine.
    """

    public_url: str | None = None
    messengers: frozenset[str] = frozenset()
    practice: bool = False


@dataclass(frozen=True, slots=True)
class ForwardLinks:
    """Links that open the facilitator's own WhatsApp or SMS with a neutral text, and that text.

    Attributes:
        whatsapp: an address that buttons of any messenger accept.
        sms: an address that only a web page can link to (see `Capabilities.opens`).
        page: that web page.
        text: the words.
    """

    whatsapp: str
    sms: str
    page: str
    text: str


def invite_links(unit: Unit, site: Site, code: str) -> dict[str, str]:
    """Return an invite's links by messenger, for those that have one."""
    possible = ((own.name, own.invite(code, bot_name(unit, site, own), site.public_url)) for own in registry.MESSENGERS)
    return {name: link for name, link in possible if link}


def bot_name(unit: Unit, site: Site, own: Capabilities) -> str:
    """Return the bot's exact name on a messenger, without a mark; empty if the bot is not there, or was not yet."""
    return str(unit.organisation.get().get(own.record_key) or "") if own.name in site.messengers else ""


def places(site: Site | None = None) -> list[str]:
    """Return the titles of messengers that have links of their own; with a site, only of those it is on."""
    titles = (own.title for own in registry.MESSENGERS if site is None or own.name in site.messengers)
    return [title for title in dict.fromkeys(titles) if title]


def make(unit: Unit, by: Actor, person: Person, base_url: str, *, about: UUID, forget_pin: bool = False) -> str:
    """Make a personal link to be forwarded (see `personal_link`), and audit it.

    Args:
        unit: the transaction.
        by: who forwards it.
        person: whose chat it opens.
        base_url: base of the web pages.
        about: the subject in the audit: the membership through which the actor came to it, or the person.
        forget_pin: as in `personal_link`.

    Raises:
        NotAllowed: the actor may not, or reaches none of the person's cohorts. A colleague's link is an admin's to
            make, and nobody forgets a colleague's PIN but whoever has the server.
    """
    _require_reach(unit, by, person)
    if forget_pin and by is not None and works_here(unit, person.id):
        raise NotAllowed(targets.PERSONAL_LINK)
    unit.link_requests.close(person.id, by.id if by else None)
    link = personal_link(unit, person, base_url, forget_pin=forget_pin)
    unit.audit.add(actor_name(by), "link.made", str(about), {"pin_forgotten": forget_pin})
    return link


def personal_link(unit: Unit, person: Person, base_url: str, *, forget_pin: bool = False) -> str:
    """Make a link that opens a person's web chat once, and after that asks for the PIN they chose.

    The person's earlier links that were never opened stop working.

    Args:
        unit: the transaction.
        person: whose chat it opens.
        base_url: base of the web pages, such as `https://hilo.example.org`.
        forget_pin: the person no longer knows their PIN: it is deleted, every open browser is closed, and no earlier
            link works any more.
    """
    if forget_pin:
        unit.web_pins.delete(person.id)
        _close_sessions(unit, person)
    code = new_code()
    unit.web_links.add(clock.new_id(), person.id, code, unit.now + GOOD_FOR)
    return f"{base_url.rstrip('/')}/l/{code}"


def tell_opened(unit: Unit, texts: Texts, person: Person) -> None:
    """Tell a person, at every address that rings, that a link to their chat was opened.

    The team makes the link and other people's phones forward it. Anyone who opens it first can read the chat and write
    in the person's name, so the person is always told.
    """
    for _, messenger, chat in unit.addresses.of(person):
        if not registry.of(messenger).rings:
            continue
        speech = Speech(unit, texts, person, messenger, chat, language_of(person))
        keyboard = rows(speech.button("button.shut", targets.SHUT), speech.button("button.menu", targets.HOME))
        speech.say("home.link_opened", keyboard)


def close_everywhere(unit: Unit, by: Actor, person: Person) -> None:
    """Close a person's web chat in every browser and revoke all earlier links.

    Raises:
        NotAllowed: it is another person's.
    """
    if by is not None and by.id != person.id:
        raise NotAllowed(targets.SHUT)
    _close_sessions(unit, person)
    unit.audit.add(actor_name(by), "link.shut", str(person.id), {})


def _close_sessions(unit: Unit, person: Person) -> None:
    unit.web_links.revoke_all(person.id)
    for _, _, chat in unit.addresses.of(person):
        unit.web_sessions.close_all(chat)  # an address elsewhere has no browser to close


def new_code() -> str:
    """Return a new code for a link: twenty characters (100 bits) that can be copied by hand."""
    return clock.new_code() + clock.new_code()


def forward_links(texts: Texts, language: str, link: str, *, practice: bool = False) -> ForwardLinks | None:
    """Return what a facilitator needs to forward a link, in the person's language and without saying what it is about.

    None in practice, where nothing leaves the machine.
    """
    return None if practice else _forwarded(texts.say("web.nudge", language, link=link), f"{link}/sms")


def invite_forward(texts: Texts, language: str, link: str) -> ForwardLinks:
    """Return what a facilitator needs to forward an invite's link."""
    return _forwarded(texts.say("web.invited", language, link=link), f"{link}/sms")


def notice_forward(texts: Texts, language: str, base_url: str) -> ForwardLinks:
    """Return what a facilitator needs to tell someone that something is there.

    It is the same for everybody: the page's own address, and neither topic nor organisation nor name.
    """
    base = base_url.rstrip("/")
    return _forwarded(texts.say("hand.notice", language, link=f"{base}/"), f"{base}/sms?language={language}")


def _forwarded(text: str, page: str) -> ForwardLinks:
    written = quote(text, safe="")
    return ForwardLinks(f"https://wa.me/?text={written}", f"sms:?body={written}", page, text)


def ask_for_link(unit: Unit, person: Person) -> bool:
    """Note that somebody on a page asked for a person's link; return False if that was noted before."""
    here = unit.memberships.of(person.id) or unit.roles.of(person.id)
    if not here or not unit.link_requests.add(clock.new_id(), person.id):
        return False
    unit.audit.add("web", "link.asked", str(person.id), {})
    return True


def link_requests(unit: Unit, by: Person) -> list[tuple[LinkRequest, Membership | None]]:
    """Return the open requests that one of the team may answer, each with the membership through which they may.

    One of a colleague is for the other admins of everything, and has no membership: it opens what the role opens.
    """
    found: list[tuple[LinkRequest, Membership | None]] = []
    for each in unit.link_requests.open():
        if works_here(unit, each.person_id):
            if each.person_id != by.id and allowed(unit, by, ADMINS_OF_ALL):
                found.append((each, None))
            continue
        held = (at for at in unit.memberships.held(each.person_id) if may_reach(unit, by, at.cohort_id))
        if (membership := next(held, None)) is not None:
            found.append((each, membership))
    return found


def decline_link(unit: Unit, by: Person, person: Person) -> None:
    """Close a request without making a link.

    Raises:
        NotAllowed: the actor may not, or reaches none of the person's cohorts.
    """
    _require_reach(unit, by, person)
    if unit.link_requests.close(person.id, by.id):
        unit.audit.add(by.id, "link.declined", str(person.id), {})


def _require_reach(unit: Unit, by: Actor, person: Person) -> None:
    require(unit, by, FACILITATORS, targets.PERSONAL_LINK)
    if works_here(unit, person.id):
        require(unit, by, ADMINS_OF_ALL, targets.PERSONAL_LINK)
    elif by is not None and not any(may_reach(unit, by, each.cohort_id) for each in unit.memberships.held(person.id)):
        raise NotAllowed(targets.PERSONAL_LINK)
