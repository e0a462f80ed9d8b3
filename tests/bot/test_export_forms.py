"""Answers in every format and shape: what each program that opens them finds there."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from bot import clock
from bot.export import build, spssfile
from bot.export.request import ExportRequest
from bot.media.store import MediaStore
from tests import media_rows
from tests.bot import samples
from tests.bot.orders import finish
from tests.bot.rig import Phone, Rig, texts
from tests.bot.shell import Shell
from tests.bot.water import RUN, answered, exported, newer

EVERYTHING = """spec: 1
name: everything
kind: reflection
languages: [es, en]
minutes: 1
title: {es: De todo, en: Everything}
why: {es: Para probar., en: To try.}
steps:
  - {type: integer, name: days, label: {es: "¿Cuántos días?", en: "How many days?"}}
  - {type: decimal, name: litres, label: {es: "¿Cuántos litros?", en: "How many litres?"}}
  - {type: date, name: when, label: {es: "¿Qué día?", en: "Which day?"}}
  - {type: time, name: hour, label: {es: "¿A qué hora?", en: "At what time?"}}
  - type: select_one
    name: with
    label: {es: "¿Con quién?", en: "With whom?"}
    choices:
      - {name: alone, label: {es: A solas, en: Alone}}
      - {name: together, label: {es: En grupo, en: Together}}
  - type: select_multiple
    name: who
    label: {es: "¿Quiénes?", en: "Who?"}
    choices:
      - {name: women, label: {es: Las mujeres, en: The women}}
      - {name: youth, label: {es: Jóvenes, en: Youth}}
  - type: range
    name: near
    parameters: {start: 1, end: 3}
    label: {es: "¿Qué tan cerca?", en: "How near?"}
    choices:
      - {name: "1", label: {es: Lejos, en: Far}}
      - {name: "2", label: {es: A medias, en: Halfway}}
      - {name: "3", label: {es: Cerca, en: Near}}
  - {type: text, name: story, appearance: multiline, label: {es: "=¿Qué pasó?", en: "What happened?"}}
"""
GIVEN = {
    "days": 3,
    "litres": "2.50",
    "when": "2026-12-06",
    "hour": "19:30",
    "with": "together",
    "who": ["women", "youth"],
    "near": 2,
    "story": ["Hubo junta.", "=1+1", "ñandú 🌱"],
}
FORMULAS = [
    "=1+1",
    "+52 951",
    "-1+2",
    "@SUM(A1)",
    '=HYPERLINK("http://x","y")',
    "\uff1d1+1",
    "http://x.mx",
    "{=A1}",
    "7",
]


@pytest.fixture
def everything(filled: Rig) -> Phone:
    """One run with an answer of each type."""
    (filled.own / "everything.yaml").write_text(EVERYTHING, "utf-8")
    filled.again()
    phone = filled.join()
    filled.ask(phone, dialog="everything")
    give(phone, **GIVEN)
    return phone


def give(phone: Phone, **values: Any) -> None:
    """Store answers in someone's newest run."""
    run = phone.run
    with phone.rig.unit() as unit:
        person = unit.people.known(run.person_id)
        for path, value in values.items():
            body = json.dumps({"value": value, "label": ""}, ensure_ascii=False)
            unit.answers.add(clock.new_id(), run.id, path, person, body, unit.now)


def out(shell: Shell, *words: str) -> Path:
    """Export, and return the folder."""
    shell.good("export", "--out", str(shell.folder / "out"), "--format", "csv", *words)
    return shell.folder / "out"


def sheet(path: Path, name: str | None = None) -> list[list[Any]]:
    """Read a sheet's cells."""
    book = openpyxl.load_workbook(path)
    return [list(row) for row in (book[name] if name else book.worksheets[-1]).iter_rows()]


