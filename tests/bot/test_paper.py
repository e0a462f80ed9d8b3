"""Without a phone: a dialog on paper, for a group that may have nobody in Hilo."""

from pathlib import Path
from typing import Any, Final

import pytest

from bot import clock
from bot.poster import sheet
from bot.runtime import processes
from bot.services import sheets
from bot.services.refusals import NotAllowed
from storage.sheets import Sheet
from tests.bot.asking import prepare, say_why
from tests.bot.leader import check
from tests.bot.orders import say
from tests.bot.rig import PURPOSE, SIERRA, Phone, Rig, texts
from tests.bot.shell import Shell
from tests.by_day import LANGUAGES_ALIKE

SHOTS: Final = Path(__file__).parents[2] / "docs" / "screenshots"
CHECK_IN: Final = {"es": "¿Cómo vas?", "en": "How is it going?"}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Note what is drawn on paper; the drawing itself is done as ever."""
    found: list[dict[str, Any]] = []
    run = processes.run

    async def noted(module: str, task: dict[str, Any]) -> bytes:
        if "sheet" in task:
            found.append(task["sheet"])
        return await run(module, task)

    monkeypatch.setattr(processes, "run", noted)
    return found


def printed(phone: Phone, number: int = 1, language: str = "es") -> None:
    """Have sheets of what is prepared printed, and wait for the file."""
    phone.press(say("button.ask_paper", language))
    check(phone)
    if language == "en":  # the group's first language is Spanish
        phone.press("English")
    phone.press(texts().count("button.ask_paper_copies", language, number))
    phone.rig.send()


def written_on(paper: dict[str, Any]) -> str:
    """Return all words of a sheet."""
    blocks = [
        each
        for block in paper["blocks"]
        for each in (block["text"], *block.get("under", ()), *block.get("options", ()))
    ]
    return "\n".join((paper["title"], *paper["before"], *blocks, *paper["after"]))


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_dialog_is_printed_from_the_last_look(
    hilo: Rig, drawn: list[dict[str, Any]], request: pytest.FixtureRequest, language: str
) -> None:
    """Two taps: what for, who reads and until when stand above the questions; each sheet has a code of its own."""
    hilo.join(language)
    ana = hilo.facilitator(language)
    prepare(ana, CHECK_IN[language])
    printed(ana, 5, language)
    assert (ana.last.text or "") == say("paper.then", language)
    check(ana)
    [paper] = drawn
    assert len(set(paper["codes"])) == 5
    told = written_on(paper)
    for words in (PURPOSE, *(say(f"sheet.{part}", language) for part in ("aloud", "careful", "back"))):
        assert words in told
    assert texts().count("fact.readers", language, 1) in told
    [file] = [each.attachment for each in ana.thread if each.attachment]
    assert (file.kind, file.mime, file.name) == ("document", "application/pdf", "sheet.pdf")
    assert file.data.startswith(b"%PDF")
    assert len(file.data) < 1_000_000
    pages = sheet.pages(paper)
    assert len(pages) % 5 == 0
    if request.config.getoption("--screenshots"):
        kept_pages(pages, SHOTS / f"sheet.{language}.png")
    with hilo.reading() as unit:
        found = [unit.sheets.find(clock.read_code(code) or "") for code in paper["codes"]]
    assert [each.state for each in found if each is not None] == ["printed"] * 5
    assert [each.action for each in hilo.audited("group_sheet.printed")] == ["group_sheet.printed"]


def kept_pages(pages: list[Any], place: Path) -> None:
    """Keep the first pages of a sheet as one picture."""
    first = [page.convert("L").resize((744, 1052)) for page in pages[:2]]
    wide = first[0].copy().resize((744 * len(first), 1052))
    for at, page in enumerate(first):
        wide.paste(page, (744 * at, 0))
    wide.quantize(8).save(place, optimize=True)


def test_a_group_without_anybody_in_hilo_is_asked_on_paper(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """There is nobody to send to, and the way on is paper: what for is asked first, and the draft can be left."""
    hilo.cohort()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press(CHECK_IN["es"])
    assert ana.last.text == say("order.nobody", cohort=SIERRA)
    ana.press(say("button.ask_paper"))
    say_why(ana)
    assert ana.last.text == say("order.nobody", cohort=SIERRA)
    assert say("button.ask_send") not in ana.last.labels
    printed(ana)
    assert len(drawn[0]["codes"]) == 1
    ana.press(say("button.ask_back"))
    ana.press(say("button.ask_drop"))
    assert ana.last.text == say("ask.cancelled")


def test_a_question_of_her_own_goes_on_paper_too(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """In a group of nobody the question is written after [On paper], and printed as it was typed."""
    hilo.cohort()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press("Mi propia pregunta")
    ana.press(say("button.ask_paper"))
    ana.say("¿Qué hace falta en la escuela?")
    ana.press("1 · Con sus palabras o su voz")
    for way in ("Listo", "Es para otra cosa"):
        if way in ana.last.labels:
            ana.press(way)
    say_why(ana)
    printed(ana)
    assert drawn[0]["blocks"][0]["text"] == "¿Qué hace falta en la escuela?"
    assert drawn[0]["blocks"][0]["lines"] == 6


def test_another_language_of_the_group_and_what_is_asked_of_some(hilo: Rig, drawn: list[dict[str, Any]]) -> None:
    """One tap prints it in the other language; what is asked of some only says so, and days are written on a line."""
    hilo.join()
    ana = hilo.facilitator()
    prepare(ana)
    ana.press(say("button.ask_paper"))
    ana.press("English")
    check(ana)
    ana.press(texts().count("button.ask_paper_copies", "es", 1))
    hilo.send()
    told = written_on(drawn[0])
    assert say("sheet.aloud", "en") in told
    assert say("sheet.only_if", "en") in told


@pytest.mark.parametrize("options", [12, 15])
def test_long_options_go_on_on_another_page(options: int) -> None:
    """Twelve options of forty letters, with pictures, break into lines and pages; nothing is drawn over the code."""
    block = {"number": 1, "text": "¿Cuál? " * 12, "under": ["Una."], "options": ["😀 " + "opción larga " * 9] * options}
    paper = {
        "codes": ["AB2CD 3EF4G"],
        "foot": "Clave:",
        "title": "Larga",
        "before": ["Hola"],
        "after": [],
        "blocks": [block] * 3,
    }
    pages = sheet.pages(paper)
    assert 3 <= len(pages) <= 6
    for page in pages:
        assert page.crop((0, sheet.LOWEST + 10, sheet.PAGE[0], sheet.FOOT - 30)).getextrema() == (1, 1)


def test_who_does_not_reach_the_group_prints_nothing(hilo: Rig) -> None:
    """The act itself refuses; nothing is written."""
    hilo.cohort("Costa")
    ana = hilo.facilitator()
    with hilo.unit() as unit:
        coast = unit.cohorts.by_name("Costa")
        assert coast is not None
        with pytest.raises(NotAllowed):
            sheets.make(unit, ana.person, coast, hilo.content.dialog("check_in"), PURPOSE, 1)
        assert unit.sheets.of([coast.id]) == []


# What a circle said.


def code_of(drawn: list[dict[str, Any]]) -> str:
    """Return the code of the first sheet that was printed last."""
    return str(drawn[-1]["codes"][0])


def at_sheets(phone: Phone, language: str = "es") -> None:
    """Come to the sheets by pressing, from the menu."""
    phone.say("/menu")
    phone.press(say("menu.more", language))
    check(phone)
    phone.press(say("menu.sheets", language))
    check(phone)


def agreed(phone: Phone, code: str, present: str = "14", against: str = "Que casi nadie viene de noche.") -> None:
    """Say that a circle wanted to answer, how, who asked, how many were there, and what was said against."""
    at_sheets(phone)
    phone.say(code.lower())
    phone.press(say("button.paper_circle"))
    phone.press("1 · Sí quisieron")
    phone.press("3 · Por acuerdo de asamblea")
    phone.say("Ana, del equipo")
    phone.say(present)
    phone.say(against)


def typed_in(phone: Phone, code: str) -> None:
    """Type in all that a circle said on a check-in."""
    agreed(phone, code)
    phone.say("2")
    phone.say("Lo del agua, dijeron todas.")
    phone.press("Listo")
    phone.press("1 · Nada por ahora")


@pytest.fixture
def paper(hilo: Rig, drawn: list[dict[str, Any]]) -> tuple[Phone, str]:
    """Have one sheet of the check-in printed in a group of nobody; return whose phone it was, and the code."""
    hilo.cohort()
    ana = hilo.facilitator()
    ana.say("/preguntar")
    ana.press(CHECK_IN["es"])
    ana.press(say("button.ask_paper"))
    say_why(ana)
    printed(ana)
    return ana, code_of(drawn)


def stored(hilo: Rig, code: str) -> Sheet:
    """Read a sheet back."""
    with hilo.reading() as unit:
        found = unit.sheets.find(clock.read_code(code) or "")
    assert found is not None
    return found


def test_what_a_circle_said_is_typed_in_and_counted_with_nobody(hilo: Rig, paper: tuple[Phone, str]) -> None:
    """By the sheet's code, through the same questions: a number that is none is asked again, as of anybody."""
    ana, code = paper
    agreed(ana, code)
    ana.say("nueve")
    assert ana.run.status == "open"
    ana.say("2")
    ana.say("Lo del agua, dijeron todas.")
    ana.press("Listo")
    ana.press("1 · Nada por ahora")
    assert (ana.last.text or "") == say("paper.kept")
    sheet_ = stored(hilo, code)
    assert sheet_.state == "said"
    assert {path: each["value"] for path, each in sheet_.body["answers"].items() if each["value"]} == {
        "mood": 2,
        "week": ["Lo del agua, dijeron todas."],
        "need": "nothing",
    }
    assert sheet_.body["circle"]["present"] == 14
    # No row of anybody's was made: no run is left, no answer, and nothing that an export or a total reads.
    assert hilo.rows(
        "SELECT count(*) FROM answers JOIN runs ON runs.id = answers.run_id WHERE started_by != 'staff'"
    ) == [(0,)]
    assert hilo.rows(
        "SELECT count(*) FROM runs JOIN dialog_versions ON hash = dialog_hash WHERE name = 'check_in'"
    ) == [(0,)]
    at_sheets(ana)
    ana.say(code)
    told = ana.last.text or ""
    for words in ("14 personas", "por acuerdo de asamblea", "Ana, del equipo", "Que casi nadie viene", "Lo del agua"):
        assert words in told
    check(ana)


