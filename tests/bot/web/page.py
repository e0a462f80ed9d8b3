"""A page as a test reads it: forms with their fields, without a browser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """One form: where it goes, what it carries, and its buttons by label."""

    action: str
    writable: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)

    def pressed(self, label: str) -> dict[str, str]:
        """Return what is sent when a button is pressed."""
        name, value = self.buttons[label]
        return self.fields | ({name: value} if name else {})

    def written(self, text: str) -> dict[str, str]:
        """Return what is sent when words are written."""
        return self.fields | {"text": text}


class Page(HTMLParser):
    """Reads forms, languages and the text field's content."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.language = ""
        self.area = ""
        self._button: tuple[str, str] | None = None
        self._label = ""
        self._in_area = False
        self.feed(content)

    @property
    def composer(self) -> Form:
        """The form to write in."""
        return next(form for form in self.forms if form.writable)

    def keyboard(self, label: str) -> Form:
        """The form that has a button of this label."""
        return next(form for form in self.forms if label in form.buttons)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a form is made of."""
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given["lang"]
        elif tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "input" and self.forms:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self._button = (given.get("name", ""), given.get("value", ""))
            self._label = ""
        elif tag == "textarea":
            self._in_area = True
            self.forms[-1].writable = True

    def handle_endtag(self, tag: str) -> None:
        """Close a button or the text field."""
        if tag == "button" and self._button:
            self.forms[-1].buttons[self._label.strip()] = self._button
            self._button = None
        elif tag == "textarea":
            self._in_area = False

    def handle_data(self, data: str) -> None:
        """Collect a label or the field's words."""
        if self._button:
            self._label += data
        elif self._in_area:
            # The first line end inside a text area is none of its content.
            self.area += data.removeprefix("\n") if not self.area else data
