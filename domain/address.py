"""Places: German states, postal codes, countries, one-line addresses, names for web addresses."""

import re
import unicodedata
from bisect import bisect_right
from enum import Enum


class GermanState(Enum):
    """A state of Germany by its ISO 3166-2 code."""

    BW = "BW"
    BY = "BY"
    BE = "BE"
    BB = "BB"
    HB = "HB"
    HH = "HH"
    HE = "HE"
    MV = "MV"
    NI = "NI"
    NW = "NW"
    RP = "RP"
    SL = "SL"
    SN = "SN"
    ST = "ST"
    SH = "SH"
    TH = "TH"


DESCRIPTIONS: dict[type[Enum], tuple[str, dict[str, str]]] = {
    GermanState: (
        "A state of Germany by its ISO 3166-2 code; decides among others the transfer tax.",
        {
            "BW": "Baden-Württemberg.",
            "BY": "Bavaria (Bayern).",
            "BE": "Berlin.",
            "BB": "Brandenburg.",
            "HB": "Bremen with Bremerhaven.",
            "HH": "Hamburg.",
            "HE": "Hesse (Hessen).",
            "MV": "Mecklenburg-Western Pomerania (Mecklenburg-Vorpommern).",
            "NI": "Lower Saxony (Niedersachsen).",
            "NW": "North Rhine-Westphalia (Nordrhein-Westfalen).",
            "RP": "Rhineland-Palatinate (Rheinland-Pfalz).",
            "SL": "Saarland.",
            "SN": "Saxony (Sachsen).",
            "ST": "Saxony-Anhalt (Sachsen-Anhalt).",
            "SH": "Schleswig-Holstein.",
            "TH": "Thuringia (Thüringen).",
        },
    ),
}

# First and last code of each range, and its state. Postal codes follow the mail's routes, not the borders: some
# villages share the code of a town in another state (14715, 37194, 59969, 69434, …). Such a code counts for the
# state in which most of its people live, so a state that a person entered always goes before this table. Codes
# between the ranges are not in use.
_RANGES = """
    01001-01936 SN, 01941-01998 BB, 02601-02999 SN, 03001-03253 BB, 04001-04579 SN, 04580-04639 TH
    04641-04889 SN, 04891-04938 BB, 06001-06548 ST, 06551-06578 TH, 06579-06928 ST, 07301-07918 TH
    07919-07919 SN, 07920-07951 TH, 07952-07952 SN, 07953-07984 TH, 07985-07985 SN, 07986-07989 TH
    08001-09669 SN, 10001-12527 BE, 12529-12529 BB, 12531-14330 BE, 14401-16949 BB, 17001-17256 MV
    17258-17258 BB, 17259-17259 MV, 17261-17291 BB, 17300-17325 MV, 17326-17326 BB, 17328-17335 MV
    17337-17337 BB, 17338-19260 MV, 19271-19272 NI, 19273-19306 MV, 19307-19357 BB, 19358-19417 MV
    20001-21170 HH, 21202-21449 NI, 21451-21521 SH, 21522-21522 NI, 21523-21529 SH, 21601-21789 NI
    22001-22786 HH, 22801-23919 SH, 23921-23999 MV, 24001-25999 SH, 26001-27478 NI, 27480-27498 SH
    27499-27499 HH, 27501-27580 HB, 27601-27809 NI, 28001-28779 HB, 28784-29399 NI, 29401-29416 ST
    29417-31868 NI, 32001-33829 NW, 34001-34329 HE, 34331-34355 NI, 34356-34399 HE, 34401-34439 NW
    34441-36399 HE, 36401-36469 TH, 37001-37199 NI, 37201-37299 HE, 37301-37359 TH, 37401-37649 NI
    37651-37688 NW, 37689-37691 NI, 37692-37696 NW, 37697-38480 NI, 38481-38489 ST, 38490-38729 NI
    38801-39649 ST, 40001-48432 NW, 48442-48465 NI, 48466-48477 NW, 48478-48480 NI, 48481-48485 NW
    48486-48488 NI, 48489-48496 NW, 48497-48531 NI, 48541-48739 NW, 49001-49459 NI, 49461-49549 NW
    49551-49849 NI, 50101-51597 NW, 51598-51598 RP, 51601-53359 NW, 53401-53579 RP, 53581-53604 NW
    53614-53619 RP, 53621-53949 NW, 54181-55239 RP, 55240-55252 HE, 55253-56869 RP, 57001-57489 NW
    57501-57648 RP, 58001-59969 NW, 60001-63699 HE, 63701-63939 BY, 64201-65556 HE, 65558-65582 RP
    65583-65620 HE, 65621-65626 RP, 65627-65627 HE, 65629-65629 RP, 65701-65936 HE, 66001-66459 SL
    66461-66509 RP, 66511-66839 SL, 66841-67829 RP, 68001-68312 BW, 68501-68519 HE, 68520-68549 BW
    68601-68649 HE, 68701-69234 BW, 69235-69239 HE, 69240-69429 BW, 69430-69434 HE, 69435-69469 BW
    69479-69488 HE, 69489-69502 BW, 69503-69509 HE, 69510-69514 BW, 69515-69518 HE, 70001-74592 BW
    74594-74594 BY, 74595-76709 BW, 76711-76891 RP, 77601-79879 BW, 80001-87789 BY, 88001-88099 BW
    88101-88146 BY, 88147-88147 BW, 88148-88179 BY, 88181-89198 BW, 89201-89449 BY, 89501-89619 BW
    90001-96489 BY, 96501-96529 TH, 97001-97859 BY, 97861-97877 BW, 97888-97895 BY, 97896-97900 BW
    97901-97909 BY, 97911-97999 BW, 98501-99998 TH
"""

