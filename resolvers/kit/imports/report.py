"""What went wrong, as a file for people."""

from __future__ import annotations

import csv
import io
import tempfile
from typing import ClassVar

from domain import tabular
from resolvers.kit.imports.door import Verdict

MOST_ERRORS = 10_000  # that are written down


class ErrorFile:
    """What is wrong with which row, as a CSV for people."""

    HEADINGS: ClassVar = {
        "de": ("Zeile", "Schlüssel", "Feld", "Fehler", "Meldung"),
        "en": ("Line", "Key", "Field", "Code", "Message"),
    }

    def __init__(self, language: str) -> None:
        self._language = language
        self._written = 0
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self._text = io.TextIOWrapper(self.file, "utf-8-sig", newline="", write_through=True)
        self._rows = csv.writer(self._text, delimiter=";")
        self._rows.writerow(self.HEADINGS[language])

    def add(self, verdicts: list[Verdict]) -> None:
        for verdict in verdicts:
            for problem in verdict.problems:
                self._written += 1
                if self._written > MOST_ERRORS:
                    return
                cells = (verdict.line, verdict.key or "", ".".join(problem.field), problem.code.value)
                self._rows.writerow([*map(tabular.harmless, cells), problem.message(self._language)])

    @property
    def any(self) -> bool:
        """Whether there is anything to tell."""
        return self._written > 0

    def close(self) -> None:
        self._text.close()
