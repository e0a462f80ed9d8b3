"""Under eighteen: two yeses, a named person, what has to be reported, and what is theirs alone."""

import csv
from pathlib import Path

import pytest

from bot.export import build
from bot.export.request import ExportRequest
from bot.media.store import MediaStore
from bot.services import readiness
from bot.services.minors import ADULT_YES
from bot.services.readiness import NotReady
from tests.bot.leader import check, words
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, SIERRA, Rig, texts

MINORS = {
    "anybody": True,
    "person": "Rosa Pérez",
    "reported_to": {"es": "el DIF", "en": "the DIF"},
    "care_card": {"es": "Rosa te oye: 951 123 4567."},
    "danger_words": {"es": ["me esculca la mochila"]},
    "hours": ["afternoon"],
}


def expected(hilo: Rig) -> None:
    """Put on record that minors take part."""
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "minors": MINORS})
    hilo.advance(minutes=1)


def arrived(hilo: Rig, age: str = "1 · Menos de 18", nickname: str = "Luna") -> Phone:
    """Come all the way in, by pressing and typing."""
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say("Español")
    phone.press(age)
    phone.press("Sí, quiero participar")
    phone.say(nickname)
    return phone


def test_nobody_is_invited_without_an_answer(hilo: Rig) -> None:
    """A record that says nothing of minors is not ready, and the checklist names what is missing."""
    ana = hilo.facilitator(nickname="Ana", cohort=None, role="admin")
    with hilo.unit() as unit:
        unit.organisation.set({key: value for key, value in RECORD.items() if key != "minors"})
    hilo.advance(minutes=1)
    ana.say("/estado")

    assert words(ana, "ready.minors") in ana.told
    with hilo.unit() as unit, pytest.raises(NotReady) as refused:
        readiness.require(unit)
    assert "minors" in refused.value.missing


def test_a_minor_is_told_whose_yes_is_needed_and_what_is_reported(hilo: Rig) -> None:
    """Before her yes: the named person, the adult's yes, and that harm is reported, beforehand and to whom."""
    expected(hilo)
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say("Español")
    phone.press("1 · Menos de 18")

    assert words(phone, "join.minor.adult", person="Rosa Pérez") in phone.news
    assert words(phone, "join.minor.report", reported_to="El DIF") in phone.news
    assert "Sí, quiero participar" in phone.last.labels
    assert all(len(text) <= 300 for text in phone.news)
    kept = words(phone, "fact.kept_for", time="un año")
    assert kept not in phone.screen()
    phone.press("Sí, quiero participar")
    assert f"{kept} {words(phone, 'join.at_will')}" in phone.news  # the rest, right after
    with hilo.reading() as unit:
        (consent,) = unit.consents.of(phone.person)
    assert "El DIF" in (consent.text or "")
    assert "¿Cómo te digo?" in phone.told


def test_an_adult_is_told_nothing_of_it(hilo: Rig) -> None:
    """Whoever is of age goes on as before."""
    expected(hilo)
    phone = arrived(hilo, "2 · 18 o más")

    assert "Rosa Pérez" not in phone.screen()
    assert "Por hoy es todo, Luna." in phone.told


@pytest.mark.parametrize(
    ("button", "whose"), [("Su familia dijo que sí", "family"), ("La organización dice que sí", "school")]
)
def test_her_yes_and_an_adults(hilo: Rig, button: str, whose: str) -> None:
    """After her own yes nothing is asked until the team has noted an adult's; whose, by whom and when is kept."""
    expected(hilo)
    ana = hilo.facilitator(nickname="Ana")
    phone = arrived(hilo)
    assert phone.told == words(phone, "join.minor.waiting")
    arrived(hilo, "2 · 18 o más", "Amate")
    hilo.order()
    hilo.tick()
    assert "ánimo" not in phone.screen()
    phone.say("/menu")
    assert words(phone, "join.minor.waiting") in phone.told

    assert words(ana, "people.asks_in.minor", name="Luna", group=SIERRA, person="Rosa Pérez") in ana.screen()
    ana.press("Anotar el sí de quien es mayor")
    assert words(ana, "people.adult", name="Luna") in ana.screen()
    check(ana)
    ana.press(button)

    assert words(phone, "join.admitted") in phone.screen()
    noted = phone.person.preferences[ADULT_YES]
    assert (noted["whose"], noted["by"]) == (whose, str(ana.person.id))
    with hilo.reading() as unit:
        assert phone.person.id in unit.memberships.active(hilo.cohort())
        assert "minor.adult_yes" in [each.action for each in unit.audit.list()]


