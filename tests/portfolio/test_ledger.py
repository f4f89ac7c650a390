"""Whole cents: every total agrees with every other, and removing a project removes exactly its lines."""

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppp.portfolio import ledger
from ppp.portfolio.breakdown import by_account, by_parts, in_cents
from ppp.portfolio.packs import accounts_of
from ppp.portfolio.study import study
from tests.portfolio.conftest import DALIAN, member, portfolio_of

amounts = st.lists(st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 7)), min_size=1, max_size=120)


@given(amounts)
def test_the_rounding_is_carried_and_never_lost(values):
    cents = ledger.carried(np.array(values))
    whole = (sum(map(Decimal, map(str, values))) * 100).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert abs(int(cents.sum()) - int(whole)) <= 1  # equal but for floats on half a cent
    assert np.abs(cents - np.array(values) * 100).max() <= 1.0 + 1e-3


def test_rounding_each_cell_by_itself_would_drift():
    values = np.full(1000, 0.004)
    assert np.rint(values * 100).sum() == 0 and ledger.carried(values).sum() == 400


def test_an_empty_cell_stays_empty():
    cents = ledger.carried(np.array([[0.0, 1.005], [0.0, 2.004], [0.0, 0.0]]))
    assert (cents[:, 0] == 0).all() and cents[2, 1] == 0


def test_every_grouping_has_the_same_total_to_the_cent(dalian):
    whole = sum(cell.cents for cell in dalian.cells)
    for of in (
        lambda year, sector, kind: year,
        lambda year, sector, kind: sector,
        lambda year, sector, kind: kind,
        lambda year, sector, kind: (year, sector, kind),
    ):
        assert sum(by_parts(dalian.cells, None, of).values()) == whole
    assert sum(a.cents for a in by_account(dalian.cells, None, accounts_of(dalian.district))) == whole
    assert round(in_cents(dalian.cells, dalian.years).sum() * 100) == whole


def test_the_district_agrees_with_the_projects_own_results(dalian):
    from ppp import evaluate, load

    for project, path in (("wastewater-plant", "wastewater.yaml"), ("urban-road", "urban-road.yaml")):
        result = evaluate(load(DALIAN.parent.parent / path))
        own = float(result.results["fiscal_total"][0])
        cents = sum(cell.cents for cell in dalian.cells if cell.project == project)
        assert cents == round(own * 100)
        for key in ("government_equity", "operating_subsidy", "retained_risk", "supporting_input"):
            line = sum(c.cents for c in dalian.cells if c.project == project and c.responsibility == key)
            assert line == pytest.approx(float(result.lines[key].sum()) * 100, abs=100)  # a cent a cell at most


def test_a_cent_that_is_lost_is_noticed(dalian):
    assert ledger.disagreements(dalian.members, dalian.cells) == {}
    lost = [replace(dalian.cells[0], cents=dalian.cells[0].cents - 1), *dalian.cells[1:]]
    assert ledger.disagreements(dalian.members, lost) == {dalian.cells[0].project: -1}


def test_a_half_cent_is_no_disagreement_but_a_cent_and_a_half_is():
    one = member("a", 2025, operating_subsidy=[1.005, 2.0])
    assert ledger.disagreements([one], ledger.cells(one)) == {}
    wrong = replace(one, results={"fiscal_total": 3.02})
    assert ledger.disagreements([wrong], ledger.cells(wrong)) != {}


def test_removing_a_project_changes_exactly_its_lines():
    whole = portfolio_of(DALIAN)
    kept = replace(
        whole,
        members=[m for m in whole.members if m.id != "urban-road"],
        district=whole.district.model_copy(
            update={"projects": {k: v for k, v in whole.district.projects.items() if k != "urban-road"}}
        ),
    )
    before, after = study(whole, 512), study(kept, 512)
    years = before.years
    assert [c for c in before.cells if c.project != "urban-road"] == after.cells
    removed = in_cents(before.cells, years, "urban-road")
    here = np.isin(years, after.years)
    assert np.array_equal(np.rint((before.spending[here] - after.spending) * 100), np.rint(removed[here] * 100))
    sources = lambda s: {(x.exposure, x.key): x for x in s.simulated.sources}  # noqa: E731
    for key, source in sources(after).items():
        assert np.array_equal(source.expected, sources(before)[key].expected[here])
        assert source.likelihood == sources(before)[key].likelihood
    assert {key for key in sources(before) if key not in sources(after)} == {
        ("urban-road", kind) for kind in ("debt_guarantee", "authority", "company")
    }
