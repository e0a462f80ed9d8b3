"""What in Spanish tells of one or few people: regular expressions over text without accents (see `ExposureTable`)."""

from __future__ import annotations

from typing import Final

from dialogs.lang.rules import ExposureTable

_ONE_PERSON: Final = (
    r"companer[ao]|senora?|vecin[ao]|muchach[ao]|chav[ao]|chic[ao]|mama|abuel[ao]|lideresa|lider|integrante"
    r"|participante|amig[ao]|herman[ao]|promotora?|joven"
)
_SPELLED: Final = (
    _ONE_PERSON.replace("companer", "compa[nñ]er").replace("senor", "se[nñ]or").replace("lider", "l[ií]der")
)
_PEOPLE: Final = (
    r"personas?|gente|companer[ao]s?|mujer(?:es)?|hombres?|lider(?:es|esas?)?|senor(?:as?|es)?|vecin[ao]s?"
    r"|joven(?:es)?|muchach[ao]s?|chav[ao]s?|chic[ao]s|madres?|mamas?|abuel[ao]s?|integrantes?|participantes?"
    r"|asistentes?|amig[ao]s?|promotor(?:as?|es)|herman[ao]s?|alumnas?|maestr[ao]s|voces|votos?|respuestas?|familias?"
    r"|de (?:ustedes|nosotr[ao]s|quienes)"
)
_SAYING: Final = (
    r"(?:ya |nos |l[eo]s? |me |lo |la |se |no |si |tambien )*(?:dij\w+|dicen?|pid\w+|pedian?|quier\w+|quis\w+|querian?"
    r"|contest\w+|coment\w+|conto|contaron|cuentan?|escrib\w+|prefier\w+|prefir\w+|propus\w+|propon\w+|mencion\w+"
    r"|vot\w+|respond\w+|opin\w+|hablo|hablaron|est(?:an?|uv\w+) (?:de acuerdo|en contra|a favor)|mand\w+|pens\w+"
    r"|piens\w+|sient\w+|falto|faltaron|vinieron|vino|particip\w+|senal\w+|explic\w+|sab\w+|tienen?|viven?"
    r"|necesit\w+|acept\w+|agreg\w+|sugir\w+|ofrec\w+|cree|creen|avis\w+|firm\w+|llegaron)"
)
_FEW: Final = r"algun[ao]s|un[ao]s cuant[ao]s|un[ao]s poc[ao]s|poc[ao]s|otr[ao]s|un par|la otra|el otro|un[ao]s"
_ROLE: Final = (
    r"tesorer[ao]|secretari[ao]|president[ae]|vicepresident[ae]|vocal|delegad[ao]|comisariad[ao]|comisari[ao]"
    r"|promotora?|parter[ao]|enfermer[ao]|doctora?|m[eé]dic[ao]|maestr[ao]|profesora?|catequista|encargad[ao]"
    r"|coordinadora?|agente|juez|jueza|curander[ao]|directora?|representante|responsable|voceras?|traductora?"
    r"|intendent[ae]|suplente|dueñ[ao]|viuda|abogad[ao]|cociner[ao]|panader[ao]|molinera|chofer|bibliotecari[ao]"
    r"|sacrist[aá]n|rezander[ao]|topil|mayordom[ao]|costurera|yerbera|artesana|alfarera|contralora|cajer[ao]|regidora?"
)
_PUBLIC: Final = (
    r"(?: \w+){0,2}? (?:municipal(?:es)?|estatal|federal|del (?:municipio|gobierno|estado|ayuntamiento|equipo)"
    r"|de (?:la (?:escuela de liderazgo|organizaci[oó]n)|nuestro equipo))"
)

