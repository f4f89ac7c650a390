"""The evaluation report as the cells of notebooks/evaluation.ipynb show it: one method a section."""

from __future__ import annotations

from ppp.appraisal.appraise import DRAWS
from ppp.loading import load
from ppp.report.computed import appraisal_of
from ppp.report.manifest import result_hash
from ppp.report.sections import accounts, appendix, firmness, front, money, options, risks
from ppp.report.sections.view import View
from ppp.report.words import LANGUAGES


class Seal:
    """Shown as text by the notebook's last cell, read back by the runner."""

    def __init__(self, digest: str):
        self.digest = digest

    def __repr__(self) -> str:
        return f"ppp-report {self.digest}"


class Report(View):
    """One project and scenario in one language. Raises InputError for a bad file and ValueError for an unknown language."""

    def __init__(self, project: str, scenario: str = "base", lang: str = "en", draws: int = DRAWS):
        if lang not in LANGUAGES:
            raise ValueError(f"lang: given {lang!r}; allowed: {', '.join(LANGUAGES)}")
        super().__init__(appraisal_of(load(project, scenario), int(draws)), lang)

    verdict = front.verdict
    tests = front.tests
    key_figures = front.key_figures
    published = front.published
    cash = money.cash
    value_for_money = money.value_for_money
    risks = risks.risks
    bids = options.bids
    options = options.options
    affordability = money.affordability
    qualitative = money.qualitative
    sensitivity = firmness.sensitivity
    scenarios = firmness.scenarios
    rules = appendix.rules
    checks = appendix.checks
    statements = accounts.company_statements
    inputs = appendix.inputs
    provenance = appendix.provenance

    def seal(self) -> Seal:
        """The last word of the notebook: the hash of the result, by which the runner knows that every section was made from it."""
        return Seal(result_hash(self.appraisal.summary))
