"""The library in chat: every dialog there is, how it goes, copies, words that change, and the way back."""

import pytest

from bot import clock
from bot.messengers.port import Button
from bot.team.orders import composing, drafts
from tests.bot.asking import prepare, say_why
from tests.bot.leader import check, words
from tests.bot.rig import Phone, Rig, texts


def titles(phone: Phone) -> list[str]:
    """Walk through every page of the list; returns every title on it."""
    found: list[str] = []
    while True:
        check(phone)
        found += phone.last.labels
        if words(phone, "button.next") not in phone.last.labels:
            return found
        phone.press(words(phone, "button.next"))


def copied(hilo: Rig, ana: Phone) -> str:
    """Make a copy of the check-in; returns its name."""
    ana.say("/conversaciones")
    ana.press("¿Cómo vas?")
    check(ana)
    ana.press("Hacer una copia")
    check(ana)
    (name,) = hilo.content.written
    return name


@pytest.mark.parametrize(("language", "command"), [("es", "/conversaciones"), ("en", "/library")])
def test_every_dialog_is_listed(hilo: Rig, language: str, command: str) -> None:
    """Shipped ones and those of the organisation's folder, page by page, and none of the team's wizards."""
    hilo.own.mkdir()
    (hilo.own / "water.yaml").write_text(
        "spec: 1\nname: water\nkind: check_in\nlanguages: [es]\ntitle: El agua\nwhy: Saber.\n"
        "steps:\n  - {type: text, name: a, label: Di}\n",
        "utf-8",
    )
    hilo.again()
    ana = hilo.facilitator(language)
    ana.say(command)
    listed = titles(ana)

    assert {"✎ El agua", {"es": "¿Cómo vas?", "en": "How is it going?"}[language]} <= set(listed)
    assert len([label for label in listed if label not in {words(ana, "button.next"), words(ana, "button.menu")}]) >= 7
    assert not {"¿Cuándo?", "Cambiar palabras", "When?"} & set(listed)


@pytest.mark.parametrize("language", ["es", "en"])
def test_its_steps_are_shown_in_each_language(hilo: Rig, language: str) -> None:
    """Every step with its choices, on pages that fit a phone, and a button for each other language."""
    ana = hilo.facilitator(language)
    ana.say("/conversaciones")
    ana.press({"es": "¿Cómo vas?", "en": "How is it going?"}[language])
    ana.press(words(ana, "button.lib_steps"))
    check(ana)
    steps = hilo.content.dialog("check_in").steps
    assert steps[0].label[language] in (ana.last.text or "")
    other = {"es": "en", "en": "es"}[language]
    ana.press({"es": "English", "en": "Español"}[language])
    check(ana)

    assert steps[0].label[other] in (ana.last.text or "")
    assert steps[0].choices[0].label[other] in (ana.last.text or "")


def test_a_copy_is_the_organisations_own_and_can_be_asked(hilo: Rig) -> None:
    """What is shipped stays as it is; the copy knows what it was copied from, and goes out under its own title."""
    leader = hilo.join()
    ana = hilo.facilitator()
    name = copied(hilo, ana)
    assert hilo.rows("SELECT name, base FROM own_dialogs") == [(name, "check_in")]
    assert hilo.content.dialog("check_in").title["es"] == "¿Cómo vas?"
    ana.press("Enviarla a un grupo")
    say_why(ana)
    assert "¿Cómo vas? (copia)" in (ana.last.text or "")
    ana.press("Enviar")
    hilo.tick()

    assert "Sí, ahora" in leader.last.labels


def change(ana: Phone, button: str, said: str, part: str = "Lo que dice") -> None:
    """Change one text of the dialog that is open."""
    ana.press("Cambiar palabras")
    check(ana)
    ana.press(next(label for label in ana.last.labels if label.startswith(button)))
    check(ana)
    if part in ana.last.labels:
        ana.press(part)
    ana.say(said)
    check(ana)


