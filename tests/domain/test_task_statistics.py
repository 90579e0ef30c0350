"""Shares of finished tasks."""

import pytest

from domain.tasks.statistics import completion_rate


@pytest.mark.parametrize(
    ("done", "total", "expected"),
    [
        (0, 0, 0),
        (0, 5, 0),
        (4, 10, 4000),
        (1, 3, 3333),
        (2, 3, 6667),
        (1, 8, 1250),
        (1, 16, 625),
        (1, 32, 313),
        (7, 7, 10_000),
    ],
)
def test_completion_rate(done: int, total: int, expected: int) -> None:
    assert completion_rate(done, total) == expected
