import xml.etree.ElementTree as ET

import pytest

from tahdhib.records import Interval
from tahdhib.report import charts

STEPS = [
    charts.Step("Read", 1000, 990, (("<script>alert(1)</script>", 8), ("Empty", 2))),
    charts.Step("Rewrite", 990, 980, (("Refused & dropped", 10),), changed=400),
]


@pytest.mark.parametrize("draw", [charts.flow, charts.flow_tall])
def test_the_flow_is_well_formed_and_escaped(draw: type[charts.Step]) -> None:
    svg = str(draw(STEPS, 'a "title" & more', "Went out"))  # type: ignore[call-arg]
    texts = [element.text or "" for element in ET.fromstring(svg).iter() if element.text]
    assert "1,000" in texts
    assert "<script>" not in svg
    assert "400 changed" in texts


def test_the_flow_of_nothing() -> None:
    ET.fromstring(str(charts.flow([charts.Step("Read", 0, 0, ())], "empty", "Went out")))


def test_bars_and_whiskers_stay_inside() -> None:
    for markup in (
        charts.bar(1, 0),
        charts.bar(3, 3),
        charts.whisker(Interval(0.5, float("-inf"), float("inf"), 1), 0, 1),
        charts.axis(-1, 1),
    ):
        for element in ET.fromstring(str(markup)).iter():
            for name in ("x1", "x2", "cx", "x"):
                value = element.get(name)
                if value and value.endswith("%"):
                    assert 0 <= float(value[:-1]) <= 100


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [(0, 1, ["0", "1"]), (-1, 1, ["\u22121", "0", "1"]), (-1, 0.1, ["\u22121", "0"])],
)
def test_an_axis_names_zero_and_ends_that_have_room(
    low: float, high: float, labels: list[str]
) -> None:
    texts = ET.fromstring(str(charts.axis(low, high))).iter("text")
    assert [text.text for text in texts] == labels


@pytest.mark.parametrize("values", [(8.3, 7.0, 6.5), (1.0,), (2.0, 2.0)])
def test_a_curve_stays_inside(values: tuple[float, ...]) -> None:
    root = ET.fromstring(str(charts.curve(values, 'a "title" & more')))
    (line,) = (path.get("d") for path in root.iter("path"))
    assert line is not None
    points = [tuple(map(float, point.split(","))) for point in line[1:].split(" L")]
    assert len(points) == len(values)
    assert all(40 <= x <= 312 and 14 <= y <= 138 for x, y in points)


def test_a_domain_holds_its_values_and_zero() -> None:
    low, high = charts.domain([Interval(-2, -3, -1, 5), Interval(0, 0, float("inf"), 1)])
    assert low < -3
    assert high > 0
    assert charts.domain([]) != (0, 0)


def test_histograms_of_counts_and_of_nothing() -> None:
    edges = [0.0, 0.5, 1.0]
    ET.fromstring(str(charts.histogram(edges, [3, 1], [4, 0], "toxicity")))
    ET.fromstring(str(charts.histogram(edges, [0, 0], [0, 0], "nothing")))
