"""Invites from the phone: what they carry, how they were used, and none before the organisation is ready."""

from io import BytesIO

import pytest
from PIL import Image

from bot.poster import draw
from bot.services.links import Site
from storage.sealed_statements import Change
from storage.tables import organisation
from tests.bot.ready import RECORD, keep_safe
from tests.bot.rig import SIERRA, Phone, Rig, texts
from tests.bot.test_people import COAST, fits, say

UNDONE = {
    "backup": Change(organisation, backup_verified_at=None),
    "key": Change(organisation, key_confirmed_at=None),
}
USERNAME = "hilo_sierra_bot"


@pytest.fixture
def ready(hilo: Rig) -> Rig:
    """An organisation that may invite, on Telegram and with web pages."""
    hilo.turns.site = Site("https://hilo.example.org", messengers=frozenset({"telegram"}))
    hilo.cohort()
    with hilo.unit() as unit:
        unit.organisation.set({**RECORD, "username": USERNAME})
        keep_safe(unit)
    return hilo


def asked(phone: Phone, group: str = SIERRA, uses: str = "12") -> None:
    """Go through the wizard for an invite into a group."""
    phone.say("/invitar")
    phone.press(say("button.invite_new"))
    if f"1 · {group}" in phone.last.labels:
        phone.press(f"1 · {group}")
    phone.say(uses)
    phone.press("2 · Dos semanas")
    phone.press("1 · Sí, hazla")


def code_of(phone: Phone) -> str:
    """Read the code that was shown."""
    (line,) = [line for line in phone.screen().splitlines() if line.startswith("Clave: ")]
    return line.removeprefix("Clave: ")


def test_an_invite_is_made_used_and_ended(ready: Rig) -> None:
    """Link, code and QR picture are shown once; the list tells who came by nickname; ending asks first."""
    ana = ready.facilitator()
    asked(ana)
    code = code_of(ana)
    assert f"https://t.me/{USERNAME}?start={code}" in ana.told
    assert f"https://hilo.example.org/join/{code}" in ana.told
    ceiba = ready.phone()
    ceiba.say(f"/start {code}")
    ceiba.say("Español")
    ceiba.press("Sí, quiero participar")
    ceiba.say("Ceiba")
    assert ceiba.person.participation == "active"

    ana.say("/invitar")
    fits(ana)
    ana.press(f"{SIERRA} · 1/12")
    assert say("invite.came", names="Ceiba") in (ana.last.text or "")
    assert texts().count("invite.left", "es", 11) in (ana.last.text or "")
    ana.press(say("button.invite_end"))
    assert say("invite.end") in (ana.last.text or "")
    ana.press(say("button.invite_end_sure"))
    late = ready.phone()
    late.say(f"/start {code}")
    assert ready.rows("SELECT count(*) FROM people")[0][0] == 2
    ana.say("/invitar")
    assert say("invite.list.none") in ana.told


@pytest.mark.parametrize("lack", ["backup", "key", "care_card", "why"])
def test_no_invite_before_the_organisation_is_ready(hilo: Rig, lack: str) -> None:
    """What still lacks is named, and nothing is made."""
    hilo.cohort()
    with hilo.unit() as unit:
        unit.organisation.set({key: value for key, value in RECORD.items() if key != lack})
        keep_safe(unit)
        if statement := UNDONE.get(lack):
            unit.run(statement)
    ana = hilo.facilitator()
    made = hilo.count("invites")
    asked(ana)

    assert f"☐ {say(f'ready.{lack}')}" in ana.told
    assert ana.told.count("☐") == 1
    assert hilo.count("invites") == made


def test_a_practice_group_needs_nothing(hilo: Rig) -> None:
    """Into a group for practice anyone may be invited at any time."""
    hilo.cohort("Ensayo", practice=True)
    ana = hilo.facilitator(cohort="Ensayo")
    asked(ana, "Ensayo")

    assert say("invite.no_link", where="Telegram o una página web") in ana.told


