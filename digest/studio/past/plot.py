"""Where the bars and lines of a plot over issues stand: across in hundredths of its width, down in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from digest.models import DeliveryState, EventKind
from digest.studio.past.reading import Past

BARS, RATES = 180, 110
"""Pixels that the two plots are high."""
STACK = (DeliveryState.ACCEPTED, DeliveryState.SUPPRESSED, DeliveryState.UNKNOWN, DeliveryState.REJECTED)
"""What a bar is made of, from its foot to its top; what is none of them stands above as `OTHERS`."""
OTHERS = "others"
RATED = (EventKind.OPENED, EventKind.CLICKED)
_LEAST = 2.0
"""Pixels: one rejected reader among ten thousand is still seen."""
_BAR = 0.62
"""Of the width that an issue has."""
_WIDEST = 9.0
"""Hundredths: the bars of the first few issues would be walls."""
_NAMED = 7
"""Names below the bars for which a phone has room."""
_TOPS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar."""

    name: str
    count: int
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """An issue."""

    past: Past
    middle: float
    left: float
    width: float
    pieces: tuple[Piece, ...]
    label: str
    """The period without its year."""
    year: str
    """Said where it begins; else empty."""
    named_on_phones: bool


@dataclass(frozen=True, slots=True)
class Point:
    """How much of something was told of an issue."""

    past: Past
    rate: float
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of thing that is told later. Where an issue has no rate, a new run begins."""

    kind: EventKind
    runs: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across, and what it stands for."""

    value: float
    down: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Both plots, one above the other: the same issue stands in the same place."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    """Empty when no provider told of opens or clicks."""
    rate_ticks: tuple[Tick, ...]
    names: tuple[str, ...]
    """Of the pieces that there are, for the legend."""


def plot_of(newest_first: Sequence[Past]) -> Plot | None:
    """Return the plot of the issues that were for anybody, oldest first; None when there is none."""
    shown = [each for each in reversed(newest_first) if each.readers]
    if not shown:
        return None
    step = _step(max(each.readers for each in shown))
    top = step * ceil(max(each.readers for each in shown) / step)
    bars = tuple(_bar(each, place, shown, top) for place, each in enumerate(shown))
    known = [rate for each in shown for kind in RATED if (rate := each.rate(kind)) is not None]
    best = next(each for each in _TOPS if each >= max(known, default=0))
    lines = tuple(Line(kind, _runs(bars, kind, best)) for kind in RATED) if known else ()
    found = {piece.name for bar in bars for piece in bar.pieces}
    return Plot(
        bars,
        tuple(Tick(value, BARS * (1 - value / top)) for value in range(0, top + 1, step)),
        lines,
        tuple(Tick(share * best, RATES * (1 - share)) for share in (0.0, 0.5, 1.0)),
        tuple(name for name in (*map(str, STACK), OTHERS) if name in found),
    )


def _bar(past: Past, place: int, shown: Sequence[Past], top: int) -> Bar:
    room = 100 / len(shown)
    width = min(room * _BAR, _WIDEST)
    middle = room * (place + 0.5)
    year, _, rest = past.issue.period.partition("-")
    former = shown[place - 1].issue.period.partition("-")[0] if place else ""
    apart = ceil(len(shown) / _NAMED)
    return Bar(
        past,
        middle,
        middle - width / 2,
        width,
        tuple(_pieces(past, top)),
        rest or year,
        year if rest and year != former else "",
        (len(shown) - 1 - place) % apart == 0,  # the newest one always
    )


def _pieces(past: Past, top: int) -> list[Piece]:
    counts = {str(state): past.tally.get(state, 0) for state in STACK}
    counts[OTHERS] = past.others
    foot, pieces = float(BARS), []
    for name, count in counts.items():
        if count:
            height = max(BARS * count / top, _LEAST)
            foot -= height  # what is lifted to be seen may stand a little above the highest line
            pieces.append(Piece(name, count, foot, height))
    return pieces


def _runs(bars: Sequence[Bar], kind: EventKind, best: float) -> tuple[tuple[Point, ...], ...]:
    runs: list[list[Point]] = [[]]
    for bar in bars:
        rate = bar.past.rate(kind)
        if rate is None:
            runs.append([])
        else:
            runs[-1].append(Point(bar.past, rate, bar.middle, RATES * (1 - rate / best)))
    return tuple(tuple(run) for run in runs if run)


def _step(largest: int) -> int:
    """Return the whole step between two lines across: 1, 2 or 5 times a power of ten, five lines at most."""
    power = 10 ** max(int(log10(max(largest / 4, 1))), 0)
    return int(next(power * each for each in (1, 2, 5, 10) if power * each * 4 >= largest))
