"""What must hold in every evaluation of any valid file, whatever its periods, debt, payment and tax.

Each docstring says why theory promises it, and under which conditions where not always. Two evaluations are compared in
test_invariants_of_change.py and test_invariants_of_lending.py.
"""

import numpy as np
from hypothesis import assume
from second_model.examples import assert_not_more, assert_zero, evaluated, invariant, line, lines, money_scale


def months(evaluation) -> np.ndarray:
    return np.diff(ends(evaluation), prepend=0)


def ends(evaluation) -> np.ndarray:
    return evaluation.inputs.timeline.boundaries


def operating(evaluation) -> np.ndarray:
    """Which rows operate."""
    rows = np.zeros(len(ends(evaluation)), dtype=bool)
    rows[evaluation.inputs.timeline.operating] = True
    return rows


def before(balance: np.ndarray) -> np.ndarray:
    """The balance at the end of the row before."""
    return np.concatenate([np.zeros_like(balance[:1]), balance[:-1]])


def by_tax_year(evaluation, amounts: np.ndarray) -> np.ndarray:
    """Sums of the operating rows by calendar year."""
    years = np.asarray(evaluation.inputs.timeline.budget_years)
    own = operating(evaluation)
    return np.array([amounts[(years == year) & own, 0].sum() for year in range(years[own].min(), years.max() + 1)])


@invariant()
def test_the_balance_sheet_balances(data):
    """Double entry: what the company owns is what it owes and what its owners have in it, at the end of every row."""
    e = evaluated(data)
    owns = sum(lines(e, "fixed_assets vat_credit receivables cash debt_service_reserve maintenance_reserve"))
    owes = sum(lines(e, "debt_closing shareholder_loan_closing bridge_closing payables"))
    assert_zero(owns - owes - line(e, "shareholders_funds"), e)


@invariant()
def test_sources_are_uses_in_every_row(data):
    """Money is raised when it is spent, neither earlier nor later; equity pays back its bridge."""
    e = evaluated(data)
    bridge = line(e, "bridge_closing")
    raised = sum(lines(e, "grant equity debt_drawn shareholder_loan_drawn")) + bridge - before(bridge)
    assert_zero(line(e, "uses") - raised, e)


@invariant()
def test_lenders_get_back_what_they_lent_and_no_more(data):
    """Closing = opening + drawn - principal - prepayment; never below zero, and zero at the end of the concession."""
    e = evaluated(data)
    owed, drawn, principal, prepaid = lines(e, "debt_closing debt_drawn principal prepayment")
    assert_zero(owed - before(owed) - drawn + principal + prepaid, e)
    assert_not_more(-owed, 0.0, e)
    assert_zero(owed[-1], e)
    assert_zero(line(e, "debt_service") - line(e, "interest") - principal, e)


@invariant()
def test_shareholder_loans_are_repaid(data):
    """The same corkscrew for shareholders' loans: closing = opening + drawn - repaid."""
    e = evaluated(data)
    owed, drawn, repaid = lines(e, "shareholder_loan_closing shareholder_loan_drawn shareholder_loan_repaid")
    assert_zero(owed - before(owed) - drawn + repaid, e)
    assert_zero(owed[-1], e)


@invariant()
def test_cash_is_neither_made_nor_lost(data):
    """Cash = cash before + CFADS + disposal - everybody's service - what reserves take - distributions; none is left at the end."""
    e = evaluated(data)
    cash, reserve = lines(e, "cash debt_service_reserve")
    moved = sum(lines(e, "cfads disposal")) - sum(
        lines(e, "debt_service prepayment shareholder_loan_interest shareholder_loan_repaid distributions")
    )
    waited = before(line(e, "working_capital_filled"))  # cash at completion that the first row's CFADS counts
    change = cash - (before(cash) - waited) + reserve - before(reserve) - moved
    assert_zero(change[operating(e)], e)
    assert_zero(cash[-1], e)


@invariant()
def test_all_cash_ends_with_shareholders(data):
    """Over the whole life shareholders' net flow is EBITDA and disposal and grant less cost, tax, VAT and what lenders earn."""
    e = evaluated(data)
    earned = sum(x.sum() for x in lines(e, "ebitda disposal grant")) - sum(
        x.sum() for x in lines(e, "capex tax vat interest_during_construction interest fees shareholder_loan_interest")
    )
    assert_zero(line(e, "equity_flow").sum() - earned, e)


