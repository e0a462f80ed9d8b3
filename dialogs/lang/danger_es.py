"""What is said in danger in Spanish, as it is spoken in Mexico: phrases that may ring, and words that are marked.

Accents, capitals and the usual slips of spelling make no difference (see `dialogs.danger`), so that every form stands
here once. A phrase rings only in the first person and about now; what is said of others or of long ago is marked.
"""

from __future__ import annotations

from typing import Final

from dialogs.lang.rules import DangerPhrase, DangerTable, Shape, words

# What hits without anybody hitting: "me pegó la gripe", "me está pegando el sol", "me pegó un susto".
_THINGS: Final = (
    "la el los las lo su sus un una unos unas ese esa este esta mucho mucha bien harto harta tanto muy mas "
    "menos jugando a como de"
)
_THING: Final = "la el los las lo su sus un unos ese esa este esta"

# What is used up, broken, or lived in without any danger.
_GOODNESS: Final = "confianza tiempo buena paciencia amabilidad bondad trabajo"
_RIGHTS: Final = "la el los las mi mis un una"
_SOMEWHERE: Final = "en con aqui alla ahi sin de lejos cerca sola junto donde como"

_SLOTS: Final = {
    "him": (
        "marido esposo novio pareja viejo senor hombre ex exmarido exesposo exnovio papa apa padre padrastro suegro "
        "cunado hermano tio patron jefe abuelo novia esposa mama madre hijo yerno concubino companero"
    ),
    "partner": "marido esposo novio pareja viejo senor hombre ex exmarido exesposo exnovio padrastro concubino",
    "hits": (
        "pega pego golpea golpeo madrea madreo cachetea cacheteo patea pateo ahorca ahorco jalonea jaloneo maltrata "
        "lastima lastimo empuja empujo avienta avento quema quemo"
    ),
    "hitting": "pegando golpeando madreando pateando ahorcando maltratando lastimando cacheteando jaloneando",
    "hit": "pegar golpear madrear matar ahorcar violar lastimar quemar patear",
    "beating": (
        "golpiza madriza paliza cachetada cachetadas patada patadas bofetada bofetadas chinga putiza trompada "
        "trompadas cintariza cuartazos cinturonazos garrotazo"
    ),
    "blow": "golpe golpes punetazo punetazos cachetadon trancazo trancazos cinturonazo machetazo navajazo fregadazo",
    "weapon": "pistola cuchillo machete arma navaja escopeta rifle cuerno fusil",
    "a": "un una el la su",
    "me": "me nos",
    "que": "que q k ke",
    "kill": "matar asesinar",
    "here": "ahorita ahora orita anoche ayer hoy otra otravez cuando diario siempre seguido y todos todas enfrente",
    "mine": "hija hijo hijos hijas hermana mama bebe nina nino",
    "am": "estoy toy",
    "force": "fuerza fuerzas",
    "him_or_her": "el ella",
}

