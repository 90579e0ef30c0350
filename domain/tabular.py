"""Tables as files: CSV as offices have it, cells as people write them in German and English."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import BinaryIO

MOST_COLUMNS = 500
MOST_BYTES = 200 * 1024 * 1024
LONGEST_LINE = 1_000_000
LONGEST_HEADING = 200
SEPARATORS = ";,\t"
SAMPLE = 64 * 1024
PIECE = 1024 * 1024


class Unusable(Exception):
    """A file that is no table; `rule` names why, `details` where."""

    def __init__(self, rule: str, **details: int | str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.details = details


class BadCell(Exception):
    """A cell that cannot be read; `rule` names why, `details` what was awaited."""

    def __init__(self, rule: str, **details: object) -> None:
        super().__init__(rule)
        self.rule = rule
        self.details = details


@dataclass(frozen=True)
class Line:
    """A row of a table with the line of the file it begins in."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """A file read as a table, row by row: as large as it may be, a row of it is in memory."""

    encoding: str
    separator: str
    headings: list[str]
    file: BinaryIO

    @property
    def german(self) -> bool:
        """Whether what could be read in two ways is meant the German way: there a comma cannot divide columns."""
        return self.separator != ","

    def lines(self) -> Iterator[Line]:
        """The rows below the headings; blank ones are left out. Raises `Unusable` where the file breaks."""
        rows = _rows(self.file, self.encoding, self.separator)
        next(rows)
        yield from (row for row in rows if any(cell.strip() for cell in row.cells))


def read(file: BinaryIO) -> Table:
    """Recognise encoding, separator and headings."""
    encoding = _encoding(file)
    separator = _separator(file, encoding)
    first = next(_rows(file, encoding, separator), None)
    if first is None or not any(cell.strip() for cell in first.cells):
        raise Unusable("no_headings")
    if len(first.cells) > MOST_COLUMNS:
        raise Unusable("columns", max=MOST_COLUMNS, found=len(first.cells))
    return Table(encoding, separator, [cell.strip()[:LONGEST_HEADING] for cell in first.cells], file)


def _encoding(file: BinaryIO) -> str:
    """UTF-8 when all of it is, else Windows-1252, as spreadsheets of offices write it."""
    file.seek(0)
    start, size, utf8 = file.read(2), 0, True
    if start in (b"\xff\xfe", b"\xfe\xff"):
        raise Unusable("utf16")
    file.seek(0)
    pending = b""
    while piece := file.read(PIECE):
        size += len(piece)
        if size > MOST_BYTES:
            raise Unusable("bytes", max=MOST_BYTES)
        if b"\x00" in piece:
            raise Unusable("nul")
        if utf8:
            whole = pending + piece
            try:
                whole.decode("utf-8")
                pending = b""
            except UnicodeDecodeError as error:
                # A sign cut in two by the end of the piece is read with the next one.
                utf8 = len(whole) - error.start < 4 and "unexpected end" in error.reason
                pending = whole[error.start :]
    return "utf-8-sig" if utf8 and not pending else "cp1252"


def _separator(file: BinaryIO, encoding: str) -> str:
    """The separator that divides the first lines into most columns, alike in all of them."""
    file.seek(0)
    lines = file.read(SAMPLE).decode(encoding, "replace").splitlines()[:20]

    def columns(separator: str) -> tuple[int, int]:
        rows = [row for row in csv.reader(lines[:-1] or lines, delimiter=separator) if row]
        widths = [len(row) for row in rows] or [0]
        return (sum(1 for width in widths if width == widths[0] > 1), widths[0])

    return max(SEPARATORS, key=columns)


def _rows(file: BinaryIO, encoding: str, separator: str) -> Iterator[Line]:
    file.seek(0)
    text = io.TextIOWrapper(_Kept(file), encoding, errors="replace", newline="")  # type: ignore[type-var]
    reader = csv.reader(_bounded(text), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            yield Line(before + 1, cells)
            before = reader.line_num
    except csv.Error:
        # A quote that is never closed, a sign behind a closed one, or a cell of endless length.
        raise Unusable("quotes", line=before + 1) from None


def _bounded(text: io.TextIOBase) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise Unusable("line", line=number, max=LONGEST_LINE)
        yield line


class _Kept(io.RawIOBase):
    """Reads a file without closing it in the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def read1(self, size: int = -1) -> bytes:
        return self._file.read(PIECE if size < 0 else size)


# Headings


