"""Answers as CSV: one row a run, a codebook beside it, and nothing that a spreadsheet would run."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.services.organisation import DEFAULT_ZONE
from tests.bot.rig import Rig
from tests.bot.shell import Shell
from tests.bot.water import RUN, answered, exported, newer


def test_a_run_is_a_row(filled: Rig, shell: Shell) -> None:
    """Pseudonym, group, version, language, state and days stand before the answers, each in its column."""
    phone = answered(filled, "Colibrí", "Hubo junta.")
    (row,) = exported(shell)

    assert list(row) == [*RUN, "days", "story"]
    assert row["person"] == phone.person.pseudonym
    assert (row["cohort"], row["language"], row["status"]) == ("Sierra Norte", "es", "completed")
    assert row["started"] == row["ended"] == f"{filled.now.astimezone(ZoneInfo(DEFAULT_ZONE)):%Y-%m-%d}"
    assert (row["days"], row["story"]) == ("3", "Hubo junta.")
    assert phone.run.dialog_hash.startswith(row["version"])


def test_no_file_says_who_someone_is(filled: Rig, shell: Shell) -> None:
    """Neither nickname nor address stands in any exported file."""
    phone = answered(filled, "Colibrí", "Hubo junta.")
    exported(shell)
    for path in (shell.folder / "out").iterdir():
        text = path.read_text("utf-8-sig")
        assert "Colibrí" not in text
        assert phone.chat not in text


@pytest.mark.parametrize("story", ["=1+1", "+52 951", "-1+2", "@SUM(A1)", "=HYPERLINK(A1)", "\uff1d1+1", "|cmd"])
def test_formulas_are_harmless(filled: Rig, shell: Shell, story: str) -> None:
    """What a spreadsheet would run gets an apostrophe in front, and nothing else is changed."""
    answered(filled, "Ceiba", story)
    (row,) = exported(shell)
    dangerous = story[0] in "=+-@\uff1d"

    assert row["story"] == ("'" + story if dangerous else story)
    assert row["days"] == "3"


def test_the_codebook_is_harmless_too(filled: Rig, shell: Shell) -> None:
    """A question that begins like a formula does not run either, nor does the name of a group."""
    answered(filled, "Ceiba", "Ya.", cohort="=Sierra")
    (row,) = exported(shell)
    entries = exported(shell, name="water.codebook.csv")

    assert row["cohort"] == "'=Sierra"
    told = {entry["column"]: entry["question::es"] for entry in entries}
    assert told["story"] == "'=¿Qué hicieron?"


def test_files_begin_with_the_mark_that_spreadsheets_need(filled: Rig, shell: Shell) -> None:
    """Both files carry a byte-order mark, so that accents are read right."""
    answered(filled, "Ceiba", "Ya.")
    exported(shell)

    for path in (shell.folder / "out").iterdir():
        assert path.read_bytes().startswith(b"\xef\xbb\xbf"), path.name
        assert not path.read_bytes().startswith(b"\xef\xbb\xbf\xef\xbb\xbf"), path.name


def test_all_versions_stand_in_one_file(filled: Rig, shell: Shell) -> None:
    """Columns are the union of the versions; what a run was not asked is empty; the codebook explains them all."""
    first = answered(filled, "Ceiba", "Ya.")
    filled.advance(minutes=1)
    newer(filled)
    second = filled.join(nickname="Nopal")
    filled.ask(second, dialog="water")
    second.say("Otra.")
    second.press("Listo")
    second.say("1 y 3")
    rows = {row["person"]: row for row in exported(shell) if row["status"] == "completed"}
    mine, hers = rows[first.person.pseudonym], rows[second.person.pseudonym]

    assert list(mine) == [*RUN, "story", "who", "who/women", "who/youth", "who/elders", "days"]
    assert (mine["days"], mine["story"], mine["who"]) == ("3", "Ya.", "")
    assert (hers["days"], hers["story"], hers["who"]) == ("", "Otra.", "women elders")
    assert mine["version"] != hers["version"]
    entries = exported(shell, name="water.codebook.csv")
    assert [entry["column"] for entry in entries] == list(mine)
    assert (mine["who/women"], hers["who/women"], hers["who/youth"]) == ("", "1", "0")
    assert "women = Las mujeres" in next(entry for entry in entries if entry["column"] == "who")["choices::es"]


def test_labels_stand_beside_their_values(filled: Rig, shell: Shell) -> None:
    """With a language, chosen names have their words beside them, in that language."""
    newer(filled)
    phone = filled.join()
    filled.ask(phone, dialog="water")
    phone.press("Saltar")
    phone.say("1,3")
    (row,) = exported(shell, "--language", "en")

    assert list(row)[-6:] == ["story", "who", "who.label", "who/women", "who/youth", "who/elders"]
    assert row["story"] == ""
    assert row["who.label"].split(" | ") == ["The women", "Elders"]


def test_pieces_of_a_story_are_lines_of_a_cell(filled: Rig, shell: Shell) -> None:
    """Several messages to one question are one cell, a line each."""
    phone = filled.join()
    filled.ask(phone, dialog="water")
    phone.press("Saltar")
    for piece in ("Hubo junta.", "Y faltó agua, «otra vez»."):
        phone.say(piece)
    phone.press("Listo")
    (row,) = exported(shell)

    assert (row["days"], row["story"]) == ("", "Hubo junta.\nY faltó agua, «otra vez».")


def test_the_newest_revision_is_the_answer(filled: Rig, shell: Shell) -> None:
    """An answer that was changed is exported as it is now."""
    phone = answered(filled, "Ceiba", "Ya.")
    filled.ask(phone, dialog="water")
    phone.say("1")
    phone.press("Regresar")
    phone.say("2")
    rows = exported(shell)

    assert [row["days"] for row in rows] == ["3", "2"]
    assert rows[1]["status"] == "open"
    assert rows[1]["ended"] == ""


def test_practice_is_left_out(filled: Rig, shell: Shell) -> None:
    """A practice group's runs are in no file, beside real ones or alone."""
    filled.cohort("Ensayo", practice=True)
    answered(filled, "Nopal", "De mentiras.", cohort="Ensayo")
    phone = answered(filled, "Ceiba", "De veras.")

    assert [row["person"] for row in exported(shell)] == [phone.person.pseudonym]


