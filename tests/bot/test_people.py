"""The team's side of people: who is in a group and how each stands, letting in, moving, taking out, a link to give."""

import pytest

from bot import clock
from bot.rendering import targets
from bot.services import grants, links
from bot.services.links import Site
from bot.services.refusals import NotAllowed
from bot.web import coming_back
from storage.cohorts import Cohort
from tests.bot.rig import SIERRA, Phone, Rig, texts

COAST = "Costa"
LONGEST, ROWS = 1000, 8


def say(code: str, **facts: object) -> str:
    """Return a sentence in Spanish."""
    return texts().say(code, "es", **facts)


def fits(phone: Phone) -> None:
    """Every screen fits a phone."""
    assert len(phone.last.text or "") <= LONGEST
    assert len(phone.last.keyboard) <= ROWS


def changed(hilo: Rig, name: str = SIERRA, **context: object) -> Cohort:
    """Agree something for a group."""
    cohort_id = hilo.cohort(name)
    with hilo.unit() as unit:
        cohort = unit.cohorts.get(cohort_id)
        assert cohort is not None
        cohort.context.update(context)
        unit.cohorts.change(cohort)
    return cohort


def members_of(hilo: Rig, name: str = SIERRA) -> list[str | None]:
    """Name a group's present members."""
    cohort_id = hilo.cohort(name)
    with hilo.reading() as unit:
        return sorted(person.nickname for person in unit.people.list(cohort_id))


def knocking(hilo: Rig, nickname: str = "Ceiba") -> Phone:
    """Let somebody come to a group that asks for a facilitator's yes, up to where she waits."""
    changed(hilo, approval=True)
    return hilo.join(nickname=nickname)


# Who is there.


def test_members_are_listed_with_how_each_stands(hilo: Rig) -> None:
    """The list names everybody by nickname, and says of whoever does not take part why."""
    hilo.join(nickname="Ceiba")
    nopal = hilo.join(nickname="Nopal")
    nopal.say("/pausa")
    nopal.press("Yo te aviso")
    gone = hilo.join(nickname="Maguey")
    gone.block()
    half = hilo.phone()
    half.say(f"/start {hilo.invite()}")
    ana = hilo.facilitator()
    ana.say("/personas")

    assert "Sierra Norte: 4 personas" in ana.told
    for code in ("active", "paused", "unreachable", "invited"):
        assert texts().count(f"people.count.{code}", "es", 1) in ana.told
    assert {"Ceiba", "Maguey · no se le puede escribir", "Nopal · descansando"} <= set(ana.last.labels)
    fits(ana)
    ana.press("Maguey · no se le puede escribir")
    assert say("people.state.unreachable") in (ana.last.text or "")
    assert say("people.since.recent", day=say("time.today")) in (ana.last.text or "")
    for days, since in ((1, say("people.since.recent", day=say("time.yesterday"))), (5, "24 de noviembre")):
        hilo.advance(days=days)
        ana.say("/personas")
        ana.press("Maguey · no se le puede escribir")
        assert since in (ana.last.text or "")


def test_a_person_can_be_written_to_from_her_screen(hilo: Rig) -> None:
    """Whoever has answered nothing can be written to; it goes to her alone, once it was confirmed."""
    ceiba, nopal = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    ana = hilo.facilitator()
    ana.say("/personas")
    ana.press("Ceiba")
    fits(ana)
    ana.press(say("button.write_to"))
    ana.say("Te esperamos el jueves.")
    assert "jueves" not in ceiba.screen()
    ana.press("1 · Mandar a nombre del equipo")

    assert say("mail.sent", name="Ceiba") in ana.told
    assert "Te esperamos el jueves." in ceiba.screen()
    assert "Te esperamos el jueves." not in nopal.screen()