def test_words_change_from_the_next_order_on(hilo: Rig) -> None:
    """A new version goes out with the next order; a run that has begun keeps its words."""
    leader = hilo.join()
    ana = hilo.facilitator()
    name = copied(hilo, ana)
    hilo.order(name)
    hilo.tick()
    change(ana, "1 · ", "¿Cómo te sientes?")
    assert words(ana, "lib.changed") in (ana.last.text or "")
    leader.press("Sí, ahora")
    assert "¿Cómo andas de ánimo esta semana?" in leader.told
    leader.press("Más tarde")
    leader.press("Ya no")
    hilo.order(name, key="again")
    hilo.tick()
    leader.press("Sí, ahora")

    assert "¿Cómo te sientes?" in leader.told
    assert len(hilo.rows("SELECT 1 FROM dialog_versions WHERE name = ?", name)) == 2
    assert [entry.actor for entry in hilo.audited("dialog.changed")] == [str(ana.person.id)] * 2


def test_words_that_changed_after_she_saw_them_are_not_sent_unseen(hilo: Rig) -> None:
    """Another facilitator changed them in between: she is told, looks again, and then it goes."""
    hilo.join()
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    name = copied(hilo, ana)
    prepare(eva, "¿Cómo vas? (copia)")
    change(ana, "1 · ", "¿Cómo te sientes?")
    eva.press("Enviar")
    check(eva)
    assert words(eva, "ask.changed") in (eva.last.text or "")
    assert hilo.count("broadcasts") == 0
    eva.press("Enviar")

    with hilo.reading() as unit:
        (sent,) = unit.broadcasts.list()
    assert sent.dialog_hash == hilo.content.dialog(name).version


def test_titles_reasons_hints_and_choices_change_too(hilo: Rig) -> None:
    """Each text of a dialog can be said anew, in the language that is chosen."""
    ana = hilo.facilitator()
    name = copied(hilo, ana)
    change(ana, "El título", "¿Cómo andan?")
    change(ana, "El motivo", "Para saber cómo andan.")
    change(ana, "1 · ", "Pésimo", "1 · 😞 Muy bajo")
    dialog = hilo.content.dialog(name)

    assert dialog.title == {"es": "¿Cómo andan?", "en": "How is it going? (copy)"}, "usted falls back to the new words"
    assert dialog.why["es"] == "Para saber cómo andan."
    assert dialog.steps[0].choices[0].label["es"] == "Pésimo"
    assert dialog.steps[0].choices[0].label["en"] == "😞 Very low"


def test_a_language_of_her_groups_can_be_added(hilo: Rig) -> None:
    """Words in a language that the dialog did not have make it one of the dialog's."""
    hilo.cohort("Sierra", ("nah", "es"))
    ana = hilo.facilitator(cohort="Sierra")
    name = copied(hilo, ana)
    ana.press("Cambiar palabras")
    while "Nahuatl" not in (ana.last.text or ""):
        ana.press(ana.last.labels[-1])
        check(ana)
    ana.press("El título")
    assert "Nahuatl" in ana.told
    ana.say("¿Ken tinemi?")

    assert hilo.content.dialog(name).title["nah"] == "¿Ken tinemi?"
    assert "nah" in hilo.content.dialog(name).languages


def test_a_change_can_be_taken_back_and_that_too(hilo: Rig) -> None:
    """One tap brings the words before back, and another one those after; nothing is lost."""
    ana = hilo.facilitator()
    name = copied(hilo, ana)
    before = hilo.content.dialog(name)
    change(ana, "1 · ", "¿Cómo te sientes?")
    after = hilo.content.dialog(name)
    ana.press("Deshacer")
    check(ana)
    assert hilo.content.dialog(name) == before
    ana.press("Deshacer")

    assert hilo.content.dialog(name) == after


def test_a_role_that_was_taken_away_changes_nothing(hilo: Rig) -> None:
    """A wizard half done does not change a dialog once the role is gone."""
    ana = hilo.facilitator()
    name = copied(hilo, ana)
    before = hilo.content.dialog(name)
    ana.press("Cambiar palabras")
    ana.press("El título")
    person = ana.person
    with hilo.unit() as unit:
        unit.roles.revoke(person.id, "facilitator")
    ana.say("Otro")

    assert hilo.content.dialog(name) == before


def test_what_does_not_fit_is_not_kept(hilo: Rig) -> None:
    """A choice too long for a button is told with how long it may be, and nothing changes."""
    ana = hilo.facilitator()
    name = copied(hilo, ana)
    before = hilo.content.dialog(name)
    change(ana, "1 · ", "x" * 70, "1 · 😞 Muy bajo")

    assert words(ana, "own.wrong") in (ana.last.text or "")
    assert "60" in (ana.last.text or "")
    assert hilo.content.dialog(name) == before


