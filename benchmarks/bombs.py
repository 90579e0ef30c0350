"""How fast documents made to hurt are refused, in milliseconds, next to accepting the largest ordinary document."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from domain.errors import ApiError
from graph.engine.documents import Documents
from graph.schema import schema
from settings import Settings


def chain(length: int, times: int) -> str:
    links = [f"fragment f{i} on Property {{ {f'...f{i + 1} ' * times} }}" for i in range(length)]
    return "{ property(id: 1) { ...f0 } } " + " ".join(links) + f" fragment f{length} on Property {{ id }}"


ORDINARY = "{ " + " ".join(f"r{i}: property(id: 1) {{ createdBy {{ createdBy {{ id }} }} }}" for i in range(30)) + " }"
BOMBS = {
    "exponential fragments": chain(40, 2),
    "long chain of fragments": chain(450, 1),
    "5,000 aliases": "{ " + " ".join(f"a{i}: streamCursor" for i in range(5_000)) + " }",
    "depth 500": "{ property(id: 1) " + "{ createdBy " * 500 + "{ id }" + " }" * 501,
    "50,000 braces": "{ a " * 50_000,
}


def milliseconds(text: str) -> float:
    """Best of five, each with a cache of its own."""
    found = []
    for _ in range(5):
        documents = Documents(schema._schema, Settings())
        started = time.perf_counter()
        try:
            documents.prepare(text)
        except Exception as refusal:
            if not isinstance(refusal, ApiError) and type(refusal).__name__ != "InvalidDocument":
                raise
        found.append((time.perf_counter() - started) * 1000)
    return min(found)


def main() -> None:
    ordinary = milliseconds(ORDINARY)
    print(f"{'accepting an ordinary document':<32} {ordinary:8.1f} ms")
    for name, text in BOMBS.items():
        spent = milliseconds(text)
        print(f"{'refusing ' + name:<32} {spent:8.1f} ms  {spent / ordinary:6.2f}")


if __name__ == "__main__":
    main()