def values(rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Give the rows by their headings."""
    heading, *rest = [[cell.value for cell in row] for row in rows]
    return [dict(zip(heading, row, strict=True)) for row in rest]


def test_a_workbook_has_numbers_days_and_texts(everything: Phone, shell: Shell) -> None:
    """Numbers are numbers, days are days, everything else is text, and the codebook has a sheet."""
    path = out(shell, "--format", "xlsx") / "everything.xlsx"
    (row,) = values(sheet(path))

    assert row["person"] == everything.person.pseudonym
    assert (row["days"], row["litres"], row["near"]) == (3, 2.5, 2)
    assert (row["when"], row["hour"]) == (datetime(2026, 12, 6), "19:30")  # noqa: DTZ001  a cell has no zone
    assert (row["with"], row["who"], row["who/women"]) == ("together", "women youth", 1)
    assert row["story"] == "Hubo junta.\n=1+1\nñandú 🌱"
    book = {line["Columna"]: line for line in values(sheet(path, "libro de códigos"))}
    assert list(book) == list(row)
    assert book["near"]["Opciones · English"] == "1 = Far | 2 = Halfway | 3 = Near"
    assert book["who/women"]["La pregunta · Español"] == "Las mujeres"
    assert book["near"]["Cómo se contesta"] == "una escala"
    assert all(book[name]["La pregunta · Español"] and book[name]["La pregunta · English"] for name in book)


def test_what_is_printed_is_in_words(everything: Phone, shell: Shell) -> None:
    """The first sheet has every answer in the words of the language asked for, ids last; its page lies across."""
    path = out(shell, "--format", "xlsx", "--language", "en") / "everything.xlsx"
    book = openpyxl.load_workbook(path)
    (row,) = values(sheet(path, "answers"))
    first = book.worksheets[0]

    assert book.sheetnames == ["answers", "totals", "codebook", "data"]
    assert (row["How many days?"], row["Which day?"]) == (3, datetime(2026, 12, 6))  # noqa: DTZ001  a cell has no zone
    assert [row[asked] for asked in ("With whom?", "Who?", "How near?")] == ["Together", "The women\nYouth", "Halfway"]
    assert (row["How it ended"], row["Language"]) == ("halfway", "Spanish")
    assert list(row)[-2:] == ["Code", "Row"]
    assert row["Code"] == everything.person.pseudonym
    assert values(sheet(path, "data"))[0]["run"].startswith(row["Row"])
    assert (first.page_setup.orientation, first.page_setup.fitToHeight) == ("landscape", 0)
    assert first.sheet_properties.pageSetUpPr.fitToPage
    assert first.print_title_rows == "$1:$1"


def test_totals_are_of_people(filled: Rig, shell: Shell) -> None:
    """Each option of a closed question stands with how many people chose it, and how often; also what nobody chose."""
    for nickname, times in (("Luna", 2), ("Ceiba", 1)):
        phone = filled.join(nickname=nickname)
        for _ in range(times):
            filled.ask(phone)
            finish(phone)
    path = out(shell, "--format", "xlsx", "--language", "en") / "check_in.xlsx"
    rows = [[cell.value for cell in row] for row in sheet(path, "totals")]
    told = {words: (people, times) for words, people, times in rows if isinstance(people, int)}

    assert rows[0][0] == "How is it going?"
    assert rows[2][0] == texts().say("totals.here", "en")
    assert ["How are you feeling this week?", "People", "Times"] in rows
    assert (told["🙁 Low"], told["😀 Very good"]) == ((2, 3), (0, 0))
    assert (told["Nothing for now"], told["complete"]) == ((2, 3), (2, 3))


def test_a_long_story_is_printed_whole(everything: Phone, shell: Shell) -> None:
    """A row is no taller than a printed page shows: what is longer goes on in the row below, and nothing is lost."""
    give(everything, story=["Nos juntamos todas. " * 200])
    path = out(shell, "--format", "xlsx", "--language", "es") / "everything.xlsx"
    heading, *rows = [[cell.value for cell in row] for row in sheet(path, "respuestas")]
    told = [row[heading.index("=¿Qué pasó?")] for row in rows]

    assert len(told) > 3
    assert max(map(len, told)) <= 900
    assert " ".join(each.strip() for each in told).split() == ("Nos juntamos todas. " * 200).split()
    assert [row[-1] for row in rows][1:] == [None] * (len(rows) - 1)


@pytest.mark.proof
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_on_paper_it_is_a_page_a_sheet(everything: Phone, shell: Shell) -> None:
    """A small workbook is four pages: answers, codebook and data lie across, and totals stand upright."""
    folder = out(shell, "--format", "xlsx")
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{shell.folder}/office", "--headless", "--convert-to", "pdf",
         "--outdir", str(folder), str(folder / "everything.xlsx")],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip  # one command, one line
    drawn = (folder / "everything.pdf").read_bytes()
    boxes = [list(map(float, found.split())) for found in re.findall(rb"/MediaBox\[([^\]]*)\]", drawn)]

    assert [width > height for _, _, width, height in boxes][-4:] == [True, False, True, True]
    assert len(re.findall(rb"/Type\s*/Page[^s]", drawn)) == 4


@pytest.mark.parametrize("story", FORMULAS)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(everything: Phone, shell: Shell, story: str) -> None:
    """Every cell is a text or a number, as it was said, and nothing in it leads anywhere."""
    give(everything, story=[story])
    path = out(shell, "--format", "xlsx") / "everything.xlsx"
    cells = [cell for name in (None, "libro de códigos") for row in sheet(path, name) for cell in row]

    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert values(sheet(path))[0]["story"] == story


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_libreoffice_runs_nothing(everything: Phone, shell: Shell) -> None:
    """Opened in LibreOffice, workbook and CSV show every text as it was said, formulas unrun."""
    give(everything, story=["=1+1"])
    folder = out(shell, "--format", "xlsx")
    out(shell, "--format", "csv")
    opened = {}
    for name in ("everything.xlsx", "everything.csv"):
        target = shell.folder / f"opened-{name}"
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{shell.folder}/office", "--headless", "--convert-to",
             "fods", "--outdir", str(target), str(folder / name)],
            check=True, capture_output=True, timeout=100,
        )  # fmt: skip  # one command, one line
        opened[name] = (target / "everything.fods").read_text("utf-8")

    for name, text in opened.items():
        assert "table:formula" not in text, name
        assert "=1+1" in text, name


def test_more_text_than_a_cell_takes_is_cut_and_said(everything: Phone, shell: Shell) -> None:
    """A very long story is cut in a workbook, which is said; signs that no workbook can hold do not spoil it."""
    story = "\x00\x0b" + "🌱" * 20_000
    give(everything, story=[story])
    told = shell.good("export", "--out", str(shell.folder / "out"), "--format", "xlsx")
    (row,) = values(sheet(shell.folder / "out" / "everything.xlsx"))

    assert row["story"].startswith("\ufffd\ufffd🌱")
    assert row["story"].endswith("🌱 […]")
    assert len(row["story"].encode("utf-16-le")) // 2 <= 32_767
    assert texts().count("cli.export.cut", "en", 1, form="xlsx") in told
    assert exported(shell, name="everything.csv")[0]["story"].count("🌱") == 20_000


def test_json_lines_keep_values_as_they_are(everything: Phone, shell: Shell) -> None:
    """A line an object: numbers stay numbers, chosen names are a list, nothing is quoted against spreadsheets."""
    path = out(shell, "--format", "jsonl") / "everything.jsonl"
    (row,) = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    assert {name: row[name] for name in GIVEN if name != "story"} == {
        **{name: value for name, value in GIVEN.items() if name != "story"},
        "litres": 2.5,
    }
    assert row["story"] == "Hubo junta.\n=1+1\nñandú 🌱"
    assert row["ended"] is None
    assert pd.read_json(path, lines=True)["days"].tolist() == [3]
    assert exported(shell, "--format", "jsonl", name="everything.codebook.csv")[0]["column"] == "run"


def test_spss_has_labels(everything: Phone, shell: Shell) -> None:
    """In SPSS a question's words label its variable, the words of choices their values; names are such as it takes."""
    path = out(shell, "--format", "sav", "--language", "en") / "everything.sav"
    frame, told = pyreadstat.read_sav(str(path))
    row = frame.iloc[0]
    words = dict(zip(told.column_names, told.column_labels, strict=True))

    answers = ["days", "litres", "when", "hour", "q_with", "who", "who_women", "who_youth", "near", "story"]
    assert list(frame.columns) == [*RUN, *answers]
    assert (row["days"], row["litres"], row["when"], row["q_with"]) == (3, 2.5, date(2026, 12, 6), "together")
    assert (row["who"], row["who_women"], row["near"]) == ("women youth", 1, 2)
    assert row["story"] == "Hubo junta.\n=1+1\nñandú 🌱"
    assert (words["days"], words["person"]) == (
        "How many days?", "The person's code, the same in every file; it doesn't tell who they are.",
    )  # fmt: skip  # one pair
    assert told.variable_value_labels["near"] == {1: "Far", 2: "Halfway", 3: "Near"}
    assert told.variable_value_labels["q_with"] == {"alone": "Alone", "together": "Together"}


def test_spss_knows_what_can_be_counted(everything: Phone, shell: Shell) -> None:
    """What a question's type measures is its variable's measure; of what concerns the run, words alone have one."""
    _, told = pyreadstat.read_sav(str(out(shell, "--format", "sav") / "everything.sav"))
    found = told.variable_measure

    assert [found[name] for name in ("days", "litres", "when", "near")] == ["scale", "scale", "scale", "ordinal"]
    assert [found[name] for name in ("q_with", "who", "who_women", "hour", "story")] == ["nominal"] * 5
    assert (found["person"], found["started"]) == ("nominal", "unknown")


def test_spss_without_its_libraries_names_the_remedy(
    everything: Phone, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they are not installed, one sentence says what to run, and nothing is written."""
    monkeypatch.setattr(spssfile, "NEEDS", ("pandas", "no_such_library"))
    said = shell.refused("export", "--out", str(shell.folder / "out"), "--format", "sav")

    assert spssfile.REMEDY in said
    assert not (shell.folder / "out").exists()


def test_spss_takes_versions_that_differ(everything: Phone, shell: Shell) -> None:
    """A question that was a number in one version and a text in another is a text."""
    rig = everything.rig
    rig.advance(minutes=1)
    (rig.own / "everything.yaml").write_text(EVERYTHING.replace("type: integer", "type: text"), "utf-8")
    rig.again()
    other = rig.join(nickname="Nopal")
    rig.ask(other, dialog="everything")
    give(other, days="tres")
    frame, _ = pyreadstat.read_sav(str(out(shell, "--format", "sav") / "everything.sav"))

    assert sorted(frame["days"]) == ["3", "tres"]


def test_spss_takes_long_words_and_choices_that_are_no_numbers(everything: Phone, shell: Shell) -> None:
    """Labels longer than SPSS keeps are cut, and a scale that once had named choices is a scale."""
    rig = everything.rig
    older = EVERYTHING.replace("type: range", "type: select_one").replace("    parameters: {start: 1, end: 3}\n", "")
    older = older.replace('- {name: "1", label: {es: Lejos, en: Far}}', "- {name: far, label: {es: Lejos, en: Far}}")
    for text in (older, EVERYTHING.replace("es: Cerca", f"es: {'ñ' * 60}").replace("¿Cuántos días?", "ñ" * 300)):
        rig.advance(minutes=1)
        (rig.own / "everything.yaml").write_text(text, "utf-8")
        rig.again()
        rig.ask(rig.join(nickname=None), dialog="everything")
    _, told = pyreadstat.read_sav(str(out(shell, "--format", "sav", "--language", "es") / "everything.sav"))

    assert set(told.variable_value_labels["near"]) == {1, 2, 3}
    assert set(told.variable_value_labels["near"][3]) == {"ñ"}
    assert set(told.column_names_to_labels["days"]) == {"ñ"}


def test_the_long_form_has_a_row_an_answer(everything: Phone, shell: Shell) -> None:
    """Each answer is a row with its question, value, words, day and revision; a skipped one has no value."""
    give(everything, days=4, hour=None)
    rows = {row["question"]: row for row in exported(shell, "--long", "--language", "es", name="everything.long.csv")}

    assert list(rows) == list(GIVEN)
    assert (rows["days"]["value"], rows["days"]["revision"]) == ("4", "2")
    assert (rows["hour"]["value"], rows["story"]["question.label"]) == ("", "'=¿Qué pasó?")
    assert (rows["who"]["value"], rows["who"]["label"]) == ("women youth", "Las mujeres | Jóvenes")
    assert (rows["near"]["value"], rows["near"]["label"], rows["near"]["type"]) == ("2", "A medias", "range")
    assert rows["days"]["answered"] == rows["days"]["started"]
    book = exported(shell, "--long", name="everything.long.codebook.csv")
    assert [line["column"] for line in book] == [*RUN, *list(rows["days"])[len(RUN) :], *GIVEN]


@pytest.mark.parametrize("form", ["xlsx", "jsonl", "sav"])
def test_the_long_form_comes_in_every_format(everything: Phone, shell: Shell, form: str) -> None:
    """As many rows as answers, whatever opens them."""
    path = out(shell, "--long", "--format", form) / f"everything.long.{form}"
    read = {"xlsx": pd.read_excel, "jsonl": lambda path: pd.read_json(path, lines=True), "sav": pd.read_spss}[form]

    assert len(read(path)) == len(GIVEN)


def test_words_may_stand_instead_of_names(everything: Phone, shell: Shell) -> None:
    """With `--labels labels` what was chosen is written in words, in the language asked for."""
    (row,) = exported(shell, "--labels", "labels", "--language", "en", name="everything.csv")

    assert (row["with"], row["who"], row["near"]) == ("Together", "The women | Youth", "Halfway")
    assert "with.label" not in row
    (row,) = exported(shell, "--labels", "values", "--language", "en", name="everything.csv")
    assert (row["with"], "with.label" in row) == ("together", False)
    assert "both" in shell.refused("export", "--out", "out", "--labels", "some")


def test_days_are_those_of_the_organisations_zone(filled: Rig, shell: Shell) -> None:
    """A run of a late evening belongs to that evening's day, and `--since` begins with the day there."""
    with filled.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "zone": "Pacific/Auckland"})
    filled.now = datetime(2026, 3, 1, 11, 30, tzinfo=UTC)  # 2 March, half past midnight in Auckland
    phone = answered(filled, "Ceiba", "Ya.")
    (row,) = exported(shell)

    assert (row["started"], row["ended"]) == ("2026-03-02", "2026-03-02")
    assert [row["person"] for row in exported(shell, "--since", "2026-03-02")] == [phone.person.pseudonym]
    assert exported(shell, "--since", "2026-03-03") == []
    (row,) = exported(shell, "--exact-times")
    assert row["started"] == "2026-03-02T00:30:00+13:00"


