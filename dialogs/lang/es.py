"""Spanish, as it is spoken in Mexico."""

from __future__ import annotations

from typing import Final

from dialogs.lang import danger_es, exposure_es, promises_es
from dialogs.lang.rules import (
    ClockWords,
    DateWords,
    LanguageRules,
    MomentWords,
    NumberWords,
    Register,
    RepeatWords,
    counted,
    phrases,
    words,
)

_NUMBERS: Final = NumberWords(
    small={
        **counted(
            "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
            "diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco "
            "veintiseis veintisiete veintiocho veintinueve"
        ),
        "un": 1,
        "una": 1,
        "veintiun": 21,
        "veintiuna": 21,
    },
    tens=counted("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 30, 10),
    hundreds={
        "cien": 100,
        **counted(
            "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
            100,
            100,
        ),
        **counted(
            "doscientas trescientas cuatrocientas quinientas seiscientas setecientas ochocientas novecientas", 200, 100
        ),
    },
    after_tens=words("y"),
    after_hundreds=frozenset(),
    hundred="",
    thousand="mil",
    and_half=phrases("y medio, y media"),
    halves=words("medio media"),
    point=words("punto coma"),
    articles=words("un una"),
    zero=words("ninguno ninguna ningun nada nadie"),
    not_a_number=words("no ni"),
)
_DATES: Final = DateWords(
    month_first=False,
    months={
        **counted("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre", 1),
        **counted("ene feb mar abr may jun jul ago sep oct nov dic", 1),
        "setiembre": 9,
    },
    weekdays=counted("lunes martes miercoles jueves viernes sabado domingo", 1),
    days={
        "hoy": 0,
        "ayer": -1,
        "manana": 1,
        "antier": -2,
        "anteayer": -2,
        "antes de ayer": -2,
        "pasado manana": 2,
    },
    units={"dia": 1, "dias": 1, "semana": 7, "semanas": 7},
    years=words("ano anos"),
    fillers=words("el la de del dia al este"),
    habits=words("los las el la de"),
    ago=words("hace"),
    ahead=words("en dentro de"),
    former=words("pasado pasada ultimo"),
    coming=words("proximo proxima siguiente que viene entra"),
    first=words("primero"),
    ordinal_endings=words("o ro"),
)
_CLOCK: Final = ClockWords(
    parts={
        "manana": "morning",
        "madrugada": "morning",
        "mediodia": "noon",
        "tarde": "afternoon",
        "noche": "night",
    },
    minutes={"media": 30, "cuarto": 15},
    to=words("para"),
    minus=words("menos"),
    joins=words("y con"),
    fillers=words("a las la de del por en punto hora horas hrs h"),
    units=words("h hr hrs horas"),
    noon=phrases("mediodia, al mediodia"),
    midnight=phrases("medianoche, a medianoche"),
)
_MOMENTS: Final = MomentWords(
    rewrites={
        "esta manana": "hoy am",
        "esta tarde": "hoy tarde",
        "esta noche": "hoy noche",
        "hoy mismo": "hoy",
        "manana mismo": "manana",
        "pasado manana": "pasadomanana",
        "la manana": "am",
        "muy temprano": "am",
        "bien temprano": "am",
        "temprano": "am",
        "tempranito": "am",
        "tardecita": "tarde",
        "nochecita": "noche",
        "medio dia": "mediodia",
        "media noche": "medianoche",
        "a primera hora": "am",
        "1 cuarto": "cuarto",
        "a eso de": "",
        "por ahi de": "",
        "por ai de": "",
        "alrededor de": "",
        "como a": "",
        "mas o menos": "",
        "antes de": "",
        "en punto": "",
        "por favor": "",
    },
    now=phrases("ahora, ahora mismo, ahorita, ahorita mismo, ya, ya mismo, de 1 vez, en este momento"),
    spans={"minuto": 1, "minutos": 1, "min": 1, "mins": 1, "hora": 60, "horas": 60, "hr": 60, "hrs": 60},
    half=words("media medio"),
    idioms={
        "pasadomanana": 2,
        "de hoy en 8": 7,
        "de hoy en 15": 14,
        "de manana en 8": 8,
        "en 8 dias": 7,
        "en 15 dias": 14,
        "dentro de 8 dias": 7,
        "dentro de 15 dias": 14,
        "en 1 quincena": 14,
    },
    weekend=phrases("fin de semana, finde"),
    month_end=phrases("fin de mes, a fin de mes, fines de mes, a fines de mes, ultimo dia del mes"),
    at=phrases("a las, a la"),
    articles=words("el dia"),
    of=words("de del"),
    fillers=words("para lo sea mejor pues"),
)
_REPEATS: Final = RepeatWords(
    each=words("cada todos todas"),
    habit=words("los"),
    daily=phrases("cada dia, diario, diariamente, todos los dias, a diario"),
    weekly=phrases("cada semana, semanal, semanalmente, todas las semanas, 1 vez a la semana, 1 vez por semana"),
    fortnightly=phrases("cada quincena, cada 15 dias, quincenal, cada 2 semanas, 1 semana si y 1 no"),
    last_day=phrases("el ultimo dia de cada mes, ultimo dia de cada mes, cada fin de mes, a fin de cada mes"),
    week=words("semana semanas"),
    month=words("mes meses"),
    places={"primer": 1, "primero": 1, "segundo": 2, "tercer": 3, "tercero": 3, "cuarto": 4, "ultimo": -1},
    plural_days={"sabados": 6, "domingos": 7},
    joins=words("y e"),
    fillers=words("el la los las de del dia en"),
    joining=phrases("despues de entrar, despues de que entren, despues de que entra, despues de que alguien entra"),
    within_a_day=phrases("cada segundo, cada minuto, cada hora, cada rato, todos los minutos, todas las horas"),
)

RULES: Final = LanguageRules(
    tag="es",
    own_name="Español",
    locale="es_MX",
    other_and=(r" [yY] (?=[hH]?[iIíÍ](?![aeoAEO]))", " e "),
    date_pattern="EEEE d 'de' MMMM 'de' y",
    day_pattern="EEEE d 'de' MMMM",
    week_begins=0,
    habit_ending="s",
    yes=phrases("si, sip, ok, okay, va, claro, correcto, exacto, eso, asi es"),
    no=words("no nop otro otra"),
    conjunctions=words("y e"),
    none_of_these=phrases(
        "ninguna, ninguno, ninguna de esas, ninguna de estas, ninguna de las anteriores, ninguno de esos, "
        "ninguno de estos, ninguno de los anteriores, ni una ni otra, ni uno ni otro, nada de eso, otra, otro, "
        "otra cosa, no se, no lo se, sepa, quien sabe, depende, no aplica"
    ),
    numbers=_NUMBERS,
    dates=_DATES,
    clock=_CLOCK,
    moments=_MOMENTS,
    repeats=_REPEATS,
    registers=(Register("tu", "es", "Español"), Register("usted", "es-usted", "Español (de usted)")),
    danger=danger_es.DANGER,
    promises=promises_es.PROMISES,
    exposure=exposure_es.EXPOSURE,
)
