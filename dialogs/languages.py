"""The table of languages: code, own name, parent, formatting locale.

Hilo has its own because CLDR knows almost none of Mexico's languages, and takes some of their codes for others. A tag
that is not in the table is still a language: it falls back as its parts say, then to the languages that the product
itself speaks (`dialogs/lang/`), in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from dialogs import lang

TAG: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
"""Pattern of a language tag in a dialog: lower case throughout."""

LAST_RESORTS: Final = tuple(each.tag for each in lang.RULES)
DEFAULT: Final = LAST_RESORTS[0]
"""The language for somebody whose language is unknown, and of words without a language."""

LOCALE: Final = lang.RULES[0].locale
"""Locale of languages that Babel does not know: dates and numbers as where most of them are spoken."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language, or one way of speaking it.

    `own_name` is what its speakers call it, short enough for a button. `parent` is where words are looked up if it has
    none of its own. `locale` is the nearest that Babel formats in. A `register` (usted) is not a language of its own:
    speakers of the parent understand it.
    """

    code: str
    own_name: str
    parent: str | None = None
    locale: str = LOCALE
    register: bool = False


_SPOKEN: Final = tuple(
    row
    for each in lang.RULES
    for row in (
        Language(each.tag, each.own_name, locale=each.locale),
        *(
            Language(register.tag, register.own_name, each.tag, each.locale, register=True)
            for register in each.registers
            if register.tag != each.tag
        ),
    )
)
"""The languages that the product speaks: those of `dialogs/lang/`."""

_ROWS: Final = (
    # Nahuatl and its variants
    Language("nah", "Nahuatl"),
    Language("nhe", "Nauatl (Huasteca oriental)", "nah"),
    Language("nhw", "Nauatl (Huasteca occidental)", "nah"),
    Language("nch", "Nauatl (Huasteca central)", "nah"),
    Language("azz", "Maseualtajtol", "nah"),
    Language("ncj", "Náhuatl (norte de Puebla)", "nah"),
    Language("ngu", "Náhuatl (Guerrero)", "nah"),
    Language("nlv", "Náhuatl (Orizaba)", "nah"),
    # Maya languages
    Language("yua", "Maaya t'aan"),
    Language("tzo", "Bats'i k'op"),
    Language("tzh", "Bats'il k'op"),
    Language("ctu", "Lak ty'añ"),
    Language("toj", "Tojol-ab'al"),
    Language("mam", "Qyool Mam"),
    Language("quc", "K'iche'"),
    Language("kek", "Q'eqchi'"),
    Language("kjb", "Q'anjob'al"),
    Language("jac", "Popti'"),
    Language("cac", "Koti' (Chuj)"),
    Language("chf", "Yokot'an"),
    Language("lac", "Jach t'aan"),
    Language("hus", "Téenek"),
    # Zapotec, Mixtec and their neighbours
    Language("zap", "Diidxa (Zapoteco)"),
    Language("zai", "Diidxazá", "zap"),
    Language("zav", "Dilla xhon", "zap"),
    Language("mix", "Tu'un Savi"),
    Language("mxv", "Tu'un Savi (Metlatónoc)", "mix"),
    Language("mig", "Tu'un Savi (San Miguel)", "mix"),
    Language("maj", "Énná"),
    Language("mau", "Én ngixó", "maj"),
    Language("trc", "Xna'ánj nu'"),
    Language("amu", "Ñomndaa"),
    Language("ctp", "Cha'cña"),
    Language("cnl", "Jujmi"),
    Language("cut", "Dbaku"),
    Language("tcf", "Me'phaa"),
    Language("huv", "Ombeayiüts"),
    # Mixe, Zoque, Totonac, Tepehua
    Language("mto", "Ayöök"),
    Language("mir", "Ayuujk", "mto"),
    Language("zoc", "O'de püt"),
    Language("zoh", "Angpøn"),
    Language("tlp", "Tutunakú"),
    Language("top", "Tutunaku (Papantla)", "tlp"),
    Language("tos", "Tutunaku (Sierra)", "tlp"),
    Language("tpp", "Lhichiwíin"),
    # Otomi, Mazahua and their kin
    Language("oto", "Hñähñu"),
    Language("ote", "Hñähñu (Mezquital)", "oto"),
    Language("otq", "Hñäñho", "oto"),
    Language("maz", "Jñatjo"),
    Language("mat", "Bot'una"),
    Language("ocu", "Pjiekakjoo"),
    Language("pbs", "Xi'iùi"),
    # West and north
    Language("tsz", "P'urhépecha"),
    Language("hch", "Wixárika"),
    Language("crn", "Naáyeri"),
    Language("tar", "Rarámuri"),
    Language("yaq", "Yoem noki"),
    Language("mfy", "Yorem nokki"),
    Language("stp", "O'dam"),
    Language("ntp", "Ódami"),
    Language("var", "Warihó"),
    Language("ood", "O'odham"),
    Language("sei", "Cmiique iitom"),
    Language("kic", "Kikapúa"),
    Language("dih", "Kumiay"),
    # spoken by people on the move through Mexico, and by neighbours
    Language("cab", "Garifuna"),
    Language("ht", "Kreyòl ayisyen", "fr", locale="fr"),
    Language("fr", "Français", locale="fr"),
    Language("pt", "Português", locale="pt"),
)

LANGUAGES: Final = {row.code: row for row in _SPOKEN} | {row.code: row for row in _ROWS if row.code not in LAST_RESORTS}
"""Every language of the table, by code, in the order of the table."""


@lru_cache
def chain(tag: str) -> tuple[str, ...]:
    """Return the languages in which to look for words, nearest first: `es-usted` -> es-usted, es, en."""
    return (*_kin(tag), *(each for each in LAST_RESORTS if each not in _kin(tag)))


@lru_cache
def _kin(tag: str) -> tuple[str, ...]:
    """Return the language, then its parents: `nhe` -> nhe, nah."""
    row = LANGUAGES.get(tag)
    parent = row.parent if row else tag.rpartition("-")[0]
    return (tag, *_kin(parent)) if parent else (tag,)


def base(tag: str) -> str:
    """Return the language without its register or place: `es-usted` -> es."""
    return tag.partition("-")[0]


def with_registers(tags: Iterable[str]) -> tuple[str, ...]:
    """Return languages, each followed by its registers that are not among them."""
    listed = tuple(tags)
    return tuple(
        found
        for tag in listed
        for found in (tag, *(code for code, row in LANGUAGES.items() if row.register and row.parent == tag))
        if found == tag or found not in listed
    )


def register_of(tag: str) -> str | None:
    """Return the name of a language's register: `es-usted` -> usted; None where it has none."""
    return next((each.name for each in lang.rules_of(tag).registers if each.tag == tag), None)


def in_register(tag: str, name: str) -> str:
    """Return a language in a register: es, usted -> `es-usted`; itself where it has no such register."""
    rules = lang.rules_of(tag)
    registers = rules.registers if rules.tag == base(tag) else ()
    return next((each.tag for each in registers if each.name == name), tag)


def covers(tag: str, written: frozenset[str]) -> bool:
    """Return whether words in the `written` languages serve a speaker of `tag` as their own language.

    A register is served by its parent, a variant by its language; nobody is served by a last resort alone.
    """
    return not written.isdisjoint(_kin(tag))


def own_name(tag: str) -> str:
    """Return the language's own name; for a tag that is not in the table, that of its parent, or the tag."""
    for each in _kin(tag):
        if each in LANGUAGES:
            return LANGUAGES[each].own_name
    return tag


def formatting_locale(tag: str) -> str:
    """Return the nearest locale that Babel knows: `es-usted` -> es_MX. Never parse a tag with Babel itself."""
    for each in _kin(tag):
        if each in LANGUAGES:
            return LANGUAGES[each].locale
    return LOCALE