def test_exact_times_are_moments_in_every_format(everything: Phone, shell: Shell) -> None:
    """With `--exact-times` a workbook and SPSS have the moment to the minute, as a clock there shows it."""
    local = everything.rig.now.astimezone(ZoneInfo("America/Mexico_City")).replace(tzinfo=None, second=0, microsecond=0)
    folder = out(shell, "--exact-times", "--format", "xlsx")
    out(shell, "--exact-times", "--format", "sav")

    assert values(sheet(folder / "everything.xlsx"))[0]["started"] == local
    assert pyreadstat.read_sav(str(folder / "everything.sav"))[0]["started"][0] == local


def test_choices_of_older_versions_keep_their_column(filled: Rig, shell: Shell) -> None:
    """A choice that the newest version has no more is exported and explained all the same."""
    newer(filled)
    phone = filled.join()
    filled.ask(phone, dialog="water")
    give(phone, who=["women", "elders"])
    filled.advance(minutes=1)
    text = (filled.own / "water.yaml").read_text("utf-8")
    (filled.own / "water.yaml").write_text(text[: text.index("      - {name: elders")], "utf-8")
    filled.again()
    other = filled.join(nickname="Nopal")
    filled.ask(other, dialog="water")
    row = next(row for row in exported(shell) if row["person"] == phone.person.pseudonym)

    assert (row["who/women"], row["who/youth"], row["who/elders"]) == ("1", "0", "1")
    book = {line["column"]: line for line in exported(shell, name="water.codebook.csv")}
    assert book["who"]["choices::en"].endswith("elders = Elders")