def test_nobody_is_written_to_before_she_agreed(hilo: Rig) -> None:
    """Whoever is on the way, waits for a yes, or cannot be reached has no such button."""
    half = hilo.phone()
    half.say(f"/start {hilo.invite()}")
    gone = hilo.join(nickname="Maguey")
    gone.block()
    knocking(hilo)
    ana = hilo.facilitator()
    ana.say("/personas")
    others = [label for label in ana.last.labels if " · " in label]
    assert len(others) == 3
    for label in others:
        ana.say("/personas")
        ana.press(label)
        assert say("button.write_to") not in ana.last.labels


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("es", "1 persona espera tu sí para entrar", "2 personas esperan tu sí para entrar"),
        ("en", "1 person is waiting for your yes to come in", "2 people are waiting for your yes to come in"),
    ],
)
def test_who_waits_for_a_yes_is_told_in_the_menu(hilo: Rig, language: str, one: str, two: str) -> None:
    """A notice is easily missed: until somebody decides, whoever knocks stands among what waits, in her groups."""
    ana, eva = hilo.facilitator(language), hilo.facilitator(language, nickname="Eva", cohort=COAST)
    half = hilo.phone()
    knocking(hilo)
    half.say(f"/start {hilo.invite()}")
    ana.say("/menu")
    assert f"· {one}" in ana.told
    knocking(hilo, "Nopal")
    ana.say("/menu")
    assert f"· {two}" in ana.told
    eva.say("/menu")
    assert two not in eva.told
    ana.say("/personas")
    ana.press(next(label for label in ana.last.labels if label.startswith("Ceiba")))
    ana.press(texts().say("button.admit", language))
    ana.say("/menu")

    assert f"· {one}" in ana.told


def test_a_long_list_pages(hilo: Rig) -> None:
    """Five people a page, forth and back, in one message."""
    for place in range(7):
        hilo.join(nickname=f"Flor {place}")
    ana = hilo.facilitator()
    ana.say("/personas")
    first = ana.last
    assert [label for label in first.labels if label.startswith("Flor")] == [f"Flor {place}" for place in range(5)]
    ana.press(say("button.next"))

    assert ana.last.order == first.order
    assert [label for label in ana.last.labels if label.startswith("Flor")] == ["Flor 5", "Flor 6"]
    fits(ana)
    ana.press(say("button.before"))
    assert "Flor 0" in ana.last.labels


def test_a_facilitator_of_one_group_sees_no_other(hilo: Rig) -> None:
    """Other groups are neither listed nor opened by a button made for somebody else."""
    hilo.join(nickname="Ceiba")
    hilo.join(nickname="Marea", cohort=COAST)
    ana, root = hilo.facilitator(), hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    root.say("/personas")
    assert {SIERRA, COAST} <= set(root.last.labels)
    root.press(COAST)
    root.press("Marea")
    ana.say("/personas")

    assert "Ceiba" in ana.last.labels
    assert "Costa" not in ana.screen()


# Letting in.


def test_who_waits_for_a_yes_is_told_and_asked_nothing(hilo: Rig) -> None:
    """She comes all the way in, hears that she waits, and neither the first dialog nor a broadcast reaches her."""
    ana = hilo.facilitator()
    ceiba = knocking(hilo)
    assert say("join.waiting") in ceiba.screen()
    assert say("people.asks_in", name="Ceiba", group=SIERRA) in ana.screen()

    hilo.join(nickname="Otra", cohort=COAST)
    ceiba.say("/menu")
    assert say("join.waiting") in ceiba.told
    hilo.advance(days=2)
    hilo.tick()
    assert hilo.rows("SELECT count(*) FROM runs JOIN people ON people.id = runs.person_id")[0][0] <= 1
    with hilo.reading() as unit:
        assert unit.runs.of(ceiba.person) == []
        assert list(unit.memberships.active(hilo.cohort())) == []


def test_a_yes_lets_her_in_once(hilo: Rig) -> None:
    """One press of a facilitator lets her in and tells her; another's press afterwards changes nothing."""
    ana, eva = hilo.facilitator(), hilo.facilitator(nickname="Eva")
    ceiba = knocking(hilo)
    ceiba.look()
    ana.press(say("button.admit"))

    assert say("people.admitted", name="Ceiba", group=SIERRA) in ana.screen()
    assert say("join.admitted") in ceiba.told
    assert "Mejor ahora" in ceiba.last.labels
    ceiba.look()
    eva.press(say("button.admit"))
    assert say("people.admitted_already", name="Ceiba") in eva.screen()
    assert ceiba.news == []
    with hilo.reading() as unit:
        assert list(unit.memberships.active(hilo.cohort())) == [ceiba.person.id]
    assert len(hilo.audited("member.admitted")) == 1


def test_a_no_asks_first_and_can_be_undone(hilo: Rig) -> None:
    """Turning somebody away asks first, tells her kindly, and can be taken back: then she waits again."""
    ana = hilo.facilitator()
    ceiba = knocking(hilo)
    ana.press(say("button.turn_away"))
    assert members_of(hilo) == ["Ceiba"]
    ana.press(say("button.turn_away_sure"))

    assert members_of(hilo) == []
    assert say("join.turned_away") in ceiba.screen()
    ceiba.say("/menu")
    assert say("join.no_group") in ceiba.told
    ana.press(say("button.people_undo"))
    assert members_of(hilo) == ["Ceiba"]
    ceiba.say("/menu")
    assert say("join.waiting") in ceiba.told