def test_only_an_admin_invites_into_the_team(ready: Rig) -> None:
    """A facilitator is not offered it; an admin's invite gives the role it names, for that group."""
    ana = ready.facilitator()
    ana.say("/invitar")
    assert say("button.invite_team") not in ana.last.labels
    root = ready.facilitator(cohort=None, role="admin")
    root.say("/invitar")
    root.press(say("button.invite_team"))
    root.press("1 · Facilitar")
    root.press("1 · Tres días")
    root.press("1 · Sí, hazla")
    eva = ready.phone()
    eva.say(f"/start {code_of(root)}")

    with ready.reading() as unit:
        (role,) = unit.roles.of(eva.person.id)
        assert (role.role, role.cohort_id) == ("facilitator", ready.cohort())


def test_a_facilitator_sees_and_ends_no_other_groups_invites(ready: Rig) -> None:
    """An invite into a group she does not reach is in no list of hers, and its button does nothing for her."""
    ready.cohort(COAST)
    root, ana = ready.facilitator(cohort=None, role="admin"), ready.facilitator()
    root.say("/invitar")
    root.press(say("button.invite_new"))
    root.press(f"2 · {COAST}")
    root.say("3")
    root.press("1 · Tres días")
    root.press("1 · Sí, hazla")
    ana.say("/invitar")

    assert COAST not in ana.told


def test_the_poster_says_who_and_never_what(ready: Rig) -> None:
    """Exact name, code and the warning in the group's languages; neither organisation nor group; PNG and PDF of it."""
    ready.cohort("Tres", ("nah", "es", "en"))
    ana = ready.facilitator(cohort="Tres")
    asked(ana, "Tres")
    ana.press(say("button.poster"))
    assert say("invite.poster") in ana.told
    ana.press(say("button.poster_pdf"))
    sheet = ana.last.attachment
    assert sheet is not None
    assert (sheet.kind, sheet.mime, sheet.name) == ("document", "application/pdf", "poster.pdf")
    assert sheet.data.startswith(b"%PDF")

    drawn = {
        "links": [[f"https://t.me/{USERNAME}?start=ABC", f"Telegram: @{USERNAME}"]],
        "texts": [
            {
                "title": texts().say("poster.title", tag),
                "how": texts().say("poster.how.telegram", tag, name=USERNAME, letters="ABC"),
                "never": texts().say("poster.never", tag),
                "until": "",
            }
            for tag in ("es", "en")
        ],
    }
    picture = Image.open(BytesIO(draw.png(drawn)))
    assert picture.size == draw.PAGE
    assert draw.pdf(drawn).startswith(b"%PDF")
    assert len(draw.png(drawn)) < 400_000


def test_a_qr_code_alone_is_small_and_square() -> None:
    """The picture that goes with an invite is its QR code and nothing else."""
    picture = Image.open(BytesIO(draw.png({"links": [["https://t.me/x?start=ABC", "@x"]]})))

    assert picture.width == picture.height
    assert picture.getpixel((0, 0)) == 255


@pytest.mark.parametrize("words", ["ñandú ¿qué? «sí» ā ɨ", "x" * 300])
def test_any_words_fit_the_poster(words: str) -> None:
    """Long words and letters of other languages are drawn within the page."""
    text = {"title": words, "how": words * 3, "never": words, "until": words}
    drawn = {"links": [["https://a.example/join/A", words], ["https://b.example", words]], "texts": [text] * 3}

    assert Image.open(BytesIO(draw.png(drawn))).size == draw.PAGE


def test_a_picture_is_drawn_when_it_is_sent(ready: Rig) -> None:
    """What waits in the outbox is what to draw; the courier draws it, and its words go beside it."""
    ana = ready.facilitator()
    with ready.unit() as unit:
        speech = ready.turns.speech(unit, ana.person)
        speech.picture({"links": [["https://t.me/x?start=ABC", "@x"]]}, "Clave: ABC")

    ready.send()
    assert ana.last.attachment is not None
    assert ana.last.attachment.data.startswith(b"\x89PNG")
    assert ana.last.text == "Clave: ABC"


@pytest.mark.parametrize(
    ("language", "made"),
    [
        ("es", "Invitación a Sierra Norte. Personas: 12. Sirve: Dos semanas. ¿La hago?"),
        ("en", "Invite to Sierra Norte. People: 12. Valid for: Two weeks. Make it?"),
    ],
)
def test_the_only_group_is_not_asked_for(ready: Rig, language: str, made: str) -> None:
    """Whoever has one group is asked how many and how long; the group is named all the same before it is made."""
    ana = ready.facilitator(language)
    ana.say("/invitar")
    ana.press(texts().say("button.invite_new", language))
    assert not any(SIERRA in label for label in ana.last.labels)
    ana.say("12")
    ana.press(next(label for label in ana.last.labels if label.startswith("2 · ")))
    assert made in (ana.last.text or "")
    ana.press(next(label for label in ana.last.labels if label.startswith("1 · ")))

    with ready.reading() as unit:
        assert [(each.cohort_id, each.uses) for each in unit.invites.list() if each.created_by == ana.person.id] == [
            (ready.cohort(), 12)
        ]