_BOUNDS: list[tuple[str, str, GermanState]] = [
    (first, last, GermanState(state)) for first, last, state in re.findall(r"(\d{5})-(\d{5}) ([A-Z]{2})", _RANGES)
]
_FIRST_CODES = [first for first, _, _ in _BOUNDS]


def state_of(postal_code: str) -> GermanState | None:
    """The German state of a postal code; for codes on a border the larger part, see the table."""
    if not postal_code_ok("DE", postal_code):
        return None
    position = bisect_right(_FIRST_CODES, postal_code) - 1
    if position < 0 or postal_code > _BOUNDS[position][1]:
        return None
    return _BOUNDS[position][2]


def postal_code_ok(country: str, code: str) -> bool:
    """Whether a postal code can be right: in Germany five digits, else 3 to 10 letters, digits, blanks, hyphens."""
    if country == "DE":
        return re.fullmatch(r"[0-9]{5}", code) is not None
    return re.fullmatch(r"[A-Za-z0-9 -]{3,10}", code) is not None and code.strip() == code


# ISO 3166-1 alpha-2, complete.
_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
    KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT
    MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES: frozenset[str] = frozenset(_CODES.split())

# Countries that are accepted and printed by name, (English, German); all others by their code.
COUNTRY_NAMES: dict[str, tuple[str, str]] = {
    "DE": ("Germany", "Deutschland"),
    "AT": ("Austria", "Österreich"),
    "CH": ("Switzerland", "Schweiz"),
    "LI": ("Liechtenstein", "Liechtenstein"),
    "LU": ("Luxembourg", "Luxemburg"),
    "BE": ("Belgium", "Belgien"),
    "NL": ("Netherlands", "Niederlande"),
    "FR": ("France", "Frankreich"),
    "MC": ("Monaco", "Monaco"),
    "IT": ("Italy", "Italien"),
    "SM": ("San Marino", "San Marino"),
    "VA": ("Vatican City", "Vatikanstadt"),
    "ES": ("Spain", "Spanien"),
    "AD": ("Andorra", "Andorra"),
    "PT": ("Portugal", "Portugal"),
    "GB": ("United Kingdom", "Vereinigtes Königreich"),
    "IE": ("Ireland", "Irland"),
    "IS": ("Iceland", "Island"),
    "NO": ("Norway", "Norwegen"),
    "SE": ("Sweden", "Schweden"),
    "FI": ("Finland", "Finnland"),
    "DK": ("Denmark", "Dänemark"),
    "EE": ("Estonia", "Estland"),
    "LV": ("Latvia", "Lettland"),
    "LT": ("Lithuania", "Litauen"),
    "PL": ("Poland", "Polen"),
    "CZ": ("Czechia", "Tschechien"),
    "SK": ("Slovakia", "Slowakei"),
    "HU": ("Hungary", "Ungarn"),
    "SI": ("Slovenia", "Slowenien"),
    "HR": ("Croatia", "Kroatien"),
    "BA": ("Bosnia and Herzegovina", "Bosnien und Herzegowina"),
    "RS": ("Serbia", "Serbien"),
    "ME": ("Montenegro", "Montenegro"),
    "MK": ("North Macedonia", "Nordmazedonien"),
    "AL": ("Albania", "Albanien"),
    "GR": ("Greece", "Griechenland"),
    "CY": ("Cyprus", "Zypern"),
    "MT": ("Malta", "Malta"),
    "BG": ("Bulgaria", "Bulgarien"),
    "RO": ("Romania", "Rumänien"),
    "MD": ("Moldova", "Moldau"),
    "UA": ("Ukraine", "Ukraine"),
    "BY": ("Belarus", "Belarus"),
    "RU": ("Russia", "Russland"),
    "TR": ("Turkey", "Türkei"),
    "GE": ("Georgia", "Georgien"),
    "AM": ("Armenia", "Armenien"),
    "AZ": ("Azerbaijan", "Aserbaidschan"),
    "KZ": ("Kazakhstan", "Kasachstan"),
    "US": ("United States", "Vereinigte Staaten"),
    "CA": ("Canada", "Kanada"),
    "MX": ("Mexico", "Mexiko"),
    "BR": ("Brazil", "Brasilien"),
    "AR": ("Argentina", "Argentinien"),
    "CL": ("Chile", "Chile"),
    "CO": ("Colombia", "Kolumbien"),
    "PE": ("Peru", "Peru"),
    "CR": ("Costa Rica", "Costa Rica"),
    "PY": ("Paraguay", "Paraguay"),
    "UY": ("Uruguay", "Uruguay"),
    "DO": ("Dominican Republic", "Dominikanische Republik"),
    "AU": ("Australia", "Australien"),
    "NZ": ("New Zealand", "Neuseeland"),
    "JP": ("Japan", "Japan"),
    "CN": ("China", "China"),
    "TW": ("Taiwan", "Taiwan"),
    "KR": ("South Korea", "Südkorea"),
    "IN": ("India", "Indien"),
    "PK": ("Pakistan", "Pakistan"),
    "LK": ("Sri Lanka", "Sri Lanka"),
    "TH": ("Thailand", "Thailand"),
    "VN": ("Vietnam", "Vietnam"),
    "MY": ("Malaysia", "Malaysia"),
    "SG": ("Singapore", "Singapur"),
    "ID": ("Indonesia", "Indonesien"),
    "PH": ("Philippines", "Philippinen"),
    "IL": ("Israel", "Israel"),
    "AE": ("United Arab Emirates", "Vereinigte Arabische Emirate"),
    "SA": ("Saudi Arabia", "Saudi-Arabien"),
    "QA": ("Qatar", "Katar"),
    "IR": ("Iran", "Iran"),
    "IQ": ("Iraq", "Irak"),
    "SY": ("Syria", "Syrien"),
    "LB": ("Lebanon", "Libanon"),
    "JO": ("Jordan", "Jordanien"),
    "AF": ("Afghanistan", "Afghanistan"),
    "EG": ("Egypt", "Ägypten"),
    "MA": ("Morocco", "Marokko"),
    "TN": ("Tunisia", "Tunesien"),
    "DZ": ("Algeria", "Algerien"),
    "ZA": ("South Africa", "Südafrika"),
    "NA": ("Namibia", "Namibia"),
    "KE": ("Kenya", "Kenia"),
    "NG": ("Nigeria", "Nigeria"),
    "GH": ("Ghana", "Ghana"),
    "ET": ("Ethiopia", "Äthiopien"),
    "MU": ("Mauritius", "Mauritius"),
    "CV": ("Cape Verde", "Kap Verde"),
}

