"""The compliance checklist of a rule book: what a project must show beside its figures, and what the file answers."""

from __future__ import annotations

from ppp.appraisal.verdict import Reason
from ppp.project import Project
from ppp.regimes import Rules


def answers(project: Project, rules: Rules) -> dict[str, bool | None]:
    """Requirement of the pack -> met, not met, or None where the file does not answer."""
    given = project.compliance
    return {key: given[key].met if key in given else None for key in rules.pack.compliance}


def unmet(project: Project, rules: Rules) -> list[str]:
    return [key for key, met in answers(project, rules).items() if met is False]


def unmet_reasons(project: Project, rules: Rules) -> tuple[list[Reason], list[Reason]]:
    """Why the checklist fails, and what would mend it: one of each for a requirement that is not met."""
    texts = [("text", rules.pack.compliance[key].statement) for key in unmet(project, rules)]
    why = [Reason("requirement_not_met", {"requirement": text}) for text in texts]
    return why, [Reason("meet_requirement", {"requirement": text}) for text in texts]


def compliance_reservations(project: Project, rules: Rules) -> list[Reason]:
    """One for each requirement that the file does not answer."""
    open_ = [key for key, met in answers(project, rules).items() if met is None]
    texts = [("text", rules.pack.compliance[key].statement) for key in open_]
    return [Reason("requirement_unanswered", {"requirement": text}) for text in texts]