def test_a_second_group_may_ask_for_a_yes_as_well(hilo: Rig) -> None:
    """Who is in one group and opens an invite into another waits for that one, and goes on in the first."""
    eva = hilo.facilitator(nickname="Eva", cohort=COAST)
    changed(hilo, COAST, approval=True)
    ceiba = hilo.join(nickname="Ceiba")
    ceiba.say(f"/start {hilo.invite(cohort=COAST)}")

    assert say("join.waiting") in ceiba.told
    assert say("people.asks_in", name="Ceiba", group=COAST) in eva.screen()
    hilo.ask(ceiba)
    assert ceiba.run.status == "open"


# Moving, taking out.


def opened(hilo: Rig, name: str = "Ceiba", role: str = "facilitator") -> Phone:
    """Open a member's screen as somebody of the team."""
    ana = hilo.facilitator(cohort=SIERRA if role == "facilitator" else None, role=role)
    ana.say("/personas")
    if SIERRA in ana.last.labels:
        ana.press(SIERRA)
    ana.press(name)
    return ana


def test_taking_out_asks_first_and_can_be_undone(hilo: Rig) -> None:
    """She is told; nothing of that group is asked any more, not even what was ordered before; undo brings her back."""
    ceiba = hilo.join(nickname="Ceiba")
    hilo.join(nickname="Nopal")
    hilo.ask(ceiba)
    hilo.order("reflection_chat")
    ana = opened(hilo)
    ana.press(say("button.take_out"))
    assert members_of(hilo) == ["Ceiba", "Nopal"]
    ana.press(say("button.take_out_sure"))

    assert members_of(hilo) == ["Nopal"]
    assert say("join.taken_out", group=SIERRA) in ceiba.screen()
    assert ceiba.run.status == "expired"
    hilo.advance(hours=5)
    hilo.tick()
    with hilo.reading() as unit:
        assert len(unit.runs.of(ceiba.person)) == 1
    ana.press(say("button.people_undo"))
    assert members_of(hilo) == ["Ceiba", "Nopal"]
    assert say("join.put_back", group=SIERRA) in ceiba.screen()


def test_an_admin_moves_a_member_to_another_group(hilo: Rig) -> None:
    """Moving asks first and tells her; what she answered stays with the group it was answered in."""
    ceiba = hilo.join(nickname="Ceiba")
    hilo.cohort(COAST)
    root = opened(hilo, role="admin")
    root.press(say("button.rehome"))
    root.press(COAST)
    assert members_of(hilo) == ["Ceiba"]
    assert say("people.rehome_ask", name="Ceiba", group=SIERRA, to=COAST) in root.screen()
    root.press(say("button.rehome_sure"))

    assert (members_of(hilo), members_of(hilo, COAST)) == ([], ["Ceiba"])
    assert say("join.moved", group=COAST) in ceiba.screen()
    (entry,) = hilo.audited("member.moved")
    assert entry.actor == str(root.person.id)


def test_nobody_is_moved_beyond_the_movers_reach(hilo: Rig) -> None:
    """A facilitator of one group is offered no move, and a made-up one is refused."""
    hilo.join(nickname="Ceiba")
    hilo.cohort(COAST)
    ana = opened(hilo)

    assert say("button.rehome") not in ana.last.labels


# A link to give.


@pytest.fixture
def site(hilo: Rig) -> Rig:
    """An installation with web pages."""
    hilo.turns.site = Site("https://hilo.example.org", messengers=frozenset({"telegram"}))
    return hilo


def test_a_link_is_given_by_the_facilitators_own_phone(site: Rig) -> None:
    """One tap opens her own WhatsApp with neutral words and the link; the SMS goes by a page, and no number is kept."""
    ceiba = site.join(nickname="Ceiba")
    ana = opened(site)
    ana.press(say("button.her_link"))
    urls = [button.url for message in ana.heard for row in message.keyboard for button in row if button.url]

    assert site.count("web_links") == 1
    assert urls[0].startswith("https://wa.me/?text=Hola")
    assert urls[1].startswith("https://hilo.example.org/l/")
    assert urls[1].endswith("/sms")
    assert ana.last.text == texts().say("web.nudge", "es", link=urls[1].removesuffix("/sms"))
    assert not any(word in (ana.last.text or "") for word in ("Hilo ", "Ceiba", "Escuela"))
    assert ceiba.person.participation == "active"


