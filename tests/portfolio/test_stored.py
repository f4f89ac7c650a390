"""Thousands of stored results: the same figures as the ledger's, from files, and every unfit file named."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ppp.appraisal.budget_years import RESPONSIBILITIES
from ppp.district import Listed
from ppp.portfolio import ledger
from ppp.portfolio.breakdown import by_year
from ppp.portfolio.files import canonical, load_portfolio, rules_of
from ppp.portfolio.members import from_record
from ppp.portfolio.plan import problem_of
from ppp.portfolio.stored import read_stored
from ppp.portfolio.study import study
from ppp.problems import InputError

SECTORS = ("road", "school", "wastewater")


def record(number: int, **change) -> dict:
    rng = np.random.default_rng(number)
    size = int(rng.integers(5, 31))
    first = int(rng.integers(2018, 2026))
    by_year = {key: [float(v) for v in rng.uniform(0.0, 1e7, size)] for key in RESPONSIBILITIES}
    by_year["capex"] = [0.0] * size
    if number % 4:  # every fourth has no company
        by_year["government_distributions"] = [float(v) for v in rng.uniform(0.0, 1e6, size)]
        by_year["net_profit"] = [float(v) for v in rng.uniform(-1e6, 3e6, size)]
        by_year["debt_closing"] = [float(v) for v in rng.uniform(0.0, 5e7, size)]
    total = sum(sum(by_year[key]) for key in RESPONSIBILITIES)
    return {
        "format": 1,
        "id": f"p{number}",
        "name": {"en": f"Project {number}", "zh": f"项目{number}"},
        "sector": SECTORS[number % 3],
        "payment": "viability_gap" if number % 2 else "availability",
        "status": "draft",
        "district": "here",
        "currency": "CNY",
        "results": {"fiscal_total": total, "vfm_amount": float(number)},
        "standing": {"government_pay": True, "spared": False, "user_share": 0.01 * number, "government_share": 0.2},
        "budget_years": {"years": list(range(first, first + size)), **by_year},
        **change,
    }


def store(folder: Path, *records: dict) -> Path:
    for entry in records:
        home = folder / str(entry["id"])
        home.mkdir(parents=True)
        (home / "summary.json").write_text(json.dumps(entry), encoding="utf-8")
    return folder


def test_the_files_give_what_the_ledger_gives(tmp_path):
    records = [record(n) for n in range(60)]
    found = read_stored(store(tmp_path, *records), "CNY", smallest_user_share=0.10)
    members = [from_record(entry) for entry in records]
    cells = [cell for member in members for cell in ledger.cells(member)]
    assert found.cents == ledger.totals(cells, lambda cell: (cell.year, cell.sector, cell.responsibility))
    assert found.difference == 0 and ledger.disagreements(members, cells) == {}
    assert found.count == 60 and found.vfm_total == pytest.approx(sum(range(60)))
    by_project = ledger.totals(cells, lambda cell: cell.project)
    assert [key for key, _, _ in found.largest] == sorted(by_project, key=lambda k: (-by_project[k], k))[:20]
    assert found.below_user_share == [(f"p{n}", pytest.approx(0.01 * n)) for n in range(1, 10, 2)]


def test_a_result_that_does_not_add_up_is_noticed(tmp_path):
    entry = record(1)
    entry["results"]["fiscal_total"] += 0.02
    assert read_stored(store(tmp_path, entry), "CNY").difference == -2


@pytest.mark.parametrize("wrong, told", [(0.0, 0), (0.02, 2)])
def test_an_amount_on_half_a_cent_is_no_difference_and_two_cents_are(tmp_path, wrong, told):
    """0.4 of a profit whose sum lies on half a cent: added up in another order it may round the other way."""
    entry = record(1)
    size = len(entry["budget_years"]["years"])
    entry["budget_years"]["net_profit"] = [0.1] * (size - 1) + [0.0125 - 0.1 * (size - 1)]
    entry["standing"]["government_share"] = 0.4
    entry["results"]["fiscal_total"] -= wrong
    assert read_stored(store(tmp_path, entry), "CNY").difference == told


def test_only_the_district_and_not_what_is_left_out_is_added(tmp_path):
    store(tmp_path, record(1), record(2), record(3, district="elsewhere"), record(4, district=None))
    assert read_stored(tmp_path, "CNY", "here", leave_out=["p2"]).count == 1
    assert read_stored(tmp_path, "CNY").count == 4


def test_a_districts_own_result_is_no_project(tmp_path):
    store(tmp_path, record(1), {"kind": "district", "id": "here", "currency": "CNY"})
    assert read_stored(tmp_path, "CNY").count == 1


def refusals(folder: Path, **terms) -> list[str]:
    with pytest.raises(InputError) as refused:
        read_stored(folder, "CNY", **terms)
    return [str(problem) for problem in refused.value.problems]


def test_every_unfit_result_is_named(tmp_path):
    old = {key: value for key, value in record(1).items() if key != "budget_years"}
    store(tmp_path, old, record(2, currency="USD"), record(3))
    store(tmp_path / "again", record(3))
    told = refusals(tmp_path)
    assert len(told) == 4
    for name, words in (("p1", "make its report again"), ("p2", "another currency"), ("p3", "another stored result")):
        assert any(f"{name}/summary.json" in line.replace("\\", "/") and words in line for line in told)


def changed(number: int, where: str, key: str, value: object) -> dict:
    entry = record(number)
    entry[where] = {**entry[where], key: value}
    return entry


def test_a_row_with_a_hole_or_of_another_length_is_named(tmp_path):
    kept = record(1)["budget_years"]["operating_subsidy"]
    store(
        tmp_path,
        changed(1, "budget_years", "operating_subsidy", [None, *kept[1:]]),
        changed(2, "budget_years", "retained_risk", [1.0, 2.0]),
        changed(3, "budget_years", "supporting_input", None),
        changed(4, "budget_years", "years", [None, *record(4)["budget_years"]["years"][1:]]),
        changed(5, "results", "fiscal_total", None),
        changed(9, "budget_years", "debt_closing", [1.0]),
        changed(10, "budget_years", "net_profit", [None, *record(10)["budget_years"]["net_profit"][1:]]),
        {key: value for key, value in record(6).items() if key != "sector"},
        record(7),
    )
    told = {line.replace("\\", "/").split("/summary.json")[0].rsplit("/", 1)[1]: line for line in refusals(tmp_path)}
    assert set(told) == {f"p{number}" for number in (1, 2, 3, 4, 5, 6, 9, 10)} and len(refusals(tmp_path)) == 8
    assert all("empty place, or is not as long" in told[f"p{number}"] for number in (1, 2, 3, 4, 9, 10))
    assert all("lacks years, sector" in told[key] for key in ("p5", "p6"))


def test_an_empty_folder_and_a_broken_file_are_told(tmp_path):
    assert "no stored result" in refusals(tmp_path)[0]
    (tmp_path / "summary.json").write_text("{broken", encoding="utf-8")
    assert "cannot be read" in refusals(tmp_path)[0]


def test_a_folder_name_is_a_name_and_no_pattern_or_code(tmp_path):
    folder = tmp_path / "it's a [test] 报告"
    assert read_stored(store(folder, record(1)), "CNY").count == 1


def test_no_other_district_is_an_error_in_words(tmp_path):
    store(tmp_path, record(1))
    assert "no stored result of this district" in refusals(tmp_path, district="nowhere")[0]


def test_little_memory_is_enough(tmp_path):
    records = [record(n) for n in range(400)]
    store(tmp_path, *records)
    small, large = (read_stored(tmp_path, "CNY", memory=memory) for memory in ("256MB", "1GB"))
    assert small == large


DEBT = """\
reserves: 5000000
found_within_budget: 40%
plan: {sector_limits: {road: 60%}}
debt:
  general: {outstanding: 900000000, rate: 4%, principal: [100000000, 20000000]}
  special: {outstanding: 600000000, rate: 3%, principal: [60000000]}
