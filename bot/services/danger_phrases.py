"""Acts on the phrases that ring: accepting one of those proposed, refusing it, lowering one to marked."""

from collections.abc import Mapping
from typing import Any, Final

from bot.product_languages import of_organisation
from bot.rendering.buttons import digest
from dialogs import danger
from storage.people import Person
from storage.unit import Unit

RINGING: Final = "danger_words"
LOWERED: Final = "danger_marked"
REFUSED: Final = "danger_refused"
KEEP: Final = "k"


def listed(record: Mapping[str, Any], key: str, tag: str) -> list[str]:
    """Return the phrases of a list of the record in one language."""
    return [str(phrase) for phrase in (record.get(key) or {}).get(tag) or ()]


def undecided(record: Mapping[str, Any], tag: str) -> list[str]:
    """Return the phrases proposed in a language that the organisation has not decided about."""
    decided = {each for key in (RINGING, LOWERED, REFUSED) for each in listed(record, key, tag)}
    return [phrase for phrase in danger.proposed(tag) if phrase not in decided]


def waiting(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return every phrase that is undecided, with its language, in the organisation's languages."""
    return [(tag, phrase) for tag in of_organisation(record) for phrase in undecided(record, tag)]


def known(record: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return every phrase that was decided about, with its language and whether it rings; in the languages' order."""
    tags = dict.fromkeys((*of_organisation(record), *(record.get(RINGING) or {}), *(record.get(LOWERED) or {})))
    found = []
    for tag in tags:
        ringing = listed(record, RINGING, tag)
        silent = (*listed(record, LOWERED, tag), *listed(record, REFUSED, tag))
        every = [each for each in danger.proposed(tag) if each in ringing or each in silent]
        found += [(tag, each, each in ringing) for each in dict.fromkeys((*every, *ringing, *silent))]
    return found


def choose(unit: Unit, by: Person, tag: str, short: str, *, rings: bool) -> str | None:
    """Accept or refuse a phrase of a language, by its digest; return it, or None if there is none such.

    A phrase of the organisation's own that is not to ring stays marked: it is not forgotten.
    """
    record = unit.organisation.get()
    every = (*danger.proposed(tag), *(each for of, each, _ in known(record) if of == tag))
    phrase = next((each for each in every if digest(each).hex() == short), None)
    if phrase is None:
        return None
    changed = decide(record, tag, phrase, rings=rings)
    if not rings and phrase not in danger.proposed(tag):
        refused = [each for each in listed(changed, REFUSED, tag) if each != phrase]
        marked = [*listed(changed, LOWERED, tag), phrase]
        changed |= {REFUSED: {**changed[REFUSED], tag: refused}, LOWERED: {**(changed.get(LOWERED) or {}), tag: marked}}
    unit.organisation.set(changed)
    unit.audit.add(str(by.id), "organisation.changed", RINGING, {"language": tag})
    return phrase


def decide(record: dict[str, Any], tag: str, phrase: str, *, rings: bool) -> dict[str, Any]:
    """Return the record with one proposed phrase accepted or refused."""
    key, other = (RINGING, REFUSED) if rings else (REFUSED, RINGING)
    changed = dict(record)
    for name in (key, other, LOWERED):
        rest = [each for each in listed(record, name, tag) if each != phrase]
        kept = [*rest, phrase] if name == key else rest
        if kept or tag in (record.get(name) or {}):
            changed[name] = {**(record.get(name) or {}), tag: kept}
    return changed


def lower(unit: Unit, by: Person, short: str, *, keep: bool) -> str | None:
    """Lower a phrase to marked, by its digest, unless it is to be kept; return it, or None if it does not ring."""
    record = unit.organisation.get()
    for tag, phrases in (record.get(RINGING) or {}).items():
        phrase = next((str(each) for each in phrases if digest(str(each)).hex() == short), None)
        if phrase is None:
            continue
        if not keep:
            ringing = {**record[RINGING], tag: [each for each in phrases if each != phrase]}
            marked = {**(record.get(LOWERED) or {}), tag: [*listed(record, LOWERED, tag), phrase]}
            unit.organisation.set({**record, RINGING: ringing, LOWERED: marked})
            unit.audit.add(str(by.id), "organisation.changed", LOWERED, {"language": tag})
        return phrase
    return None
