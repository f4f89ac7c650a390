"""The yearly appraisal as the cells of notebooks/appraisal.ipynb show it: one method a section."""

from __future__ import annotations

from ppp.loading import load
from ppp.report.computed import review_of
from ppp.report.contract import appendix, control, front, outturn
from ppp.report.contract.view import ContractView
from ppp.report.evaluation_page import Seal
from ppp.report.manifest import result_hash
from ppp.report.words import LANGUAGES


class AppraisalReport(ContractView):
    """One running contract in one language. Raises InputError for a bad file, ValueError for one without a section `contract` and for
    an unknown language."""

    def __init__(self, project: str, scenario: str = "base", lang: str = "en"):
        if lang not in LANGUAGES:
            raise ValueError(f"lang: given {lang!r}; allowed: {', '.join(LANGUAGES)}")
        super().__init__(review_of(load(project, scenario)), lang)

    answer = front.answer
    standing = front.standing
    performance = outturn.performance
    variance = outturn.variance
    spending = outturn.spending
    special_funds = outturn.special_funds
    investment = control.investment
    change = control.change
    termination = control.termination
    handback = control.handback
    rules = appendix.rules
    checks = appendix.checks
    inputs = appendix.inputs
    provenance = appendix.provenance

    def seal(self) -> Seal:
        """The last word of the notebook: the hash of the result."""
        return Seal(result_hash(self.review.summary))
