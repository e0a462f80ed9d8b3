"""A question type that the product does not know works in chat, on a page, in a file and in its codebook."""

import csv
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyreadstat
import pytest

from bot.messengers.port import Kind
from dialogs import types
from dialogs.reader import read
from dialogs.types import TYPES
from tests.bot.rig import Phone, Rig, texts
from tests.bot.shell import Shell
from tests.bot.water import exported
from tests.journeys.bot import awake
from tests.journeys.hands import WebHand
from tests.question_types import DIALOG, EXAMPLE, GEOPOINT, STARS, registered

HERE = {"location": {"latitude": 17.06, "longitude": -96.72, "horizontal_accuracy": 12.0}}


@pytest.fixture
def known() -> Iterator[None]:
    """Both types, while a test lasts."""
    with registered():
        yield


@pytest.fixture
def asked(known: None, filled: Rig) -> Phone:
    """Someone who is asked where the well is."""
    (filled.own / "wells.yaml").write_text(DIALOG, "utf-8")
    filled.again()
    phone = filled.join()
    filled.ask(phone, dialog="wells")
    return phone


def _say(code: str, **facts: str) -> str:
    return texts().say(code, "es", **facts)


def test_a_type_is_registered_once_and_goes_again() -> None:
    """A name that is taken fails at once; outside the block, an author cannot use what was registered in it."""
    with registered():
        assert types.names() == (*TYPES, "geopoint", "stars")
        assert read(DIALOG, "wells").issues == ()
        with pytest.raises(ValueError, match="two question types are called stars"):
            types.register(STARS)

    assert types.names() == TYPES
    assert [each.code for each in read(DIALOG, "wells").issues if each.severity == "error"][:2] == ["unknown_type"] * 2
    with pytest.raises(ValueError, match="two question types are called date"):
        types.register(types.get("date"))


def test_what_an_author_writes_is_checked_by_the_type(known: None) -> None:
    """Its parameters, its default and what it has no use for are told like those of any other type."""
    wrong = DIALOG.replace("most=4", "most=1").replace("name: where", "name: where\n    default: here")
    found = {(each.code, each.place) for each in read(wrong, "wells").issues}

    assert {("bad_parameter", "water.parameters"), ("useless_key", "where.default")} <= found
    assert ("bad_default", "water.default") in {
        (each.code, each.place) for each in read(DIALOG.replace('"4"', '"9"'), "wells").issues
    }


def test_it_is_asked_and_answered_in_chat(asked: Phone) -> None:
    """What is typed, sent and pressed is read by the type, and told back in its words; an edit corrects it."""
    asked.say("por el molino")
    assert _say("refused.not_a_number", example=EXAMPLE) in asked.told
    asked.send(Kind.STICKER)
    assert _say("refused.not_a_number", example=EXAMPLE) in asked.told
    asked.send(Kind.OTHER)
    assert "¿Dónde está el pozo?" in asked.told

    asked.send(Kind.OTHER, content=HERE)
    assert asked.values == {"where": "17.06 -96.72"}
    assert asked.answers["where"].label == "17.06° -96.72°"
    assert _say("prompt.proposed", answer="★★★★") in asked.told
    assert [button.label for row in asked.last.keyboard for button in row][:4] == [
        "1 · ★", "2 · ★★", "3 · ★★★", "✓ 4 · ★★★★",
    ]  # fmt: skip  # one list, one line

    asked.say("7")
    assert _say("refused.out_of_range", min="1", max="4") in asked.told
    asked.press("2 · ★★")
    assert "¿Por qué ★★?" in asked.told
    asked.say("Sabe a fierro.")
    assert asked.run.status == "completed"
    assert asked.values == {"where": "17.06 -96.72", "water": 2, "why": "Sabe a fierro."}


def test_a_message_that_was_edited_is_read_by_the_type(asked: Phone) -> None:
    """Typed coordinates are corrected where they stand; what does not fit changes nothing."""
    order = asked.say("17.06, -96.72")
    asked.edit(order, "16.9; -96.7")
    assert asked.values == {"where": "16.9 -96.7"}
    asked.edit(order, "más arriba")
    assert asked.values == {"where": "16.9 -96.7"}
    asked.say("★★★")
    assert asked.run.status == "completed"
    assert asked.values["water"] == 3


def test_it_has_its_columns_in_every_file(asked: Phone, shell: Shell) -> None:
    """Numbers are numbers, each part of an answer is a column, and the codebook says how values are written."""
    asked.send(Kind.OTHER, content=HERE)
    asked.press("✓ 4 · ★★★★")

    (row,) = exported(shell, name="wells.csv")
    assert (row["where"], row["where/latitude"], row["where/longitude"]) == ("17.06 -96.72", "17.06", "-96.72")
    assert row["water"] == "4"
    with (shell.folder / "out" / "wells.codebook.csv").open(encoding="utf-8-sig", newline="") as file:
        book = {line["column"]: line for line in csv.DictReader(file)}
    assert (book["where"]["type"], book["where"]["values"]) == ("geopoint", "latitude longitude")
    assert (book["where/latitude"]["question::en"], book["where/latitude"]["values"]) == ("Latitude", "0.0")

    shell.good("export", "--out", str(shell.folder / "book"), "--format", "xlsx")
    heading, cells = (
        openpyxl.load_workbook(shell.folder / "book" / "wells.xlsx").worksheets[-1].iter_rows(values_only=True)
    )
    found = dict(zip(heading, cells, strict=True))
    assert (found["where/latitude"], found["where/longitude"], found["water"]) == (17.06, -96.72, 4)

    shell.good("export", "--out", str(shell.folder / "spss"), "--format", "sav")
    frame, told = pyreadstat.read_sav(str(shell.folder / "spss" / "wells.sav"))
    assert (frame["where_latitude"][0], frame["water"][0]) == (17.06, 4)
    measures = [told.variable_measure[name] for name in ("where", "where_latitude", "water")]
    assert measures == [GEOPOINT.measure, "scale", STARS.measure] == ["nominal", "scale", "ordinal"]


def test_it_is_asked_and_answered_on_a_page(known: None, tmp_path: Path) -> None:
    """In the web chat it needs no more than in any other: its buttons are pressed, its words are written."""
    (tmp_path / "dialogs").mkdir()
    (tmp_path / "dialogs" / "wells.yaml").write_text(DIALOG, "utf-8")
    with awake(tmp_path, "ptb", None) as bot:
        hand = WebHand(bot, "es")
        hand.start(bot.invite("Sierra"))
        hand.screen()
        hand.say("1")
        hand.press(_say("button.agree"))  # a yes is one that is meant: a bare digit is asked back
        hand.press(_say("button.skip"))
        broadcast_id = bot.order("wells", "Sierra")
        bot.settle()
        hand.screen()
        hand.press(_say("button.start"))
        assert "¿Dónde está el pozo?" in hand.screen()[-1].text
        hand.say("17.06, -96.72")
        assert hand.screen()[-1].labels[:2] == ("1 · ★", "2 · ★★")
        hand.press("1 · ★")
        assert "¿Por qué ★?" in hand.screen()[-1].text
        hand.say("Sabe a fierro.")
        person = bot.at("web", hand.chat)
        run = bot.restored(person, bot.run_of(person, broadcast_id))
        hand.close()

    assert {path: answer.value for path, answer in run.answers.items()} == {
        "where": "17.06 -96.72",
        "water": 1,
        "why": "Sabe a fierro.",
    }