def test_they_did_not_want_to_is_an_answer_and_ends_it(hilo: Rig, paper: tuple[Phone, str]) -> None:
    """Nothing more is asked, and the sheet stays so."""
    ana, code = paper
    at_sheets(ana)
    ana.say(code)
    ana.press(say("button.paper_circle"))
    ana.press("2 · No quisieron")
    assert (ana.last.text or "").endswith(say("paper.is.refused", title=CHECK_IN["es"], group=SIERRA))
    at_sheets(ana)
    ana.say(code)
    assert say("button.paper_circle") not in ana.last.labels
    assert stored(hilo, code).state == "refused"


def test_a_circle_takes_back_what_it_said_by_the_code(hilo: Rig, paper: tuple[Phone, str]) -> None:
    """It is asked before; nothing of the words is left, and the sheet cannot be typed in anew by mistake."""
    ana, code = paper
    typed_in(ana, code)
    at_sheets(ana)
    ana.say(code)
    ana.press(say("button.paper_remove"))
    check(ana)
    assert stored(hilo, code).state == "said"
    ana.press(say("button.paper_take_back"))
    assert (ana.last.text or "") == say("paper.is.withdrawn", title=CHECK_IN["es"], group=SIERRA)
    sheet_ = stored(hilo, code)
    assert sheet_.state == "withdrawn"
    assert not set(sheet_.body) & {"circle", "answers", "by"}
    assert [each.action for each in hilo.audited("group_sheet.withdrawn")] == ["group_sheet.withdrawn"]