def test_a_forgotten_pin_asks_first(site: Rig) -> None:
    """Forgetting her PIN closes what is open, so it is asked before it is done."""
    ceiba = site.join(nickname="Ceiba").person
    with site.unit() as unit:
        unit.web_pins.choose(ceiba, "digits", b"salt", b"hash")
    ana = opened(site)
    ana.press(say("button.her_link"))
    ana.press(say("button.link_forget"))
    with site.reading() as unit:
        assert unit.web_pins.exists(ceiba.id)
    ana.press(say("button.forget_sure"))

    with site.reading() as unit:
        assert not unit.web_pins.exists(ceiba.id)


def on_a_page(hilo: Rig, nickname: str, role: str = "facilitator") -> Phone:
    """Somebody of the team who has only the page, in no group of participants."""
    own, hilo.messenger.name = hilo.messenger.name, "web"
    phone = hilo.facilitator(nickname=nickname, role=role, cohort=None if role == "admin" else SIERRA)
    hilo.messenger.name = own
    return phone


def test_a_colleague_with_only_the_page_asks_for_a_link_and_an_admin_gives_it(site: Rig) -> None:
    """Asked for on the page, it waits for the admins, is confirmed another way first, and opens once."""
    sol = site.facilitator(nickname="Sol", cohort=None, role="admin")
    eva = site.facilitator(nickname="Eva")
    on_a_page(site, "Ana")
    with site.unit() as unit:
        coming_back.ask(unit, None, "ana", "")
        (asked,) = unit.link_requests.open()
    eva.say("/avisos")
    assert say(f"menu.{targets.LINK_REQUESTS}") not in eva.last.labels
    sol.say("/avisos")
    sol.press(say(f"menu.{targets.LINK_REQUESTS}"))
    sol.press("Ana · hoy")
    assert sol.last.text == say("people.asked.colleague", name="Ana")
    sol.press(say("button.asked_yes"))
    assert say("people.link.made", name="Ana") in sol.screen()
    assert say("button.link_forget") not in sol.screen()
    sol.say("/avisos")

    assert say(f"menu.{targets.LINK_REQUESTS}") not in sol.last.labels
    assert site.count("web_links") == 1
    assert [row.subject for row in site.audited("link.made")] == [str(asked.person_id)]


def test_a_colleagues_link_is_an_admins_to_give(site: Rig) -> None:
    """From the list of roles; a facilitator of a group the colleague is in is refused; and no PIN is forgotten."""
    sol = site.facilitator(nickname="Sol", cohort=None, role="admin")
    ceiba = site.join(nickname="Ceiba").person
    ana = opened(site)
    with site.unit() as unit:
        unit.web_pins.choose(ceiba, "digits", b"salt", b"hash")
        grants.grant(unit, None, ceiba.id, "admin")
    ana.press(say("button.her_link"))
    assert ana.told == say("staff.not_allowed")
    assert site.count("web_links") == 0
    on_a_page(site, "Nube")
    sol.say("/menu")
    sol.press(say("menu.more"))
    sol.press(say("menu.organisation"))
    sol.press(say("menu.roles"))
    sol.press(next(label for label in sol.last.labels if label.startswith("Nube")))
    sol.press(say("button.her_link"))

    assert say("people.link.made", name="Nube") in sol.screen()
    with site.unit() as unit, pytest.raises(NotAllowed):
        links.make(unit, sol.person, ceiba, "https://hilo.example.org", about=ceiba.id, forget_pin=True)


def test_who_only_comes_by_the_web_is_told_apart(site: Rig) -> None:
    """Of somebody whose only address is the web, her screen says that nothing rings there."""
    own, site.messenger.name = site.messenger.name, "web"
    site.join(nickname="Ceiba")
    site.messenger.name = own
    ana = opened(site)

    assert say("people.only_web") in (ana.last.text or "")


@pytest.mark.parametrize(
    ("language", "gender", "told"),
    [
        ("es", "feminine", "en femenino"),
        ("es-usted", "neutral", "de usted, en forma neutra"),
        ("es-usted", "any", "de usted"),
    ],
)
def test_the_team_learns_how_to_write_to_her(hilo: Rig, language: str, gender: str, told: str) -> None:
    """The form she chose, and usted, stand on her screen for whoever is going to write to her."""
    ceiba = hilo.join(nickname="Ceiba").person
    with hilo.unit() as unit:
        unit.people.change(unit.people.prefer(ceiba, gender=gender), language=language)
    ana = opened(hilo)

    assert say("people.address", ways=told) in (ana.last.text or "").splitlines()


