"""What must hold after all faults, said in sentences about what does not."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True)
class Told:
    """One event as a subscriber got it: its place in the stream and the place it says it follows."""

    seq: int
    previous: int


@dataclass
class Listener:
    """All that a subscriber heard since it knew a first place, over all its connections."""

    name: str
    start: int
    heard: list[Told] = field(default_factory=list)


def unheard(listener: Listener, stored: Sequence[int]) -> list[str]:
    """Where a listener's list differs from the stored one: lost, doubled, out of order, or a broken chain."""
    expected = [seq for seq in stored if seq > listener.start]
    got = [told.seq for told in listener.heard]
    counts = Counter(got)
    found = []
    if lost := [seq for seq in expected if seq not in counts]:
        found.append(f"{listener.name} lost {len(lost)} of {len(expected)} events: {lost[:10]}")
    if doubled := [seq for seq, count in counts.items() if count > 1]:
        found.append(f"{listener.name} got {len(doubled)} events more than once: {doubled[:10]}")
    if strange := sorted(counts.keys() - set(expected)):
        found.append(f"{listener.name} got {len(strange)} events that are not stored: {strange[:10]}")
    if not found and got != expected:
        found.append(f"{listener.name} got the events in another order")
    last = listener.start
    for told in listener.heard:
        # A place told while the stream was quiet may stand for the event before it, never for one it skips.
        between = bisect_right(expected, told.previous) - bisect_right(expected, last)
        if not last <= told.previous < told.seq or between:
            found.append(f"{listener.name}: event {told.seq} says it follows {told.previous}, heard before it: {last}")
            break
        last = told.seq
    return found


def unstored(acknowledged: Sequence[Hashable], effects: Sequence[Hashable], stored: Sequence[int]) -> list[str]:
    """Whether every acknowledged write had one effect, and the numbers of the stream have no gap."""
    found = []
    counts = Counter(effects)
    if missing := [write for write in acknowledged if write not in counts]:
        found.append(f"{len(missing)} acknowledged writes are not stored: {missing[:10]}")
    if twice := [write for write, count in counts.items() if count > 1]:
        found.append(f"{len(twice)} writes were done more than once: {twice[:10]}")
    if more := sorted(map(str, counts.keys() - set(acknowledged))):
        found.append(f"{len(more)} writes were done that nobody was told of: {more[:10]}")
    gaps = [after for before, after in pairwise(stored) if after != before + 1]
    if gaps:
        found.append(f"the stored numbers have gaps before {gaps[:10]}")
    return found