def test_what_only_practice_answered_makes_no_file(filled: Rig, shell: Shell) -> None:
    """A dialog that only practice groups went through has no file, by its name or among all."""
    filled.cohort("Ensayo", practice=True)
    answered(filled, "Nopal", "De mentiras.", cohort="Ensayo")
    for words in ((), ("--dialog", "water")):
        said = shell.good("export", "--out", str(shell.folder / "out"), *words)
        assert said.strip() == shell.says("cli.export.nothing")

    assert not (shell.folder / "out").exists()


def test_voice_notes_and_photos_lie_beside(everything: Phone, shell: Shell) -> None:
    """Each is a file named by its id, and the cell says which; without them, or once erased, the cell names the id."""
    media_store = MediaStore(everything.rig.folder)
    with everything.rig.unit() as unit:
        person = unit.people.known(everything.person.id)
        kept, lost = (media_rows.keep(media_store, unit, person, samples.jpeg()).hex for _ in range(2))
    give(everything, story=["Mira:", *({"media": "photo", "id": each, "seconds": None} for each in (kept, lost))])
    with everything.rig.unit() as unit:
        unit.media.erased(UUID(lost))
    folder = out(shell, "--format", "csv")

    assert exported(shell, name="everything.csv")[0]["story"] == f"Mira:\nmedia/{kept}.jpg\nphoto:{lost}"
    assert [path.name for path in (folder / "media").iterdir()] == [f"{kept}.jpg"]
    assert (folder / "media" / f"{kept}.jpg").read_bytes().startswith(b"\xff\xd8")
    shutil.rmtree(folder)
    assert exported(shell, "--no-media", name="everything.csv")[0]["story"].splitlines()[1] == f"photo:{kept}"
    assert not (folder / "media").exists()