"""


@pytest.fixture
def both(plain, tmp_path):
    """The same projects once listed by their results and once stored, in one district."""
    records = [record(n, district="plain") for n in range(40)]
    change = {"unit: one": "unit: million"}
    listed = plain(DEBT.replace("000000", ""), change)
    members = [from_record(entry, Listed(file="a.yaml")) for entry in records]
    listed = replace(listed, members=members, records={entry["id"]: {"input_hash": ""} for entry in records})
    folder = store(tmp_path / "stored", *records)
    stored = read_stored(folder, "CNY", "plain", first_year=2020, owing_from=2022)
    return study(listed, 0), study(replace(listed, members=[], records={}, stored=stored), 0)


def test_stored_results_enter_the_accounts_as_listed_projects_do(both):
    """Two routes from the same results, one in Python and one in SQL: every line of every statement, the debt path, each check."""
    listed, stored = both
    assert listed.complete and stored.complete, (listed.checks, stored.checks)
    assert np.array_equal(listed.years, stored.years)
    for part in ("income", "cash", "balance"):
        for key, values in getattr(listed.statements, part).items():
            again = getattr(stored.statements, part)[key]
            assert again == pytest.approx(values, abs=0.01 * 40 * 30), (part, key)  # a cent a cell at most
    assert stored.statements.balance["shares"][0, 1] != 0.0 and stored.statements.balance["company_debt"][0, 1] > 1e8
    assert stored.standing.ratio == pytest.approx(listed.standing.ratio, rel=1e-9)
    without, with_stored = (stored.statements.balance["gross_debt"][:, case] for case in (0, 1))
    assert (with_stored > without).any()
    ahead = np.isin(stored.years, stored.ahead)
    paid = (stored.statements.income["project_expense"] + stored.statements.cash["equity_paid"])[:, 1]
    assert np.array_equal(np.rint(paid * 100), np.rint(stored.spending[ahead] * 100))


def test_stored_results_are_stressed_as_listed_projects_are(both):
    listed, stored = both
    for one, other in zip(listed.stressed, stored.stressed, strict=True):
        assert one.shock.key == other.shock.key and one.crossed == other.crossed
        assert other.spending == pytest.approx(one.spending, abs=12.0)
    hit = {x.shock.key: x for x in stored.stressed}
    assert not np.array_equal(hit["largest_terminated"].spending, hit["base"].spending)


def test_what_fell_before_the_first_budget_year_is_kept_apart(tmp_path):
    store(tmp_path, *(record(n) for n in range(12)))
    whole, late = (read_stored(tmp_path, "CNY", first_year=year) for year in (0, 2022))
    assert not whole.past and late.difference == 0 and min(year for year, _, _ in late.cents) >= 2022
    for key in RESPONSIBILITIES:
        total = lambda s, key=key: sum(c for (_, _, kind), c in s.cents.items() if kind == key)  # noqa: E731
        assert total(late) + late.past.get(key, 0) == total(whole)
    for line in ("government_distributions", "company_profit"):
        total = lambda s, line=line: sum(c for (_, name), c in s.accounts.items() if name == line)  # noqa: E731
        assert total(late) + late.past[line] == total(whole)
    assert "company_debt" not in late.past


def test_a_sector_limit_counts_stored_results(both):
    """The limits of the plan are what is left beside them."""
    listed, stored = both
    rules, terms = rules_of(stored.district), stored.district.plan
    held = by_year([], stored.portfolio.stored, stored.years, lambda sector, kind: sector)
    budget = stored.budgets.columns["expenditure"]
    found = problem_of(stored.district, terms, rules, stored.years, budget, [], stored.decided, held)
    wanted = problem_of(listed.district, terms, rules, listed.years, budget, listed.members, listed.decided)
    ((_, limits),) = found.sectors
    assert limits == pytest.approx(wanted.sectors[0][1], abs=12.0)
    assert (limits < 0.6 * budget - 1e6).any()


TERMS = (
    {"revenue_guarantee": {"share": "85%", "volatility": "15%", "correlation": 0.3}},
    {
        "debt_guarantee": {"share": "30%", "probability": "1%", "recovery": "40%", "correlation": 0.4},
        "termination": {
            "correlation": 0.4,
            "authority": {"probability": "0.7%", "debt": "100%", "equity": "100%", "equity_basis": "distributions"},
            "company": {"probability": "1.1%", "debt": "80%", "equity": "50%"},
        },
    },
    {
        "revenue_guarantee": {"volatility": "10%"},
        "termination": {"force_majeure": {"probability": "2%", "debt": "100%"}},
    },
    None,
)


def with_terms(number: int) -> dict:
    """A result with one of the terms above, every row that they need, and no figure that the pool rounds to the cent."""
    entry, rng = record(number, district="plain", contingent=TERMS[number % 4]), np.random.default_rng(1000 + number)
    size = len(entry["budget_years"]["years"])
    rows = ("user_payments", "minimum_revenue", "equity", "distributions", "debt_closing", "government_distributions")
    for key in rows:
        entry["budget_years"].setdefault(key, [float(v) for v in rng.uniform(1e6, 3e6, size)])
    return entry


@pytest.fixture
def called(plain, tmp_path):
    """The same 20 projects with terms, once listed and once stored, each drawn."""
    records = [with_terms(n) for n in range(20)]
    portfolio = plain("economy: 6%\n" + DEBT.replace("000000", ""), {"unit: one": "unit: million"})
    members = [from_record(entry, Listed(file="a.yaml")) for entry in records]
    listed = replace(portfolio, members=members, records={entry["id"]: {"input_hash": ""} for entry in records})
    folder = store(tmp_path / "stored", *records)
    found = read_stored(folder, "CNY", "plain", first_year=2020, owing_from=2022, rate=portfolio.district.discount_rate)
    return study(listed, 512), study(replace(portfolio, members=[], records={}, stored=found), 512)


def test_stored_results_are_called_as_listed_projects_are(called):
    """The same seeds by project, so the same draws: expected, 95 % and tail mean by year and in present value, and each kind's sum."""
    listed, stored = called
    one, other = listed.simulated, stored.simulated
    assert np.array_equal(listed.ahead, stored.ahead) and one.total.worth[0] > 1e6
    for part in ("expected", "quantile", "tail", "worth"):
        assert getattr(other.total, part) == pytest.approx(getattr(one.total, part), rel=1e-12), part
    assert other.revenue_in_tail == pytest.approx(one.revenue_in_tail, rel=1e-12)
    kinds = {source.key for source in one.sources}
    assert (
        {source.key for source in other.sources}
        == kinds
        == {
            "revenue_guarantee",
            "debt_guarantee",
            "authority",
            "company",
            "force_majeure",
        }
    )
    for source in other.sources:
        alone = [s for s in one.sources if s.key == source.key]
        assert source.count == len(alone) and source.worth == pytest.approx(sum(s.worth for s in alone), rel=1e-12)