EXPOSURE: Final = ExposureTable(
    people=_PEOPLE,
    saying=_SAYING,
    between=r"(?:de |entre )?(?:las |los |ellas |ellos |mis |nuestras |nuestros |otras |otros |solas? |solos? )*",
    of=r"(?:de|sobre|entre) (?:cada |las |los |l[ao]s otr[ao]s )?",
    percent=r"%|por ciento",
    only=r"(?:solo|solamente|nada mas|nomas|unicamente|apenas)",
    before=r"(?:contestaron|respondieron|votaron|vinieron|participaron|llegaron|firmaron|faltaron|eramos|fuimos|somos)"
    r"(?: solo| apenas| nada mas)?",
    but=r"tod[ao]s (?:ustedes )?(?:menos|excepto|salvo)",
    shares=(
        r"(?<!mas de )(?<!menos de )(?<!casi )(?<!cerca de )(?<!por )"
        r"(?:la mitad|un tercio|(?:una|dos|la) terceras? partes?|dos tercios|tres cuart[ao]s|un cuarto"
        r"|(?:una|la) (?:cuarta|quinta) parte)"
        r" (?:" + _SAYING + r"|de (?:ustedes|quienes|nosotr[ao]s|el grupo|l[ao]s (?:que|" + _PEOPLE + r"))|del grupo)"
    ),
    ones=(
        r"alguien (?:de ustedes |del grupo |de aqui |mas )?"
        + _SAYING
        + r"|alguien (?:de ustedes|del grupo)|una? sol[ao] (?:voz|respuesta|persona|mujer|"
        + _ONE_PERSON
        + r")"
        r"|(?:solo|solamente|nada mas|nomas|unicamente) (?:una|uno)"
        r"(?: de ustedes|[,.;:]|$| (?:sigue|habla|calla)(?!\w)| " + _SAYING + r")"
        r"|l[ao] unic[ao] (?:que "
        + _SAYING
        + r"|persona|mujer|"
        + _ONE_PERSON
        + r")|el unico (?:que "
        + _SAYING
        + r"|hombre)|hubo (?:una que|quien)|una? de (?:ustedes|las companeras|las que|l[ao]s "
        + _PEOPLE
        + r")"
        r"|una? (?:" + _ONE_PERSON + r")\b|una (?:mujer|persona) (?:que|nos|del grupo|" + _SAYING + r")"
        r"|un par de (?:"
        + _PEOPLE
        + r"|ustedes)|una que otra|(?:una|dos) o (?:dos|tres)(?! (?:dias|veces|horas|semanas))"
    ),
    bands=r"(?:mas de|por lo menos|al menos|cuando menos|arriba de|unas|unos|como|casi|cerca de|alrededor de)",
    below=r"(?:menos de)",
    ranges=(r"(?:entre|de) {n} (?:y|a) {n}",),
    minority=(
        r"(?:" + _FEW + r")(?: \w+)? (?:de ustedes|" + _PEOPLE + r"|" + _SAYING + r")"
        r"|(?:" + _FEW + r")(?=[,.;:]|$| si\b| no\b| que\b)"
        r"|no tod[ao]s|una parte de(?:l grupo| ustedes| l[ao]s)|(?:la|una) minoria"
        r"|(?:hay|hubo|no falt[ao]) quien(?:es)?"
        r"|quienes no|l[ao]s que no|casi nadie|menos de la mitad|l[ao]s demas|el resto de (?:ustedes|l[ao]s)|alguien"
    ),
    posts=(
        r"(?:la|el|nuestra|nuestro|al|del|únic[ao]) (?:" + _ROLE + r")\b(?!" + _PUBLIC + r")",
        r"(?:la|el|esa|aquella|nuestra) (?:" + _SPELLED + r")\b(?!" + _PUBLIC + r")",
        r"(?:la|el|esa) (?:mujer|persona) (?:que|de|del)\b",
        r"quien (?:lleva|cuida|maneja|atiende|vende|tiene|da) (?:la|el|las|los)\b",
        r"l[ao] que (?:vive|lleva|cuida|maneja|atiende|vende|tiene|renta|trabaja|da)\b",
    ),
    of_place=r"(?:la|el) (?:que (?:viene|es) )?de",
    words=frozenset(
        [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
            "primavera",
            "verano",
            "otono",
            "invierno",
            "sol",
            "luna",
            "lluvia",
            "luz",
            "sombra",
            "nube",
            "viento",
            "aire",
            "cielo",
            "mar",
            "agua",
            "rio",
            "tierra",
            "fuego",
            "arena",
            "nieve",
            "brisa",
            "aurora",
            "alba",
            "estrella",
            "esperanza",
            "paz",
            "fe",
            "gracia",
            "gracias",
            "alegria",
            "amor",
            "libertad",
            "victoria",
            "justicia",
            "consuelo",
            "soledad",
            "socorro",
            "dolores",
            "milagros",
            "remedios",
            "refugio",
            "caridad",
            "prudencia",
            "clemencia",
            "paciencia",
            "fuerza",
            "vida",
            "salud",
            "flor",
            "flores",
            "rosa",
            "rosas",
            "violeta",
            "azucena",
            "margarita",
            "dalia",
            "maiz",
            "milpa",
            "frijol",
            "cafe",
            "cacao",
            "copal",
            "miel",
            "sal",
            "semilla",
            "raiz",
            "palma",
            "laurel",
        ]
    ),
    acts=r"(?:y [^\W\d_a-záéíóúñü]|,|(?:nos|me|se|le|les|lo|la|ya|no) \w*(?:ó|é|aba|ía|ieron|aron)\b"
    r"|\w+(?:ó|aba|ía)\b|dijo|quiso|puso|vino|hizo|trajo|propuso|tiene|quiere|dice|pide|tuvo)",
)
