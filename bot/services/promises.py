"""What neither Hilo nor whoever writes for it should promise, in any language; looked for when something is typed.

Nobody has seen, will call, comes or watches because a program says so; nothing is soon, and nothing is safe, secret or
confidential. That Telegram is *not* secret is said. An organisation is warned and never refused: its words are its own.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from dialogs import languages
from dialogs.model import Dialog

_SPANISH: Final[Mapping[str, str]] = {
    "soon": r"pront\w+|en ?seguida|ahorit\w+|de inmediato|inmediatamente|al instante|al rat\w+|ya mero"
    r"|lo antes posible|cuanto antes|luego luego|al momento|en ese momento|en un rat\w+",
    "seen": r"ya (?:lo|la|los|las|te|le) (?:vio|vieron|leyó|leyeron|oyó|oyeron|escuchó|escucharon|sabe|saben)"
    r"|(?:el equipo|alguien|quien te lee) (?:ya )?(?:se entera|se enteró|está al tanto|ya sabe)"
    r"|(?:te|le|lo|la) está[n]? (?:viendo|leyendo|escuchando|oyendo)|ya (?:vimos|leímos)",
    "call": r"(?:te|le|les) (?:va|van|vamos) a (?:llamar|marcar|buscar|hablar|contestar|ayudar|responder|atender)"
    r"|(?:te|le) (?:llamar|marcar|buscar|contestar|responder|ayudar|atender)(?:á|án|emos)"
    r"|(?:alguien|el equipo|una persona) (?:ya )?(?:te|le) (?:llama|marca|busca|contesta|responde|ayuda|atiende)",
    "coming": r"(?:alguien|el equipo|la ayuda|la policía|una persona|quien te ayuda) (?:ya )?(?:va|viene|llega)\b"
    r"|(?:va|van|vamos|viene|vienen) (?:para allá|contigo|por ti)|ayuda en camino",
    "safe": r"segur[oa]s?|segurísim\w+|seguridad|a salvo|protegid[oa]s?|sin (?:ningún )?(?:riesgo|peligro)",
    "secret": r"secret[oa]s?|confidencial\w*|confidencia|privad[oa]s?|privacidad|anónim\w+|anonimato"
    r"|nadie más (?:lo |la |te )?(?:sabe|lee|ve|puede (?:leer|ver)|va a (?:leer|ver|saber))",
    "watches": r"vigil\w+|(?:te|le) (?:cuido|cuida|cuidan|cuidamos|protejo|protege|protegemos)\b"
    r"|(?:al )?pendiente de (?:ti|usted)|no estás sol[oa]|no está usted sol[oa]|estoy contigo|cuenta conmigo",
}
FORBIDDEN: Final[Mapping[str, Mapping[str, str]]] = {
    "es": _SPANISH,
    "es-usted": _SPANISH,
    "en": {
        "soon": r"soon\w*|right away|immediately|at once|instantly|shortly|promptly|in no time"
        r"|at that moment|straight away",
        "seen": r"(?:has|have) (?:already )?(?:seen|read|heard) (?:it|you|this|your)|(?:is|are) (?:reading|listening)"
        r"|(?:the team|somebody|someone) (?:already )?(?:knows|hears of)",
        "call": r"(?:will|is going to|are going to|'ll) (?:call|phone|ring|contact|help|reach|answer) you"
        r"|(?:the team|somebody|someone) (?:calls|phones|helps|answers) you",
        "coming": r"(?:help|somebody|someone|the team|the police|they|we) (?:is|are|'re) "
        r"(?:coming|near|on (?:the|their|its) way)"
        r"|(?:somebody|someone|the team|we|they) (?:will|is going to|are going to|'ll) come",
        "safe": r"safe\w*|unsafe|secure\w*|security|protected|risk-free|without (?:any )?risk",
        "secret": r"secret\w*|confidential\w*|private\w*|privacy|anonym\w+"
        r"|nobody else (?:knows|can (?:see|read)|(?:sees|reads) (?:it|what|this chat))",
        "watches": r"watch(?:es|ing)? (?:over|out for)|keeps? (?:an eye|watch)|looks? after you|take care of you"
        r"|(?:you are|you're) not alone|with you all the time",
    },
}
ALLOWED: Final[Mapping[str, str]] = {
    # What is not so is said; who pressed that an alert was seen is told so; Telegram calls a screen by such words.
    "es": r"no es secreto|ni vigila\b|nadie más ve esta pantalla|«Privacidad y seguridad»"
    r"|solo si se puede quedar aquí sin riesgo",
    "es-usted": r"no es secreto|«Privacidad y seguridad»|solo si se puede quedar aquí sin riesgo",
    "en": r"is not secret|nor keeps watch|as soon as|ends too soon|every problem at once|“Privacy and Security”"
    r"|only if it can stand here without risk",
}
_ANY: Final = ("es", "en")
RECORD: Final = ("why", "care_card", "care_lines", "after_alert", "minors")
"""Keys of the record whose words people read."""


def made(text: str, language: str) -> dict[str, str]:
    """Return which kinds of promise a text makes, each with the words that make it."""
    allowed, kinds = _patterns(language)
    bare = allowed.sub(" ", text)
    return {kind: found[0] for kind, pattern in kinds.items() if (found := pattern.search(bare))}


def words(text: str, language: str | None = None) -> list[str]:
    """Return the words of a text that promise something; in the languages there is a list for, without one in both."""
    tag = languages.base(language) if language else None
    if tag is not None and tag not in _ANY:
        return []
    return list(dict.fromkeys(said for each in ([tag] if tag else _ANY) for said in made(text, each).values()))


def in_record(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the record promises: the key, and the words."""
    for key in RECORD:
        for text, language in _texts(record.get(key), None):
            yield from ((key, said) for said in words(text, language))


def in_dialog(dialog: Dialog) -> list[str]:
    """Return what a dialog promises."""
    texts = [dialog.title, dialog.why]
    for step in dialog.steps:
        texts += [step.label, step.hint, *(choice.label for choice in step.choices)]
    found = [said for text in texts for language, each in text.items() for said in words(each, language)]
    return list(dict.fromkeys(found))


def _texts(value: Any, language: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield every text of a value of the record, with its language where that is said."""
    match value:
        case str():
            yield value, language
        case list():
            for each in value:
                yield from _texts(each, language)
        case dict():
            for key, each in value.items():
                yield from _texts(each, key if key in languages.LANGUAGES else language)


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], Mapping[str, re.Pattern[str]]]:
    """Compile a language's patterns, when they are first needed."""
    kinds = FORBIDDEN[language].items()
    return re.compile(ALLOWED[language], re.IGNORECASE), {
        kind: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) for kind, pattern in kinds
    }