def test_stored_terms_enter_stress_and_statements_as_listed_ones_do(called):
    listed, stored = called
    for one, other in zip(listed.stressed, stored.stressed, strict=True):
        assert one.shock.key == other.shock.key and one.crossed == other.crossed
        assert other.extra == pytest.approx(one.extra, abs=0.01), one.shock.key
    extra = {x.shock.key: x.extra for x in stored.stressed}
    assert extra["guarantees_called"] > 1e6 and extra["largest_terminated"] > 1e6
    calls = [s.statements.income["calls"][:, 2] for s in called]
    assert calls[1] == pytest.approx(calls[0], rel=1e-12)


def test_a_district_with_stored_terms_is_the_same_read_again(called, tmp_path):
    """The canonical file of the report holds what is needed to draw them."""
    _, stored = called
    path = tmp_path / "again.json"
    path.write_text(json.dumps(canonical(stored.portfolio), allow_nan=False), encoding="utf-8")
    again = study(load_portfolio(path), 512)
    assert again.portfolio.stored == stored.portfolio.stored
    assert again.simulated.total.worth == stored.simulated.total.worth


def test_terms_that_cannot_be_are_named_by_file_and_key(tmp_path):
    high = {
        "termination": {
            "company": {"probability": "60%", "debt": "80%"},
            "authority": {"probability": "50%", "debt": 2},
        }
    }
    sums = {"termination": {**high["termination"], "authority": {"probability": "50%", "debt": "90%"}}}
    users = {"revenue_guarantee": {"share": "80%", "volatility": "10%"}}
    store(tmp_path, record(1, contingent=high), record(2, contingent=sums), record(3, contingent=users))
    told = refusals(tmp_path)
    assert len(told) == 3
    for name, words in (
        ("p1", "contingent.termination.authority.debt"),
        ("p2", "add to 110"),
        ("p3", "contingent.revenue_guarantee: guarantees users' payments"),
    ):
        assert any(f"{name}/summary.json" in line.replace("\\", "/") and words in line for line in told), told
