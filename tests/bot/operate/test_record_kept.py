"""What stays out of the record of a group: whatever could tell who said something, wherever it stands."""

from dataclasses import replace
from typing import Any

import pytest
from markupsafe import escape

from bot import clock
from bot.product_languages import LANGUAGES
from bot.rendering import targets
from bot.rendering.ids import short_id
from bot.services import kept_back, share_backs, signs
from bot.services.erasure import erase_answers, erase_person, erase_run
from bot.services.versions import save_version
from dialogs.model import Choice, Dialog
from dialogs.question_forms import make_choice, make_open_question
from tests.bot.operate.test_group_record import live, lived_in, read
from tests.bot.orders import say
from tests.bot.rig import SIERRA, Rig, texts
from tests.bot.shell import Shell
from tests.bot.test_circles import circle, prepared, take_back
from tests.bot.test_paper import code_of, drawn
from tests.bot.test_share_backs import FOLLOWS, over
from tests.bot.test_signs import button

__all__ = ["drawn", "lived_in"]  # pytest finds the fixtures by their names here

HERS = "Luciérnaga"
TELLING = f"Cuando {HERS} habla en la asamblea"
QUOTE = "Ya nadie baja a la junta cuando llueve en la loma"
CHANGES = "Vamos a verlo con el comité."
FITTING = "¿Cómo va el camino?"


def asks(hilo: Rig, dialog: Dialog) -> None:
    """Store a dialog of the team's own, ask it, and close it."""
    with hilo.unit() as unit:
        save_version(unit, dialog)
        unit.own_dialogs.save(dialog.name, dialog.version, None, None, None)
    hilo.order(dialog.name)
    hilo.tick()
    over(hilo)


def own(words: str, hint: str, option: str, name: str) -> Dialog:
    """Return a dialog of two questions with these words in its title, in a question, its hint and an option."""

    def said(text: str) -> dict[str, str]:
        return dict.fromkeys(LANGUAGES, text)

    ask = make_choice("ask", said(words), {}, [Choice("one", said(option)), Choice("two", said("Otra cosa"))])
    other = replace(make_open_question("more", said(FITTING), {}), hint=said(hint))
    return Dialog(name, "check_in", said(words), said(FITTING), 1, LANGUAGES, (ask, other))


def test_no_question_title_hint_or_option_names_anybody(console: Shell, lived_in: Rig) -> None:
    """Neither in a page, in an index, in what is searched, nor in how a page is called; what fits stands there."""
    lived_in.join(nickname=HERS)
    asks(lived_in, own(f"¿Qué dijo {HERS}?", f"Lo de {HERS}", f"Lo que dijo {HERS}", "que_dijo_luciernaga_ab12"))
    said = console.good("record", "--out", "memoria")
    assert "asked/002" in said
    files = read(console.folder / "memoria")
    for name, data in files.items():
        assert HERS not in data.decode(), name
        assert "luciernaga" not in data.decode().lower(), name
        assert "luciernaga" not in name
    for tag in LANGUAGES:
        page = files[f"{tag}/asked/002.html"].decode()
        assert page.count(texts().say("group_record.kept_back", tag)) == 4  # title (twice), question, option
        assert FITTING in page
        assert "Otra cosa" in page
        assert texts().say("group_record.kept_back", tag) in files[f"{tag}/index.html"].decode()


def test_a_sign_that_was_asked_as_it_is_names_nobody(console: Shell, lived_in: Rig) -> None:
    """Sent in spite of the mark, its words are in the question that asked how it stands: they stay out there, too."""
    lived_in.join(nickname=HERS)
    root = lived_in.facilitator(nickname="Roca", cohort=None, role="admin")
    with lived_in.unit() as unit:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        sign = signs.add(unit, root.person, cohort, "better", TELLING)
    button(root, targets.SIGN, f"q{short_id(sign.id)}")
    root.press(say("button.ask_send_anyway"))
    lived_in.tick()
    lived_in.advance(days=1)
    lived_in.tick()
    console.good("record", "--out", "memoria")
    files = read(console.folder / "memoria")
    assert "es/asked/002.html" in files
    assert [name for name, data in files.items() if HERS in data.decode() or "Luci" in data.decode()] == []


def test_of_a_quote_that_was_erased_there_is_no_mark(console: Shell) -> None:
    """Written out before and after: the part that quoted it is not there, and nothing says that it was."""
    it = Rig(console.folder, now=clock.now())
    cohort_id = live(it)
    with it.unit() as unit:
        cohort = unit.cohorts.get(cohort_id)
        asked_in = next(each for each in unit.broadcasts.list() if not each.shares_back)
        her = next(each for each in unit.people.list() if each.nickname == "Ceiba 0")
        run = unit.readings.of_broadcast(asked_in.id)[0]
        assert cohort is not None
        unit.quotes.add(clock.new_id(), her, cohort.id, run.run_id, "week", QUOTE, "es", None)
        quote = unit.quotes.of(her.id)[0]
        unit.quotes.ask(quote.id, asked_in.id)
        unit.quotes.answer(quote.id, "yes")
        parts = {"heard": f"Con estas palabras: «{QUOTE}».", "follows": CHANGES, "who": "El comité, en enero."}
        draft = share_backs.draft(unit, asked_in.id, "decision", parts, "es", None)
        share_backs.send(unit, it.turns.organisation, draft.id, None)
    it.tick()
    console.good("record", "--out", "memoria")
    assert QUOTE in whole(console)
    with it.unit() as unit:
        person = unit.people.known(her.id)
        erase_person(unit, texts(), person, person)
    console.good("record", "--out", "memoria")
    pages = whole(console)
    assert CHANGES in pages
    assert [each for each in (QUOTE, "Con estas palabras", "…", say("back.quote.gone")) if each in pages] == []
    it.close()


