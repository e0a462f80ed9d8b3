"""Acts on phrases of danger: accepting a proposed one, refusing it, lowering one to marked, no longer marking one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from bot.product_languages import of_organisation
from bot.rendering.buttons import digest
from dialogs import danger, lang
from storage.people import Person
from storage.unit import Unit

RINGING: Final = "danger_words"
LOWERED: Final = "danger_marked"
REFUSED: Final = "danger_refused"
UNMARKED: Final = "danger_unmarked"
KEEP: Final = "k"
Treated: TypeAlias = Literal["rings", "marked", "unmarked"]
"""How a phrase is treated: it rings, it is marked, or it is not looked for."""


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


def known(record: Mapping[str, Any]) -> list[tuple[str, str, Treated]]:
    """Return every phrase that was decided about, with its language and how it is treated; in the languages' order."""
    lists = (RINGING, LOWERED, UNMARKED)
    tags = dict.fromkeys((*of_organisation(record), *(tag for key in lists for tag in record.get(key) or {})))
    found: list[tuple[str, str, Treated]] = []
    for tag in tags:
        ringing, unmarked = listed(record, RINGING, tag), listed(record, UNMARKED, tag)
        silent = (*listed(record, LOWERED, tag), *listed(record, REFUSED, tag), *unmarked)
        every = [each for each in danger.proposed(tag) if each in ringing or each in silent]
        found += [
            (tag, each, "rings" if each in ringing else "unmarked" if each in unmarked else "marked")
            for each in dict.fromkeys((*every, *ringing, *silent))
        ]
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


def accept(unit: Unit, by: Person | None, tag: str, phrases: Sequence[str]) -> None:
    """Accept proposed phrases of a language that were read together; each can be taken back by itself."""
    record = unit.organisation.get()
    for phrase in phrases:
        record = decide(record, tag, phrase, rings=True)
    unit.organisation.set(record)
    if by is not None:
        unit.audit.add(str(by.id), "organisation.changed", RINGING, {"language": tag})


def together(phrases: Sequence[str], most: int) -> list[str]:
    """Return the first of some phrases, as many as a list of so many characters holds, and one at least."""
    found: list[str] = []
    length = 0
    for phrase in phrases:
        length += len(phrase) + len("\n· ")
        if found and length > most:
            break
        found.append(phrase)
    return found


def decide(record: dict[str, Any], tag: str, phrase: str, *, rings: bool) -> dict[str, Any]:
    """Return the record with one proposed phrase accepted or refused."""
    key, other = (RINGING, REFUSED) if rings else (REFUSED, RINGING)
    changed = dict(record)
    for name in (key, other, LOWERED, UNMARKED):
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


def mark(unit: Unit, by: Person, short: str, *, marked: bool) -> str | None:
    """Stop marking an entry, by its digest, or mark it again; return it, or None if it rings or there is none such."""
    record = unit.organisation.get()
    found = next((each for each in _markable(record) if digest(each[1]).hex() == short), None)
    if found is None:
        return None
    tag, entry = found
    left = [each for each in listed(record, UNMARKED, tag) if each != entry]
    if not marked:
        left.append(entry)
    if left != listed(record, UNMARKED, tag):
        unit.organisation.set({**record, UNMARKED: {**(record.get(UNMARKED) or {}), tag: left}})
        unit.audit.add(str(by.id), "organisation.changed", UNMARKED, {"language": tag})
    return entry


def is_marked(record: Mapping[str, Any], short: str) -> str | None:
    """Return the entry of a digest if it is marked now; else None."""
    unmarked = {entry for kept in (record.get(UNMARKED) or {}).values() for entry in kept}
    every = (entry for _, entry in _markable(record) if entry not in unmarked)
    return next((entry for entry in every if digest(entry).hex() == short), None)


def _markable(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield whatever is marked or could be, with its language: of the tables that ship, and of the organisation's."""
    ringing = {phrase for kept in (record.get(RINGING) or {}).values() for phrase in kept}
    for rules in lang.RULES:
        for entry in (*danger.marks(rules.tag), *danger.proposed(rules.tag)):
            if entry not in ringing:
                yield rules.tag, entry
    for key in (LOWERED, UNMARKED):
        for tag, kept in (record.get(key) or {}).items():
            yield from ((tag, str(entry)) for entry in kept)
