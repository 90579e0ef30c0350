"""States of postal codes, countries, one-line addresses, slugs."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.address import (
    COUNTRIES,
    COUNTRY_NAMES,
    DESCRIPTIONS,
    GermanState,
    country_code,
    country_name,
    formatted,
    postal_code_ok,
    slug,
    state_of,
)


def test_every_state_is_described() -> None:
    _, values = DESCRIPTIONS[GermanState]
    assert list(values) == [state.name for state in GermanState]
    assert len(values) == 16
    assert all(state.name == state.value for state in GermanState)


# Every state capital, the big cities, and towns close to a border.
STATES = """
BW 70173 Stuttgart, 68159 Mannheim, 69117 Heidelberg, 76131 Karlsruhe, 79098 Freiburg, 89073 Ulm, 97877 Wertheim
BW 78462 Konstanz, 74072 Heilbronn, 88045 Friedrichshafen, 69469 Weinheim, 97980 Mergentheim, 69412 Eberbach
BY 80331 München, 90402 Nürnberg, 86150 Augsburg, 89231 Neu-Ulm, 88131 Lindau, 63739 Aschaffenburg, 97070 Würzburg
BY 94032 Passau, 93047 Regensburg, 96450 Coburg, 87435 Kempten, 95444 Bayreuth
BE 10115 Mitte, 10999 Kreuzberg, 12047 Neukölln, 13353 Wedding, 14195 Dahlem, 14109 Wannsee
BB 14467 Potsdam, 03046 Cottbus, 12529 Schönefeld, 15230 Frankfurt, 16303 Schwedt, 19322 Wittenberge, 04910 Elsterwerda
BB 01968 Senftenberg, 14770 Brandenburg, 17291 Prenzlau
HB 28195 Bremen, 28757 Vegesack, 27568 Bremerhaven
HH 20095 Altstadt, 22769 Altona, 21073 Harburg, 22299 Winterhude
HE 60311 Frankfurt, 65183 Wiesbaden, 34117 Kassel, 64283 Darmstadt, 35037 Marburg, 36037 Fulda, 55252 Mainz-Kastel
HE 68519 Viernheim, 34369 Hofgeismar, 37213 Witzenhausen, 65549 Limburg, 34393 Grebenstein
MV 19053 Schwerin, 18055 Rostock, 17489 Greifswald, 17033 Neubrandenburg, 23966 Wismar, 17309 Pasewalk
NI 30159 Hannover, 38100 Braunschweig, 26122 Oldenburg, 49074 Osnabrück, 21335 Lüneburg, 27472 Cuxhaven, 28816 Stuhr
NI 37073 Göttingen, 34346 Münden, 48527 Nordhorn, 29439 Lüchow, 31134 Hildesheim, 38440 Wolfsburg, 21614 Buxtehude
NW 50667 Köln, 40213 Düsseldorf, 44135 Dortmund, 45127 Essen, 33602 Bielefeld, 48143 Münster, 52062 Aachen, 53111 Bonn
NW 57072 Siegen, 34414 Warburg, 37671 Höxter, 49477 Ibbenbüren, 53604 Honnef, 59065 Hamm, 32423 Minden
RP 55116 Mainz, 56068 Koblenz, 54290 Trier, 67059 Ludwigshafen, 67655 Kaiserslautern, 76829 Landau, 66482 Zweibrücken
RP 57610 Altenkirchen, 53474 Ahrweiler, 65582 Diez
SL 66111 Saarbrücken, 66424 Homburg, 66740 Saarlouis, 66606 Wendel
SN 01067 Dresden, 04109 Leipzig, 09111 Chemnitz, 08056 Zwickau, 02826 Görlitz, 04860 Torgau
ST 39104 Magdeburg, 06108 Halle, 06844 Dessau, 29410 Salzwedel, 38820 Halberstadt, 06618 Naumburg
SH 24103 Kiel, 23552 Lübeck, 24937 Flensburg, 22846 Norderstedt, 21465 Reinbek, 27498 Helgoland, 25813 Husum
TH 99084 Erfurt, 07743 Jena, 99423 Weimar, 07545 Gera, 04600 Altenburg, 06556 Artern, 37308 Heiligenstadt
TH 36433 Salzungen, 96515 Sonneberg, 98527 Suhl
"""
TOWNS = [(*entry.split(), line[:2]) for line in STATES.strip().splitlines() for entry in line[3:].split(", ")]


@pytest.mark.parametrize(("postal_code", "town", "state"), TOWNS)
def test_state_of(postal_code: str, town: str, state: str) -> None:
    assert state_of(postal_code) is GermanState(state), town


@pytest.mark.parametrize("code", ["", "00000", "05555", "99999", "1011", "101155", "1O115", "D-10115", " 10115"])
def test_codes_without_a_state(code: str) -> None:
    assert state_of(code) is None


@pytest.mark.parametrize(
    ("country", "code", "ok"),
    [
        ("DE", "01067", True),
        ("DE", "1067", False),
        ("DE", "010677", False),
        ("DE", "0106A", False),
        ("DE", "٠١٢٣٤", False),
        ("DE", "01067\n", False),
        ("AT", "1010", True),
        ("GB", "SW1A 1AA", True),
        ("NL", "1012-AB", True),
        ("US", "98101", True),
        ("US", "98", False),
        ("US", "98101-12345", False),
        ("FR", "75 001 ", False),
        ("FR", "75/001", False),
    ],
)
def test_postal_code_ok(country: str, code: str, ok: bool) -> None:
    assert postal_code_ok(country, code) is ok


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        (" Deutschland ", "DE"),
        ("Germany", "DE"),
        ("GERMANY", "DE"),
        ("Österreich", "AT"),
        ("oesterreich", "AT"),
        ("O\u0308sterreich", "AT"),
        ("Austria", "AT"),
        ("Schweiz", "CH"),
        ("Vereinigtes Königreich", "GB"),
        ("Großbritannien", "GB"),
        ("USA", "US"),
        ("ZW", "ZW"),
        ("UK", "GB"),
        ("XX", None),
        ("DEU", None),
        ("", None),
        ("Atlantis", None),
    ],
)
def test_country_code(text: str, code: str | None) -> None:
    assert country_code(text) == code


def test_countries() -> None:
    assert len(COUNTRIES) == 249
    assert set(COUNTRY_NAMES) <= COUNTRIES
    assert all(country_code(name) == code for code, names in COUNTRY_NAMES.items() for name in names)
    assert (country_name("AT"), country_name("AT", "en"), country_name("ZW")) == ("Österreich", "Austria", "ZW")


def test_formatted() -> None:
    assert formatted("Karl-Heine-Straße", "12a", "04229", "Leipzig") == "Karl-Heine-Straße 12a, 04229 Leipzig"
    assert formatted("Karl-Heine-Straße", "12a", "04229", "Leipzig", exact=False) == "04229 Leipzig"
    assert formatted(None, "12", None, "Leipzig") == "Leipzig"
    assert formatted("Am Markt", None, "04229") == "Am Markt, 04229"
    assert formatted() == ""
    assert formatted("Getreidegasse", "9", "5020", "Salzburg", region="Salzburg", country="AT") == (
        "Getreidegasse 9, 5020 Salzburg, Salzburg, Österreich"
    )
    assert formatted(city="Seattle", country="US", exact=False, language="en") == "Seattle, United States"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("My Company", "my-company"),
        ("Müller & Söhne GmbH", "mueller-soehne-gmbh"),
        ("Große Weißstraße", "grosse-weissstrasse"),
        ("  Café -- Zoë!  ", "cafe-zoe"),
        ("ÄRGER", "aerger"),
        ("A\u0308rger", "aerger"),
        ("Haus 24", "haus-24"),
        ("株式会社", "agency"),
        ("!!!", "agency"),
    ],
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text(max_size=200))
def test_slugs_fit_into_an_address(name: str) -> None:
    result = slug(name)
    assert 0 < len(result) <= 100
    assert set(result) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not result.startswith("-")
    assert not result.endswith("-")
    assert slug(result) == result
    assert slug(unicodedata.normalize("NFD", name)) == slug(unicodedata.normalize("NFC", name))