def test_being_moved_is_no_adults_yes(hilo: Rig) -> None:
    """Who waits for it goes on waiting in another group, and in one whose invite is opened meanwhile."""
    expected(hilo)
    hilo.cohort("Costa")
    ana = hilo.facilitator(nickname="Ana", cohort=None, role="admin")
    phone = arrived(hilo)
    ana.press("Ver a esta persona")
    ana.press(words(ana, "button.rehome"))
    ana.press("Costa")
    ana.press(words(ana, "button.rehome_sure"))
    phone.say(f"/start {hilo.invite(cohort='Huasteca')}")

    with hilo.reading() as unit:
        assert {each.waiting for each in unit.memberships.held(phone.person.id)} == {True}


def test_her_own_card_words_and_hours(hilo: Rig) -> None:
    """A minor's card, the phrases that ring and the hours are her own; nobody else has them."""
    expected(hilo)
    ana = hilo.facilitator(nickname="Ana")
    phone, adult = arrived(hilo), arrived(hilo, "2 · 18 o más", "Ceiba")
    ana.press("Anotar el sí de quien es mayor")
    ana.press("Su familia dijo que sí")
    for each, card in ((phone, "Rosa te oye: 951 123 4567."), (adult, RECORD["care_card"]["es"])):
        each.say("/apoyo")
        assert card in each.told
    with hilo.reading() as unit:
        facts = hilo.turns.organisation
        assert list(facts.hours(unit, phone.person)) == ["afternoon"]
        assert list(facts.hours(unit, adult.person)) == []
    for each in (adult, phone):
        before = hilo.count("alerts")
        each.say("mi padrastro me esculca la mochila")
        assert hilo.count("alerts") - before == (1 if each is phone else 0)


def test_no_words_of_hers_leave_in_an_export(hilo: Rig, tmp_path: Path) -> None:
    """Choices and numbers are exported, her own words are not; an adult's are."""
    expected(hilo)
    ana = hilo.facilitator(nickname="Ana")
    phone, adult = arrived(hilo), arrived(hilo, "2 · 18 o más", "Ceiba")
    ana.press("Anotar el sí de quien es mayor")
    ana.press("Su familia dijo que sí")
    hilo.advance(hours=6)  # into the hours of whoever is under eighteen
    for each, said in ((phone, "lo de la niña"), (adult, "lo de la grande")):
        hilo.ask(each)
        each.say("2")
        each.say(said)
        each.press("Listo")
    build.write(hilo.storage, hilo.now, ExportRequest(), tmp_path / "out", texts(), MediaStore(tmp_path))
    told = "\n".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.csv"))
    with next((tmp_path / "out").glob("check_in*.csv")).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert "lo de la grande" in told
    assert "lo de la niña" not in told
    assert {row["mood"] for row in rows} == {"2"}
    assert len(rows) == 2


