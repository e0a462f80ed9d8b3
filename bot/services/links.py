"""Links that let people in: an invite's, and personal ones, with a way to hand one over.

A facilitator hands it over by her own WhatsApp or SMS: no number is stored, no interface used, no fee paid.
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
from bot.services.permissions import FACILITATORS, may_reach
from bot.services.refusals import NotAllowed
from storage.people import Person
from storage.unit import Unit

GOOD_FOR = timedelta(days=14)  # until it is opened for the first time


@dataclass(frozen=True, slots=True)
class Site:
    """Where people reach this bot: what a link can be made of.

    Attributes:
        public_url: base of the pages, as `https://hilo.example.org`; None: they are not to be had from outside.
        messengers: names of those it is on, besides its pages.
        practice: True where nothing leaves the machine.
    """

    public_url: str | None = None
    messengers: frozenset[str] = frozenset()
    practice: bool = False


@dataclass(frozen=True, slots=True)
class ForwardLinks:
    """Ways that open the facilitator's own WhatsApp or SMS with a neutral text, and that text.

    Attributes:
        whatsapp: an address that a button of any messenger takes.
        sms: an address that only a page can lead to (see `Capabilities.opens`).
        page: that page.
        text: the words.
    """

    whatsapp: str
    sms: str
    page: str
    text: str


def invite_links(unit: Unit, site: Site, code: str) -> dict[str, str]:
    """Return the links that open an invite, by messenger: those that can be given."""
    possible = ((own.name, own.invite(code, bot_name(unit, site, own), site.public_url)) for own in registry.MESSENGERS)
    return {name: link for name, link in possible if link}


def bot_name(unit: Unit, site: Site, own: Capabilities) -> str:
    """Return the bot's exact name on a messenger, without any mark; empty where it is not, or was not there yet."""
    return str(unit.organisation.get().get(own.record_key) or "") if own.name in site.messengers else ""


def places(site: Site | None = None) -> list[str]:
    """Name, as people do, the messengers that have links of their own; only those it is on, where a site is given."""
    titles = (own.title for own in registry.MESSENGERS if site is None or own.name in site.messengers)
    return [title for title in dict.fromkeys(titles) if title]


def make(unit: Unit, by: Actor, person: Person, base_url: str, *, about: UUID, forget_pin: bool = False) -> str:
    """Make a personal link for somebody to hand over (see `personal_link`), and put it on the trail.

    Args:
        unit: the open transaction.
        by: who hands it over.
        person: whose conversation it opens.
        base_url: where the pages are reached.
        about: what the trail names: the membership by which `by` came to it, or the person.
        forget_pin: as in `personal_link`.

    Raises:
        NotAllowed: `by` may not, or reaches no cohort of that person's.
    """
    require(unit, by, FACILITATORS, targets.PERSONAL_LINK)
    if by is not None and not any(may_reach(unit, by, each.cohort_id) for each in unit.memberships.held(person.id)):
        raise NotAllowed(targets.PERSONAL_LINK)
    link = personal_link(unit, person, base_url, forget_pin=forget_pin)
    unit.audit.add(actor_name(by), "link.made", str(about), {"pin_forgotten": forget_pin})
    return link


def personal_link(unit: Unit, person: Person, base_url: str, *, forget_pin: bool = False) -> str:
    """Make a link that opens a person's web chat once, and after that asks for the PIN she chose.

    Her earlier links that were never opened open nothing any more.

    Args:
        unit: the open transaction.
        person: whose conversation it opens.
        base_url: where the pages are reached, as `https://hilo.example.org`.
        forget_pin: she does not know her PIN any more: it is forgotten, everything that is open is closed, and no
            earlier link opens anything.
    """
    if forget_pin:
        unit.web_pins.delete(person.id)
        _close_sessions(unit, person)
    code = new_code()
    unit.web_links.add(clock.new_id(), person.id, code, unit.now + GOOD_FOR)
    return f"{base_url.rstrip('/')}/l/{code}"


def tell_opened(unit: Unit, texts: Texts, person: Person) -> None:
    """Tell a person, at every address that rings, that a link to their conversation was opened.

    A link is made by the team and travels by other people's phones. Whoever opens it first reads what stands there and
    speaks in that person's name, so it is never opened behind their back.
    """
    for _, messenger, chat in unit.addresses.of(person):
        if not registry.of(messenger).rings:
            continue
        speech = Speech(unit, texts, person, messenger, chat, language_of(person))
        keyboard = rows(speech.button("button.shut", targets.SHUT), speech.button("button.menu", targets.HOME))
        speech.say("home.link_opened", keyboard)


def close_everywhere(unit: Unit, by: Actor, person: Person) -> None:
    """Close a person's conversation in every browser; no link that was made before opens it again.

    Raises:
        NotAllowed: it is somebody else's.
    """
    if by is not None and by.id != person.id:
        raise NotAllowed(targets.SHUT)
    _close_sessions(unit, person)
    unit.audit.add(actor_name(by), "link.shut", str(person.id), {})


def _close_sessions(unit: Unit, person: Person) -> None:
    unit.web_links.revoke_all(person.id)
    for _, _, chat in unit.addresses.of(person):
        unit.web_sessions.close_all(chat)  # there is no browser at an address elsewhere


def new_code() -> str:
    """Make a link's code: twenty characters (100 bits) that can be copied by hand."""
    return clock.new_code() + clock.new_code()


def forward_links(texts: Texts, language: str, link: str, *, practice: bool = False) -> ForwardLinks | None:
    """Return how a facilitator hands a link over, in a person's language and without a word of what it is about.

    None in practice, where nothing leaves the machine.
    """
    if practice:
        return None
    text = texts.say("web.nudge", language, link=link)
    written = quote(text, safe="")
    return ForwardLinks(f"https://wa.me/?text={written}", f"sms:?body={written}", f"{link}/sms", text)
