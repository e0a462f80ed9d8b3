"""Her answers: seen, changed and erased; and herself erased, with a receipt that hides nothing."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from bot.media.store import EVERY_DOCUMENT
from tests.bot.leader import LANGUAGES, RECEIPT, answered, check, follow, words
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts

CANARY = "tlacuache-4471"
OTHERS = "ocelote-9902"
KEPT = ("answers", "runs", "people", "person_keys", "consents", "messages", "memberships", "deliveries", "outbox")


def first_title(phone: Phone) -> str:
    """Open the list of conversations and return the newest one's button."""
    phone.say("/mydata")
    return phone.last.labels[0]


def opened(phone: Phone) -> None:
    """Open the newest conversation."""
    phone.press(first_title(phone))
    check(phone)


def disguises(word: str) -> Iterator[bytes]:
    """Give the ways in which a word could lie in a file."""
    yield word.encode()
    yield word.encode().hex().encode()
    yield word.encode("utf-16-le")
    for shift in range(3):
        yield b64encode(b"\0" * shift + word.encode())[4 if shift else 0 : -4]


def on_disk(hilo: Rig) -> bytes:
    """Read every byte of the database's files."""
    return b"".join(path.read_bytes() for path in sorted(hilo.folder.glob("hilo.db*")))


def rows_of(hilo: Rig, phone: Phone) -> dict[str, list[tuple[Any, ...]]]:
    """Read every row that belongs to a person."""
    person = phone.person.id.hex
    column = {"people": "id"}
    # A new epoch wraps everybody's key again.
    shown = {"person_keys": "person_id, created_at"}
    return {
        table: hilo.rows(
            f"SELECT {shown.get(table, '*')} FROM {table} WHERE {column.get(table, 'person_id')} = ? ORDER BY 1",  # noqa: S608  names from the list above
            person,
        )
        for table in KEPT
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_she_sees_what_she_answered(hilo: Rig, language: str) -> None:
    """Every question she answered is shown with her own words, conversation by conversation."""
    phone = answered(hilo, language, canary=CANARY)
    opened(phone)

    assert f"→ Hubo junta por {CANARY}." in (phone.last.text or "")
    assert f"→ Sobre {CANARY}." in (phone.last.text or "")


def test_what_she_skipped_is_said_to_be_unanswered(hilo: Rig) -> None:
    """A skipped question stands there as such."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.press("Saltar")
    opened(phone)

    assert "→ Sin contestar" in (phone.last.text or "")


def test_a_long_answer_is_paged(hilo: Rig) -> None:
    """Five thousand characters are shown page by page, none lost, and no screen is too long."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("Fuimos a la asamblea y se habló del agua. " * 120)
    opened(phone)
    shown = phone.last.text or ""
    while words(phone, "button.next") in phone.last.labels:
        phone.press(words(phone, "button.next"))
        check(phone)
        shown += phone.last.text or ""

    assert shown.count("asamblea") == 120


def test_many_conversations_are_paged(hilo: Rig) -> None:
    """Ten conversations are all reachable, the newest first, on screens that fit."""
    phone = hilo.join()
    for _ in range(10):
        hilo.ask(phone)
        for said in ("2", "Ya."):
            phone.say(said)
        phone.press("Listo")
        phone.press("1 · Nada por ahora")
        hilo.advance(days=4)  # at most two askings a week
    phone.say("mis respuestas")
    titles = []
    while True:
        check(phone)
        titles += [label for label in phone.last.labels if label.startswith("¿Cómo vas?")]
        if words(phone, "button.next") not in phone.last.labels:
            break
        phone.press(words(phone, "button.next"))

    assert len(set(titles)) == 10
    assert titles[0].endswith("30 dic")


def test_nothing_answered_is_said_so(hilo: Rig) -> None:
    """Who has no answers here is told so, and can still erase herself."""
    phone = hilo.join()
    phone.say("/misdatos")

    assert phone.told == words(phone, "leader.mine.none")
    assert words(phone, "button.erase") in phone.last.labels


def test_an_answer_is_changed_from_the_list(hilo: Rig) -> None:
    """[Cambiar] asks the question again, and the new answer is the one that counts."""
    phone = answered(hilo)
    opened(phone)
    follow(phone, "button.pick_answer")
    phone.press(phone.last.labels[0])
    phone.press("Cambiar")
    assert "1 de 4" in (phone.last.text or "")
    phone.say("5")

    assert phone.values["mood"] == 5
    mood = hilo.storage.vault.path_hash(phone.run.id, "mood")
    assert hilo.rows("SELECT max(revision) FROM answers WHERE path = ?", mood) == [(2,)]


def test_an_old_answer_can_be_erased_but_not_changed(hilo: Rig) -> None:
    """After two days the screen says so, and offers what can still be done."""
    phone = answered(hilo)
    hilo.advance(hours=49)
    opened(phone)
    follow(phone, "button.pick_answer")
    phone.press(phone.last.labels[0])

    assert words(phone, "leader.mine.too_late") in (phone.last.text or "")
    assert "Cambiar" not in phone.last.labels
    assert "Borrar esta respuesta" in phone.last.labels


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_answer_is_erased_in_two_taps(hilo: Rig, language: str) -> None:
    """All revisions of that answer go at once; the other answers stay; what is out of reach is said."""
    phone = answered(hilo, language, canary=CANARY)
    opened(phone)
    follow(phone, "button.pick_answer")
    phone.press(phone.last.labels[1])
    follow(phone, "button.erase_answer")
    assert set(phone.values) == {"mood", "week", "need", "need_about"}
    follow(phone, "button.erase_sure")

    assert set(phone.values) == {"mood", "need", "need_about"}
    assert words(phone, "leader.erased.telegram") in (phone.last.text or "")
    assert hilo.audited("answers.erased")


def test_erasing_is_not_done_by_the_first_tap(hilo: Rig) -> None:
    """Keeping it keeps it."""
    phone = answered(hilo)
    opened(phone)
    follow(phone, "button.erase_run", "button.rather_keep")

    assert len(phone.values) == 4


def test_one_conversation_is_erased_in_two_taps(hilo: Rig) -> None:
    """All its answers go, it is out of the list, and another conversation's stay."""
    phone = answered(hilo, canary=CANARY)
    first = phone.run.id
    hilo.advance(days=1)
    hilo.ask(phone)
    phone.say("4")
    phone.say("/misdatos")
    phone.press(phone.last.labels[1])
    follow(phone, "button.erase_run", "button.erase_sure")

    assert hilo.rows("SELECT count(*) FROM answers WHERE run_id = ?", first.hex) == [(0,)]
    assert phone.values == {"mood": 4}
    phone.say("/misdatos")
    assert sum("¿Cómo vas?" in label for label in phone.last.labels) == 1


def test_an_answer_erased_in_an_open_run_is_not_asked_again(hilo: Rig) -> None:
    """She erased it, so it counts as passed; nor does what she was writing come back."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say(f"Hubo {CANARY}.")
    opened(phone)
    follow(phone, "button.pick_answer")
    phone.press(phone.last.labels[1])
    follow(phone, "button.erase_answer", "button.erase_sure")
    assert CANARY not in str(phone.run.state)
    phone.say("Otra cosa.")
    phone.press("Listo")
    phone.press("1 · Nada por ahora")

    assert phone.run.status == "completed"
    assert phone.values["week"] == ("Otra cosa.",)


def test_a_conversation_erased_while_open_is_over(hilo: Rig) -> None:
    """Its buttons change nothing any more, and nothing of it is open."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    skip = phone.button("Saltar")
    opened(phone)
    follow(phone, "button.erase_run", "button.erase_sure")
    phone.press_id(*skip)

    assert words(phone, "misplaced.closed") in phone.told
    assert hilo.count("answers") == 0


def test_the_confirmation_is_of_that_answer_and_no_other(hilo: Rig) -> None:
    """An answer erased meanwhile does not let an old confirmation erase its neighbour."""
    phone = answered(hilo)
    opened(phone)
    follow(phone, "button.pick_answer")
    phone.press(phone.last.labels[0])
    follow(phone, "button.erase_answer")
    sure = phone.button("Sí, bórralo")
    follow(phone, "button.erase_sure")
    before = dict(phone.values)
    phone.press_id(*sure)

    assert phone.values == before
    assert words(phone, "leader.erase.gone") in phone.screen()


def test_an_erased_answer_leaves_the_web_page(hilo: Rig) -> None:
    """On the web chat, where she wrote it and every screen that quoted it are blanked; other words stay."""
    hilo.messenger.name = "web"
    phone = answered(hilo, canary=CANARY)
    opened(phone)
    with hilo.reading() as unit:
        before = str([said.body for said in unit.outbox.latest("web", phone.chat, 1000)])
    assert f"Hubo junta por {CANARY}." in before
    follow(phone, "button.pick_answer")
    phone.press(phone.last.labels[1])
    follow(phone, "button.erase_answer", "button.erase_sure")
    with hilo.reading() as unit:
        after = str([said.body for said in unit.outbox.latest("web", phone.chat, 1000)])

    assert f"Hubo junta por {CANARY}." not in after
    assert "1 de 4" in after


def test_erased_words_leave_the_disk(hilo: Rig) -> None:
    """Not even the ciphertext of an erased answer stays in the file or its log."""
    phone = answered(hilo, canary=CANARY)
    week = hilo.storage.vault.path_hash(phone.run.id, "week")
    blobs = [blob for (blob,) in hilo.rows("SELECT value FROM answers WHERE path = ?", week)]
    assert all(blob in on_disk(hilo) for blob in blobs)
    opened(phone)
    follow(phone, "button.pick_answer")
    phone.press(phone.last.labels[1])
    follow(phone, "button.erase_answer", "button.erase_sure")

    assert not any(blob in on_disk(hilo) for blob in blobs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_her_is_erased_in_two_taps(hilo: Rig, language: str) -> None:
    """Her rows are gone from every table at once, and the receipt says what is out of reach."""
    phone = answered(hilo, language)
    tag = phone.person.language
    phone.say("/erase")
    follow(phone, "button.erase_all")
    assert hilo.count("answers") == 4
    phone.press(words(phone, "button.erase_all_sure"))
    receipt = phone.last

    assert {table: hilo.count(table) for table in ("people", "answers", "person_keys", "addresses", "runs")} == {
        "people": 0,
        "answers": 0,
        "person_keys": 0,
        "addresses": 0,
        "runs": 0,
    }
    assert tag is not None
    assert "Telegram" in (receipt.text or "")
    assert len(receipt.text or "") <= RECEIPT
    assert receipt.labels
    assert not receipt.protected
    assert hilo.audited("person.erased")


def test_what_the_bot_said_is_taken_out_of_her_chat(hilo: Rig) -> None:
    """Of what it said in the last two days nothing but the receipt is left."""
    phone = answered(hilo)
    phone.say("/borrar")
    follow(phone, "button.erase_all")
    phone.press("Sí, borra todo")

    assert [message.text or "" for message in phone.heard] == [phone.last.text]
    assert (phone.last.text or "").startswith("Listo. Borré")
    # What she wrote herself goes as well: a bot may delete it in a private chat.
    assert [message.text for message in phone.thread] == [phone.last.text]


def test_the_receipt_states_only_what_is_so(hilo: Rig) -> None:
    """Copies and backups are spoken of where there are any, with their days."""
    phone = answered(hilo)
    with hilo.unit() as unit:
        unit.audit.add("console", "answers.exported", "*", {"format": "csv"})
        unit.organisation.verify_backup()
        unit.organisation.set({"name": "Casa Raíz", "zone": "America/Mexico_City", "backup_days": 7})
    hilo.advance(days=1)
    phone.say("/borrar")
    follow(phone, "button.erase_all")
    phone.press("Sí, borra todo")
    text = phone.last.text or ""

    assert "El martes 24 de noviembre el equipo descargó respuestas" in text
    assert "En unos minutos nadie podrá abrir lo tuyo en las copias (respaldos) que se guardan aquí." in text
    assert len(text) <= RECEIPT


def test_the_receipt_says_how_many_backups_are_out_of_reach(hilo: Rig) -> None:
    """A folder that cannot be written now keeps keys that open what was hers, and that is said."""
    phone = answered(hilo)
    with hilo.unit() as unit:
        unit.organisation.verify_backup()
        unit.organisation.note(backup_places=["/no/such/stick", str(hilo.folder)])
    hilo.advance(days=1)
    phone.say("/borrar")
    follow(phone, "button.erase_all")
    phone.press("Sí, borra todo")

    assert "Hay una copia en otro lugar, a donde no llego" in (phone.last.text or "")
    assert len(phone.last.text or "") <= RECEIPT


def test_no_byte_of_an_erased_person_is_left_and_others_are_untouched(hilo: Rig) -> None:
    """No canary and no ciphertext of hers is anywhere in the database's files; every row of another's is as it was."""
    other = answered(hilo, nickname="Nopal", canary=OTHERS)
    phone = answered(hilo, nickname=CANARY, canary=CANARY)
    phone.say(f"Para el equipo: {CANARY}.")
    phone.press("Sí")
    hers = [value for rows in rows_of(hilo, phone).values() for row in rows for value in row]
    blobs = [value for value in hers if isinstance(value, bytes) and len(value) > 40]
    assert len(blobs) >= 9
    before = rows_of(hilo, other)
    phone.say("borrar")
    follow(phone, "button.erase_all")
    phone.press("Sí, borra todo")
    assert hilo.storage.database.checkpoint()
    left = on_disk(hilo)

    assert not any(each in left for word in (CANARY, phone.chat) for each in disguises(word))
    assert [blob for blob in blobs if blob in left] == []
    assert rows_of(hilo, other) == before
    with hilo.reading() as unit:
        told = str([hilo.turns.answers(unit, other.person, row) for row in unit.runs.answered(other.person)])
    assert f"Hubo junta por {OTHERS}." in told


def test_an_erased_person_is_a_stranger(hilo: Rig) -> None:
    """What she writes next is answered as to anyone without an invitation, and a new one lets her in anew."""
    phone = answered(hilo)
    phone.say("/borrar")
    follow(phone, "button.erase_all")
    phone.press("Sí, borra todo")
    phone.say("hola")
    assert "Aquí se entra con invitación" in phone.told
    phone.say(f"/start {hilo.invite()}")

    assert "¿En qué lengua hablamos?" in phone.told


def test_she_can_be_erased_before_she_agreed(hilo: Rig) -> None:
    """On the way in, and after a no, all that is kept of her goes in two taps as well."""
    for steps in (("Español",), ("Español", "no")):
        phone = hilo.phone()
        for step in (f"/start {hilo.invite()}", *steps, "borrar"):
            phone.say(step)
        check(phone)
        phone.press("Sí, borra todo")
        assert (phone.last.text or "").startswith("Listo. Borré")

    assert hilo.count("people") == 0


def test_files_of_the_erased_are_deleted_after_the_commit(hilo: Rig) -> None:
    """The names of her sealed files are given to whoever deletes them, once the erasure is committed."""
    phone = answered(hilo)
    deleted: list[str] = []
    hilo.storage.delete_files = deleted.extend
    person = phone.person
    with hilo.unit() as unit:
        unit.media.add(person.id, person.id, "voice", "audio/ogg", 9, "f" * 32, hilo.now)
    phone.say("/borrar")
    follow(phone, "button.erase_all")
    assert deleted == []
    phone.press("Sí, borra todo")

    # Parked files of answers go as well, whosever they are.
    assert sorted(deleted) == [EVERY_DOCUMENT, "f" * 32]


def test_an_old_second_tap_erases_nothing_by_itself(hilo: Rig) -> None:
    """A button that said "yes, erase everything" weeks ago, pressed by mistake or by someone else, only asks again."""
    phone = answered(hilo, canary=CANARY)
    phone.say("/borrar")
    follow(phone, "button.erase_all")
    old = phone.button(words(phone, "button.erase_all_sure"))
    phone.say("/menu")
    hilo.advance(days=30)
    phone.press_id(*old)

    assert phone.told == words(phone, "leader.erase.all")
    assert phone.values["week"] == (f"Hubo junta por {CANARY}.",)
    phone.press(words(phone, "button.erase_all_sure"))
    assert hilo.count("people") == 0


def test_an_old_second_tap_for_one_answer_asks_again(hilo: Rig) -> None:
    """The same holds for one answer."""
    phone = answered(hilo, canary=CANARY)
    opened(phone)
    follow(phone, "button.pick_answer")
    phone.press(next(label for label in phone.last.labels if label.startswith("2 · ")))
    follow(phone, "button.erase_answer")
    old = phone.button(words(phone, "button.erase_sure"))
    phone.say("/menu")
    phone.press_id(*old)

    assert phone.values["week"] == (f"Hubo junta por {CANARY}.",)
    follow(phone, "button.erase_sure")
    assert "week" not in phone.values


@pytest.mark.parametrize("language", ["es", "es-usted", "en"])
def test_a_receipt_is_shorter_than_it_was(language: str) -> None:
    """At its longest, with an export and backups elsewhere, it stays below the 636 characters it had."""
    day = "miércoles, 26 de noviembre"
    codes = ("receipt.done", "receipt.telegram", "receipt.exports", "receipt.trail", "receipt.back")
    lines = [texts().say(code, language, **({"day": day} if code == "receipt.exports" else {})) for code in codes]
    lines.append(texts().count("receipt.backups_away", language, 12))

    assert len("\n\n".join(lines)) < RECEIPT
