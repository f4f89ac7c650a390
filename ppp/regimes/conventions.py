"""The switches that a rule pack sets and code carries out: every pack names each of them, and no choice that is not here."""

from __future__ import annotations

CHOICES: dict[str, tuple[bool | str, ...]] = {
    "subsidy_method": ("cai_jin_21", "level_annuity", "equity_annuity_debt_service"),
    "subsidy_counting": ("from_one", "from_zero", "from_construction"),
    "subsidy_interest": ("none", "simple", "compound"),
    "subsidy_deducts_government_equity": (False, True),
    "subsidy_marks_up_opex": (True, False),
    "subsidy_rounding": ("none", "yearly"),
    "negative_gap": ("floor", "share", "carry_forward"),
    "construction_draws": ("start", "middle", "end"),
    "discount_timing": ("end", "middle", "start"),
    "valuation_date": ("financial_close", "start_of_operation"),
    "discount_method": ("one_rate", "two_rates", "declining", "financing_cost"),
    "comparator_start": ("same", "delayed"),
    "tax_adjustment": ("none", "company_tax"),
    "risk_dependence": ("together", "independent"),
    "qualitative_mean": ("all", "trimmed"),
    "budget_base": ("last_year", "average"),
}


def disagreement(given: dict[str, list[bool | str]]) -> str | None:
    """What is wrong with a pack's conventions (key -> allowed choices), or None."""
    if missing := sorted(set(CHOICES) - set(given)):
        return f"conventions are missing: {', '.join(missing)}"
    if extra := sorted(set(given) - set(CHOICES)):
        return f"no code carries out the conventions {', '.join(extra)}; known: {', '.join(CHOICES)}"
    for key, allowed in given.items():
        # 1 == True in Python, so types are compared too
        known = {(type(choice), choice) for choice in CHOICES[key]}
        if odd := [str(choice) for choice in allowed if (type(choice), choice) not in known]:
            return f"no code carries out {key}: {', '.join(odd)}; known: {', '.join(map(str, CHOICES[key]))}"
    return None
