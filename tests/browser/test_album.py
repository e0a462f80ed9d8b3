"""Voice notes and photos in a real browser, with a microphone that beeps."""

import struct
import time

import pytest
from playwright.sync_api import Page, expect

from bot.messengers.port import Kind
from tests.bot.web.conftest import CHAT
from tests.bot.web.rig import Rig
from tests.bot.web.test_album import png
from tests.browser.conftest import Open

LARGE = """async () => {
  const canvas = new OffscreenCanvas(4000, 3000), pen = canvas.getContext("2d");
  for (let x = 0; x < 4000; x += 20) { pen.fillStyle = `hsl(${x} 60% 50%)`; pen.fillRect(x, 0, 20, 3000); }
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
  return [...new Uint8Array(await blob.arrayBuffer())];
}"""


def with_place(jpeg: bytes) -> bytes:
    """Put into a JPEG what phones do: where it was taken."""
    body = b"Exif\0\0" + b"II*\0\x08\0\0\0\0\0\0\0\0\0" + b"GPS 17.0732 N 96.7266 W"
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def choose(page: Page, name: str, data: bytes) -> None:
    """Choose a file as she would on her phone."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Mandar una foto").click()
    chooser.value.set_files({"name": name, "mimeType": "image/jpeg", "buffer": data})


def test_a_voice_note_is_recorded_and_heard(rig: Rig, asked: int, open_page: Open) -> None:
    """One press records, one sends: sound of a few seconds in few bytes, and it plays from where it is kept."""
    page = open_page()
    began = time.monotonic()
    page.get_by_role("button", name="Grabar un audio").click()
    group = page.get_by_role("group", name="Grabando")
    expect(group).to_be_visible()
    expect(page.get_by_role("timer")).to_have_text("0:02", timeout=6000)
    page.get_by_role("button", name="Mandar el audio").click()
    took = time.monotonic() - began
    player = page.locator(".own[data-media=voice] audio").last
    expect(player).to_be_visible()
    expect(page.locator(".own[data-media=voice][id^=m]")).to_have_count(1)
    page.reload()
    length = page.locator(".own[data-media=voice] audio").last.evaluate(
        "async e => { e.muted = true; await e.play(); return e.currentTime >= 0 && e.readyState }"
    )

    (kept,) = rig.kept
    assert kept.kind is Kind.VOICE
    assert kept.seconds is not None
    assert 2 <= kept.seconds <= took + 1
    assert kept.mime == "audio/webm"
    assert kept.size is not None
    assert 1000 < kept.size < 40_000
    assert length >= 2
    expect(group).to_be_hidden()


def test_a_recording_can_be_thrown_away(rig: Rig, asked: int, open_page: Open) -> None:
    """Discarded by button or by Escape, nothing is sent, and the page is as it was."""
    page = open_page()
    for way in ("button", "Escape"):
        page.get_by_role("button", name="Grabar un audio").click()
        expect(page.get_by_role("timer")).to_be_visible()
        if way == "button":
            page.get_by_role("button", name="Tirar").click()
        else:
            page.keyboard.press("Escape")
        expect(page.get_by_role("timer")).to_be_hidden()
        expect(page.get_by_role("textbox", name="Escribe aquí")).to_be_visible()

    assert rig.kept == []
    assert page.locator(".own[data-media]").count() == 0


def test_without_a_microphone_the_page_says_so(rig: Rig, asked: int, open_page: Open) -> None:
    """A browser that may not listen is no dead button."""
    page = open_page()
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )
    page.get_by_role("button", name="Grabar un audio").click()

    expect(page.get_by_role("alert")).to_contain_text("Dale permiso, o escríbelo")


@pytest.mark.proof
def test_a_photo_is_made_small_before_it_travels(rig: Rig, asked: int, open_page: Open) -> None:
    """Twelve megapixels leave the phone as two, without the place they carried; she sees it at once."""
    page = open_page()
    large = with_place(bytes(page.evaluate(LARGE)))
    choose(page, "large.jpg", large)
    expect(page.locator(".own[data-media=photo][id^=m]")).to_have_count(1)
    sent = rig.media_store.parked(rig.kept[0].file or "")

    assert b"GPS" in large
    assert b"GPS" not in sent
    assert len(sent) < len(large) / 3
    assert page.locator(".own[data-media=photo] img").evaluate("e => e.naturalWidth") == 1600


def test_a_photo_in_the_thread_waits_to_be_asked_for(rig: Rig, asked: int, open_page: Open) -> None:
    """Opening the page loads no photo; a press shows it in its place."""
    page = open_page()
    choose(page, "x.png", png())
    expect(page.locator(".own[data-media=photo][id^=m]")).to_have_count(1)
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.reload()
    page.get_by_role("link", name="Ver la foto").wait_for()
    before = [url for url in asked_for if "/media/" in url]
    page.get_by_role("link", name="Ver la foto").click()

    expect(page.get_by_role("img", name="Foto")).to_be_visible()
    expect(page.get_by_role("img", name="Foto")).to_be_focused()
    assert before == []
    assert len([url for url in asked_for if "/media/" in url]) == 1


def test_a_photo_that_does_not_go_out_can_be_sent_again(
    rig: Rig, asked: int, open_page: Open, troubles: list[str]
) -> None:
    """Without a line it stays on the page with a way to send it once more, and then counts once."""
    troubles += ["net::ERR"]
    page = open_page()
    rig.stop()
    choose(page, "x.png", png())
    page.get_by_role("button", name="No salió. Tócalo para mandarlo otra vez.").wait_for()
    rig.start()
    page.get_by_role("button", name="No salió. Tócalo para mandarlo otra vez.").click()
    expect(page.locator(".own[data-media=photo][id^=m]")).to_have_count(1, timeout=15_000)

    assert [kept.kind for kept in rig.kept] == [Kind.PHOTO]


@pytest.mark.parametrize("what", [pytest.param("photo", marks=pytest.mark.proof), "voice"])
def test_a_plain_form_sends_what_a_phone_recorded(rig: Rig, asked: int, open_page: Open, what: str) -> None:
    """With JavaScript off a form with two fields sends a photo or what the phone's own recorder made."""
    page = open_page(java_script_enabled=False)
    page.get_by_text("Mandar audio o foto").click()
    label = {"photo": "Foto", "voice": "Audio"}[what]
    page.get_by_label(label, exact=True).set_input_files({"name": "x", "mimeType": "image/png", "buffer": png()})
    page.get_by_role("button", name="Mandar", exact=True).click()

    expect(page.locator(f".own[data-media={what}]")).to_have_count(1)
    assert [kept.kind.value for kept in rig.kept] == [what]


def test_her_own_words_belong_to_the_right_bubble(rig: Rig, asked: int, open_page: Open) -> None:
    """Words and a photo sent one after the other come back each as its own bubble, in order, once."""
    page = open_page()
    page.fill("#text", "mira")
    page.get_by_role("button", name="Mandar mensaje").click()
    choose(page, "x.png", png())
    expect(page.locator(".own[data-media=photo][id^=m]")).to_have_count(1)
    expect(page.locator(".own", has_text="mira")).to_have_count(1)

    assert page.locator(".own:not([id])").count() == 0
    assert rig.read(lambda unit: [said.kind for said in unit.outbox.latest("web", CHAT, 10)]).count("echo") == 3
