"""Pictures of numbers, as SVG: pure functions of data, drawn with classes that the page colours.

Pictures with text in them have a fixed grid and come in the size that they are read at; bars and
intervals have no text and stretch with their table cell. Every label is escaped by `Markup`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tahdhib.records import Interval
from tahdhib.report.words import count, figure

_ROW = 24  # from one reason's label to the next
_THICK = 120  # of the band that everything comes in by
_LETTER = 6.9  # width of a label's letter, on average


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in the flow: what came in, what went on, what left and why.

    `changed` is the part of what goes on that was rewritten, where the stage rewrites.
    """

    label: str
    came_in: int
    went_out: int
    drops: tuple[tuple[str, int], ...]
    changed: int = 0


def flow(steps: Sequence[Step], title: str, end_label: str) -> Markup:
    """Stages from left to right; the band's width is the number of documents, and what leaves
    turns downwards to its reason."""
    width, left, top = 1000, 4, 64
    scale = _THICK / max(1, *(step.came_in for step in steps))
    pitch = (width - left - 100) / len(steps)
    parts: list[Markup] = []
    bottom = float(top + _THICK)
    for number, step in enumerate(steps):
        x = left + number * pitch
        changed = step.changed * scale
        parts.append(_rect(x + 8, top, pitch - 8, _thickness(step.went_out, scale), "kept"))
        parts.append(_rect(x + 8, top, pitch - 8, changed, "changed"))
        if step.changed and (number == 0 or not steps[number - 1].changed):
            place = top + 18 if changed > 24 else top - 6
            kind = "on-band" if changed > 24 else "on-change"
            parts.append(_text(x + 20, place, f"{count(step.changed)} changed", kind))
        parts.append(_rect(x, top, 8, _thickness(step.came_in, scale), "node"))
        parts.append(_text(x, 22, step.label, "stage"))
        parts.append(_text(x, 48, count(step.came_in), "figure"))
        ribbons, low = _branches(x + 8, top, step, scale, pitch)
        parts.append(ribbons)
        bottom = max(bottom, low)
    end, last = left + len(steps) * pitch, steps[-1]
    parts.append(_rect(end, top, 8, _thickness(last.went_out, scale), "node"))
    parts.append(_text(end, 22, end_label, "stage"))
    parts.append(_text(end, 48, count(last.went_out), "figure"))
    return _svg(width, bottom + 12, title, parts, "flow wide")


def flow_tall(steps: Sequence[Step], title: str, end_label: str) -> Markup:
    """The same from top to bottom, for a narrow page: what leaves turns to the right."""
    left, thick, row_height = 4, 96, 42
    text = left + thick + 20
    scale = thick / max(1, *(step.came_in for step in steps))
    parts: list[Markup] = []
    y = 8.0
    for number, step in enumerate(steps):
        is_new = bool(step.changed) and (number == 0 or not steps[number - 1].changed)
        drops = [drop for drop in step.drops if drop[1]]
        kept = _thickness(step.went_out, scale)
        length = 62 + row_height * len(drops) + (16 if is_new else 0)
        parts.append(_rect(left, y + 8, kept, length, "kept"))
        parts.append(_rect(left, y + 8, step.changed * scale, length, "changed"))
        parts.append(_text(text, y + 12, step.label, "stage"))
        parts.append(_text(text, y + 36, count(step.came_in), "figure"))
        if is_new:
            parts.append(_text(text, y + 54, f"{count(step.changed)} changed", "on-change"))
        first = y + 68 + (16 if is_new else 0)
        sizes = [_thickness(amount, scale) for _, amount in drops]
        for row, ((label, amount), size) in enumerate(zip(drops, sizes, strict=True)):
            x = left + kept + sum(sizes[row + 1 :])
            middle = first + row * row_height
            parts.append(_turn_right(x, y + 8, size, text - 4, middle))
            parts.append(_text(text, middle + 5, count(amount), "number"))
            parts.append(_text(text, middle + 21, _cut(label, 36), "faint"))
        parts.append(_rect(left, y, _thickness(step.came_in, scale), 8, "node"))
        y += 8 + length
    last = steps[-1]
    parts.append(_rect(left, y, _thickness(last.went_out, scale), 8, "node"))
    parts.append(_text(text, y + 8, end_label, "stage"))
    parts.append(_text(text, y + 32, count(last.went_out), "figure"))
    return _svg(360, y + 44, title, parts, "flow tall")


