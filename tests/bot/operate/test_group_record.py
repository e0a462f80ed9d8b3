"""The record of a group: switched on from the phone, written out at the terminal, the same bytes from the same rows."""

import hashlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bot import clock
from bot.group_record.pages import SUMS
from bot.product_languages import LANGUAGES
from bot.rendering import targets
from bot.rendering.ids import short_id
from storage.erasure import erase
from tests.bot.asking import prepare
from tests.bot.orders import say
from tests.bot.rig import SIERRA, Rig, texts
from tests.bot.shell import Shell
from tests.bot.test_aloud import NO, answer, told_sheet
from tests.bot.test_circles import AGAINST, WATER, circle
from tests.bot.test_freezing import BUTTON
from tests.bot.test_learnt import LINE
from tests.bot.test_paper import drawn, printed
from tests.bot.test_record_names import erased
from tests.bot.test_share_backs import FOLLOWS, HEARD, STORY, TITLES, WHO, asked, sent, write
from tests.bot.test_signs import button, written

__all__ = ["drawn"]  # pytest finds the fixture by its name here

SIGN = "En la asamblea también hablan las jóvenes"
OWN = "el río ya no llega hasta mi milpa"
TELLING = "Ceiba 3 ya habla en la asamblea"


def live(it: Rig) -> UUID:
    """Let a group be asked, told what came of it, and say how it can tell; an admin switches its record on."""
    asked(it, 6)
    ana = it.facilitator()
    ana.say("/menu")
    ana.press(say("menu.told"))
    ana.press(TITLES["es"])
    ana.press(say("button.learnt"))
    ana.say(LINE)
    write(ana)
    ana.press(say("button.back.figures"))
    ana.press(BUTTON["es"])
    ana.press(say("button.back.look"))
    sent(it, ana)
    root = it.facilitator(nickname="Raíz", cohort=None, role="admin")
    with it.reading() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
    assert cohort is not None
    button(root, targets.GROUP, short_id(cohort.id))
    root.press(say("button.signs"))
    root.press(say("button.signs_on"))
    written(root, SIGN)
    button(root, targets.GROUP, short_id(cohort.id))
    root.press(say("button.group_record"))
    assert SIERRA in (root.last.text or "")
    root.press(say("button.group_record_on"))
    assert say("button.group_record_off") in root.last.labels
    it.tick()
    return cohort.id


@pytest.fixture
def lived_in(console: Shell) -> Iterator[Rig]:
    """An installation with such a group, which the commands of `console` open."""
    it = Rig(console.folder, now=clock.now())
    live(it)
    yield it
    it.close()


class Links(HTMLParser):
    """Collects where a page leads, and what it fetches."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note every address of a tag."""
        del tag
        self.found += [value for name, value in attrs if name in {"href", "src"} and value]


