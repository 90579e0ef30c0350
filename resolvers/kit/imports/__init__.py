"""The way in for tables: a domain declares which inputs its rows become; the rules stay with its mutations.

Columns are matched with the fields of the domain's own inputs, cells are read as people write them, and every row goes
through the same functions as a mutation does: the same checks, events, audit entries and plan limits. Rows are written
some hundred at a time; what is wrong with one of them stops no other, unless all or nothing was asked for.
"""

from resolvers.kit.imports.cells import Reader, built
from resolvers.kit.imports.door import Choices, Conflict, Counts, Door, Filling, Numbers, Outcome, Unit, Verdict
from resolvers.kit.imports.matching import matched, opened
from resolvers.kit.imports.report import ErrorFile
from resolvers.kit.imports.writing import Importer

__all__ = [
    "Choices",
    "Conflict",
    "Counts",
    "Door",
    "ErrorFile",
    "Filling",
    "Importer",
    "Numbers",
    "Outcome",
    "Reader",
    "Unit",
    "Verdict",
    "built",
    "matched",
    "opened",
]
