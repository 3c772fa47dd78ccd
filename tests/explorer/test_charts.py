"""Does a chart hold what it is given, and say where it does not?"""

import re
from datetime import date, timedelta

from cli.web.charts import MOST_POINTS, Line, Point, chart, counts_chart

DAY = date(2020, 1, 1)
UNTIL = date(2026, 1, 1)


def figures(count: int) -> list[Point]:
    """Return so many figures, a day apart, of which one stands out."""
    every = [DAY + timedelta(n) for n in range(count)]
    return [
        Point(day, day, low, low, f"{day}: {low}", "/event/1/")
        for n, day in enumerate(every)
        for low in [9_000.0 if n == count // 3 else 100.0 + n % 7]
    ]


def drawn(count: int) -> str:
    return str(chart([Line("reported", figures(count))], UNTIL, "BTC", "Title", "Described"))


def test_every_figure_is_a_link_with_a_name() -> None:
    found = drawn(MOST_POINTS)
    assert found.count("<a href=") == MOST_POINTS
    assert "are drawn" not in found


def test_of_very_many_the_extremes_are_drawn_and_how_many_is_said() -> None:
    found = drawn(1_500)
    dots = found.count("<a href=")
    assert 100 < dots <= MOST_POINTS
    assert f"{dots} of 1,500 figures are drawn" in found
    assert ": 9000.0</title>" in found
    assert "2024-02-08: " in found  # the last


def test_a_lower_bound_is_a_triangle_and_an_open_dot_is_not_selected() -> None:
    points = [
        Point(DAY, DAY + timedelta(30), 5.0, None, "over 5", "/event/1/"),
        Point(DAY, DAY, 4.0, 6.0, "4 to 6", "/event/2/", selected=False),
    ]
    found = str(chart([Line("reported", points)], UNTIL, "BTC", "Title", "Described"))
    assert len(re.findall(r'<path class="dot" d="M[^"]*l7 12h-14z"/>', found)) == 1
    assert found.count('<circle class="dot open"') == 1
    assert found.count('<rect class="band open"') == 1


def test_counts_begin_at_zero_and_have_a_band_of_days_that_are_bounded() -> None:
    changes = [(DAY, DAY), (DAY + timedelta(100), DAY + timedelta(900))]
    found = str(counts_chart(changes, UNTIL, "Consents", "Two"))
    assert 'role="img"' in found
    assert found.count('<rect class="band"') == 1
    assert ">2</text>" in found
    assert "<a " not in found


def test_nothing_is_drawn_of_nothing() -> None:
    assert chart([Line("reported", [])], UNTIL, "BTC", "Title", "Described") == ""
    assert counts_chart([], UNTIL, "Consents", "None") == ""
