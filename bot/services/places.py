"""The zone of a place as people name it: `Tijuana`, `Los Ángeles`, `Chiapas`, `New York`.

The places are the cities of CLDR in the reader's language, and the states and cities that people here name though CLDR
has no zone of their own for them. Nothing of it is needed before somebody names a place.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final
from zoneinfo import available_timezones

from babel.core import Locale, get_global

from bot.product_languages import LANGUAGES
from dialogs import languages
from dialogs.fuzzy_match import folded, nearest

NOWHERE: Final = "Etc/"  # begins the names of offsets
SHORTEST: Final = 4  # letters of a name that counts within other words
MOST: Final = 4  # places that are offered at once
CENTRE: Final = "America/Mexico_City"
EASTERN: Final = "America/New_York"
CENTRAL: Final = "America/Chicago"
MOUNTAIN: Final = "America/Denver"
PACIFIC: Final = "America/Los_Angeles"
NAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        CENTRE: "mexico, cdmx, df, centro, estado de mexico, aguascalientes, campeche, chiapas, tuxtla, tuxtla"
        " gutierrez, san cristobal, colima, durango, guanajuato, leon, guerrero, acapulco, chilpancingo,"
        " hidalgo, pachuca, jalisco, guadalajara, michoacan, morelia, morelos, cuernavaca, oaxaca, puebla,"
        " queretaro, san luis potosi, tabasco, villahermosa, tlaxcala, toluca, veracruz, xalapa, zacatecas,"
        " zapopan, irapuato, celaya, ecatepec, nezahualcoyotl, uruapan, zamora, tlapa, jalapa, cordoba,"
        " orizaba, poza rica, tehuacan, san cristobal de las casas, comitan, tapachula, ocosingo, juchitan,"
        " tehuantepec, huajuapan, tlaxiaco, ixtlan, san juan del rio, ciudad de mexico",
        "America/Merida": "yucatan, valladolid mexico, valladolid yucatan",
        "America/Monterrey": "nuevo leon, coahuila, saltillo, torreon, tamaulipas, ciudad victoria, tampico, victoria",
        "America/Cancun": "quintana roo, chetumal, playa del carmen, tulum, felipe carrillo puerto",
        "America/Mazatlan": "sinaloa, culiacan, nayarit, tepic, baja california sur, los cabos, la paz",
        "America/Hermosillo": "sonora, ciudad obregon, nogales, guaymas",
        "America/Tijuana": "baja california, baja california norte, mexicali, ensenada, rosarito, tecate",
        "America/Ciudad_Juarez": "juarez",
        "America/Matamoros": "reynosa, nuevo laredo",
        "America/Chihuahua": "parral, sierra tarahumara, creel, tarahumara",
        PACIFIC: "california, san diego, san francisco, sacramento, fresno, oakland, las vegas, seattle, portland,"
        " washington state, nevada, oregon",
        MOUNTAIN: "colorado, salt lake city, utah, new mexico, nuevo mexico, albuquerque, santa fe, el paso",
        "America/Phoenix": "arizona, tucson",
        CENTRAL: "texas, tejas, houston, dallas, san antonio, austin, illinois, minneapolis, nueva orleans, new"
        " orleans, kansas city, san luis misuri",
        EASTERN: "florida, miami, atlanta, georgia, carolina del norte, north carolina, boston, filadelfia,"
        " philadelphia, washington, nueva jersey, new jersey, brooklyn",
        "America/Toronto": "ottawa, montreal, quebec, ontario",
        "America/Guatemala": "ciudad de guatemala, guatemala city, quetzaltenango, xela",
        "America/El_Salvador": "san salvador",
        "America/Tegucigalpa": "honduras, san pedro sula",
        "America/Managua": "nicaragua",
        "America/Costa_Rica": "san jose de costa rica",
        "America/Bogota": "colombia, medellin, cali",
        "America/Guayaquil": "ecuador, quito",
        "America/Lima": "peru",
        "America/La_Paz": "bolivia",
        "America/Argentina/Buenos_Aires": "argentina",
        "Europe/Madrid": "españa, spain, barcelona, valencia, sevilla",
    }
)
OFFERED: Final = (CENTRE, "America/Tijuana", "America/Hermosillo", "America/Chihuahua", "America/Cancun", PACIFIC)
"""Where people of this organisation may live; whoever lives elsewhere names a city."""


@cache
def _zones() -> frozenset[str]:
    """Return the zones of places where people live: no abbreviation, and no fixed offset."""
    there = available_timezones()
    return frozenset(zone for zone in get_global("zone_territories") if zone in there and not zone.startswith(NOWHERE))


def canonical(zone: str) -> str | None:
    """Return a zone by its present name, as a browser may give an older one; None for what is no place's."""
    present = get_global("zone_aliases").get(zone, zone)
    return present if present in _zones() else None


def city(zone: str, language: str) -> str:
    """Return the name of a zone's city in a language."""
    named = Locale.parse(languages.formatting_locale(language)).time_zones.get(zone) or {}
    return str(named.get("city") or zone.rpartition("/")[2].replace("_", " "))


def found(said: str, language: str) -> list[str]:
    """Return the zones that may be meant by what somebody said: a place's name, words that hold it, or a slip of it."""
    table, plain = named(language), folded(said)
    if zone := table.get(plain):
        return [zone]
    within = f" {plain} "
    held = {name for name in table if len(name) >= SHORTEST and f" {name} " in within}
    whole = (name for name in sorted(held) if not any(name != other and name in other for other in held))
    if zones := list(dict.fromkeys(table[name] for name in whole)):
        return zones[:MOST]
    near = nearest(plain, table)
    return [table[near]] if near else []


@cache
def named(language: str) -> Mapping[str, str]:
    """Return the zone of each place by its name, folded; a name that people here use wins over a far city's."""
    tags = dict.fromkeys((language, *LANGUAGES))
    table = {folded(city(zone, tag)): zone for zone in sorted(_zones()) for tag in tags}
    table |= {folded(city(zone, tag)): zone for zone in NAMED for tag in tags}
    return table | {folded(name): zone for zone, names in NAMED.items() for name in names.split(",")}
