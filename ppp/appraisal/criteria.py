"""The tests of a rule pack, each answered for one case or many from the same evaluation."""

from __future__ import annotations

import numpy as np

from ppp.appraisal.evaluation import Evaluation
from ppp.appraisal.verdict import Reason, Test
from ppp.project import Availability, GovernmentPay, UserPay, ViabilityGap

ROUNDING = 1e-12  # of the PSC: VfM of zero passes, whatever the last bit says


def passes(evaluation: Evaluation) -> dict[str, np.ndarray]:
    """Whether each assessable test of the pack is passed, (cases,); the integrity of the model is a test too."""
    answers: dict[str, np.ndarray] = {}
    names = evaluation.rules.pack.tests
    if "value_for_money" in names and evaluation.vfm is not None:
        answers["value_for_money"] = evaluation.vfm.amount >= -ROUNDING * np.abs(evaluation.vfm.psc)
    if "qualitative" in names and "qualitative_score" in evaluation.results:
        answers["qualitative"] = evaluation.results["qualitative_score"] >= evaluation.rules.value(
            "qualitative_pass_mark"
        )
    if "affordability" in names and evaluation.load is not None:
        answers["affordability"] = evaluation.load.share.max(axis=0) <= caps(evaluation)
    if "feasibility" in names and evaluation.inputs.funded:
        answers["feasibility"] = np.all(np.broadcast_arrays(*feasibility(evaluation).values()), axis=0)
    answers["integrity"] = evaluation.sound
    return answers


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
    exempt = rules.pack.exempt_sectors
    project = evaluation.project
    is_exempt = project.stock_project or (
        exempt is not None and exempt.rule == line and project.sector in exempt.sectors
    )
    cap = rules.value("affordability_cap")
    held = counts_as_government_pay(evaluation) if rules.has(line) and not is_exempt else np.array([False])
    return np.where(held, min(rules.value(line), cap), cap) if held.any() else np.full(held.shape, cap)


def feasibility(evaluation: Evaluation) -> dict[str, np.ndarray]:
    """The checklist of the new mechanism: users pay, income covers cost with some return, no new spending duty, term, private share."""
    project, rules, lines = evaluation.project, evaluation.rules, evaluation.lines
    term = project.timeline.construction + project.timeline.operation
    operating = evaluation.inputs.timeline.operating
    duty = (lines["operating_subsidy"] + np.maximum(lines["supporting_input"], 0.0))[operating].sum(axis=0)
    found = {
        "user_pay": np.array([isinstance(project.payment, UserPay)]),
        "return": evaluation.results["project_irr"] > 0.0,
        "no_spending_duty": duty <= 0.0,
        "term": np.array([term <= rules.value("longest_concession")]),
    }
    if project.strongly_public:
        found["private_share"] = np.atleast_1d(
            1.0 - np.asarray(project.funding.government_share) >= rules.value("private_share_strongly_public")
        )
    return found


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
    passed = bool(passes(evaluation)["value_for_money"][0])
    values = {
        "psc": ("money", psc),
        "ppp": ("money", ppp),
        "amount": ("money", abs(amount)),
        "index": ("rate", abs(index)),
    }
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
        (),
        (Reason("vfm_pass" if passed else "vfm_fail", values),),
        cures,
    )


def _qualitative(evaluation: Evaluation) -> Test:
    if not evaluation.scores:
        return _missing("qualitative", "qualitative")
    got, mark = float(evaluation.results["qualitative_score"][0]), evaluation.rules.value("qualitative_pass_mark")
    passed = got >= mark
    values = {"score": ("score", got), "mark": ("score", mark)}
    weakest = min(evaluation.scores, key=lambda scored: scored.mean)
    name = evaluation.rules.pack.indicators[weakest.key].name
    cures = (
        ()
        if passed
        else (
            Reason(
                "raise_score", {"name": ("text", name), "mean": ("score", weakest.mean), "gap": ("score", mark - got)}
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


def _affordability(evaluation: Evaluation) -> Test:
    load = evaluation.load
    if load is None:
        return _missing("affordability", "district")
    cap, share = binding_cap(evaluation), load.share[:, 0]
    peak = int(np.argmax(share))
    passed = bool(share[peak] <= cap)
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
    is_line = evaluation.rules.has("affordability_no_new_government_pay") and cap < evaluation.rules.value(
        "affordability_cap"
    )
    if is_line:
        why.append(Reason("government_pay_line", {"cap": ("rate", cap)}))
    rules = ("affordability_no_new_government_pay" if is_line else "affordability_cap",)
    return Test(
        "affordability",
        passed,
        ("rate", float(share[peak])),
        ("rate", cap),
        ("rate", cap - float(share[peak])),
        rules,
        tuple(why),
        cures,
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
        },
    )


def _feasibility(evaluation: Evaluation) -> Test:
    if not evaluation.inputs.funded:
        return _missing("feasibility", "funding")
    items = feasibility(evaluation)
    passed = all(bool(np.all(ok)) for ok in items.values())
    irr = float(evaluation.results["project_irr"][0])
    values = {"irr": ("rate", irr), "rate": ("rate", float(evaluation.inputs.discount_rate[0]))}
    why = [
        Reason(f"feasibility_{key}_{'pass' if np.all(ok) else 'fail'}", values)
        for key, ok in items.items()
        if key != "return" or np.isfinite(irr)
    ]
    if not np.isfinite(irr):
        why.append(Reason("feasibility_no_irr"))
    cures = tuple(Reason(f"feasibility_{key}_cure") for key, ok in items.items() if not np.all(ok))
    used = ("longest_concession", *(("private_share_strongly_public",) if "private_share" in items else ()))
    return Test("feasibility", passed, ("rate", irr), ("rate", 0.0), ("rate", irr), used, tuple(why), cures)


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