def bar(part: float, whole: float, kind: str = "rule") -> Markup:
    """A bar that fills its cell by `part / whole`; the number stands beside it in the table."""
    percent = 100 * part / whole if whole else 0
    return Markup(
        '<svg class="bar" width="100%" height="10" aria-hidden="true">'
        '<rect class="track" width="100%" height="10" rx="2"/>'
        '<rect class="{}" width="{:.2f}%" height="10" rx="2"/></svg>'
    ).format(kind, max(percent, 0.6) if part else 0)


def whisker(value: Interval, low: float, high: float, kind: str = "arm") -> Markup:
    """A dot with its interval on the axis `[low, high]`, with a line at zero where it has one."""
    span = (high - low) or 1.0

    def place(number: float) -> float:
        return 100 * min(max((number - low) / span, 0), 1)

    zero = (
        Markup('<line class="zero" x1="{0:.2f}%" x2="{0:.2f}%" y1="0" y2="28"/>').format(place(0))
        if low <= 0 <= high
        else Markup("")
    )
    return Markup(
        '<svg class="whisker {}" width="100%" height="28" aria-hidden="true">{}'
        '<line class="range" x1="{:.2f}%" x2="{:.2f}%" y1="14" y2="14"/>'
        '<circle cx="{:.2f}%" cy="14" r="5"/></svg>'
    ).format(kind, zero, place(value.low), place(value.high), place(value.estimate))


def axis(low: float, high: float) -> Markup:
    """Zero, and the ends of the axis that are not too near to it."""
    span = (high - low) or 1.0
    zero = -100 * low / span
    marks = [(0.0, low, "start")] if not 0 < zero < 20 else []
    marks += [(zero, 0.0, "middle")] if 0 < zero < 100 else []
    marks += [(100.0, high, "end")] if not 80 < zero < 100 else []
    parts = [
        Markup('<text x="{:.2f}%" y="14" text-anchor="{}">{}</text>').format(
            place, anchor, figure(number, 2)
        )
        for place, number, anchor in marks
    ]
    return Markup('<svg class="axis" width="100%" height="20" aria-hidden="true">{}</svg>').format(
        Markup("").join(parts)
    )


