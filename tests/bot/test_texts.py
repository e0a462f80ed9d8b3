"""The product's own voice: complete in every language, short, and never out of tone."""

import ast
import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot.messengers.registry import MESSENGERS
from bot.product_languages import LANGUAGES
from bot.rendering.texts import LOCALES, MissingText, Texts, pages, shorten
from dialogs.issues import CODES
from dialogs.languages import own_name
from dialogs.types import REFUSALS
from tests.bot.rig import texts

ROOT = Path(__file__).parents[2]
LONGEST = 300
CODE = re.compile(r"[a-z]+(?:\.[a-z_]+)+")


def catalog(language: str) -> dict[str, Message]:
    """Read every message of a language by its code."""
    found: dict[str, Message] = {}
    for path in sorted((LOCALES / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=language):
                code = message.id[0] if isinstance(message.id, tuple) else message.id
                if code:
                    assert code not in found, f"{code} stands twice in {language}"
                    found[code] = message
    return found


def forms(message: Message) -> tuple[str, ...]:
    """Return every form of a message."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def sentences() -> Iterator[tuple[str, str, str]]:
    """Give every form of every message, with its language and code."""
    for language in LANGUAGES:
        for code, message in catalog(language).items():
            for form in forms(message):
                yield language, code, form


def blanks(form: str) -> set[str]:
    """Return the names of the blanks of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(form) if name}


