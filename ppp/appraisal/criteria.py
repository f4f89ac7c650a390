"""The tests of a rule pack, each answered for one case or many from the same evaluation."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.compliance import unmet, unmet_reasons
from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.verdict import Reason, Test
from ppp.payment_terms import Availability, GovernmentPay, UserPay, ViabilityGap

VFM_RULES = ("market_risk_premium", "discount_schedule", "optimism_bias_capex")
ROUNDING = 1e-12  # relative: what is equal but for its last bits passes


def reaches(value, limit) -> np.ndarray:
    """value >= limit, whatever the last bits say."""
    return np.asarray(value) >= limit - ROUNDING * np.abs(limit)


def passes(evaluation: Evaluation) -> dict[str, np.ndarray]:
    """Whether each assessable test of the pack is passed, (cases,); the integrity of the model is a test too."""
    answers: dict[str, np.ndarray] = {}
    names = evaluation.rules.pack.tests
    if "value_for_money" in names and evaluation.vfm is not None and evaluation.rules.pack.number_decides:
        answers["value_for_money"] = vfm_holds(evaluation)
    if "qualitative" in names and "qualitative_score" in evaluation.results:
        answers["qualitative"] = reaches(
            evaluation.results["qualitative_score"], evaluation.rules.value("qualitative_pass_mark")
        )
    if "affordability" in names and evaluation.load is not None:
        answers["affordability"] = reaches(caps(evaluation), evaluation.load.share.max(axis=0))
    if "feasibility" in names and evaluation.inputs.funded:
        answers["feasibility"] = np.all(np.broadcast_arrays(*feasibility(evaluation).values()), axis=0)
    answers["integrity"] = evaluation.sound
    return answers


def vfm_holds(evaluation: Evaluation) -> np.ndarray:
    """PPP value <= PSC, whatever the last bits say, (cases,)."""
    return evaluation.vfm.amount >= -ROUNDING * np.abs(evaluation.vfm.psc)


def counts_as_government_pay(evaluation: Evaluation) -> np.ndarray:
    """Availability and formula payments, and a viability gap whose users pay less than the pack's smallest share of revenue. (cases,)"""
    payment, rules = evaluation.project.payment, evaluation.rules
    if isinstance(payment, ViabilityGap) and rules.has("user_pay_share_of_viability_gap"):
        return user_share(evaluation) < rules.value("user_pay_share_of_viability_gap")
    return np.array([isinstance(payment, (GovernmentPay, Availability))])


def user_share(evaluation: Evaluation) -> np.ndarray:
    """Users' payments over revenue, both summed over the term, (cases,)."""
    revenue = evaluation.lines["revenue"].sum(axis=0)
    return evaluation.lines["user_payments"].sum(axis=0) / np.maximum(revenue, 1e-12)


def binding_cap(evaluation: Evaluation) -> float:
    """The cap of a base case."""
    return float(caps(evaluation)[0])


def caps(evaluation: Evaluation) -> np.ndarray:
    """The share of the budget that this project's kind must stay under: the line for new government-pay projects, or the cap. (cases,)"""
    rules = evaluation.rules
    line = "affordability_no_new_government_pay"
    cap = rules.value("affordability_cap")
    held = counts_as_government_pay(evaluation) if rules.has(line) and not is_spared(evaluation) else np.array([False])
    return np.where(held, min(rules.value(line), cap), cap) if held.any() else np.full(held.shape, cap)


def is_spared(evaluation: Evaluation) -> bool:
    """Whether the line for new government-pay projects leaves this one out: a stock project, or an exempt sector."""
    exempt, project = evaluation.rules.pack.exempt_sectors, evaluation.project
    return project.stock_project or (
        exempt is not None and exempt.rule == "affordability_no_new_government_pay" and project.sector in exempt.sectors
    )


def feasibility(evaluation: Evaluation) -> dict[str, np.ndarray]:
    """The checklist of the new mechanism: users pay, income covers cost with some return, no new spending duty, term, private share.

    Income covers cost when the undiscounted sum of the project's own flow is positive; a capital grant is not income."""
    project, rules, lines = evaluation.project, evaluation.rules, evaluation.lines
    term = (project.timeline.construction + project.timeline.operation) / 12.0
    operating = evaluation.inputs.timeline.operating
    duty = sum(np.maximum(lines[key], 0.0)[operating].sum(axis=0) for key in ("operating_subsidy", "supporting_input"))
    found = {
        "user_pay": np.array([isinstance(project.payment, UserPay)]),
        "return": own_surplus(evaluation) > 0.0,
        "no_spending_duty": duty <= 0.0,
        "term": np.array([term <= rules.value("longest_concession")]),
    }
    if project.strongly_public:
        found["private_share"] = np.atleast_1d(
            reaches(1.0 - np.asarray(project.funding.government_share), rules.value("private_share_strongly_public"))
        )
    if rules.pack.compliance:
        found["compliance"] = np.array([not unmet(project, rules)])
    return found