def test_a_sheet_typed_twice_is_said_to_be_and_loses_nothing(hilo: Rig, paper: tuple[Phone, str]) -> None:
    """Two of the team type in the same sheet: the first stands, and the second is told so in a sentence."""
    ana, code = paper
    eva = hilo.facilitator(nickname="Eva")
    agreed(eva, code, present="9")
    typed_in(ana, code)
    eva.say("4")
    eva.press("Saltar")
    eva.press("1 · Nada por ahora")
    assert (eva.last.text or "") == say("paper.twice")
    assert stored(hilo, code).body["circle"]["present"] == 14
    at_sheets(eva)
    eva.say(code)
    assert "14 personas" in (eva.last.text or "")
    assert say("button.paper_circle") not in eva.last.labels


def test_another_code_and_what_is_no_code(hilo: Rig, paper: tuple[Phone, str]) -> None:
    """A code of nobody's, one of a group she does not reach and words: one sentence, and the next try is heard."""
    ana, code = paper
    at_sheets(ana)
    for said in ("AB2CD 3EF4G", "no sé"):
        ana.say(said)
        assert (ana.last.text or "").startswith(say("paper.unknown"))
        check(ana)
    hilo.cohort("Costa")
    sol = hilo.facilitator(nickname="Sol", cohort="Costa")
    at_sheets(sol)
    sol.say(code)
    assert (sol.last.text or "").startswith(say("paper.unknown"))


