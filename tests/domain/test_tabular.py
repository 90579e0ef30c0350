"""Tables as files: what is read of numbers, days, amounts; encodings and separators; headings."""

import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import tabular
from domain.properties import MarketingType, PropertyStatus, PropertyType
from domain.properties.headings import HEADINGS, VALUES
from domain.tabular import BadCell, Unusable

BOTH = {
    "12": "12",
    "-5": "-5",
    "3,5": "3.5",
    "3.5": "3.5",
    "0.125": "0.125",
    "1.234,56": "1234.56",
    "1,234.56": "1234.56",
    "1 234,56": "1234.56",
    "1'000": "1000",
    "1.234.567": "1234567",
    "1,234,567": "1234567",
    "47.5112": "47.5112",
    "1.225e+006": "1225000",
    "1E3": "1000",
}


@pytest.mark.parametrize(("cell", "number"), BOTH.items())
@pytest.mark.parametrize("german", [True, False])
def test_numbers_that_are_meant_one_way(cell: str, number: str, german: bool) -> None:
    assert tabular.number(cell, german=german) == Decimal(number)


@pytest.mark.parametrize(
    ("cell", "german", "english"),
    [("450.000", "450000", "450"), ("1,234", "1.234", "1234"), ("-122.257", "-122257", "-122.257")],
)
def test_numbers_that_could_be_meant_in_two_ways(cell: str, german: str, english: str) -> None:
    assert tabular.number(cell, german=True) == Decimal(german)
    assert tabular.number(cell, german=False) == Decimal(english)


@pytest.mark.parametrize(
    "cell", ["", "abc", "1.23.4", "1,2,3", "1.234.56", "e3", "1e999", "--1", "1,234.567,8", "NaN", "9" * 16]
)
@pytest.mark.parametrize("german", [True, False])
def test_what_is_no_number(cell: str, german: bool) -> None:
    with pytest.raises(BadCell):
        tabular.number(cell, german=german)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False))
def test_numbers_as_people_write_them_come_back(value: Decimal) -> None:
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (english, german):
        assert tabular.number(text, german=True) == tabular.number(text, german=False) == value


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("450.000 €", ("450000", "EUR")),
        ("€ 450.000,50", ("450000.50", "EUR")),
        ("450.000,-", ("450000", None)),
        ("USD 12", ("12", "USD")),
        ("221900", ("221900", None)),
    ],
)
def test_amounts(cell: str, amount: tuple[str, str | None]) -> None:
    assert tabular.money(cell, german=True) == (Decimal(amount[0]), amount[1])


@pytest.mark.parametrize("cell", ["viel", "12 Taler", "450.000 € pro Monat"])
def test_what_is_no_amount(cell: str) -> None:
    with pytest.raises(BadCell):
        tabular.money(cell, german=True)


@pytest.mark.parametrize(
    "cell", ["2026-11-20", "20.11.2026", "20/11/2026", "20261120", "20261120T000000", "2026-11-20 12:00"]
)
def test_days(cell: str) -> None:
    assert tabular.day(cell) == date(2026, 11, 20)


@pytest.mark.parametrize("cell", ["", "31.02.2026", "2026-13-01", "11-20-2026", "morgen"])
def test_what_is_no_day(cell: str) -> None:
    with pytest.raises(BadCell):
        tabular.day(cell)


def test_yes_and_no() -> None:
    assert [tabular.truth(cell) for cell in ("ja", "X", "TRUE", "1")] == [True] * 4
    assert [tabular.truth(cell) for cell in ("nein", "False", "0")] == [False] * 3
    with pytest.raises(BadCell):
        tabular.truth("vielleicht")


@pytest.mark.parametrize(
    ("content", "encoding", "separator", "headings"),
    [
        ("a;b\nä;ö".encode(), "utf-8-sig", ";", ["a", "b"]),
        ("ä,b\n1,2".encode("cp1252"), "cp1252", ",", ["ä", "b"]),
        ("\ufeffa\tb\n1\t2".encode(), "utf-8-sig", "\t", ["a", "b"]),
        (b'a;"b,c";d\n1,5;2,5;3,5\n', "utf-8-sig", ";", ["a", "b,c", "d"]),
        (b"a\n1", "utf-8-sig", ";", ["a"]),
    ],
)
def test_a_table_is_recognised(content: bytes, encoding: str, separator: str, headings: list[str]) -> None:
    table = tabular.read(io.BytesIO(content))
    assert (table.encoding, table.separator, table.headings) == (encoding, separator, headings)


def test_a_letter_on_the_border_of_two_pieces_is_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "PIECE", 4)
    assert tabular.read(io.BytesIO("abcä;€uro\n1;2".encode())).encoding == "utf-8-sig"
    assert tabular.read(io.BytesIO("abcä;xyz\n1;2".encode("cp1252"))).encoding == "cp1252"


def test_lines_have_the_number_they_begin_in() -> None:
    table = tabular.read(io.BytesIO(b'a;b\n1;"x\ny"\n\n;\n2;z\n'))
    assert [(line.number, line.cells) for line in table.lines()] == [(2, ["1", "x\ny"]), (6, ["2", "z"])]
    assert len(list(table.lines())) == 2  # as often as wanted


def test_a_file_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tabular, "MOST_BYTES", 10)
    with pytest.raises(Unusable, match="bytes"):
        tabular.read(io.BytesIO(b"a;b\n1;2\n3;4"))


def test_headings_are_recognised() -> None:
    headings = [
        "Objekt-Nr.",
        "TITEL",
        "Wohnfläche (m²)",
        "Grundstücksfläche in qm",
        "PLZ",
        "zip",
        "Farbe",
        "Preis",
        "Preis",
    ]
    assert tabular.suggest(headings, HEADINGS) == {
        "externalNumber": "Objekt-Nr.",
        "title": "TITEL",
        "livingArea": "Wohnfläche (m²)",
        "plotArea": "Grundstücksfläche in qm",
        "address.postalCode": "PLZ",
    }


def test_words_for_values() -> None:
    assert VALUES[PropertyType]["wohnung"] == "APARTMENT"
    assert VALUES[PropertyStatus]["verkauft"] == "SOLD"
    assert VALUES[MarketingType]["miete"] == "RENT"
    for enum, words in VALUES.items():
        assert {enum[name].name for name in words.values()} == set(words.values())


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@x", "\tx", "\rx"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert tabular.harmless(text) == "'" + text


@pytest.mark.parametrize("value", ["Haus", "", None, 5, -5, Decimal(-1)])
def test_everything_else_stays(value: object) -> None:
    assert tabular.harmless(value) == value
