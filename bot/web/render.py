"""Templates, and what every one of them can use."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import urlize
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot import clock
from bot.product_languages import LANGUAGES
from bot.rendering.texts import Texts
from bot.services.links import places
from bot.web.files import Files
from bot.web.language import PageTexts, both, chrome, preferred
from bot.web.pins import PICTURED, PICTURES, PinInput
from bot.web.stream import event
from bot.web.thread import ThreadUpdate
from dialogs import languages

FOLDER = Path(__file__).parent / "templates"
CHATS = "https://t.me/"  # where links to the bot itself lead
_SPACE = re.compile(r"(\s+)")
NO_PIN = PinInput("digits", ())


def nonce() -> str:
    """Make a form's nonce: whatever is sent twice under it counts once."""
    return clock.new_id().hex


def linked(text: str, *, authored: bool, own: tuple[str, ...]) -> Markup:
    """Return words with their addresses as links: all of them where they are authored, else Hilo's own alone."""
    if authored:
        return _pressable(text)
    return Markup().join(_pressable(piece) if piece.startswith(own) else escape(piece) for piece in _SPACE.split(text))


def _pressable(text: str) -> Markup:
    return Markup(urlize(text, target="_blank", rel="noopener noreferrer"))  # noqa: S704  it escapes the text itself


def own(url: str, place: str) -> str:
    """Return the address of a button; one of the chat's own pages lies below the page that shows it."""
    return place + url.removeprefix("/chat") if url.startswith("/chat/") else url


class Renderer:
    """Renders pages and pieces of pages."""

    def __init__(
        self, texts: Texts, files: Files, *, media: bool, public_url: str | None = None, practice: bool = False
    ) -> None:
        """Load the templates.

        Args:
            texts: the catalogs.
            files: the static files.
            media: whether pages offer to send voice notes and photos.
            public_url: where this site is for others: links to it may be pressed wherever they stand.
            practice: whether these are the phones of practice, which nobody leaves and no link leads back to.
        """
        self.texts = texts
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            base=languages.base, chrome=chrome, file=files.address, nonce=nonce, with_media=media, practice=practice
        )
        self._environment.globals["own"] = own
        self._environment.globals["linked"] = partial(linked, own=(*([f"{public_url}/"] if public_url else ()), CHATS))

    def language(self, request: Request) -> str:
        """Return the language for a request from someone who has not chosen one here."""
        return preferred(request.headers.get("accept-language", ""), LANGUAGES)

    def page(self, template: str, words: PageTexts, status: int = 200, **facts: object) -> HTMLResponse:
        """Render a whole page."""
        content = self._environment.get_template(template).render(words=words, **facts)
        return HTMLResponse(content, status_code=status)

    def small(
        self,
        request: Request,
        page: str,
        status: int = 200,
        *,
        action: str | None = None,
        onward: str | None = None,
        back: str | None = None,
        again: str | None = None,
        first: bool = False,
    ) -> HTMLResponse:
        """Render a small page in every language.

        It has one form to `action`, a link `onward` that opens by itself, or a link `back`; below, a link `again` for
        whoever was inside before. With `first` the form says that it is the first time, and `again` is as large.
        """
        facts = {
            "page": page,
            "action": action,
            "onward": onward,
            "link": onward or back,
            "again": again,
            "first": first,
        }
        return self._sides(self.language(request), status, facts)

    def crowded(self, language: str) -> HTMLResponse:
        """Render what somebody gets who is not let in for a moment; the same for everybody of a language."""
        page = {"page": "crowded", "action": None, "onward": None, "link": None, "again": None, "first": False}
        return self._sides(language, 429, page)

    def _sides(self, language: str, status: int, facts: Mapping[str, object]) -> HTMLResponse:
        sides, elsewhere = both(self.texts, language), " / ".join(places())
        return self.page("small.html", sides[0], status, sides=sides, where=elsewhere, **facts)

    def enter(
        self,
        request: Request,
        note: str = "",
        *,
        given: PinInput = NO_PIN,
        nickname: str = "",
        remembered: str = "",
        status: int = 200,
        action: str = "/enter",
    ) -> HTMLResponse:
        """Render the way back for whoever has no conversation in this browser.

        `note`: why the last try led nowhere; `action`: where the form goes, which is an invite's own for who has one.
        """
        words = PageTexts(self.texts, self.language(request))
        facts = {"note": note, "given": given, "nickname": nickname, "pictures": PICTURES, "count": PICTURED}
        facts |= {"action": action, "remembered": remembered}
        return self.page("enter.html", words, status, **facts)

    def telling(self, place: str, words: PageTexts) -> Callable[[ThreadUpdate], str]:
        """Return the function that renders one page's events; it follows the person into another language."""
        bubble = self._environment.get_template("parts.html").module.bubble  # type: ignore[attr-defined]  # a macro
        spoken = words

        def tell(news: ThreadUpdate) -> str:
            nonlocal spoken
            told = []
            if news.language and news.language != spoken.language:
                spoken = PageTexts(self.texts, news.language)
                told.append(event("language", chrome(spoken)))
            told += [event("gone", str(seq)) for seq in news.gone]
            told += [event("taken", str(seq)) for seq in news.taken]
            told += [
                event("bubble", bubble(standing, place, spoken, news.newest, nonce), seq)
                for seq, standing in news.bubbles
            ]
            return "".join(told)

        return tell