def histogram(
    edges: Sequence[float], before: Sequence[float], after: Sequence[float], title: str
) -> Markup:
    """Share of documents per bin: before as a filled shape, after as a line over it.

    Heights are on a square-root scale, so that a few documents in the tail can be seen beside
    the many at one end.
    """
    width, height, left, base = 320, 168, 40, 138
    total_before, total_after = sum(before) or 1, sum(after) or 1
    shares = [[n / total_before for n in before], [n / total_after for n in after]]
    top = max([*shares[0], *shares[1], 1e-9])
    step = (width - left - 8) / max(1, len(edges) - 1)

    def y(share: float) -> float:
        return float(base - (base - 14) * (share / top) ** 0.5)

    parts = [
        _path(_outline(shares[0], left, step, y), "before"),
        _path(_outline(shares[1], left, step, y), "after"),
    ]
    for mark in (top, top / 4):
        parts.append(_line(left, y(mark), width - 8, "grid"))
        parts.append(_text(left - 6, y(mark) + 4, f"{figure(100 * mark, 2)}%", "tick end"))
    parts.append(_line(left, base, width - 8, "base"))
    parts.append(_text(left, base + 18, figure(edges[0]), "tick"))
    parts.append(_text(width - 8, base + 18, figure(edges[-1]), "tick end"))
    middle = edges[len(edges) // 2]
    parts.append(_text(left + step * (len(edges) // 2), base + 18, figure(middle), "tick middle"))
    return _svg(width, height, title, parts, "histogram")


def curve(values: Sequence[float], title: str) -> Markup:
    """A line through the values of steps 1, 2, 3 …, with the highest and the lowest told."""
    width, height, left, top, base = 320, 168, 40, 14, 138
    low, high = min(values), max(values)
    span, last = (high - low) or 1.0, max(1, len(values) - 1)
    across, down = (width - left - 8) / last, (base - top) / span
    points = [
        f"{left + across * step:.1f},{base - down * (value - low):.1f}"
        for step, value in enumerate(values)
    ]
    parts = [
        _line(left, top, width - 8, "grid"),
        _text(left - 6, top + 4, figure(high), "tick end"),
        _text(left - 6, base + 4, figure(low), "tick end"),
        _line(left, base, width - 8, "base"),
        _text(left, base + 18, "step 1", "tick"),
        _text(width - 8, base + 18, count(len(values)), "tick end"),
        _path("M" + " L".join(points), "after"),
    ]
    return _svg(width, height, title, parts, "histogram")


def domain(values: Sequence[Interval], *, with_zero: bool = True) -> tuple[float, float]:
    """An axis that holds all `values` with some air, and zero."""
    zero = [0.0] if with_zero else []
    lows = zero + [value.low for value in values if math.isfinite(value.low)]
    highs = zero + [value.high for value in values if math.isfinite(value.high)]
    low, high = min(lows, default=0.0), max(highs, default=1.0)
    air = 0.08 * ((high - low) or 1.0)
    return low - air, high + air


def _branches(x: float, top: float, step: Step, scale: float, width: float) -> tuple[Markup, float]:
    """The ribbons of what leaves a stage, and how far down they reach.

    The first reason lies highest in the band, so it turns down last and ends highest: no ribbon
    crosses another or a label.
    """
    drops = [drop for drop in step.drops if drop[1]]
    sizes = [_thickness(number, scale) for _, number in drops]
    parts: list[Markup] = []
    y = top + _thickness(step.went_out, scale)
    for row, ((label, number), size) in enumerate(zip(drops, sizes, strict=True)):
        left = x + 6 + sum(sizes[row + 1 :]) + 5 * (len(drops) - row - 1)
        end = top + _THICK + 34 + row * _ROW
        parts.append(_turn_down(x, y, size, left, end))
        amount = count(number)
        room = int((width - (left + size - x) - 24) / _LETTER) - len(amount)
        words = Markup('<tspan class="number">{}</tspan> {}').format(amount, _cut(label, room))
        parts.append(_text(left + size + 6, end, words, "faint"))
        y += size
    return Markup("").join(parts), top + _THICK + 34 + len(drops) * _ROW


def _turn_down(x: float, y: float, size: float, left: float, end: float) -> Markup:
    bend = min(end, y + size + 26)
    return _path(
        f"M{x:.1f},{y:.1f} Q{left + size:.1f},{y:.1f} {left + size:.1f},{bend:.1f} "
        f"V{end:.1f} H{left:.1f} V{bend:.1f} "
        f"Q{left:.1f},{y + size:.1f} {x:.1f},{y + size:.1f} Z",
        "drop",
    )


def _turn_right(x: float, y: float, size: float, end: float, middle: float) -> Markup:
    half = min(size, 14) / 2
    return _path(
        f"M{x + size:.1f},{y:.1f} Q{x + size:.1f},{middle - half:.1f} "
        f"{end:.1f},{middle - half:.1f} "
        f"V{middle + half:.1f} Q{x:.1f},{middle + half:.1f} {x:.1f},{y:.1f} Z",
        "drop",
    )


def _outline(
    shares: Sequence[float], left: float, step: float, height: Callable[[float], float]
) -> str:
    """A path along the tops of the bins, from the base and back to it."""
    shape = [f"M{left:.1f},{height(0):.1f}"]
    for number, share in enumerate(shares):
        shape.append(f"V{height(share):.1f} H{left + (number + 1) * step:.1f}")
    return " ".join([*shape, f"V{height(0):.1f}"])


def _thickness(number: int, scale: float) -> float:
    """Nothing that is there is thinner than can be seen."""
    return max(1.5, number * scale) if number else 0.0


def _cut(label: str, limit: int) -> str:
    return label if len(label) <= limit else label[: limit - 1].rstrip() + "…"


def _rect(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
        x, y, width, height, kind
    )


def _line(x: float, y: float, end: float, kind: str) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(
        x, y, end, y, kind
    )


def _path(shape: str, kind: str) -> Markup:
    return Markup('<path d="{}" class="{}"/>').format(shape, kind)


def _text(x: float, y: float, text: str, kind: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>').format(x, y, kind, text)


def _svg(width: float, height: float, title: str, parts: Sequence[Markup], kind: str) -> Markup:
    return Markup(
        '<svg class="{}" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>'
    ).format(kind, width, height, title, Markup("").join(parts))
