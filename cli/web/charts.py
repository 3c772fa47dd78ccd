"""Draw figures over time as SVG, on the server, without a script.

Zero-based; steps, for a figure holds until the next; each point is a link with a name in words.
What is selected is a full dot, what is not an open one; `over X` is a triangle with a whisker up
to the top; an uncertain day is a horizontal whisker. Nothing is told by colour alone.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from markupsafe import Markup

WIDTH, HEIGHT = 960, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 24, 34, 44
MOST_POINTS = 400
Value = TypeVar("Value")


class Point(NamedTuple):
    """A figure: its days, its bounds (`high` None: none), and what it is called and leads to."""

    first: date
    last: date
    low: float
    high: float | None
    label: str = ""
    href: str = ""
    selected: bool = True
    contested: bool = False


class Line(NamedTuple):
    """Figures that are joined by steps, with the words at their end."""

    label: str
    points: Sequence[Point]
    dashed: bool = False
    dots: bool = True


class _Scale:
    """Where a day and an amount are drawn."""

    def __init__(self, first: date, last: date, top: float) -> None:
        self.first, self.days = first, max(1, (last - first).days)
        self.top = top

    def x(self, day: date) -> float:
        part = (day - self.first).days / self.days
        return _drawable(_LEFT + min(1.0, max(0.0, part)) * (WIDTH - _LEFT - _RIGHT))

    def y(self, amount: float) -> float:
        room = HEIGHT - _TOP - _BOTTOM
        return _drawable(HEIGHT - _BOTTOM - amount / self.top * room)


def _drawable(at: float) -> float:
    """Return a tenth of a pixel, or a whole one: written without a point."""
    found = round(at, 1)
    return int(found) if found.is_integer() else found


def chart(lines: Sequence[Line], until: date, unit: str, title: str, described: str) -> Markup:
    """Return the chart up to a day; empty where there is no figure."""
    every = [point for line in lines for point in line.points if point.first <= until]
    if not every:
        return Markup("")
    first = min(point.first for point in every)
    most = max(max(point.low, point.high or 0) for point in every)
    step = _step(most)
    scale = _Scale(first, max(until, first), (int(most / step) + 1) * step)
    parts = [
        Markup(
            '<svg class="chart" viewBox="0 0 {} {}" role="{}" aria-labelledby="chart-t chart-d">'
            '<title id="chart-t">{}</title><desc id="chart-d">{}</desc>'
        ).format(WIDTH, HEIGHT, "group" if lines[0].dots else "img", title, described),
        *_axes(scale, step, unit, until),
    ]
    taken: list[float] = []  # the heights at which lines end
    for line in lines:
        shown = [point for point in line.points if point.first <= until]
        kept = _thinned(shown, scale)
        if len(kept) < len(shown):
            said = f"{len(kept):,} of {len(shown):,} figures are drawn"
            parts.append(
                Markup('<text class="end" x="{}" y="18">{}</text>').format(WIDTH - _RIGHT, said)
            )
        parts += _drawn(line, kept, scale, until, taken)
    return Markup("").join([*parts, Markup("</svg>")])


def _thinned(points: Sequence[Point], scale: _Scale) -> Sequence[Point]:
    """Return at most MOST_POINTS points: the lowest, the highest and the last of each column."""
    if len(points) <= MOST_POINTS:
        return points
    columns: dict[int, list[Point]] = {}
    for point in points:
        column = int(scale.x(point.last) / WIDTH * (MOST_POINTS // 3))
        columns.setdefault(column, []).append(point)
    kept = {
        id(one)
        for several in columns.values()
        for one in (
            min(several, key=lambda one: one.low),
            max(several, key=lambda one: one.low),
            several[-1],
        )
    }
    return [point for point in points if id(point) in kept]


def evenly(values: Sequence[Value], most: int = MOST_POINTS) -> list[Value]:
    """Return at most so many of some values, evenly, the first and the last among them."""
    count = len(values)
    if count <= most:
        return list(values)
    return [values[n * (count - 1) // max(1, most - 1)] for n in range(most)]


def _step(most: float) -> float:
    """Return a round distance of about four lines up to the most."""
    if most <= 0:
        return 1
    size = 1.0
    while size * 10 <= most / 4:
        size *= 10
    while size > most / 4 and size > 1:
        size /= 10
    return next((size * n for n in (1, 2, 2.5, 5, 10) if size * n >= most / 5), size * 10)


def _axes(scale: _Scale, step: float, unit: str, until: date) -> list[Markup]:
    found = [Markup('<text class="unit" x="{}" y="18">{}</text>').format(_LEFT, unit)]
    amount = 0.0
    while amount <= scale.top + step / 2:
        y = scale.y(amount)
        found.append(
            Markup(
                '<path class="grid{}" d="M{} {}H{}"/><text class="y" x="{}" y="{}">{}</text>'
            ).format(
                "" if amount else " base",
                _LEFT,
                y,
                WIDTH - _RIGHT,
                _LEFT - 10,
                y + 5,
                f"{amount:,.10g}",
            )
        )
        amount += step
    years = list(range(scale.first.year + 1, until.year + 1))
    every = max(1, -(-len(years) // 10))
    for n, year in enumerate(years[::every]):
        x = scale.x(date(year, 1, 1))
        found.append(
            Markup('<text class="x{}" x="{}" y="{}">{}</text>').format(
                " alt" if n % 2 else "", x, HEIGHT - 14, year
            )
        )
    if not years:
        days = [(scale.x(scale.first), scale.first, "start"), (WIDTH - _RIGHT, until, "end")]
        for at, day, anchor in days if scale.first != until else days[:1]:
            found.append(
                Markup('<text class="x {}" x="{}" y="{}">{}</text>').format(
                    anchor, at, HEIGHT - 14, day.isoformat()
                )
            )
    return found


def _drawn(
    line: Line, points: Sequence[Point], scale: _Scale, until: date, taken: list[float]
) -> list[Markup]:
    found: list[Markup] = []
    held = [point for point in points if point.selected]
    kind = "booked" if line.dashed else "reported"
    if held:
        found += _bands(held, scale, until)
        steps = [f"M{scale.x(held[0].last)} {scale.y(held[0].low)}"]
        steps += [f"H{scale.x(one.last)}V{scale.y(one.low)}" for one in held[1:]]
        path = "".join((*steps, f"H{scale.x(until)}"))
        found.append(Markup('<path class="step {}" d="{}"/>').format(kind, path))
        end = scale.y(held[-1].low)
        y = end + (22 if any(abs(end - other) < 40 for other in taken) else -12)
        taken.append(end)
        found.append(
            Markup('<text class="end {}" x="{}" y="{}">{}</text>').format(
                kind, WIDTH - _RIGHT, y, line.label
            )
        )
    if line.dots:
        found += [_dot(point, scale) for point in points]
    return found


def _bands(held: Sequence[Point], scale: _Scale, until: date) -> list[Markup]:
    """Return what lies between the bounds of each step; without an upper bound, up to the top."""
    found = []
    for n, one in enumerate(held):
        if one.high == one.low:
            continue
        end = held[n + 1].last if n + 1 < len(held) else until
        top = scale.y(scale.top if one.high is None else one.high)
        x = scale.x(one.last)
        width, height = round(scale.x(end) - x, 1), round(scale.y(one.low) - top, 1)
        found.append(
            Markup('<rect class="band{}" x="{}" y="{}" width="{}" height="{}"/>').format(
                " open" if one.high is None else "", x, top, max(width, 1), max(height, 0)
            )
        )
    return found


def _dot(point: Point, scale: _Scale) -> Markup:
    x, y = scale.x(point.last), scale.y(point.low)
    marks = Markup("")
    if point.first != point.last:
        marks += Markup('<path class="whisker" d="M{} {}H{}"/>').format(scale.x(point.first), y, x)
    if point.high is None:
        marks += Markup('<path class="whisker" d="M{} {}V{}"/>').format(x, y, max(_TOP, y - 34))
        marks += Markup('<path class="dot{}" d="M{} {}l7 12h-14z"/>').format(
            _state(point), x, round(y - 8, 1)
        )
    else:
        if point.high != point.low:
            marks += Markup('<path class="whisker" d="M{} {}V{}"/>').format(
                x, y, scale.y(point.high)
            )
        marks += Markup('<circle class="dot{}" cx="{}" cy="{}" r="5.5"/>').format(
            _state(point), x, y
        )
    return Markup('<a href="{}" tabindex="-1"><title>{}</title>{}</a>').format(
        point.href, point.label, marks
    )


def _state(point: Point) -> str:
    return ("" if point.selected else " open") + (" contested" if point.contested else "")


def counts_chart(
    changes: Sequence[tuple[date, date]], until: date, title: str, described: str
) -> Markup:
    """Return how many of some acts were certainly done by each day, with a band of those perhaps.

    An act has its first and its last possible day; the band is between them.
    """
    days = sorted({day for pair in changes for day in pair if day <= until})
    if not days:
        return Markup("")
    points = [Point(days[0], days[0], 0, 0)]
    for day in evenly(days, MOST_POINTS - 1):
        low = sum(last <= day for _, last in changes)
        high = sum(first <= day for first, _ in changes)
        points.append(Point(day, day, low, high))
    last = points[-1]
    label = f"{last.low:g}" + (f" to {last.high:g}" if last.high != last.low else "")
    return chart([Line(label, points, dots=False)], until, "", title, described)
