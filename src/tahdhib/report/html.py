"""From the view to one self-contained page.

Everything passes through jinja2's autoescape. As a second wall the page carries a content policy
that lets in exactly its own style and script, by their hashes: markup that slipped through could
neither run nor load anything.
"""

import base64
import hashlib
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tahdhib.compare.compare import Comparison
from tahdhib.records import Interval
from tahdhib.report import charts, compare, words
from tahdhib.report.answers import not_found
from tahdhib.report.pairs import PairsView
from tahdhib.report.parts import Measure, ReportView, Sample

_TOLD_APART = ("all", "language", "kind", "rewritten")
"""Groups that stand in the section of measures; the others have their own."""
_BATCH = 8  # samples shown before the reader asks for more


def render_pairs(view: PairsView) -> str:
    """The report of pairs as HTML."""
    environment = _environment()
    style, script = _own(environment)
    return environment.get_template("pairs.html").render(
        view=view,
        style=Markup(style),  # ours, from the package
        policy=_policy(style, script),
    )


def render_comparison(found: Comparison) -> str:
    """A comparison of workers as HTML."""
    environment = _environment()
    style, script = _own(environment)
    return environment.get_template("compare.html").render(
        found=found,
        heading=compare.heading(found),
        line_name=compare.line_name,
        cell=compare.cell,
        notes=list(compare.notes(found)),
        style=Markup(style),  # ours, from the package
        policy=_policy(style, script),
    )


def _own(environment: Environment) -> tuple[str, str]:
    """Our style and script."""
    source = environment.loader
    assert source is not None
    style, script = (
        source.get_source(environment, name)[0] for name in ("report.css", "report.js")
    )
    return style, script


def render(view: ReportView) -> str:
    """The report as HTML."""
    environment = _environment()
    style, script = _own(environment)
    return environment.get_template("report.html").render(
        view=view,
        style=Markup(style),  # ours, from the package
        script=Markup(script),
        policy=_policy(style, script),
        flow=_flow(view),
        measures=_by_measure(view),
        group_kinds=_by_kind(view),
        kept_kinds=_kept_by_kind(view),
        batch=_BATCH,
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tahdhib.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=words.count,
        figure=words.figure,
        interval=words.interval,
        byte_size=words.byte_size,
        duration=words.duration,
        upper_first=words.upper_first,
    )
    environment.globals.update(
        bar=charts.bar,
        whisker=charts.whisker,
        axis=charts.axis,
        curve=charts.curve,
        histogram=charts.histogram,
        share=words.share,
        plural=words.plural,
        measure_domain=_measure_domain,
        marks=_marks,
        language_name=words.language,
        not_found=not_found,
        share_interval=words.share_interval,
        rough=words.rough,
        group_kind=words.group_kind,
        change_domain=_change_domain,
        value_domain=_value_domain,
    )
    return environment


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


def _flow(view: ReportView) -> tuple[Markup, Markup] | None:
    """The ledger as a picture, for a wide and for a narrow page."""
    if not view.flow:
        return None
    rewritten = view.changed.rewritten if view.changed else 0
    steps = [
        charts.Step(
            label=line.words,
            came_in=line.came_in,
            went_out=line.went_out,
            drops=tuple((drop.words, drop.count) for drop in line.drops),
            changed=rewritten if line.name in ("rewrite", "publish") else 0,
        )
        for line in view.flow
    ]
    title = "The way of the documents: " + "; ".join(
        f"{step.label}: {words.count(step.came_in)} in, {words.count(step.went_out)} out"
        for step in steps
    )
    end = "Went out" if view.flow[-1].name == "publish" else "So far"
    return charts.flow(steps, title, end), charts.flow_tall(steps, title, end)


def _by_measure(view: ReportView) -> list[tuple[str, list[Measure]]]:
    """The audit's measures in its own order, the groups of each together."""
    found: dict[str, list[Measure]] = {}
    for measure in view.audit.of_kind(*_TOLD_APART) if view.audit else ():
        found.setdefault(measure.measure, []).append(measure)
    return list(found.items())


def _by_kind(view: ReportView) -> list[tuple[str, list[tuple[str, list[Measure]]]]]:
    """Kinds of groups, and for each the measures with its groups; a kind of one group tells
    nothing apart."""
    found: dict[str, dict[str, list[Measure]]] = {}
    for measure in view.audit.measures if view.audit else ():
        if not measure.family and measure.kind not in _TOLD_APART:
            found.setdefault(measure.kind, {}).setdefault(measure.measure, []).append(measure)
    return [
        (kind, list(measures.items()))
        for kind, measures in found.items()
        if max(map(len, measures.values())) > 1
    ]


def _kept_by_kind(view: ReportView) -> list[tuple[str, list[Measure]]]:
    """Kinds of groups, and for each the combined measure of preservation in its groups."""
    kept = view.audit.kept if view.audit else ()
    found: dict[str, list[Measure]] = {}
    for measure in view.audit.measures if view.audit and kept else ():
        if measure.family and measure.kind != "all" and measure.measure == kept[0].measure:
            found.setdefault(measure.kind, []).append(measure)
    return list(found.items())


def _change_domain(changes: Sequence[Interval | None]) -> tuple[float, float]:
    """One axis for changes."""
    return charts.domain([change for change in changes if change is not None])


def _value_domain(values: Sequence[Interval | None]) -> tuple[float, float]:
    """One axis for values, without zero where they are far from it."""
    return charts.domain([value for value in values if value is not None], with_zero=False)


def _measure_domain(measures: Sequence[Measure]) -> tuple[float, float]:
    """One axis for all groups of a measure, so that they can be compared."""
    values: list[Interval] = []
    for measure in measures:
        values += measure.arms.values()
        values += [line.difference for line in measure.against]
    return charts.domain(values)


def _marks(sample: Sample) -> dict[str, int]:
    """The number that stands at each of a sample's changes, by rule or worker."""
    return {name: number for number, name in enumerate(sample.excerpt.by, start=1)}
