"""What statistics of tasks say."""

from datetime import timedelta

SOON = timedelta(days=7)  # whose deadlines are told as upcoming


def completion_rate(done: int, total: int) -> int:
    """The share of finished tasks in basis points, rounded half up; 0 where there are no tasks."""
    return (done * 20_000 + total) // (2 * total) if total else 0
