"""What an auditor of the yearly appraisal reads: rules, checks, the contract's inputs, and where everything came from."""

from __future__ import annotations

from ppp import __version__
from ppp.databook import contract_book
from ppp.loading import input_hash
from ppp.report import html
from ppp.report.contract.view import ContractView
from ppp.report.html import Html
from ppp.report.input_table import input_table
from ppp.report.words import percent


def rules(view: ContractView) -> Html:
    """The rules, scales and steps of a contract's life, each with its source and whether it was checked."""
    pack, rows = view.review.rules, []
    for key in pack.rules:
        line = pack.line(key, view.project, view.review.day)
        if line is not None:
            checked = html.mark(line.checked or None, view.word("text.checked" if line.checked else "text.unchecked"))
            rows.append(
                (
                    view.name(line.meaning),
                    percent(line.value, 0),
                    f"{view.name(line.document)} ({view.name(line.article)})",
                    checked,
                )
            )
    parts = [html.table(view.columns("rule", "value", "document", "checked"), rows, numbers=(1,))] if rows else []
    if not rows:
        parts.append(html.paragraph(view.word("appraisal.no_rules")))
    for scale in _named_scales(view):
        named = pack.scales[scale]
        bands = [
            (
                f"{band.score:g}",
                percent(band.share, 1),
                percent(band.per_point, 2),
                view.word("appraisal.after_rectifying") if band.rectify else "–",
            )
            for band in named.bands
        ]
        parts.append(html.paragraph(f"{view.name(named.name)} · {view.name(pack.documents[named.document])}"))
        parts.append(
            html.table(view.columns("from_score", "share", "per_point", "condition"), bands, numbers=(0, 1, 2))
        )
    return view.part("rules", *parts)


def _named_scales(view: ContractView) -> list[str]:
    """The bundled scales that the file names, each once."""
    terms = view.terms.performance
    given = [] if terms is None else [terms.construction_scale, terms.operation_scale]
    return list(dict.fromkeys(scale for scale in given if isinstance(scale, str)))


def checks(view: ContractView) -> Html:
    """Every hard check of the re-forecast and of this report."""
    rows = [
        (
            view.word(f"check.{check.key}"),
            html.mark(bool(check.passed.all()), view.display.value("error", float(check.error.max()))),
        )
        for check in view.review.checks
    ]
    return view.part("checks", html.table(view.columns("check", "result"), rows, numbers=(1,)))


def inputs(view: ContractView) -> Html:
    """What the file says about the life of the contract, with sources and defaults."""
    unit = view.word("text.file_unit", unit=view.display.file_unit(view.project.unit))
    return view.part("inputs", html.paragraph(unit, "note"), *input_table(contract_book(view.project), view.display))


def provenance(view: ContractView) -> Html:
    """Of the report itself."""
    rows = [
        (view.word("appraisal.made_from"), view.project._origin.document.file),
        (view.word("appraisal.inputs_hash"), input_hash(view.project)),
        (view.word("appraisal.version"), __version__),
    ]
    return view.part("provenance", html.table(view.columns("item", "value"), rows))
