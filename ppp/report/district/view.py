"""What every section of the district's report needs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from ppp.portfolio.study import Study
from ppp.quantities import SCALES
from ppp.report import html
from ppp.report.sections.view import View
from ppp.report.words import Display, percent


class DistrictView(View):
    """One study in one language."""

    def __init__(self, study: Study, lang: str):
        self.study = self.appraisal = study
        self.lang = lang
        self.display = Display(lang, study.district.currency, 1e4 if lang == "zh" else 1e6, *_decimals(study, lang))

    def amount(self, value: float) -> str:
        """An amount without its unit, for tables that name it."""
        return self.display.money(float(value), unit=False)

    def unit_note(self, key: str) -> str:
        return self.word(key, unit=self.display.unit)

    def years_table(
        self,
        heads: Sequence[str],
        columns: Sequence[Sequence[str]],
        caption: str,
        years: np.ndarray | None = None,
        groups: Sequence[tuple[str, int]] = (),
    ) -> Markup:
        """A row a year: of the whole study, or of the years given; groups stand over the columns."""
        shown = self.study.years if years is None else years
        rows = [(str(int(year)), *(column[t] for column in columns)) for t, year in enumerate(shown)]
        numbers = range(1, len(heads) + 1)
        return html.table(
            [*self.heads("year"), *heads], rows, numbers=numbers, caption=caption, css="dense years", groups=groups
        )

    def amounts(self, row: np.ndarray) -> list[str]:
        return [self.amount(value) for value in row]

    def percents(self, row: np.ndarray) -> list[str]:
        return [percent(float(value)) if np.isfinite(value) else "–" for value in row]

    def counted_years(self, count: int) -> str:
        return self.word("district.plan_year" if count == 1 else "district.plan_years", years=str(count))

    def title(self, level: int, key: str) -> Markup:
        return html.heading(self.word(f"district.{key}"), key, level)

    def name_of(self, key: str) -> str:
        """A project's or guarantee's name in the report's language."""
        names = {m.id: m.name for m in self.study.members}
        names |= {k: g.name for k, g in self.study.district.guarantees.items()}
        return self.display.text(names[key])


def _decimals(study: Study, lang: str) -> tuple[int]:
    """None for a large budget, one for a usual one; of a small one enough for five digits."""
    size = max(entry.expenditure for entry in study.district.budget) * SCALES[study.district.unit]
    shown = size / (1e4 if lang == "zh" else 1e6)
    if shown >= 20.0:
        return (0,) if shown >= 20_000 else (1,)
    return (min(4 - math.floor(math.log10(shown)), 8),)