def own_surplus(evaluation: Evaluation) -> np.ndarray:
    """EBITDA + disposal - capex - close costs over the term, undiscounted and without any grant, (cases,)."""
    inputs, lines = evaluation.inputs, evaluation.lines
    earned = (lines["ebitda"] + lines["disposal"]).sum(axis=0)
    return earned - inputs.capex.sum(axis=0) - inputs.close_costs


def answered(evaluation: Evaluation) -> list[Test]:
    """Every test of the pack for a base case, with margin, reasons and what would mend a failure."""
    makers = {
        "value_for_money": _value_for_money,
        "qualitative": _qualitative,
        "affordability": _affordability,
        "feasibility": _feasibility,
    }
    return [makers[name](evaluation) for name in evaluation.rules.pack.tests] + [_integrity(evaluation)]


def _missing(key: str, section: str) -> Test:
    return Test(
        key,
        None,
        why=(Reason(f"{key}_missing", {"section": ("text", section)}),),
        cures=(Reason("give_input", {"section": ("text", section)}),),
    )


def _value_for_money(evaluation: Evaluation) -> Test:
    if evaluation.vfm is None:
        return _missing("value_for_money", "comparator")
    psc, ppp = float(evaluation.vfm.psc[0]), float(evaluation.vfm.ppp_value[0])
    amount, index = psc - ppp, float(evaluation.vfm.index[0])
    passed = bool(vfm_holds(evaluation)[0])
    values = {
        "psc": ("money", psc),
        "ppp": ("money", ppp),
        "amount": ("money", abs(amount)),
        "index": ("rate", abs(index)),
    }
    if psc > 0:
        sentence = "vfm_pass" if passed else "vfm_fail"
    else:
        sentence = "vfm_pass_without_index" if passed else "vfm_fail_without_index"
    why = [Reason(sentence, values)]
    without_risk = float(evaluation.vfm.amount_without_transferred_risk[0])
    if passed and without_risk < -ROUNDING * abs(psc):
        why.append(Reason("vfm_rests_on_risk", {"amount": ("money", -without_risk)}))
    cures = ()
    paid = float(evaluation.vfm.ppp_parts["operating_subsidy"][0])
    if not passed and paid > 0:
        key = "cut_payment_for_vfm" if -amount <= paid else "no_payment_cut_for_vfm"
        cures = (Reason(key, {"amount": ("money", -amount), "share": ("rate", -amount / paid)}),)
    elif not passed:
        cures = (Reason("no_payment_cut_for_vfm", {"amount": ("money", -amount), "share": ("rate", 0.0)}),)
    return Test(
        "value_for_money",
        passed,
        ("money", ppp),
        ("money", psc),
        ("money", amount),
        tuple(key for key in VFM_RULES if any(used.key == key for used in evaluation.rules.used.values())),
        tuple(why),
        cures,
        informs=not evaluation.rules.pack.number_decides,
    )


def _qualitative(evaluation: Evaluation) -> Test:
    if not evaluation.scores:
        return _missing("qualitative", "qualitative")
    got, mark = float(evaluation.results["qualitative_score"][0]), evaluation.rules.value("qualitative_pass_mark")
    _ask_weight_caps(evaluation)
    passed = bool(passes(evaluation)["qualitative"][0])
    values = {"score": ("score", got), "mark": ("score", mark)}
    weakest = min(evaluation.scores, key=lambda scored: scored.mean)
    name = evaluation.rules.pack.indicators[weakest.key].name
    cures = (
        ()
        if passed
        else (
            Reason(
                "raise_score",
                {"name": ("text", name), "mean": ("score", weakest.mean), "gap": ("score", mark - got), **values},
            ),
        )
    )
    reason = Reason("qualitative_pass" if passed else "qualitative_fail", values)
    return Test(
        "qualitative",
        passed,
        ("score", got),
        ("score", mark),
        ("score", got - mark),
        ("qualitative_pass_mark",),
        (reason,),
        cures,
    )


def _ask_weight_caps(evaluation: Evaluation) -> None:
    """The weights were held against these when the file was read; asking again puts them in the report's table of rules."""
    rules = evaluation.rules
    groups = {rules.pack.indicators[scored.key].group for scored in evaluation.scores}
    for key in ["qualitative_basic_weight", *(f"qualitative_{group}_weight_cap" for group in sorted(groups))]:
        if rules.has(key):
            rules.value(key)