def test_whoever_said_nothing_of_her_form_has_no_line(hilo: Rig) -> None:
    """With tú and no form chosen there is nothing to tell."""
    hilo.join(nickname="Ceiba")

    assert say("people.address", ways="")[:14] not in (opened(hilo).last.text or "")


def test_who_has_both_is_told_where_it_rings(hilo: Rig) -> None:
    """A person with an address that rings and one in a browser is reached by the first, however new the second."""
    ceiba = hilo.join(nickname="Ceiba").person
    hilo.advance(hours=1)
    with hilo.unit() as unit:
        unit.addresses.link(ceiba, "web", "c1", clock.new_id())
    with hilo.unit() as unit:
        assert unit.people.known(ceiba.id).messenger == "memory"
        unit.addresses.unreachable(ceiba.address_id, unit.now)
    with hilo.reading() as unit:
        assert unit.people.known(ceiba.id).messenger == "web"


def test_who_blocked_one_address_is_reached_by_the_other(hilo: Rig) -> None:
    """A refusal marks the address that refused; she is out of reach only when no other is left."""
    phone = hilo.join(nickname="Ceiba")
    ceiba = phone.person
    with hilo.unit() as unit:
        unit.addresses.link(ceiba, "web", "c1", clock.new_id())
    hilo.messenger._blocked.add(phone.chat)
    hilo.order()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 10)
    hilo.send()

    with hilo.reading() as unit:
        after = unit.people.known(ceiba.id)
        assert (after.participation, after.messenger) == ("active", "web")


def test_who_was_taken_out_keeps_what_is_hers(hilo: Rig) -> None:
    """In no group any more she still sees what she agreed to, can take that back, and can leave."""
    ceiba = hilo.join(nickname="Ceiba")
    ana = opened(hilo)
    ana.press(say("button.take_out"))
    ana.press(say("button.take_out_sure"))
    ceiba.say("/acuerdo")
    assert say("button.withdraw") in ceiba.last.labels
    ceiba.say("/salir")
    ceiba.press(say("button.leave_sure"))

    assert ceiba.person.participation == "left"
    ceiba.say("/misdatos")
    assert ceiba.last.labels


def test_who_has_no_nickname_is_called_so_in_every_list(hilo: Rig) -> None:
    """Where there is no nickname a list says so, with letters that tell one from the other and that find the person."""
    luna = hilo.join(nickname=None)
    letters = luna.person.pseudonym[2:6]
    called, mentioned = (say(code, letters=f"({letters})") for code in ("people.unnamed", "people.unnamed.mentioned"))
    luna.say("/equipo")
    luna.say("¿Cuándo nos vemos?")
    hilo.ask(luna)
    luna.say("2")
    ana = hilo.facilitator()
    for command, on in (("/menu", ()), ("/personas", ()), ("/mensajes", ()), ("/leer", ("Por persona",))):
        ana.look()
        ana.say(command)
        for label in on:
            ana.press(label)
        seen = [*ana.last.labels, *(ana.last.text or "").splitlines()]
        assert any(called in each or mentioned in each for each in seen), command
        assert "P-" not in ana.screen()
    for place in range(12):
        hilo.join(nickname=f"Flor {place}")
    ana.say("/personas")
    ana.press(say("button.seek"))
    ana.say(letters.lower())
    ana.press(called)
    assert luna.person.pseudonym in (ana.last.text or "")  # the whole of it, as it stands in exports


def test_somebody_is_found_in_a_large_group(hilo: Rig) -> None:
    """A part of the nickname, without its accents, or the code; nobody of that name is said so."""
    cohort_id = hilo.cohort()
    with hilo.unit() as unit:
        for place in range(12):
            person = unit.people.create(clock.new_id(), unit.now, "active", "es")
            unit.people.change(person, nickname=f"Colibrí {place}" if place < 3 else f"Flor {place}")
            unit.memberships.join(clock.new_id(), person.id, cohort_id)
        code = person.pseudonym
    ana = hilo.facilitator()
    for words, named in (
        ("colibri", ["Colibrí 0", "Colibrí 1", "Colibrí 2"]),
        (code.lower(), ["Flor 11"]),
        ("Luna", []),
    ):
        ana.say("/personas")
        fits(ana)
        ana.press(say("button.seek"))
        ana.say(words)
        assert ana.last.labels[: len(named)] == named
        assert ana.last.labels[len(named)] == say("button.seek")
    assert say("people.found.none") in ana.told