def test_why_the_team_cannot_reads_so(console: Shell, lived_in: Rig) -> None:
    """What follows from what was heard may be that they cannot: it stands as that, in both languages."""
    with lived_in.unit() as unit:
        asked_in = next(each for each in unit.broadcasts.list() if not each.shares_back)
        parts = {"heard": "La mayoría pide otro camino.", "follows": CHANGES, "who": "El comité, en enero."}
        draft = share_backs.draft(unit, asked_in.id, "decision", parts, "es", None, cannot=True)
        share_backs.send(unit, lived_in.turns.organisation, draft.id, None)
    console.good("record", "--out", "memoria")
    files = read(console.folder / "memoria")
    for tag in LANGUAGES:
        page = files[f"{tag}/decisions.html"].decode()
        cannot, follows = (texts().say(f"group_record.part.{part}", tag) for part in ("cannot", "follows"))
        assert f"<strong>{escape(cannot)}</strong> {CHANGES}" in page
        assert page.count(follows) == 1  # the other decision's


def whole(console: Shell) -> str:
    """Return all that stands in the record that was written out."""
    return b"".join(read(console.folder / "memoria").values()).decode()


SAID = "ya nadie baja por agua al ojo de arriba"
CARD = f"Para que sepamos por qué {SAID}."


@pytest.mark.parametrize(
    "way", ["all", pytest.param("run", marks=pytest.mark.proof), pytest.param("answer", marks=pytest.mark.proof)]
)
def test_a_card_that_quotes_what_was_erased_before_any_record_stays_out(
    console: Shell, lived_in: Rig, way: str
) -> None:
    """Who said it erased everything, or what they answered then, or that one answer: nobody knows it any more."""
    her = lived_in.join(nickname="Jacaranda")
    lived_in.ask(her)
    her.say("4")
    her.say(f"Pues {SAID}.")
    her.press(say("button.all"))
    run = her.run
    lived_in.order(purpose=CARD)
    lived_in.tick()
    over(lived_in)
    with lived_in.unit() as unit:
        person = unit.people.known(her.person.id)
        if way == "all":
            erase_person(unit, texts(), person, person)
        elif way == "run":
            erase_run(unit, person, person, run, 2)
        else:
            erase_answers(unit, person, person, run, {"week"})
    assert "asked/003" in console.good("record", "--out", "memoria")
    assert SAID not in whole(console)


def test_a_card_that_quotes_what_a_circle_took_back_stays_out(
    console: Shell, lived_in: Rig, drawn: list[dict[str, Any]]
) -> None:
    """By the code of its sheet, before any record was made."""
    eva = lived_in.facilitator(nickname="Eva")
    prepared(eva)
    code = code_of(drawn)
    circle(eva, code, words=f"Pues {SAID}.")
    lived_in.order(purpose=CARD)
    lived_in.tick()
    over(lived_in)
    take_back(eva, code)
    assert "asked/003" in console.good("record", "--out", "memoria")
    assert SAID not in whole(console)


def test_whoever_is_erased_keeps_back_words_of_their_own_groups_alone(lived_in: Rig) -> None:
    """Of the one they left, too; elsewhere the same word names nobody who was ever there."""
    her = lived_in.join(nickname=HERS)
    lived_in.join(nickname="Otra", cohort="Costa")
    lived_in.join(nickname="Alguien", cohort="Valles")
    with lived_in.unit() as unit:
        groups = {each.name: each for each in unit.cohorts.list()}
        person = unit.people.known(her.person.id)
        unit.memberships.leave(person.id, groups[SIERRA].id)
        unit.memberships.join(clock.new_id(), person.id, groups["Costa"].id)
    for cohort in groups.values():
        with lived_in.unit() as unit:
            unit.signs.add(clock.new_id(), cohort.id, "better", TELLING, None)
    with lived_in.unit() as unit:
        person = unit.people.known(her.person.id)
        erase_person(unit, texts(), person, person)
        noted = {each.name for each in unit.cohorts.list() if kept_back.fingerprint(TELLING) in kept_back.of(each)}

    assert noted == {SIERRA, "Costa"}


def test_what_was_told_and_is_quoted_in_an_answer_stays_out_once_that_is_erased(console: Shell, lived_in: Rig) -> None:
    """Somebody said it as the team had: two records side by side must not tell that they are gone."""
    her = lived_in.join(nickname="Jacaranda")
    lived_in.ask(her)
    her.say("4")
    her.say(f"Dicen que {FOLLOWS}")
    her.press(say("button.all"))
    assert "asked/001" in console.good("record", "--out", "memoria")
    before = read(console.folder / "memoria")
    assert FOLLOWS not in whole(console)
    with lived_in.unit() as unit:
        person = unit.people.known(her.person.id)
        erase_person(unit, texts(), person, person)
    console.good("record", "--out", "memoria")
    assert read(console.folder / "memoria") == before
