"""What should not be promised in Spanish: regular expressions of whole words, by kind (see `PromiseTable`)."""

from __future__ import annotations

from typing import Final

from dialogs.lang.rules import PromiseTable

PROMISES: Final = PromiseTable(
    kinds={
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
    },
    allowed=(
        r"no es secreto|ni vigila\b|nadie más ve esta pantalla|«Privacidad y seguridad»"
        r"|solo si se puede quedar aquí sin riesgo"
    ),
)