def used() -> dict[str, str]:
    """Find every code that stands in the source as a literal, with the place where it does."""
    known = {code.partition(".")[0] for code in catalog("es")}
    found: dict[str, str] = {}
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            code = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if CODE.fullmatch(code) and code.partition(".")[0] in known:
                found.setdefault(code, f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def written() -> tuple[set[str], set[str]]:
    """Return every literal of the source, and the shape of each code that is put together there, blanks as groups."""
    literals, shapes = set(CODES), set[str]()
    for path in sorted([*(ROOT / "bot").rglob("*.py"), *(ROOT / "dialogs").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals |= {node.value, *node.value.split()}
            elif isinstance(node, ast.JoinedStr):
                parts = (
                    re.escape(str(each.value)) if isinstance(each, ast.Constant) else r"([\w.]+)"
                    for each in node.values
                )
                shapes.add("".join(parts))
    for path in sorted((ROOT / "bot").rglob("*.html")):
        page = path.read_text("utf-8")
        literals.update(re.findall(r"[\"']([\w.]+)[\"']", page))
        shapes |= {re.escape(begun) + r"([\w.]+)" for begun in re.findall(r"[\"']([\w.]+\.)[\"'] ~", page)}
    return literals, {shape for shape in shapes if re.match(r"[a-z_]+\\\.", shape)}


@pytest.mark.parametrize(("language", "said"), [("es", "6 de diciembre de 2026"), ("en", "6 December 2026")])
def test_a_day_with_its_year_has_the_day_first(language: str, said: str) -> None:
    """As in all other days that are written, in either language."""
    assert Texts.long_date(date(2026, 12, 6), language) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_codes(language: str) -> None:
    """What is said in one language can be said in every other."""
    spanish, other = catalog("es"), catalog(language)

    assert set(spanish) == set(other)
    assert len(spanish) >= 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fills_the_same_blanks(language: str) -> None:
    """A fact told in one language is told in every other; only `n` may be written out in a plural's first form."""
    spanish, other = catalog("es"), catalog(language)
    for code, message in spanish.items():
        told = [set[str]().union(*map(blanks, forms(each))) - {"n"} for each in (message, other[code])]
        assert told[0] == told[1], code


def test_no_sentence_is_empty_or_unfinished() -> None:
    """Every message has words in every form, and none is marked as doubtful."""
    for language, code, form in sentences():
        assert form.strip(), f"{code} in {language}"
    assert not [code for language in LANGUAGES for code, message in catalog(language).items() if message.fuzzy]


@pytest.mark.parametrize("language", LANGUAGES)
def test_plurals_stand_in_every_language(language: str) -> None:
    """A message that counts counts in every language, and its other form names the number."""
    spanish = catalog("es")
    for code, message in catalog(language).items():
        assert isinstance(message.id, tuple) == isinstance(spanish[code].id, tuple), code
        if isinstance(message.id, tuple):
            assert "n" in blanks(forms(message)[-1]), code


def test_every_code_of_the_source_has_its_sentence() -> None:
    """No line of the bot says a code that no catalog knows."""
    found, known = used(), set(catalog("es"))
    # The pages' own codes stand without their first word, and beside them stand names of files.
    files = (".py", ".po", ".html", ".css", ".js", ".pdf")
    missing = {
        code: place
        for code, place in found.items()
        if code not in known and f"web.{code}" not in known and f"web.{code}.title" not in known
        if not code.endswith(files)
    }

    assert len(found) >= 150
    assert missing == {}


def test_every_sentence_of_the_catalogs_is_said_somewhere() -> None:
    """No catalog keeps a sentence that nothing in the source says: as a literal, or put together from literals."""
    literals, shapes = written()

    own = {f".{each.own_words}" for each in MESSENGERS} | {".quiet"}  # where nothing rings

    def said(code: str) -> bool:
        # A messenger's own sentence stands beside one that fits any, and goes before it.
        if any(code.endswith(suffix) and code.removesuffix(suffix) in literals for suffix in own):
            return True
        blanks_of = (hit.groups() for shape in shapes if (hit := re.fullmatch(shape, code)))
        return code in literals or any(
            all(filled in literals or literals.issuperset(filled.split(".")) for filled in found) for found in blanks_of
        )

    assert said("menu.read")
    assert not said("menu.of_long_ago")
    assert [code for code in catalog("es") if not said(code) and not said(code.removeprefix("web."))] == []


def test_every_refusal_has_its_sentence() -> None:
    """Each way in which a reply may not fit is told, with no blank that its facts do not fill."""
    for language in LANGUAGES:
        known = catalog(language)
        for code, facts in REFUSALS.items():
            assert blanks(forms(known[f"refused.{code}"])[0]) <= facts, (language, code)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_issue_of_a_dialog_has_its_sentence(language: str) -> None:
    """Each problem of a dialog is told, with no blank that its facts (and the hint) do not fill."""
    known = catalog(language)
    missing = [f"{code}: {sorted(facts)}" for code, (_, facts) in CODES.items() if f"issue.{code}" not in known]
    assert missing == []
    for code, (_, facts) in CODES.items():
        assert blanks(forms(known[f"issue.{code}"])[0]) <= facts | {"hint"}, code


def test_the_way_to_refuse_an_undecodable_file_has_its_sentence() -> None:
    """A file that is no UTF-8 is an issue of the finder's own."""
    for language in LANGUAGES:
        assert "issue.not_utf8" in catalog(language)


def test_sentences_are_short() -> None:
    """Nothing said to a person is longer than three hundred characters; the console may be."""
    long = [(language, code) for language, code, form in sentences() if len(form) > LONGEST and not console(code)]

    assert long == []


def console(code: str) -> bool:
    """Tell whether a code is said on the console only."""
    return code.startswith(("cli.", "config.", "issue."))


BANNED = re.compile(
    r"ahorita|¡ups|\bups\b|\boops\b|\b\w+@s?\b(?!otFather)|\b(?:tod|compañer|amig|bienvenid|invitad|list)[xe]s?\b",
    re.IGNORECASE,
)


def test_nothing_is_out_of_tone() -> None:
    """No endings with @, x or e, no promise of `ahorita`, no cheer at somebody's expense."""
    found = [(language, code, BANNED.search(form)) for language, code, form in sentences() if not console(code)]

    assert [(language, code, hit[0]) for language, code, hit in found if hit] == []


PHONE = re.compile(r"\bcohortes?\b|\bdiálogos?\b|\bkB\b|\bcohorts?\b|\bresponder\b|\bllegó a\b", re.IGNORECASE)


def test_a_phone_is_told_nothing_in_the_words_of_the_code() -> None:
    """On a phone it is group and conversation, and a broadcast is sent, not said to have arrived."""
    said = [
        (language, code, PHONE.search(re.sub(r"{\w+}", "", form)))
        for language, code, form in sentences()
        if not console(code)
    ]

    assert [(language, code, hit[0]) for language, code, hit in said if hit] == []


def test_labels_fit_a_button() -> None:
    """What stands on a button is at most thirty characters."""
    labels = [(language, code, form) for language, code, form in sentences() if code.startswith("button.")]

    assert len(labels) >= 50
    assert [(language, code) for language, code, form in labels if len(form) > 30] == []


@pytest.mark.parametrize(
    ("tag", "language", "said"),
    [("en", "es", "inglés"), ("es", "en", "Spanish"), ("es-usted", "es", "español (de usted)"), ("nah", "es", None)],
)
def test_a_language_is_named_in_the_readers(tag: str, language: str, said: str | None) -> None:
    """Within a sentence, as it is written there; one that the product does not speak by its own name."""
    named = Texts().language(tag, language)

    assert named == (said or own_name(tag))
    assert Texts().language(tag, language, first=True) == named[:1].upper() + named[1:]


def test_a_language_without_words_speaks_along_its_chain() -> None:
    """String by string: `nhe` and `es-usted` speak Spanish where they have no words, and a code nobody has raises."""
    assert texts().say("button.menu", "nhe") == texts().say("button.menu", "es")
    assert texts().count("offer.questions", "nah", 1) == "Es una pregunta."
    with pytest.raises(MissingText, match=r"nobody\.says in es"):
        texts().say("nobody.says", "es")
    with pytest.raises(MissingText):
        texts().count("nobody.counts", "es", 2)


def test_numbers_days_and_hours_are_written_as_people_do() -> None:
    """Dates and numbers follow the language and the zone, not the machine."""
    moment = datetime(2026, 11, 27, 1, 30, tzinfo=UTC)
    zone = "America/Mexico_City"

    assert Texts.day(moment, zone, "es").startswith("jueves 26 de noviembre")
    assert Texts.day(moment, zone, "en").startswith("Thursday")
    assert Texts.hour(moment, zone, "es").startswith(("19:30", "7:30"))
    assert Texts.number(12345, "es") == "12,345"
    assert Texts.all_of(["uno", "dos", "tres"], "es") == "uno, dos y tres"
    assert Texts.all_of(["one", "two", "three"], "en") == "one, two, and three"
    assert Texts.all_of(["español", "inglés"], "es") == "español e inglés"
    assert Texts.all_of(["agua", "hielo"], "es") == "agua y hielo"


def test_pages_lose_nothing_and_fit() -> None:
    """A long text is cut at empty lines, else at sentences, else at blanks, else anywhere; no letter is lost."""
    story = "\n\n".join(f"Parte {number}. " + "Hubo junta y se habló. " * number for number in range(1, 12)) + "x" * 350
    found = pages(story, 100)

    assert all(0 < len(page) <= 100 for page in found)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", story)
    assert pages("", 100) == []
    assert shorten("x" * 10, 5) == "xxxx…"
    assert shorten("corto", 5) == "corto"