def _affordability(evaluation: Evaluation) -> Test:
    load = evaluation.load
    if load is None:
        return _missing("affordability", "district")
    cap, share = binding_cap(evaluation), load.share[:, 0]
    peak = int(np.argmax(share))
    passed = bool(passes(evaluation)["affordability"][0])
    values = {
        "share": ("rate", float(share[peak])),
        "alone": ("rate", float(load.share_alone[:, 0].max())),
        "cap": ("rate", cap),
        "year": ("year", int(load.years[peak])),
    }
    why = [Reason("affordability_pass" if passed else "affordability_fail", values)]
    cures = ()
    if not passed:
        first = int(np.argmax(share > cap))
        why.append(Reason("affordability_first_breach", {"year": ("year", int(load.years[first]))}))
        cures = (_affordability_cure(load, cap),)
    rules, line = evaluation.rules, "affordability_no_new_government_pay"
    is_line = rules.has(line) and cap < rules.value("affordability_cap")
    if is_line:
        why.append(Reason("government_pay_line", {"cap": ("rate", cap)}))
    elif rules.has(line) and counts_as_government_pay(evaluation)[0]:
        why.append(_exempt(evaluation, rules.value(line)))
    if rules.has("affordability_warning") and share[peak] > rules.value("affordability_warning"):
        why.append(Reason("affordability_warning", {"line": ("rate", rules.value("affordability_warning"))}))
    deciding = [line if is_line else "affordability_cap"]
    if evaluation.forecast_by_rule:
        deciding.append("budget_growth_years")
    return Test(
        "affordability",
        passed,
        ("rate", float(share[peak])),
        ("rate", cap),
        ("rate", cap - float(share[peak])),
        tuple(deciding),
        tuple(why),
        cures,
    )


def _exempt(evaluation: Evaluation, line: float) -> Reason:
    """Why the line for new government-pay projects is not applied to one."""
    if evaluation.project.stock_project:
        return Reason("line_spares_stock", {"line": ("rate", line)})
    return Reason(
        "line_spares_sector", {"line": ("rate", line), "note": ("text", evaluation.rules.pack.exempt_sectors.note)}
    )


def _affordability_cure(load, cap: float) -> Reason:
    over = -load.headroom(cap)[:, 0]
    own = load.own[:, 0]
    if np.any((over > 0) & (over > own)):
        year = int(load.years[np.argmax((over > 0) & (over > own))])
        return Reason("existing_break_the_cap", {"year": ("year", year)})
    cut = np.max(np.divide(over, own, out=np.zeros_like(over), where=(own > 0) & (over > 0)))
    worst = int(np.argmax(over))
    return Reason(
        "cut_spending_for_cap",
        {
            "amount": ("money", float(over[worst])),
            "year": ("year", int(load.years[worst])),
            "share": ("rate", float(cut)),
            "count": ("count", float(np.sum(over > 0))),
        },
    )


def _feasibility(evaluation: Evaluation) -> Test:
    if not evaluation.inputs.funded:
        return _missing("feasibility", "funding")
    items = feasibility(evaluation)
    passed = all(bool(np.all(ok)) for ok in items.values())
    surplus = float(own_surplus(evaluation)[0])
    risk = evaluation.lines["retained_risk"][evaluation.inputs.timeline.operating, 0].sum()
    values = {
        "surplus": ("money", abs(surplus)),
        "irr": ("rate", float(evaluation.results["project_irr"][0])),
        "rate": ("rate", float(evaluation.inputs.discount_rate[0])),
        "risk": ("money", float(risk)),
    }
    against, mends = unmet_reasons(evaluation.project, evaluation.rules)
    told = {key: ok for key, ok in items.items() if key != "compliance"}
    why = [
        Reason(f"feasibility_{key}_{'pass' if np.all(ok) else 'fail'}", values) for key, ok in told.items()
    ] + against
    cures = tuple(Reason(f"feasibility_{key}_cure") for key, ok in told.items() if not np.all(ok)) + tuple(mends)
    used = ("longest_concession", *(("private_share_strongly_public",) if "private_share" in items else ()))
    money = ("money", surplus)
    return Test("feasibility", passed, money, ("money", 0.0), money, used, tuple(why), cures)


def _integrity(evaluation: Evaluation) -> Test:
    failed = [check for check in evaluation.checks if not np.all(check.passed)]
    worst = max((float(np.max(check.error)) for check in evaluation.checks), default=0.0)
    if failed:
        why = tuple(Reason("check_failed", {"check": ("check", check.key)}) for check in failed)
        return Test(
            "integrity", None, ("count", float(len(failed))), ("count", 0.0), None, (), why, (Reason("mend_checks"),)
        )
    why = (Reason("integrity_pass", {"count": ("count", float(len(evaluation.checks))), "worst": ("error", worst)}),)
    return Test("integrity", True, ("count", 0.0), ("count", 0.0), None, (), why)