_PHRASES: Final = (
    DangerPhrase(
        "mi marido me pega",
        (
            Shape("mi <him> <me> <hits>, mi <him> <me> ha pegado", _THINGS),
            Shape(
                """mi <him> <me> <hits> a <beating>, mi <him> <me> <hits> a golpes, mi <him> <me> <hits> un <blow>, mi
                <him> <me> <hits> una <beating>, mi <him> <me> dio una <beating>, mi <him> <me> dio un <blow>, mi
                <him> <me> agarro a <beating>, mi <him> <me> agarro a <blow>, mi <him> <me> agarra a <beating>, mi
                <him> <me> agarra a <blow>, mi <him> <me> quiso <hit>, mi <him> <me> ha golpeado, <me> <hits> y <me>
                <hits> mi <him>, <me> golpea y <me> insulta"""
            ),
            Shape(
                """mi <him> <me> esta <hitting>, mi <him> <me> estaba <hitting>, mi <him> <me> sigue <hitting>, mi
                <him> <me> volvio a <hit>, mi <him> <me> acaba de <hit>""",
                _THING,
            ),
            Shape("mi <him> <me> quiere <hit>", "de porque por si con"),
            Shape("<me> <hits> mi <him>", after="no"),
        ),
    ),
    DangerPhrase(
        "me está pegando",
        (
            Shape(
                """<me> esta <hitting>, <me> estan <hitting>, <me> sigue <hitting>, <me> acaba de <hit>, <me> acaban de
                <hit>, <me> volvio a pegar, <me> volvio a golpear, <me> quiere pegar, <me> va a pegar, el <me> pega,
                el <me> golpea""",
                _THINGS,
            ),
            Shape(
                """<me> esta <hitting> mucho mi <him>, <me> quiere golpear, <me> va a golpear, <me> pega cuando toma,
                <me> pega cuando llega, <me> pega cuando anda, <me> pega cuando esta, <me> pega todos los dias, <me>
                golpea cuando, <me> golpea todos los dias, <me> golpeo anoche, <me> golpeo ayer, <me> golpeo otra
                vez, <me> <hits> bien feo, <me> agarro a golpes, <me> agarro a patadas, <me> dejo moretones, <me>
                dejo toda golpeada, <me> dejo golpeada"""
            ),
            Shape("<me> pego anoche, <me> pego ayer, <me> pego hoy, <me> pego otra vez", after="el"),
        ),
    ),
    DangerPhrase(
        "dice que me va a matar",
        (
            Shape("dice <que> <me> va a <kill>, dijo <que> <me> va a <kill>, dicen <que> <me> van a <kill>", "de"),
            Shape(
                """dice <que> <me> mata, dijo <que> <me> iba a <kill>, jura <que> <me> va a <kill>, grita <que> <me> va
                a <kill>, amenaza con matarme, amenazo con matarme, amenazan con matarme, amenazado con matarme, mi
                <partner> <me> puede <kill>, <me> trato de <kill>, <me> intento <kill>, <me> quiso <kill>"""
            ),
            Shape("mi <partner> <me> va a <kill>, el <me> va a <kill>", "de si porque por cuando"),
            Shape("<me> va a <kill> mi <partner>, <me> quiere <kill> mi <partner>", "si porque por cuando"),
            Shape("el <me> quiere <kill>", "de si porque por"),
            Shape(
                "<me> quieren <kill>, quieren matarme",
                "de porque por si con",
                after="papas padres jefes amigas amigos maestros",
            ),
        ),
    ),
    DangerPhrase(
        "me amenazó con un arma",
        (
            Shape(
                """<me> amenazo con <a> <weapon>, <me> amenazo con <weapon>, <me> amenaza con <a> <weapon>, <me>
                amenaza con <weapon>, <me> amenazaron con <a> <weapon>, <me> amenazaron con <weapon>, <me> apunto
                con <a> <weapon>, <me> apunto con <weapon>, <me> apunta con <a> <weapon>, <me> apunta con <weapon>,
                <me> apuntaron con <a> <weapon>, <me> apuntaron con <weapon>, <me> esta apuntando con <a> <weapon>,
                <me> esta apuntando con <weapon>, <me> esta amenazando con <a> <weapon>, <me> puso <a> <weapon> en,
                <me> correteo con <a> <weapon>, <me> saco <a> <weapon>"""
            ),
        ),
    ),
    DangerPhrase(
        "me amenazó de muerte",
        (
            Shape(
                """<me> amenazo de muerte, <me> amenaza de muerte, <me> amenazaron de muerte, <me> amenazan de muerte,
                <me> tiene amenazada de muerte, <me> tienen amenazada de muerte, <me> esta amenazando de muerte,
                <me> estan amenazando de muerte, recibi amenazas de muerte, estoy amenazada de muerte"""
            ),
        ),
    ),
    DangerPhrase(
        "me violó",
        (
            Shape("<me> violo, <me> violaron, <me> esta violando, <me> estan violando, <me> viola", _RIGHTS),
            Shape("<me> quiere violar", "la el los las mi mis"),
            Shape(
                """<me> quiso violar, <me> quisieron violar, <me> obliga a tener relaciones, <me> obligo a tener
                relaciones, <me> obliga a tener sexo, <me> obligo a tener sexo, <me> forzo a tener, <me> forza a
                tener, <me> obliga a acostarme con, <me> obliga a estar con el, <me> agarra a la <force>, <me>
                agarro a la <force>, <me> toco a la <force>, <me> viola mi <him>, <me> violo mi <him>"""
            ),
        ),
    ),
    DangerPhrase(
        "abusó de mí",
        (
            Shape("abuso de mi", "confianza tiempo buena paciencia parte cuerpo amabilidad bondad trabajo"),
            Shape("abusa de mi, abusan de mi, abusaron de mi, esta abusando de mi", _GOODNESS),
            Shape(
                """abuso sexualmente de mi, abusa sexualmente de mi, abuso sexual mente de mi, <me> manoseo mi <him>,
                mi <him> <me> manosea, mi <him> <me> manoseo, mi <him> <me> toca y no quiero, mi <him> <me> toca y
                no <me> gusta, mi <him> <me> toca mis partes, mi <him> <me> toca en la noche, mi <him> <me> toca
                cuando, mi <him> se mete a mi cama, mi <him> se mete en mi cama"""
            ),
        ),
    ),
    DangerPhrase(
        "me tiene encerrada",
        (
            Shape("<me> tiene encerrada, <me> tiene encerrado", after="trabajo tarea lluvia escuela gripa gripe covid"),
            Shape("<me> tienen encerrada, <me> tienen encerrado", after="tareas clases lluvias examenes"),
            Shape(
                """<me> encerro con llave, <me> encerro y no, <me> dejo encerrada, <me> tiene amarrada, <me> tienen
                amarrada, <me> tiene secuestrada, <me> tienen secuestrada, <me> tienen secuestrado, <me>
                secuestraron"""
            ),
            Shape("mi <partner> no <me> deja salir, no <me> deja salir mi <partner>", "sin"),
        ),
    ),
    DangerPhrase(
        "me quieren llevar a la fuerza",
        (
            Shape(
                """<me> quieren llevar a la <force>, <me> quiere llevar a la <force>, <me> llevaron a la <force>, <me>
                lleva a la <force>, <me> subieron a la <force>, <me> quisieron subir a, se la llevaron a la <force>,
                se lo llevaron a la <force>, <me> quieren desaparecer, <me> van a desaparecer, <me> levantaron unos,
                <me> quiere vender a, <me> quieren vender a un, <me> quieren casar a la <force>, <me> obligan a
                casarme, <me> vendieron con un"""
            ),
            Shape("<me> quieren levantar", "el la los las un una"),
        ),
    ),
    DangerPhrase(
        "me vienen siguiendo",
        (
            Shape("<me> vienen siguiendo, <me> viene siguiendo, <me> andan siguiendo", "en"),
            Shape("<me> estan siguiendo", "en los las mas muchos muchas un una"),
            Shape(
                """<me> esta siguiendo un <him>, <me> esta siguiendo un carro, <me> esta siguiendo una camioneta, <me>
                sigue una camioneta, <me> andan buscando para, hay hombres armados, hay gente armada, estan armados
                afuera, andan armados afuera"""
            ),
        ),
    ),
    DangerPhrase(
        "nos están disparando",
        (
            Shape("<me> estan disparando, <me> dispararon", "la el los las"),
            Shape(
                """<me> estan balaceando, <me> disparo mi <him>, <me> balacearon, estan disparando aqui, estan
                disparando afuera, estan quemando las casas, <me> quieren quemar la casa, <me> quieren quemar vivos,
                <me> quiere prender fuego"""
            ),
            Shape("<me> echo gasolina", "al a"),
            Shape("<me> estan atacando", "los las el la con"),
        ),
    ),
    DangerPhrase(
        "tengo miedo de que me mate",
        (
            Shape(
                """miedo de <que> <me> mate, miedo de <que> <me> vaya a matar, miedo de <que> <me> maten, miedo de
                <que> <me> vayan a matar, miedo de <que> <me> pegue, miedo de <que> <me> golpee, miedo de <que> <me>
                viole, miedo de <que> <me> haga dano, miedo de <que> <me> hagan dano, miedo de <que> <me>
                desaparezcan, miedo de <que> <me> haga algo mi <him>, miedo a <que> <me> mate, miedo a <que> <me>
                vaya a matar, miedo a <que> <me> maten, miedo a <que> <me> vayan a matar, miedo a <que> <me> pegue,
                miedo a <que> <me> golpee, miedo a <que> <me> viole, miedo a <que> <me> haga dano, miedo a <que>
                <me> hagan dano, miedo a <que> <me> desaparezcan, miedo a <que> <me> haga algo mi <him>, miedo <que>
                <me> mate, miedo <que> <me> vaya a matar, miedo <que> <me> maten, miedo <que> <me> vayan a matar,
                miedo <que> <me> pegue, miedo <que> <me> golpee, miedo <que> <me> viole, miedo <que> <me> haga dano,
                miedo <que> <me> hagan dano, miedo <que> <me> desaparezcan, miedo <que> <me> haga algo mi <him>,
                temo <que> <me> mate, temo <que> <me> vaya a matar, temo <que> <me> maten, temo <que> <me> vayan a
                matar, temo <que> <me> pegue, temo <que> <me> golpee, temo <que> <me> viole, temo <que> <me> haga
                dano, temo <que> <me> hagan dano, temo <que> <me> desaparezcan, temo <que> <me> haga algo mi <him>,
                tengo miedo de mi <partner>, tengo mucho miedo de mi <partner>, miedo de <que> mi <him> <me>
                <harm_me>"""
            ),
            Shape("le tengo miedo a mi <partner>", "y"),
        ),
    ),
    DangerPhrase(
        "temo por mi vida",
        (
            Shape(
                """temo por mi vida, temo por la vida de mis, mi vida corre peligro, mi vida esta en peligro, mi vida
                peligra, nuestra vida corre peligro, nuestras vidas corren peligro"""
            ),
            Shape("corro peligro, corremos peligro, <am> en peligro, estamos en peligro", "de"),
        ),
    ),
    DangerPhrase(
        "quiero quitarme la vida",
        (
            Shape(
                """quiero quitarme la vida, voy a quitarme la vida, pienso quitarme la vida, pensado en quitarme la
                vida, pense en quitarme la vida, ganas de quitarme la vida, pensando en quitarme la vida, quisiera
                quitarme la vida, <me> quiero quitar la vida, <me> voy a quitar la vida, intente quitarme la vida,
                pienso en suicidarme, pensado en suicidarme, pensando en suicidarme, ganas de suicidarme, pienso en
                matarme, pensado en matarme, pensando en matarme, ya no quiero estar viva, no quiero estar viva,
                quisiera estar muerta, estaria mejor muerta, estarian mejor sin mi, seria mejor si yo no existiera"""
            ),
            Shape("quiero suicidarme, <me> quiero suicidar", "con de por jaja"),
            Shape("voy a suicidarme, <me> voy a suicidar", "con de por si jaja"),
            Shape("<me> voy a ahorcar, quiero estar muerta", "de"),
            Shape("<me> quiero ahorcar", "de con por"),
        ),
    ),
    DangerPhrase(
        "ya no quiero vivir",
        (
            Shape("ya no quiero vivir", "en con aqui alla ahi sin de lejos cerca sola junto la el donde como cosas"),
            Shape("no quiero seguir viviendo, no quiero vivir mas", _SOMEWHERE),
            Shape(
                """ya no quiero seguir viva, quiero desaparecer para siempre, ya no tiene sentido vivir, no le veo
                sentido a vivir, no le encuentro sentido a vivir"""
            ),
            Shape("mejor <me> muero, quiero morirme ya", "de"),
        ),
    ),
    DangerPhrase(
        "me tomé pastillas para morirme",
        (
            Shape(
                """tome pastillas para morirme, tome pastillas para morir, tome pastillas para matarme, tome pastillas
                para no despertar, tome pastillas para ya no despertar, tome muchas pastillas para morirme, tome
                muchas pastillas para morir, tome muchas pastillas para matarme, tome muchas pastillas para no
                despertar, tome muchas pastillas para ya no despertar, tome unas pastillas para morirme, tome unas
                pastillas para morir, tome unas pastillas para matarme, tome unas pastillas para no despertar, tome
                unas pastillas para ya no despertar, tomar pastillas para morirme, tomar pastillas para morir, tomar
                pastillas para matarme, tomar pastillas para no despertar, tomar pastillas para ya no despertar,
                tomar unas pastillas para morirme, tomar unas pastillas para morir, tomar unas pastillas para
                matarme, tomar unas pastillas para no despertar, tomar unas pastillas para ya no despertar, tomar
                muchas pastillas para morirme, tomar muchas pastillas para morir, tomar muchas pastillas para
                matarme, tomar muchas pastillas para no despertar, tomar muchas pastillas para ya no despertar, tome
                veneno, voy a tomar veneno, <me> voy a tomar el veneno, <me> tome el herbicida, <me> corte las
                venas, <me> corte los brazos, <me> estoy cortando los brazos"""
            ),
            Shape("<me> voy a cortar las venas", "si con por"),
            Shape("cortarme las venas", "con por"),
        ),
    ),
)
_MARKS: Final = """
<me> pega, <me> pego, <me> pegan, <me> pegaba, <me> pegaban, <me> pegaron, <me> ha pegado, <me> pegue, mepega, mepego,
le pega, le pego, le pegan, le pegaba, les pega, les pego, les pegan, la golpea, la golpeo, lo golpea, los golpea, las
golpea, golpea, golpeo, golpeaba, golpean, golpearon, golpeada, golpeadas, golpeado, golpeando, golpearme, golpearla,
golpiza, golpizas, madriza, madrizas, putiza, cachetada, cachetadas, cachetea, bofetada, bofetadas, cintarazos,
cinturonazos, moreton, moretones, moreteada, a golpes, a patadas, a cinturonazos, a punetazos, maltrata, maltrato,
maltratan, maltrataba, maltratada, violencia en mi casa, me humilla, <me> grita, <me> insulta, <me> empujo, <me>
empuja, <me> jalonea, <me> jaloneo, <me> avento, <me> avienta, <me> ahorco, <me> ahorca, ahorcarme, <me> lastima, <me>
lastimo, <me> cela, <me> controla, <me> vigila, <me> amenaza, <me> amenazo, <me> amenazan, <me> amenazaron, amenazas,
amenazada, amenazadas, amenazado, amenazando, de muerte, <me> mata, <me> mato, matarme, matarla, matarlo, matarnos,
<me> va a matar, <me> quiere matar, <me> quieren matar, <me> van a matar, la mato, la mataron, lo mataron, la va a
matar, la quiere matar, feminicidio, asesinato, asesinaron, <me> quiero matar, <me> quiero morir, quiero morir, quiero
morirme, morirme, <me> voy a matar, suicidio, suicidarme, suicidar, suicido, quitarme la vida, quitar la vida,
quitarse la vida, no quiero vivir, sin ganas de vivir, ganas de morir, <me> corto, cortarme, ya no aguanto, no aguanto
mas, ya no puedo mas, no puedo mas, violo, violaron, violada, violadas, violacion, violaciones, violarme, violarla,
violador, abuso de mi, abuso sexual, abusaron, abusada, abusaba, abusa de, abusando, manoseo, manosea, manosearon,
tocamientos, <me> toco, <me> toca mis, acoso, acosa, acosan, acosaron, acosada, acosador, acosandome, <me> sigue un,
<me> siguio un, <me> siguen, <me> persigue, <me> persiguen, <me> vigilan, encerrada, encerrado, <me> encerro, <me>
encierra, no <me> deja salir, no <me> dejan salir, amarrada, secuestro, secuestraron, secuestrada, secuestrado,
levantaron a, desaparecio, desaparecieron, desaparecida, desaparecido, desaparecidos, desaparecidas, se la llevaron,
se lo llevaron, se llevaron a, balacera, balazos, balazo, balearon, dispararon, disparo, disparos, armados, armado,
pistola, cuchillo, navaja, escopeta, <me> robaron, <me> asaltaron, tengo miedo, mucho miedo, tengo mucho miedo, con
miedo, da miedo llegar, miedo a mi, miedo de mi, le tengo miedo, tenemos miedo, auxilio, ayudenme, ayudame por favor,
necesito ayuda, sos, en peligro, corre peligro, peligra, refugio, huir de, me escape de, escapar de, <me> corrio de la
casa, <me> echo de la casa, <me> corrieron de mi casa, <me> quita a mis hijos, <me> quiere quitar a mis, <me> quita mi
dinero, <me> obliga a, <me> obligan a, <me> obligo a, a la fuerza, vendieron, trata de personas, explotan, sangrando,
embarazada a la fuerza
"""

DANGER: Final = DangerTable(
    phrases=_PHRASES,
    marks=_MARKS,
    slots={**_SLOTS, "harm_me": "mate pegue golpee viole lastime"},
    denials=words("no nunca jamas ni tampoco nadie"),
    subjects=words("mi el ella hay yo"),
)