def test_words_of_danger_that_are_typed_in_ring_nobody(hilo: Rig, paper: tuple[Phone, str]) -> None:
    """What a circle told is written for others: nobody is in danger on the team's own phone."""
    ana, code = paper
    agreed(ana, code, against="Necesito auxilio, me quiero morir")
    ana.say("1")
    ana.say("Nos van a matar, me quiero morir, auxilio")
    assert hilo.count("alerts") == 0


def test_what_is_left_halfway_is_said_to_be_lost(hilo: Rig, paper: tuple[Phone, str]) -> None:
    """It is kept when all was asked: whoever leaves it is told so, and begins anew with the same code."""
    ana, code = paper
    agreed(ana, code)
    ana.press(say("button.later"))
    assert (ana.last.text or "") == say("paper.left")
    assert stored(hilo, code).state == "printed"
    typed_in(ana, code)
    assert stored(hilo, code).state == "said"


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_longest_names_and_words_fit_a_phone(hilo: Rig, drawn: list[dict[str, Any]], language: str) -> None:
    """A group's name of sixty letters, and what was said against in three hundred: each screen fits, paged."""
    name = ("Colectivo de Mujeres de las Tres Cañadas del Río Usumacinta " + "x" * 60)[:60].strip()
    hilo.cohort(name)
    ana = hilo.facilitator(language, cohort=name)
    ana.say(f"/{say('command.ask.name', language)}")
    ana.press(CHECK_IN[language])
    check(ana)
    ana.press(say("button.ask_paper", language))
    say_why(ana)
    check(ana)
    printed(ana, 1, language)
    check(ana)
    at_sheets(ana, language)
    ana.say(code_of(drawn))
    check(ana)
    ana.press(say("button.paper_circle", language))
    ana.say("1")
    ana.say("3")
    ana.say("Rosa María, de la comisión de agua de la comunidad vecina")
    ana.say("9999")
    ana.say("Que no les toca decidir a quienes viven lejos. " * 6)
    ana.say("5")
    ana.say("Se habló mucho y de muchas cosas, y no se acabó. " * 12)
    ana.press(say("button.done", language))
    ana.say("1")
    assert ana.last.text == say("paper.kept", language)
    at_sheets(ana, language)
    ana.say(code_of(drawn))
    pages = 0
    while True:
        check(ana)
        pages += 1
        if say("button.next", language) not in ana.last.labels:
            break
        ana.press(say("button.next", language))
    assert pages >= 3


def test_sheets_are_printed_from_the_terminal(console: Shell, tmp_path: Path) -> None:
    """Into a file of pages that nobody else may read; without a reason, or to no PDF, it says what is missing."""
    console.good("cohort", "add", SIERRA)
    out = tmp_path / "hojas.pdf"
    asked = ("paper", "check_in", "--to", SIERRA, "--out", str(out))
    told = console.good(*asked, "--purpose", PURPOSE, "--sheets", "2", "--language", "en")
    assert "2" in told
    assert out.read_bytes().startswith(b"%PDF")
    assert out.stat().st_mode & 0o077 == 0
    assert console.says("order.purpose") in console.refused(*asked, "--purpose", "ver")
    picture = tmp_path / "hojas.png"
    other = ("paper", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--out", str(picture))
    assert "hojas.png" in console.refused(*other)
    assert not picture.exists()