def test_the_teams_wizards_are_left_out(filled: Rig, shell: Shell) -> None:
    """What facilitators typed into a wizard is no answer."""
    answered(filled, "Ceiba", "Ya.")
    ana = filled.facilitator()
    ana.say("/preguntar")
    exported(shell)

    assert sorted(path.name for path in (shell.folder / "out").iterdir()) == ["water.codebook.csv", "water.csv"]


def test_one_group_one_dialog_or_since_a_day(filled: Rig, shell: Shell) -> None:
    """An export can be narrowed, and what is outside is in no file."""
    sierra = answered(filled, "Ceiba", "Ya.")
    answered(filled, "Nopal", "Ya.", cohort="Costa")

    assert [row["person"] for row in exported(shell, "--cohort", "Sierra Norte")] == [sierra.person.pseudonym]
    assert len(exported(shell, "--dialog", "water")) == 2
    assert len(exported(shell, "--since", f"{filled.now:%Y}-01-01")) == 2
    assert exported(shell, "--since", "2099-01-01") == []


def test_an_export_is_on_record(filled: Rig, shell: Shell) -> None:
    """Who took answers out, and when, stands in the trail."""
    answered(filled, "Ceiba", "Ya.")
    exported(shell)

    assert [entry.actor for entry in filled.audited("answers.exported")] == ["console"]


def test_a_failed_export_leaves_the_old_files(filled: Rig, shell: Shell) -> None:
    """When something fails in the middle, the files of before stand as they were, and nothing half written beside."""
    answered(filled, "Ceiba", "Ya.")
    exported(shell)
    out = shell.folder / "out"
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    answered(filled, "Nopal", "Otra.")
    with filled.unit() as unit:
        unit.connection.exec_driver_sql("ALTER TABLE answers RENAME TO answers_elsewhere")
    shell.refused("export", "--out", str(out), "--format", "csv")

    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_place_that_cannot_be_written_leaves_the_old_file(filled: Rig, shell: Shell) -> None:
    """A folder in the way of a file is said so in one sentence, and stays."""
    answered(filled, "Ceiba", "Ya.")
    out: Path = shell.folder / "out"
    (out / "water.csv" / "kept").mkdir(parents=True)
    assert str(out) in shell.refused("export", "--out", str(out), "--format", "csv")

    assert [path.name for path in out.iterdir() if not path.name.startswith("water")] == []
    assert (out / "water.csv" / "kept").is_dir()


@pytest.mark.parametrize("long", [False, True])
def test_what_was_said_beside_a_question_is_no_value_of_it(filled: Rig, shell: Shell, long: bool) -> None:
    """It has a column of its own behind the question's, only where there is any, and the codebook says what it is."""
    phone = filled.join(nickname="Ceiba")
    filled.ask(phone, dialog="water")
    phone.say("=Fuimos todas a la asamblea.")
    phone.say("No me acuerdo de cuántos.")
    phone.say("3")
    phone.say("Hubo junta.")
    rows = exported(shell, *(("--long",) if long else ()), name="water.long.csv" if long else "water.csv")

    said = "'=Fuimos todas a la asamblea.\nNo me acuerdo de cuántos."
    if long:
        found = {row["question"]: row["value"] for row in rows}
        assert found == {"days": "3", "days.beside": said, "story": "Hubo junta."}
    else:
        assert list(rows[0]) == [*RUN, "days", "days.beside", "story"]
        assert (rows[0]["days"], rows[0]["days.beside"], rows[0]["story"]) == ("3", said, "Hubo junta.")
        (entry,) = [each for each in exported(shell, name="water.codebook.csv") if each["column"] == "days.beside"]
        assert "no es la respuesta" in entry["question::es"]
