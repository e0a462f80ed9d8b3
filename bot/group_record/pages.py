"""Write the record of a group as pages that open from a disk: nothing is fetched, and all can be read without script.

The same rows give the same bytes: no page says when it was made, and whatever has an order has it from the rows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.group_record import pictures
from bot.group_record.gathered import AskedTold, Gathering, QuestionTold, SignTold
from bot.product_languages import LANGUAGES
from bot.rendering.texts import Texts
from dialogs import wording
from dialogs.model import Text

FOLDER: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"
SUMS: Final = "sha256sums.txt"
"""The page of hashes as `sha256sum -c` reads it."""
_DEPTH: Final = "../"


@dataclass(frozen=True, slots=True)
class DialogTold:
    """A dialog as it was asked in all its versions, the newest first, each with the broadcasts that asked it."""

    page: int
    title: Text | None
    versions: Sequence[tuple[Sequence[AskedTold], Sequence[QuestionTold]]]


@dataclass(slots=True)
class _Entries:
    """What can be searched for, by language: where it stands, what it is called, and its words."""

    found: dict[str, list[tuple[str, str, str]]] = field(default_factory=lambda: {tag: [] for tag in LANGUAGES})

    def add(self, language: str, place: str, title: str, words: Iterator[str]) -> None:
        self.found[language].append((place, title, " ".join(filter(None, words))))


class Said:
    """The words of a page in one language."""

    def __init__(self, texts: Texts, language: str) -> None:
        """Take the catalogs, and the language of the page."""
        self._texts, self.language = texts, language

    def __call__(self, code: str, **facts: object) -> str:
        """Return the sentence of a code."""
        return self._texts.say(code, self.language, **facts)

    def text(self, text: Text | None) -> str:
        """Return the words of a dialog in the page's language, else in one they have; of None that they were kept."""
        return self("group_record.kept_back") if text is None else wording.choose(text, self.language)

    def tag(self, text: Mapping[str, Any] | None) -> str:
        """Return the language in which such words are read, where that is not the page's."""
        return "" if text is None or self.language in text else next((tag for tag in text if tag), "")

    def of(self, said: Mapping[str, Any]) -> Any:
        """Return what was written in the page's language, else in whichever it was."""
        return said.get(self.language) or next(iter(said.values()), "")

    def day(self, day: Any) -> str:
        """Return a day with its year."""
        return self._texts.long_date(day, self.language)

    def band(self, lowest: int) -> str:
        """Return a band of five people in words."""
        return self._texts.say("group_record.band", self.language, least=lowest, most=lowest + 4)


class Pages:
    """Writes the pages of one group into a folder."""

    def __init__(self, out: Path, texts: Texts, organisation: str, group: str) -> None:
        """Take the empty folder, the catalogs, and the names that stand on each page."""
        self._out, self._said = out, {tag: Said(texts, tag) for tag in LANGUAGES}
        self._names = {"organisation": organisation, "group": group}
        self._sums: dict[str, str] = {}
        self._entries = _Entries()
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals["pictures"] = pictures

    def write(self, gathering: Gathering) -> int:
        """Write everything; return how many broadcasts it tells of."""
        asked = []
        for told in gathering.asked():
            self._each("asked.html", f"asked/{told.number:03}.html", told=told)
            self._draw(told)
            self._note_asked(told)
            asked.append(_without_figures(told))
        signs = list(gathering.signs())
        dialogs = _dialogs(gathering, asked)
        for dialog in dialogs:
            self._each("dialog.html", f"{_place(dialog.page)}.html", dialog=dialog)
        self._note_signs(signs)
        facts = {"asked": asked, "dialogs": dialogs, "signs": signs}
        self._each("decisions.html", "decisions.html", **facts)
        self._each("signs.html", "signs.html", **facts)
        self._each("index.html", "index.html", **facts)
        self._each("search.html", "search.html", **facts)
        for tag, entries in self._entries.found.items():
            listed = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
            self._file(f"{tag}/entries.js", f"window.entries={listed}\n".encode())
        for path in sorted(STATIC.iterdir()):
            self._file(path.name, path.read_bytes())
        self._file("index.html", self._render("languages.html", self._said[LANGUAGES[0]], "", sides=self._said))
        sums = dict(sorted(self._sums.items()))
        self._each("hashes.html", "hashes.html", sums=sums)
        self._file(SUMS, "".join(f"{value}  {name}\n" for name, value in sorted(self._sums.items())).encode())
        return len(asked)

    def _each(self, template: str, place: str, **facts: Any) -> None:
        """Write a page in each language."""
        for tag, say in self._said.items():
            up = _DEPTH * (place.count("/") + 1)
            self._file(f"{tag}/{place}", self._render(template, say, up, place=place, **facts))

    def _render(self, template: str, say: Said, up: str, **facts: Any) -> bytes:
        return (
            self._environment.get_template(template)
            .render(say=say, up=up, tags=LANGUAGES, **self._names, **facts)
            .encode()
        )

    def _file(self, name: str, data: bytes) -> None:
        path = self._out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._sums[name] = hashlib.sha256(data).hexdigest()

    def _draw(self, told: AskedTold) -> None:
        """Draw what people chose, in each language."""
        for number, asked in enumerate(told.questions, 1):
            for tag, say in self._said.items() if pictures.drawn(asked) else ():
                self._file(f"{tag}/{pictures.place(told.number, number)}", pictures.svg(say, asked))

    def _note_asked(self, told: AskedTold) -> None:
        for tag, say in self._said.items():
            words = [say.of(part) for part in told.card.values()]
            words += [say.text(each.words) for each in told.questions if each.words is not None]
            words += [part for each in told.decisions for part in (say.of(each.words) or {}).values()]
            words.append(told.learnt)
            self._entries.add(
                tag, f"asked/{told.number:03}.html", f"{say.text(told.title)} · {say.day(told.day)}", iter(words)
            )

    def _note_signs(self, signs: Sequence[SignTold]) -> None:
        for tag in self._said:
            for sign in signs:
                self._entries.add(tag, "signs.html", sign.words, _said_of(sign))


def _without_figures(told: AskedTold) -> AskedTold:
    """Return what the lists need of a broadcast: of a thousand of them, no question is held."""
    return replace(told, card={}, questions=(), learnt="", circles=())


def _said_of(sign: SignTold) -> Iterator[str]:
    """Yield the words that a sign had before, and what the group and the team said of it."""
    for said_so in sign.wordings:
        yield said_so.words if said_so is not sign.wordings[0] else ""
        for told in said_so.stood:
            for each in (*([told.said] if told.said else ()), *told.team):
                yield from (each.words, each.against)


def _place(page: int) -> str:
    """Return where a dialog's page is."""
    return f"dialogs/{page:03}"


def _dialogs(gathering: Gathering, asked: Sequence[AskedTold]) -> list[DialogTold]:
    """Return each dialog that was asked, in all its versions."""
    found: dict[int, dict[str, list[AskedTold]]] = {}
    for told in asked:
        found.setdefault(told.page, {}).setdefault(told.version, []).append(told)
    dialogs = []
    for page, versions in found.items():
        newest = list(versions.values())[::-1]
        listed = [(times, gathering.questions(times[0].version, _place(page))) for times in newest]
        dialogs.append(DialogTold(page, newest[0][0].title, listed))
    return dialogs
