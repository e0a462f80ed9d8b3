"""The phone's own voice reads a message: only one of the phone, never by itself, asking first where others see it."""

import pytest
from playwright.sync_api import Page, expect

from bot import clock
from storage.unit import Unit
from tests.bot.web.conftest import CHAT
from tests.bot.web.rig import Rig
from tests.browser.conftest import Open

# A browser without a sound card has no voices: this one has those that a test gives it, and notes what is said.
VOICES = """
const voices = %s, said = [];
class Utterance { constructor(text) { this.text = text; } }
const synthesis = new EventTarget();
Object.assign(synthesis, {
  getVoices: () => voices,
  speak: (it) => { said.push([it.text, it.voice.name]); synthesis.current = it; },
  cancel: () => { said.push(["", "silence"]); },
});
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
window.SpeechSynthesisUtterance = Utterance;
window.said = said;
"""
OWN = "{name: 'own', lang: 'es_MX', localService: true, default: false}"
FAR = "{name: 'far', lang: 'es-ES', localService: false, default: true}"
ENGLISH = "{name: 'english', lang: 'en-GB', localService: true, default: false}"
ASK = "Se va a oír en voz alta. ¿Lo leo?"


def with_voices(page: Page, *voices: str) -> Page:
    """Give the browser these voices, and open the conversation anew."""
    page.add_init_script(VOICES % f"[{', '.join(voices)}]")
    page.reload()
    page.wait_for_load_state()
    return page


def spoken(page: Page) -> list[list[str]]:
    """Return what was said aloud, and by which voice."""
    found: list[list[str]] = page.evaluate("said.filter(([text]) => text)")
    return found


@pytest.fixture
def own_phone(rig: Rig) -> None:
    """She has said that nobody else sees her phone."""

    def say(unit: Unit) -> None:
        person = unit.people.at("web", CHAT)
        assert person is not None
        unit.people.prefer(person, phone="mine")

    rig.write_in(say)


def test_a_message_is_read_by_the_phones_own_voice(rig: Rig, asked: int, own_phone: None, open_page: Open) -> None:
    """Not before she asks; then its words and what can be tapped, by a voice of the phone and by no other."""
    page = with_voices(open_page(), FAR, OWN, ENGLISH)
    button = page.locator(f"#m{asked} .hear")
    expect(button).to_have_attribute("aria-label", "Oírlo")
    assert spoken(page) == []
    button.click()

    ((text, voice),) = spoken(page)
    assert voice == "own"
    assert "1, Muy bajo" in text
    assert "😞" not in text
    expect(button).to_have_attribute("aria-label", "Callar")
    button.click()
    expect(button).to_have_attribute("aria-label", "Oírlo")


@pytest.mark.parametrize(
    "voices", [pytest.param((), marks=pytest.mark.proof), (FAR,), pytest.param((ENGLISH,), marks=pytest.mark.proof)]
)
def test_without_a_voice_of_the_phone_nothing_is_offered(
    rig: Rig, asked: int, own_phone: None, open_page: Open, voices: tuple[str, ...]
) -> None:
    """A voice elsewhere would be sent the words, and one of another language would not be understood."""
    page = with_voices(open_page(), *voices)

    expect(page.locator(f"#m{asked}")).to_be_visible()
    assert page.locator(".hear").count() == 0


def test_on_a_watched_phone_it_asks_first(rig: Rig, asked: int, open_page: Open) -> None:
    """Also where she was not asked yet: a no says nothing aloud, a yes reads, and holds for some minutes."""
    page = with_voices(open_page(), OWN)
    button = page.locator(f"#m{asked} .hear")
    button.click()
    expect(page.get_by_text(ASK)).to_be_visible()
    assert spoken(page) == []
    page.get_by_role("button", name="No", exact=True).click()
    assert spoken(page) == []
    button.click()
    page.get_by_role("button", name="Sí, léelo").click()
    assert len(spoken(page)) == 1
    button.click()
    button.click()

    assert len(spoken(page)) == 2


def test_what_comes_later_can_be_heard_and_leaving_silences(
    rig: Rig, asked: int, own_phone: None, open_page: Open
) -> None:
    """A new message has its button; a recording that somebody made is left to itself; leaving quickly is silent."""
    page = with_voices(open_page(), OWN)
    seq = rig.say(CHAT, "Lo del agua quedó para el jueves.")
    page.locator(f"#m{seq} .hear").click()
    assert spoken(page)[-1][0] == "Lo del agua quedó para el jueves."
    own = rig.say(CHAT, "¿En qué lengua hablamos?", "1 · Español|🔊 Oírlo")
    expect(page.locator(f"#m{own}")).to_be_visible()
    assert page.locator(f"#m{own} .hear").count() == 0
    page.evaluate("window.addEventListener('hilo-leave', () => { window.left = said[said.length - 1][1]; })")
    page.get_by_role("button", name="Salir rápido").click()
    page.wait_for_url("**/cal")


@pytest.mark.proof
def test_the_way_in_can_be_heard(rig: Rig, open_page: Open) -> None:
    """From the first page on: an invite's words are read, asking first, as nobody has said whose phone it is."""
    code = "ABCDEFGHJK"
    rig.write_in(lambda unit: unit.invites.create(clock.new_id(), code, "leader", None, 3, None, None))
    page = open_page("/", token=None)
    page.add_init_script(VOICES % f"[{OWN}]")
    page.goto(f"{rig.address}/join/{code}")
    page.locator("[data-say] .hear").first.click()
    page.get_by_role("button", name="Sí, léelo").click()

    assert len(spoken(page)) == 1