def test_files_are_their_owners_alone(everything: Phone, shell: Shell) -> None:
    """Nobody else on the machine may read what is no longer encrypted."""
    folder = out(shell, "--format", "xlsx")

    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_what_was_taken_out_is_on_record(everything: Phone, shell: Shell) -> None:
    """The trail tells how much was asked for, and in which shape."""
    out(shell, "--format", "jsonl", "--long", "--dialog", "everything", "--since", "2026-01-01", "--no-media")
    (entry,) = everything.rig.audited("answers.exported")

    assert (entry.actor, entry.subject) == ("console", "everything")
    assert entry.detail == {
        "format": "jsonl", "dialogs": ["everything"], "cohort": None, "since": "2026-01-01", "long": True,
        "exact": False, "media": False,
    }  # fmt: skip  # one object


# A full disk.

FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes}, {bytes}))
from bot.cli.main import main
sys.argv = ["hilo", "export", "--out", {out!r}, "--format", {form!r}]
main()
"""


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "sav"])
def test_no_room_leaves_nothing_half(everything: Phone, shell: Shell, form: str) -> None:
    """Where a file cannot grow any further, one sentence says so, and what was there stands as it was."""
    folder = out(shell, "--format", form)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    give(everything, **dict.fromkeys(("litres", "when", "hour", "with"), os.urandom(150_000).hex()))
    script = FULL.format(bytes=100_000, out=str(folder), form=form)
    # The database's own files are larger than that: its log is emptied first, so that nothing has to be written there.
    everything.rig.storage.database.checkpoint()
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=shell.folder, env={**os.environ, **shell.settings, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip  # one command

    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stderr
    assert str(folder) in ended.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small disk")
@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "sav"])
def test_a_full_disk_is_said_so(everything: Phone, shell: Shell, form: str) -> None:
    """On a disk of 64 kB that is full, the error tells what to do, and the disk is as empty as before."""
    disk = shell.folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], check=False).returncode:
        pytest.skip("this place lets nobody mount")
    try:
        give(everything, story=[os.urandom(100_000).hex()])
        said = shell.refused("export", "--out", str(disk / "out"), "--format", form)
        assert said == shell.says("cli.export.error.full", path=disk / "out", problem=shell.says("reason.full"))
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_what_a_killed_export_left_goes_with_the_next(everything: Phone, shell: Shell) -> None:
    """A hidden folder that nobody works in any more is taken away."""
    left = shell.folder / "out" / ".hilo-part-0123456789ab"
    (left / "files").mkdir(parents=True)
    (left / "files" / "everything.csv").write_text("half")
    (left / "lock").touch()
    out(shell)

    assert not left.exists()


def test_nobody_is_held_up_meanwhile(everything: Phone, tmp_path: Path) -> None:
    """While a file is written answers come in as ever; the file is of one moment, without them."""
    rig = everything.rig
    written: list[int] = []

    def meanwhile(done: int, total: int) -> None:
        give(everything, days=99)
        written.append(total)

    build.write(
        rig.storage, rig.now, ExportRequest(media=False), tmp_path / "meanwhile", texts(), rig.media_store, meanwhile
    )
    with (tmp_path / "meanwhile" / "everything.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)

    assert (row["days"], everything.answers["days"].value, written) == ("3", 99, [1])