_UNITS = re.compile(r"\s*(\(.*?\)|\[.*?\]|\bin\s+\S+)\s*$")


def plain(heading: str) -> str:
    """A heading as it is compared: without case, accents, signs and units."""
    text = _UNITS.sub("", heading.strip()).lower().replace("ß", "ss")
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        text = text.replace(umlaut, letters)
    folded = unicodedata.normalize("NFKD", text)
    return re.sub(r"[^a-z0-9]", "", folded)


def suggest(headings: list[str], words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Which heading probably is which field: field → heading, each once."""
    meant = {plain(word): field for field, known in words.items() for word in (*known, field.rpartition(".")[2])}
    found: dict[str, str] = {}
    for heading in headings:
        field = meant.get(plain(heading))
        if field is not None and headings.count(heading) == 1:
            found.setdefault(field, heading)
    return found


# Cells

_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP"}
_GROUPED = r"[-+]?[1-9]\d{{0,2}}({}\d{{3}})+"
_SCIENTIFIC = r"[-+]?\d(\.\d{1,20})?[eE][-+]?0*\d{1,2}"  # as spreadsheets write large numbers
_AMOUNT = re.compile(rf"{_SCIENTIFIC}|[-+]?[\d.,'\s\u00a0\u202f]*\d")
TRUE = frozenset({"1", "ja", "j", "yes", "y", "true", "wahr", "x", "vorhanden"})
FALSE = frozenset({"0", "nein", "n", "no", "false", "falsch", "nicht vorhanden"})
SQUARE_FOOT = Decimal("0.09290304")


def number(cell: str, *, german: bool) -> Decimal:
    """A number as people write it: 1.234,56 and 1,234.56 and 1 234,56.

    What could be read in two ways, `450.000` or `1,234`, is read the German way or not.
    """
    text = re.sub(r"[\s\u00a0\u202f']", "", cell)
    if re.fullmatch(_SCIENTIFIC, text):
        return Decimal(text)
    point, comma = text.rfind("."), text.rfind(",")
    if point >= 0 and comma >= 0:
        thousands = "." if comma > point else ","
    elif text.count(".") > 1 or (point >= 0 and german and re.fullmatch(_GROUPED.format(r"\."), text)):
        thousands = "."
    elif text.count(",") > 1 or (comma >= 0 and not german and re.fullmatch(_GROUPED.format(","), text)):
        thousands = ","
    else:
        thousands = ""
    other = "." if thousands == "," else "," if thousands == "." else "." if point >= 0 else ","
    head, _, tail = text.partition(other)
    if thousands and re.fullmatch(_GROUPED.format(re.escape(thousands)), head):
        head = head.replace(thousands, "")
    if not re.fullmatch(r"[-+]?\d{1,15}", head) or not re.fullmatch(r"\d{0,20}", tail):
        raise BadCell("number")
    return Decimal(f"{head}.{tail or 0}") if tail else Decimal(head)


def money(cell: str, *, german: bool) -> tuple[Decimal, str | None]:
    """An amount, and its currency when the cell names one."""
    match = _AMOUNT.search(cell)
    if match is None:
        raise BadCell("number")
    around = (cell[: match.start()] + cell[match.end() :]).strip().strip(",-–").strip()
    currency = _CURRENCIES.get(around, around or None)
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        raise BadCell("number")
    return number(match[0], german=german), currency


def whole(cell: str, *, german: bool) -> int:
    """A whole number; `3,0` is one."""
    found = number(cell, german=german)
    if found != found.to_integral_value() or abs(found) > 2**31 - 1:
        raise BadCell("whole")
    return int(found)


def truth(cell: str) -> bool:
    """Yes or no."""
    word = cell.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise BadCell("truth")


def day(cell: str) -> date:
    """A day: 2026-11-20, 20.11.2026, 20/11/2026, 20261120, with or without a time behind it."""
    text = cell.strip()
    match = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", text) or re.match(r"(\d{4})(\d{2})(\d{2})(?!\d)", text)
    parts = match.groups() if match else None
    if parts is None:
        match = re.match(r"(\d{1,2})[./](\d{1,2})[./](\d{4})(?!\d)", text)
        parts = (match[3], match[2], match[1]) if match else None
    if parts is None:
        raise BadCell("day")
    try:
        return date(*map(int, parts))
    except ValueError:
        raise BadCell("day") from None


def harmless(value: object) -> object:
    """A value for a cell of a file we make: no spreadsheet takes a text of somebody for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