def test_one_that_is_retired_is_offered_no_more_until_it_is_brought_back(hilo: Rig) -> None:
    """Its answers stay, an order that waits for its hour goes all the same, and one tap brings it back."""
    leader = hilo.join()
    ana = hilo.facilitator()
    name = copied(hilo, ana)
    hilo.order(name)
    ana.say("/conversaciones")
    ana.press("✎ ¿Cómo vas? (copia)")
    ana.press("Ya no ofrecerla")
    check(ana)
    undo = ana.button("Deshacer")
    ana.say("/conversaciones")
    assert "✎ ¿Cómo vas? (copia)" not in titles(ana)
    hilo.tick()
    assert "Sí, ahora" in leader.last.labels
    ana.press_id(*undo)
    ana.say("/conversaciones")

    assert "✎ ¿Cómo vas? (copia)" in titles(ana)
    assert hilo.audited("dialog.retired")


def test_what_is_shipped_cannot_be_changed_by_a_good_button(hilo: Rig) -> None:
    """Buttons that change words lead, for a dialog that is not the organisation's own, to its page alone."""
    ana = hilo.facilitator()
    ana.say("/conversaciones")
    ana.press("¿Cómo vas?")
    assert not {"Cambiar palabras", "Ya no ofrecerla"} & set(ana.last.labels)
    with hilo.reading() as unit:
        make = hilo.turns.speech(unit, ana.person).buttons.plain
        buttons = [Button("", make(action, argument)) for action, argument in forged(hilo)]
    for button in buttons:
        ana.press_id(button.id, ana.last.order)
        check(ana)

    assert hilo.count("own_dialogs") == 0


def forged(hilo: Rig) -> list[tuple[str, str]]:
    """Give every button that changes something, for a dialog that is shipped."""
    short = drafts.short(hilo.content.dialog("check_in"))
    return [
        ("lib_retire", short),
        ("lib_pick", f"{short}.es.0"),
        ("lib_step", f"{short}.es.0"),
        ("lib_words", f"{short}.es.0.l"),
        ("lib_undo", hilo.content.dialog("check_in").version[:20]),
        ("lib_open", "00000000"),
    ]


def test_a_leader_sees_no_library(hilo: Rig) -> None:
    """The library is the team's."""
    leader = hilo.join()
    leader.say("/conversaciones")

    assert leader.told == texts().say("staff.not_allowed", "es")


def test_many_dialogs_of_ones_own_stand_on_pages(hilo: Rig) -> None:
    """Thirty copies are still screens of eight rows, in the library and where a dialog is chosen."""
    hilo.join()
    ana = hilo.facilitator()
    dialog = hilo.content.dialog("check_in")
    person = ana.person

    with hilo.unit() as unit:
        for _ in range(30):
            copy = type(dialog)(
                f"copy_{clock.new_id().hex[-6:]}",
                dialog.kind,
                dialog.title,
                dialog.why,
                2,
                dialog.languages,
                dialog.steps,
            )
            composing.save(unit, person, copy, dialog.name)
    ana.say("/conversaciones")
    assert titles(ana).count("✎ ¿Cómo vas?") == 30
    ana.say("/preguntar")
    assert titles(ana).count("¿Cómo vas?") == 31
    prepare(ana)

    assert "Enviar" in ana.last.labels


@pytest.mark.parametrize("language", ["es", "en"])
def test_nobody_reads_the_name_of_a_blank(hilo: Rig, language: str) -> None:
    """What is filled in when it is sent is shown filled, so that a facilitator reads no `${reading_day}`."""
    ana = hilo.facilitator(language)
    ana.say({"es": "/conversaciones", "en": "/library"}[language])
    ana.press({"es": "¿Cómo vas?", "en": "How is it going?"}[language])
    ana.press(words(ana, "button.lib_steps"))
    assert "${" not in ana.screen()
    ana.press(words(ana, "button.next"))

    assert {"es": "El equipo lo lee el jueves.", "en": "The team reads this on Thursday."}[language] in ana.screen()
    assert "${" not in ana.screen()