def test_whoever_comes_while_it_is_made_is_not_quoted(
    hilo: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is under eighteen is asked at the beginning: a girl who answers after that makes it begin anew."""
    monkeypatch.setattr(build, "TELL_EVERY", 1)
    monkeypatch.setattr(build, "AT_ONCE", 1)
    expected(hilo)
    ana = hilo.facilitator(nickname="Ana")

    def answers(phone: Phone, said: str) -> None:
        hilo.ask(phone)
        phone.say("2")
        phone.say(said)
        phone.press("Listo")

    for name in ("Ceiba", "Nopal"):
        answers(arrived(hilo, "2 · 18 o más", name), f"lo de {name}")
    came: list[int] = []

    def meanwhile(done: int, _: int) -> None:
        came.append(done)
        if len(came) == 1:
            phone = arrived(hilo)
            ana.press("Anotar el sí de quien es mayor")
            ana.press("Su familia dijo que sí")
            hilo.advance(hours=6)  # into the hours of whoever is under eighteen
            answers(phone, "lo de la niña")

    build.write(hilo.storage, hilo.now, ExportRequest(), tmp_path / "out", texts(), MediaStore(tmp_path), meanwhile)
    with next((tmp_path / "out").glob("check_in*.csv")).open(encoding="utf-8-sig", newline="") as file:
        said = [row["week"] for row in csv.DictReader(file)]

    assert set(said) == {"", "lo de Ceiba", "lo de Nopal"}
    assert came.count(1) == 2  # it was begun anew


REPEATED = """
spec: 1
name: repeated
kind: check_in
languages: [es]
title: {es: Con una cuenta}
why: {es: Para probar.}
steps:
  - {type: text, name: week, required: yes, label: {es: "¿Qué pasó?"}}
  - {type: calculate, name: again, calculation: "concat('dijo: ', ${week})"}
  - {type: select_one, name: mood, label: {es: "¿Cómo?"}, choices: [{name: good, label: {es: Bien}}]}
"""


def test_nothing_calculated_of_hers_leaves_in_an_export(hilo: Rig, tmp_path: Path) -> None:
    """A calculation may be made of her words: where they are not exported, it is not either."""
    expected(hilo)
    hilo.own.mkdir()
    (hilo.own / "repeated.yaml").write_text(REPEATED, "utf-8")
    ana = hilo.facilitator(nickname="Ana")
    phone, adult = arrived(hilo), arrived(hilo, "2 · 18 o más", "Ceiba")
    ana.press("Anotar el sí de quien es mayor")
    ana.press("Su familia dijo que sí")
    hilo.advance(hours=6)  # into the hours of whoever is under eighteen
    hilo.ask(phone, adult, dialog="repeated")
    for each, said in ((phone, "lo de la niña"), (adult, "lo de la grande")):
        each.say(said)
        each.press("1 · Bien")
    rosa = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    changed(rosa, "2 · No, nadie", "1 · Guardar")  # whoever is here is under eighteen all the same
    build.write(hilo.storage, hilo.now, ExportRequest(), tmp_path / "out", texts(), MediaStore(tmp_path))
    with next((tmp_path / "out").glob("repeated*.csv")).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert {(row["week"], row["again"]) for row in rows} == {("", ""), ("lo de la grande", "dijo: lo de la grande")}
    assert {row["mood"] for row in rows} == {"good"}


def changed(admin: Phone, *said: str) -> None:
    """Change what is decided from an admin's phone, by pressing and typing."""
    admin.say("/estado")
    admin.press("Menores de 18")
    admin.press("Cambiarlo")
    for each in said:
        admin.press(each) if each in admin.last.labels else admin.say(each)


def test_an_admin_decides_about_minors_by_phone(hilo: Rig) -> None:
    """From nobody to somebody: the next who comes in is asked her age, and told what was written."""
    rosa = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    changed(rosa, "1 · Sí", "Rosa Pérez", "el DIF", "Saltar", "2 · En la tarde", "Listo", "1 · Guardar")
    assert words(rosa, "minors.from_now") in rosa.told
    assert words(rosa, "minors.shown", person="Rosa Pérez", office="el DIF") in rosa.told
    hilo.advance(seconds=2)
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say("Español")
    phone.press("1 · Menos de 18")

    assert words(phone, "join.minor.report", reported_to="El DIF") in phone.news
    with hilo.reading() as unit:
        assert unit.organisation.get()["minors"]["hours"] == ["afternoon"]
        assert "minors" in [each.subject for each in unit.audit.list() if each.action == "organisation.changed"]


def test_the_office_is_written_in_each_language(hilo: Rig) -> None:
    """What was written anew lacks in the others: a button for each; whoever comes in reads it in her own."""
    rosa = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    changed(rosa, "1 · Sí", "Rosa Pérez", "la Procuraduría", "Rosa te oye.", "Saltar", "1 · Guardar")
    card = words(rosa, "button.minors.care_card", language="inglés")
    office = words(rosa, "button.minors.reported_to", language="inglés")
    assert (office in rosa.last.labels, card in rosa.last.labels) == (True, True)
    rosa.press(office)
    assert words(rosa, "minors.text.reported_to", language="Inglés") in rosa.told
    rosa.say("x" * 81)
    rosa.press("1 · Guardar")
    assert words(rosa, "minors.text.long", most=80) in rosa.told
    rosa.press(words(rosa, "button.minors"))
    rosa.press(office)
    rosa.say("the child protection office")
    rosa.press("1 · Guardar")
    assert words(rosa, "minors.shown", person="Rosa Pérez", office="la Procuraduría · the child protection office") in (
        rosa.last.text or ""
    )
    assert (office in rosa.last.labels, card in rosa.last.labels) == (False, True)
    hilo.advance(seconds=2)
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say("English")
    phone.press("1 · Under 18")

    assert words(phone, "join.minor.report", reported_to="The child protection office") in phone.news


def test_the_admins_list_says_whether_anything_rings(hilo: Rig) -> None:
    """Whoever let her in reads that the notice was sent; of somebody on a page, that nothing rings there."""
    expected(hilo)
    ana = hilo.facilitator(nickname="Ana")
    for nickname, code in (("Luna", "people.told"), ("Nube", "people.told.page")):
        own, hilo.messenger.name = hilo.messenger.name, "web" if code == "people.told.page" else hilo.messenger.name
        arrived(hilo, nickname=nickname)
        hilo.messenger.name = own
        ana.press("Anotar el sí de quien es mayor")
        ana.press("Su familia dijo que sí")
        assert f"{words(ana, 'people.admitted', name=nickname, group=SIERRA)} {words(ana, code)}" in ana.screen()


def test_left_as_it_was_nothing_changes(hilo: Rig) -> None:
    """The last question is the only one that counts; what is skipped stays; a facilitator may not."""
    expected(hilo)
    rosa, ana = hilo.facilitator(nickname="Rosa", cohort=None, role="admin"), hilo.facilitator(nickname="Ana")
    changed(rosa, "2 · No, nadie", "2 · Dejarlo como estaba")
    with hilo.reading() as unit:
        assert unit.organisation.get()["minors"] == MINORS
    changed(rosa, "1 · Sí", "Rosa Pérez", "la Procuraduría", "Saltar", "Saltar", "1 · Guardar")
    with hilo.reading() as unit:
        assert unit.organisation.get()["minors"] == {**MINORS, "reported_to": {"es": "la Procuraduría"}}
    ana.say("/estado")
    assert "Menores de 18" not in ana.last.labels


def test_changed_lines_bring_a_renewal_to_those_concerned(hilo: Rig) -> None:
    """Whoever is under eighteen is asked again as soon as she comes, and nobody else; a corrected card asks nobody."""
    expected(hilo)
    ana = hilo.facilitator(nickname="Ana")
    rosa = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    minor, adult = arrived(hilo), arrived(hilo, "2 · 18 o más", "Amate")
    ana.press("Anotar el sí de quien es mayor")
    ana.press("Su familia dijo que sí")
    asks = words(minor, "renew.ask")
    changed(rosa, "1 · Sí", "Rosa Pérez", "el DIF", "Llama a Rosa: 951 000 0000", "Saltar", "1 · Guardar")
    hilo.advance(minutes=1)
    for phone in (minor, adult):
        phone.say("/menu")
        assert asks not in phone.told
    changed(rosa, "1 · Sí", "Eva Luna", "la Procuraduría", "Saltar", "Saltar", "1 · Guardar")
    assert "vez" in rosa.told
    hilo.advance(minutes=1)
    for phone in (minor, adult):
        phone.say("/menu")
    assert asks in minor.told
    assert words(minor, "join.minor.report", reported_to="La Procuraduría") in minor.told
    assert asks not in adult.told
    minor.press(words(minor, "button.renew"))
    minor.say("/menu")
    assert asks not in minor.told
