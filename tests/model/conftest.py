"""The small companies of tests/companies.py under the names that tests use."""

import companies
import pytest


@pytest.fixture
def debt_terms():
    """6 % over 10 years, sculpted to a cover of 1.3 after tax, no fees; change what matters."""
    return companies.terms


@pytest.fixture
def tax_terms():
    """25 %, straight line over 15 years, losses carried forward without end."""
    return companies.tax_terms


@pytest.fixture
def formula():
    """The subsidy formula with a profit rate of 6 % and a rate of 5 %, no loan, for `years` years."""
    return companies.formula


@pytest.fixture
def inputs():
    """1000 of capex over two years, then 15 years in which users pay 180 and operation costs 50; with the debt of `debt_terms`."""

    def make(construction: float = 2, operation: float = 15, **changes):
        return companies.company(construction, operation, **{"debt": companies.terms(), **changes})

    return make
