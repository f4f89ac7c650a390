"""The district's report as the cells of notebooks/portfolio.ipynb show it: one method a section."""

from __future__ import annotations

from pathlib import Path

from ppp.portfolio.contingent import DRAWS
from ppp.portfolio.files import load_portfolio
from ppp.report.computed import study_of
from ppp.report.district import accounts, appendix, front, money, plan, risk
from ppp.report.district.view import DistrictView
from ppp.report.evaluation_page import Seal
from ppp.report.manifest import result_hash
from ppp.report.words import LANGUAGES


class DistrictReport(DistrictView):
    """One district in one language; `results` is a folder of stored results to add, or nothing.

    Raises InputError for a bad file and ValueError for an unknown language."""

    def __init__(self, district: str, results: str = "", lang: str = "en", draws: int = DRAWS):
        if lang not in LANGUAGES:
            raise ValueError(f"lang: given {lang!r}; allowed: {', '.join(LANGUAGES)}")
        portfolio = load_portfolio(district, Path(results) if results else None)
        super().__init__(study_of(portfolio, int(draws)), lang)

    answer = front.answer
    members = front.members
    affordability = money.affordability
    breakdown = money.breakdown
    statements = accounts.statements
    contingent = risk.contingent
    debt_risk = risk.debt_risk
    stress = risk.stress
    plan = plan.plan
    rules = appendix.rules
    debt_rules = appendix.debt_rules
    checks = appendix.checks
    budgets = appendix.budgets
    provenance = appendix.provenance

    def seal(self) -> Seal:
        """The last word of the notebook: the hash of the result."""
        return Seal(result_hash(self.study.summary))
