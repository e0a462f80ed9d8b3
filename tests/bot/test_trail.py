"""The audit trail as admins see it: in chat and at the terminal, in words, and whether it is whole."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from bot.services import care, trail, watch
from bot.services.care import CareLine
from bot.services.care_hours import OpeningHours
from bot.services.trail import LISTED, LOOKED_AT, SEARCHED, TRAIL_READ
from storage.tables import audit
from tests.bot.rig import Phone, Rig, texts

ROOT = Path(__file__).parents[2]
LANGUAGES = ("es", "en")
COMMAND = {"es": "/bitácora", "en": "/trail"}


def said(phone: Phone, code: str, **facts: object) -> str:
    return texts().say(code, phone.person.language or "es", **facts)


def admin(hilo: Rig, language: str = "es") -> Phone:
    return hilo.facilitator(language, nickname="Rosa", cohort=None, role="admin")


def actions(hilo: Rig) -> list[str]:
    with hilo.reading() as unit:
        return [each.action for each in unit.audit.list(1000)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_admin_reads_who_did_what(hilo: Rig, language: str) -> None:
    """From the menu, page by page, with the names of the team and the codes of those it was done to."""
    root = admin(hilo, language)
    leader = hilo.join(language, "Ceiba")
    hilo.ask(leader)
    reader = hilo.facilitator(language, nickname="Lupe")
    reader.say({"es": "/personas", "en": "/people"}[language])
    for _ in range(3):
        reader.press("Ceiba")
        reader.press(said(reader, "button.return"))
    root.say("/menu")
    root.press(said(root, "menu.more"))
    root.press(said(root, "menu.organisation"))
    root.press(said(root, "menu.trail"))

    assert root.last.text.startswith(said(root, "trail.title"))
    assert f"Lupe {said(root, 'trail.act.member.looked_at')} ({leader.person.pseudonym})" in root.last.text
    assert "Ceiba" not in root.last.text
    root.press(said(root, "button.next"))
    assert root.last.text.startswith(said(root, "trail.title"))
    assert actions(hilo)[:2] == [TRAIL_READ, TRAIL_READ]
    root.press(said(root, "button.trail_check"))
    assert root.last.text == texts().count("trail.whole", language, len(actions(hilo)))


def test_what_of_the_record_was_changed_is_named(hilo: Rig) -> None:
    """On the screen of the trail: who is on watch, and the lines on the care card."""
    root = admin(hilo)
    with hilo.unit() as unit:
        watch.nobody(unit, root.person)
        care.add(unit, root.person, CareLine({"es": "Rosa"}, "951 123 4567", OpeningHours()))
        unit.audit.add("console", "organisation.changed", "of_a_newer_version", {})
    root.say("/menu")
    for code in ("menu.more", "menu.organisation", "menu.trail"):
        root.press(said(root, code))
    changed = said(root, "trail.act.organisation.changed")

    for part in ("watch", "care_lines"):
        whole = said(root, "trail.changed", did=changed, part=said(root, f"trail.part.{part}"))
        assert f"Rosa {whole}" in root.last.text
    assert f"{changed}\n" in f"{root.last.text}\n"


def test_looking_at_people_and_searching_them_is_noted(hilo: Rig) -> None:
    """The list, the search and one person each leave a row, without the words that were searched for."""
    for number in range(12):
        hilo.join(nickname=f"Ceiba {number}")
    reader = hilo.facilitator(nickname="Lupe")
    reader.say("/personas")
    assert actions(hilo)[0] == LISTED
    reader.press(said(reader, "button.seek"))
    reader.say("ceiba 7")
    assert actions(hilo)[0] == SEARCHED
    reader.press("Ceiba 7")
    assert actions(hilo)[0] == LOOKED_AT
    with hilo.reading() as unit:
        found = unit.people.list()
        looked = unit.audit.list(1)[0]
        assert looked.subject in {str(each.id) for each in found if each.nickname == "Ceiba 7"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trail_that_was_cut_is_said(hilo: Rig, language: str) -> None:
    """Somebody with the database and no key deletes the newest rows: the admin's look says so."""
    root = admin(hilo, language)
    root.say(COMMAND[language])
    with hilo.unit() as unit:
        newest = unit.connection.execute(select(audit.c.seq).order_by(audit.c.seq.desc()).limit(1)).scalar_one()
        unit.connection.execute(delete(audit).where(audit.c.seq == newest))
    root.press(said(root, "button.trail_check"))
    assert said(root, "trail.fault.cut", row=newest - 1, at=f"{hilo.now:%Y-%m-%d}") == root.last.text


def test_nobody_else_reads_it(hilo: Rig) -> None:
    """A facilitator is refused, and that is a row too."""
    reader = hilo.facilitator(nickname="Lupe")
    reader.say("/bitácora")
    assert said(reader, "trail.title") not in reader.told
    assert TRAIL_READ not in actions(hilo)


def written() -> Iterator[tuple[str, str]]:
    """Yield each action that stands as a literal where a row is added, or as a constant beside it, with its place."""
    for folder in ("bot", "storage"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                adds = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("audit.add", "page.note"))
                if not adds or not isinstance(node, ast.Call):
                    continue
                at = 1 if ast.unparse(node.func).endswith("audit.add") else 0
                for each in ast.walk(node.args[at]):
                    if isinstance(each, ast.Constant) and isinstance(each.value, str):
                        yield each.value, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_action_has_its_words() -> None:
    """What is written on the trail is said in words, in both languages."""
    found = dict(written())
    known = {**found, **dict.fromkeys((LISTED, LOOKED_AT, SEARCHED, TRAIL_READ), "")}
    assert len(found) > 50
    for language in LANGUAGES:
        other = texts().say("trail.act.other", language, action="…").partition("…")[0]
        assert {code: at for code, at in known.items() if trail.deed(texts(), language, code).startswith(other)} == {}
    assert trail.deed(texts(), "en", "of.tomorrow") == texts().say("trail.act.other", "en", action="of.tomorrow")