def test_of_several_groups_one_is_chosen(ready: Rig) -> None:
    """An admin of two groups is asked which, and an invite is made into that one."""
    coast = ready.cohort(COAST)
    root = ready.facilitator(cohort=None, role="admin")
    root.say("/invitar")
    root.press(say("button.invite_new"))
    assert {f"1 · {SIERRA}", f"2 · {COAST}"} <= set(root.last.labels)
    root.press(f"2 · {COAST}")
    root.say("3")
    root.press("1 · Tres días")
    root.press("1 · Sí, hazla")

    with ready.reading() as unit:
        assert [each.cohort_id for each in unit.invites.list() if each.created_by == root.person.id] == [coast]


def test_an_admins_invite_names_no_group(ready: Rig) -> None:
    """The only group is said where it matters, and not beside a role that is for all of them."""
    root = ready.facilitator(cohort=None, role="admin")
    for role, there in (("1 · Facilitar", True), ("2 · Administrar", False)):
        root.say("/invitar")
        root.press(say("button.invite_team"))
        root.press(role)
        root.press("1 · Tres días")
        assert (SIERRA in (root.last.text or "")) is there
        root.press("1 · Sí, hazla")

    with ready.reading() as unit:
        made = {each.role: each.cohort_id for each in unit.invites.list() if each.created_by == root.person.id}
    assert made == {"facilitator": ready.cohort(), "admin": None}


@pytest.fixture
def untalked(ready: Rig) -> Rig:
    """An organisation of which nobody said that it talked about the risks."""
    with ready.unit() as unit:
        unit.organisation.note(risk_talk=None)
    return ready


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_first_invite_asks_whether_the_risks_were_talked_about(untalked: Rig, language: str) -> None:
    """What to talk about is one tap away; once it is noted, whoever invites is not asked again, until it is undone."""

    def words(code: str) -> str:
        return texts().say(code, language)

    ana = untalked.facilitator(language)
    ana.say("/invitar" if language == "es" else "/invite")
    ana.press(words("button.invite_new"))
    assert ana.told == words("risk_talk.ask")
    ana.press(words("button.risk_talk_how"))
    assert ana.last.text == "\n".join((words("risk_talk.how"), words("risk_talk.how.more")))
    ana.press(words("button.risk_talk_held"))
    assert ana.last.text == words("risk_talk.noted")
    ana.press(words("button.invites"))
    ana.press(words("button.invite_list"))
    assert words("risk_talk.ask") not in ana.told
    ana.say("/menu")
    sol = untalked.facilitator(language, cohort=None, role="admin", nickname="Sol")
    sol.say("/estado" if language == "es" else "/status")
    assert texts().say("checklist.done", language, what=words("checklist.risk_talk")) in sol.told

    assert [each.action for each in untalked.audited("risk_talk.held")] == ["risk_talk.held"]


def test_an_invite_can_be_made_before_the_talk_and_asks_again(untalked: Rig) -> None:
    """It is asked and not refused: no program knows whether they talked. From the checklist it can be taken back."""
    ana = untalked.facilitator()
    for label in ("button.invite_new", "button.invite_list"):
        ana.say("/invitar")
        ana.press(say(label))
        assert ana.told == say("risk_talk.ask")
        ana.press(say("button.invite_anyway"))
        assert say("risk_talk.ask") not in ana.told
        ana.press(say("button.stop.wizard"))
    sol = untalked.facilitator(cohort=None, role="admin", nickname="Sol")
    sol.say("/estado")
    sol.press(say("button.checklist.risk_talk"))
    sol.press(say("button.risk_talk_held"))
    sol.press(say("button.risk_talk_undo"))
    assert sol.last.text == say("risk_talk.ask")
    sol.say("/estado")

    assert f"☐ {say('checklist.risk_talk')}" in sol.told
    assert len(untalked.audited("risk_talk.taken_back")) == 1