@invariant()
def test_the_debt_service_reserve_stays_within_its_target(data):
    """0 <= reserve <= service of the months it covers and <= debt owed before prepayment; empty at the end. Without sweep, since
    prepayment makes the actual service less than the scheduled one that the target counts."""
    e = evaluated(data)
    reserve = line(e, "debt_service_reserve")
    assert_not_more(-reserve, 0.0, e)
    assert_not_more(reserve, line(e, "debt_service_reserve_target"), e)
    assert_not_more(reserve, line(e, "debt_closing") + line(e, "prepayment"), e)
    assert_zero(reserve[-1], e)
    terms = data["funding"].get("reserves", {}).get("debt_service")
    tranches = [data["funding"].get("debt", {}), *data["funding"].get("further_debt", {}).values()]
    if terms and not any("sweep" in tranche for tranche in tranches):
        cover = int(terms["cover"].split()[0])
        end, length, service = ends(e), months(e), line(e, "debt_service")
        for t in range(len(end)):
            shared = np.clip(np.minimum(end, end[t] + cover) - np.maximum(end - length, end[t]), 0, None)
            part = np.divide(shared, length, out=np.zeros(len(end)), where=length > 0)
            assert_not_more(reserve[t], part @ service, e)


@invariant()
def test_shareholders_wait_for_the_lenders_reserve(data):
    """While the debt service reserve is short of its target all free cash has gone into it: nothing is distributed or prepaid."""
    e = evaluated(data)
    target, reserve, paid, prepaid = lines(
        e, "debt_service_reserve_target debt_service_reserve distributions prepayment"
    )
    short = operating(e)[:, None] & (target - reserve > 1e-9 * money_scale(e))
    assert_not_more(np.where(short, paid, 0.0)[:-1], 0.0, e)
    assert_zero(np.where(short, prepaid, 0.0), e)


@invariant()
def test_the_maintenance_reserve_holds_no_more_than_what_it_saves_for(data):
    """0 <= reserve <= renewals that lie ahead within its months; empty at the end, and before the last building row."""
    e = evaluated(data)
    reserve, renewals = lines(e, "maintenance_reserve lifecycle")
    later = renewals[::-1].cumsum(axis=0)[::-1] - renewals
    assert_not_more(-reserve, 0.0, e)
    assert_not_more(reserve, later, e)
    assert_zero(reserve[-1], e)


@invariant()
def test_the_credit_of_input_tax_is_a_corkscrew(data):
    """Cash paid as value-added tax is what the credit grows by, until the last row writes off what nobody refunds."""
    e = evaluated(data)
    credit, paid = lines(e, "vat_credit vat")
    assert_zero((credit - before(credit) - paid)[:-1], e)
    assert_not_more(-credit, 0.0, e)
    assert_zero(credit[-1], e)
    assert_not_more(-(credit[-2] + paid[-1]), 0.0, e)


@invariant()
def test_assets_are_written_off_once(data):
    """Fixed assets end at zero and never fall below; depreciation adds to what was spent less the grant."""
    e = evaluated(data)
    assets = line(e, "fixed_assets")
    spent = sum(x.sum() for x in lines(e, "capex interest_during_construction fees")) - line(e, "grant").sum()
    assert_zero(line(e, "depreciation").sum() - spent, e)
    assert_zero(assets[-1], e)
    assert_not_more(-assets, 0.0, e)


@invariant()
def test_owners_funds_are_what_they_paid_and_earned_less_what_they_took(data):
    """Retained earnings: funds = equity + profits - distributions, gone at the end when all is paid out."""
    e = evaluated(data)
    funds, paid, profit, taken = lines(e, "shareholders_funds equity net_profit distributions")
    assert_zero(funds - (paid + profit - taken).cumsum(axis=0), e)
    assert_zero(funds[-1], e)


@invariant()
def test_revenue_has_three_sources(data):
    e = evaluated(data)
    assert_zero(line(e, "revenue") - sum(lines(e, "user_payments other_revenue government_payment")), e)
    assert_zero(line(e, "ebitda") - line(e, "revenue") + sum(lines(e, "opex lifecycle")), e)


@invariant()
def test_the_government_books_what_the_company_books(data):
    """Mirror: subsidy paid = payment received; the government's equity and distributions are its shares of all."""
    e = evaluated(data)
    funding = data["funding"]
    share = float(funding["government_share"].rstrip("%")) / 100
    taken = float(funding.get("government_distributions", funding["government_share"]).rstrip("%")) / 100
    assert_zero(line(e, "operating_subsidy") - line(e, "government_payment"), e)
    assert_zero(line(e, "government_equity") - share * line(e, "equity"), e)
    assert_zero(line(e, "government_distributions") - taken * line(e, "distributions"), e)


@invariant()
def test_tax_is_never_negative_when_losses_are_carried_forward(data):
    """Under carry-forward the state gives nothing back: 0 <= tax <= rate x profit of the tax year, and no tax without a rate."""
    e = evaluated(data)
    tax = data.get("tax", {})
    if tax.get("losses") == "refund":
        return
    due, profit = by_tax_year(e, line(e, "tax")), by_tax_year(e, line(e, "profit_before_tax"))
    rate = float(tax.get("rate", "0%").rstrip("%")) / 100
    assert_not_more(-due, 0.0, e)
    assert_not_more(due, rate * np.maximum(profit, 0.0), e)