def read(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder, by its name in it."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_it_opens_from_a_disk_and_names_nobody(console: Shell, lived_in: Rig) -> None:
    """Every link leads to a file of the folder; what was asked, told and is gone by stands there, in both languages."""
    said = console.good("record", "--out", "memoria")
    assert console.says("cli.record.done", group=SIERRA, path="memoria") in " ".join(said.split())
    folder = console.folder / "memoria"
    files = read(folder)
    for name, page in files.items():
        links = Links()
        if name.endswith(".html"):
            links.feed(page.decode())
        for link in links.found:
            place, _, part = link.partition("#")
            target = ((folder / name).parent / place).resolve() if place else folder / name
            assert target.is_file(), (name, link)
            assert not part or f'id="{part}"' in target.read_text("utf-8"), (name, link)
    for tag in LANGUAGES:
        assert (folder / tag / "asked" / "001.html").is_file()
        decisions = (folder / tag / "decisions.html").read_text("utf-8")
        assert all(words in decisions for words in (HEARD, FOLLOWS, WHO))
        asked_page = (folder / tag / "asked" / "001.html").read_text("utf-8")
        assert (
            asked_page.count(texts().say("group_record.band", tag, least=5, most=9)) == 9
        )  # what bands are; of two questions: chose, answered, both in alt
        for page in (asked_page, (folder / tag / "index.html").read_text("utf-8")):
            assert texts().say("group_record.here", tag) in page
        assert SIGN in (folder / tag / "signs.html").read_text("utf-8")
        assert LINE in (folder / tag / "asked" / "001.html").read_text("utf-8")
        assert HEARD in (folder / tag / "entries.js").read_text("utf-8")
    whole = b"".join(files.values()).decode()
    assert all(f"Ceiba {number}" not in whole for number in range(5))
    assert STORY not in whole
    with lived_in.reading() as unit:
        assert all(person.pseudonym not in whole for person in unit.people.list())
    assert lived_in.audited("group_record.written")


def test_the_same_rows_give_the_same_bytes(console: Shell, lived_in: Rig) -> None:
    """Days later, and after an erasure that nothing in it hangs on; each hash stands on a page and in a list."""
    console.good("record", "--out", "one")
    lived_in.advance(days=3)
    with lived_in.unit() as unit:
        gone = next(each for each in unit.people.list() if each.nickname == "Ceiba 4")
        erase(unit, gone.id)
    console.good("record", "--out", "two")
    first, second = read(console.folder / "one"), read(console.folder / "two")
    assert first == second
    sums = dict(line.split("  ")[::-1] for line in first[SUMS].decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in first.items() if name != SUMS}
    for tag in LANGUAGES:
        page = first[f"{tag}/hashes.html"].decode()
        assert all(value in page for name, value in sums.items() if not name.endswith("hashes.html"))


def test_words_that_could_show_who_stay_with_the_team(console: Shell, lived_in: Rig) -> None:
    """A sign that names somebody is left out, and said to be; reworded it is there, and old pages are no more."""
    with lived_in.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        unit.signs.add(clock.new_id(), cohort.id, "better", TELLING, None)
    said = console.good("record", "--out", "memoria")
    folder = console.folder / "memoria"
    assert "signs#2" in said
    assert TELLING not in b"".join(read(folder).values()).decode()
    assert console.says("group_record.kept_back") in (folder / console.language / "signs.html").read_text("utf-8")

    (folder / "es" / "dialogs" / "old.html").write_text("old", "utf-8")
    with (folder / SUMS).open("a", encoding="utf-8") as sums:
        sums.write(f"{'0' * 64}  es/dialogs/old.html\n{'0' * 64}  ../precious.txt\n")
    (console.folder / "precious.txt").write_text("kept", "utf-8")
    console.good("record", "--out", "memoria")
    assert not (folder / "es" / "dialogs" / "old.html").exists()
    assert (console.folder / "precious.txt").exists()


@pytest.mark.parametrize("before", [True, False], ids=["a record before", "none"])
@pytest.mark.parametrize(
    "words", ["Jacaranda ya habla en la asamblea", f"Se oye que {OWN}"], ids=["her name", "her words"]
)
def test_what_showed_her_stays_with_the_team_once_she_is_erased(
    console: Shell, lived_in: Rig, words: str, before: bool
) -> None:
    """Nobody knows her name any more, nor what she said: two records side by side must not tell that she is gone."""
    her, ana = lived_in.join(nickname="Jacaranda"), lived_in.facilitator(nickname="Sauce")
    lived_in.ask(her)
    her.say("4")
    her.say(OWN)
    written(ana, words)
    if before:
        assert "signs#2" in console.good("record", "--out", "one")
    erased(her)
    lived_in.advance(minutes=1)
    assert "signs#2" in console.good("record", "--out", "two")
    second = read(console.folder / "two")
    assert words not in b"".join(second.values()).decode()
    if before:
        assert read(console.folder / "one") == second


def test_what_cannot_be_is_said(console: Shell, lived_in: Rig) -> None:
    """Another folder is left alone; a group without a record is named, with those that have one."""
    (console.folder / "else").mkdir()
    (console.folder / "else" / "thesis.txt").write_text("mine", "utf-8")
    assert console.refused("record", "--out", "else") == console.says("cli.record.error.place", path="else")
    lived_in.cohort("Costa")
    facts = {"group": "Costa", "known": SIERRA}
    assert console.refused("record", "--out", "x", "--cohort", "Costa") == console.says("cli.record.error.off", **facts)
    assert not (console.folder / "x").exists()


def test_circles_are_told_in_bands_and_never_in_their_words(
    console: Shell, lived_in: Rig, drawn: list[dict[str, Any]]
) -> None:
    """That a circle of so many answered on paper, and what it was told and answered; of four people, nothing."""
    eva = lived_in.facilitator(nickname="Eva")
    prepare(eva)
    printed(eva, 5)
    first, second, *_ = drawn[0]["codes"]
    circle(eva, first, present=14)
    circle(eva, second, present=4)
    write(eva, "Que el agua no alcanza en las partes altas.")
    eva.press(say("button.aloud.lay_out"))
    code = told_sheet(eva, drawn)
    band = console.says("group_record.band", least=10, most=14)
    console.good("record", "--out", "memoria")
    folder = console.folder / "memoria"
    pages = b"".join(read(folder).values()).decode()
    assert console.says("group_record.circle", people=band) in pages
    assert pages.count(console.says("group_record.circle", people="").split(":")[0]) == 1  # that of four is not there
    assert "partes altas" not in pages  # it was read to nobody so far
    eva.press(say("button.aloud.read"))
    eva.press(say("button.aloud.yes"))
    answer(eva, code, 2, present=12)
    console.good("record", "--out", "memoria")
    pages = b"".join(read(folder).values()).decode()
    for words in (
        "partes altas",
        console.says("group_record.aloud"),
        console.says("group_record.circle_back", people=band),
    ):
        assert words in pages
    for words in (WATER["es"], AGAINST["es"], NO["es"]):
        assert words not in pages


def test_where_no_group_has_a_record_it_says_how_to_switch_one_on(console: Shell) -> None:
    """Nothing is listed that is not there: it says where the switch is; a group that is none is told first."""
    console.good("cohort", "add", SIERRA)
    told = console.says("cli.record.error.none")
    assert console.refused("record", "--out", "x") == told
    assert console.refused("record", "--out", "x", "--cohort", SIERRA) == told
    assert told != console.refused("record", "--out", "x", "--cohort", "Selva")