_OTHER_NAMES = {
    "Federal Republic of Germany": "DE",
    "Bundesrepublik Deutschland": "DE",
    "BRD": "DE",
    "Great Britain": "GB",
    "Großbritannien": "GB",
    "England": "GB",
    "UK": "GB",
    "United States of America": "US",
    "Vereinigte Staaten von Amerika": "US",
    "USA": "US",
    "Holland": "NL",
    "The Netherlands": "NL",
    "Czech Republic": "CZ",
    "Tschechische Republik": "CZ",
    "Türkiye": "TR",
    "Weißrussland": "BY",
    "Republik Moldau": "MD",
    "Russian Federation": "RU",
    "Russische Föderation": "RU",
    "Schweizerische Eidgenossenschaft": "CH",
    "Die Schweiz": "CH",
}


def _fold(text: str) -> str:
    """Lower case without accents, umlauts written out, so that `ÖSTERREICH` and `Oesterreich` are the same."""
    spelled = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    decomposed = unicodedata.normalize("NFKD", spelled)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


_BY_NAME = {_fold(name): code for code, names in COUNTRY_NAMES.items() for name in names} | {
    _fold(name): code for name, code in _OTHER_NAMES.items()
}


def country_code(text: str) -> str | None:
    """The ISO code of a country given as code or as German or English name; None when it is unknown."""
    # The same letters may be composed in two ways; names are compared in the composed form.
    text = unicodedata.normalize("NFC", text).strip()
    if text.upper() in COUNTRIES:
        return text.upper()
    return _BY_NAME.get(_fold(text))


def country_name(code: str, language: str = "de") -> str:
    """The name of a country in German (`de`) or English; the code itself when it has no name here."""
    names = COUNTRY_NAMES.get(code)
    return code if names is None else names[1 if language == "de" else 0]


def formatted(
    street: str | None = None,
    house_number: str | None = None,
    postal_code: str | None = None,
    city: str | None = None,
    *,
    region: str | None = None,
    country: str = "DE",
    exact: bool = True,
    language: str = "de",
) -> str:
    """An address in one line, the German way: `Goethestraße 5, 04109 Leipzig`.

    `exact=False` leaves the street out, for those who may only know the town. Abroad the region and the country follow.
    """
    parts = [
        " ".join(filter(None, (street, house_number if street else None))) if exact else "",
        " ".join(filter(None, (postal_code, city))),
    ]
    if country != "DE":
        parts += [region or "", country_name(country, language)]
    return ", ".join(filter(None, parts))


def slug(name: str, max_length: int = 100) -> str:
    """A name for web addresses: `My Company` → `my-company`, umlauts as ae, oe, ue, ß as ss.

    A name without a single Latin letter or digit becomes `agency`.
    """
    words = re.sub(r"[^a-z0-9]+", "-", _fold(unicodedata.normalize("NFC", name)))
    return words.strip("-")[:max_length].strip("-") or "agency"