@invariant()
def test_a_loss_is_used_once_and_in_its_time(data):
    """First in, first out: to the end of every tax year no more is used than was lost before it, in a year no more than its profit,
    and with a limit of n years no more than the losses of the n years before."""
    e = evaluated(data)
    used, profit = by_tax_year(e, line(e, "losses_used")), by_tax_year(e, line(e, "profit_before_tax"))
    lost = np.maximum(-profit, 0.0)
    assert_not_more(-used, 0.0, e)
    assert_not_more(used, np.maximum(profit, 0.0), e)
    assert_not_more(used.cumsum(), lost.cumsum() - lost, e)
    if "loss_years" in data.get("tax", {}):
        limit = int(data["tax"]["loss_years"].split()[0])
        for year in range(len(used)):
            assert_not_more(used[year], lost[max(year - limit, 0) : year].sum(), e)


@invariant()
def test_a_tax_holiday_is_free(data):
    """No tax (nor refund) in the exempt tax years, counted from that of the first operating row."""
    e = evaluated(data)
    exempt = int(data.get("tax", {}).get("holiday", {}).get("exempt", "0 years").split()[0])
    assert_zero(by_tax_year(e, line(e, "tax"))[:exempt], e)


@invariant()
def test_nothing_is_distributed_in_lock_up(data):
    """With a lock-up cover, no row but the last distributes while CFADS / lender service is below it."""
    e = evaluated(data)
    lock_up = data.get("distributions", {}).get("lock_up")
    if lock_up is None:
        return
    cash, service, paid = lines(e, "cfads debt_service distributions")
    locked = (service > 1e-9 * money_scale(e)) & (cash < lock_up * service * (1 - 1e-8))
    assert_zero(np.where(locked, paid, 0.0)[:-1], e)


@invariant()
def test_dividends_come_from_profit(data):
    """With from_profit, dividends never exceed profits after the statutory reserve; shareholders pay in at the very end only."""
    e = evaluated(data)
    terms = data.get("distributions")
    if terms is None:
        return
    assert_not_more(-line(e, "distributions")[:-1][operating(e)[:-1]], 0.0, e)
    if terms.get("from_profit", True):
        profit, dividends, reserve = lines(e, "net_profit dividends statutory_reserve")
        left = (profit - dividends).cumsum(axis=0) - reserve
        assert_not_more(np.where(dividends > 1e-9 * money_scale(e), -left, 0.0), 0.0, e)


@invariant()
def test_the_statutory_reserve_grows_to_its_limit(data):
    """0 <= reserve <= limit x equity, and it never falls."""
    e = evaluated(data)
    terms = data.get("distributions", {}).get("statutory_reserve")
    reserve = line(e, "statutory_reserve")
    if terms is None:
        assert_zero(reserve, e)
        return
    limit = float(terms["limit"].rstrip("%")) / 100 * line(e, "equity").sum()
    assert_not_more(reserve, limit, e)
    assert_not_more(before(reserve), reserve, e)


@invariant()
def test_capital_is_returned_at_most_once(data):
    """What is returned before the end is at most what was paid in, and nothing where the file does not allow it."""
    e = evaluated(data)
    returned = line(e, "capital_returned")[:-1]
    allowed = data.get("distributions", {}).get("return_of_capital", False)
    assert_not_more(returned.sum(), line(e, "equity").sum() if allowed else 0.0, e)
    assert_not_more(-returned, 0.0, e)


@invariant()
def test_the_bridge_is_gone_when_operation_begins(data):
    """The bridge stands in for equity during construction; equity then comes once, in the last building row, and repays it."""
    e = evaluated(data)
    last = int(np.argmax(operating(e))) - 1
    assert_zero(line(e, "bridge_closing")[last:], e)
    if "equity_bridge" in data["funding"]:
        assert_zero(line(e, "equity")[:last], e)
    assert_zero(line(e, "equity")[last + 1 :], e)


@invariant()
def test_grace_repays_nothing(data):
    """Within the grace of the only tranche no principal falls due. A sculpted loan without cash adds nothing either: its cover in grace
    limits its size."""
    e = evaluated(data)
    debt = data["funding"].get("debt")
    if debt is None or "further_debt" in data["funding"]:
        return
    grace = int(debt.get("grace", "0 months").split()[0])
    construction = ends(e)[int(np.argmax(operating(e))) - 1]
    within = operating(e) & (ends(e) <= construction + grace)
    assert_zero(line(e, "principal")[within], e)


@invariant()
def test_the_return_discounts_to_zero(data):
    """An IRR is a root: the flow discounted with it at the months it falls in is worth nothing."""
    e = evaluated(data)
    rate = e.results["equity_irr"]
    assume(np.isfinite(rate[0]))
    flow = line(e, "equity_flow")[:, 0]
    factors = (1 + rate[0]) ** (-ends(e) / 12)
    assert abs(flow @ factors) <= 1e-9 * np.abs(flow * factors).sum()


@invariant()
def test_every_circle_closes(data):
    """All hard checks of the auditor pass, among them the circles' residual."""
    e = evaluated(data)
    assert e.sound.all(), [check.key for check in e.checks if not check.passed.all()]
