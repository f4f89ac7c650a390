"""What a file may say about draws, and what is said about one that says it wrong."""

import pytest

import ppp
from ppp.draws import plan_of
from ppp.problems import InputError

ROWS = """
kind: project
id: one
name: One
status: draft
sector: road
regime: generic
appraised: 2021-01-01
currency: CNY
unit: wan
price_basis: nominal
timeline: {financial_close: 2022-01-01, construction: 2 years, operation: 10 years}
construction: {capex: 1000}
operation: {opex: 50, disposal: 0}
users: {payments: 200}
payment: {kind: user_pay}
funding: {government_share: 20%, debt: {rate: 5%, tenor: 8 years, repayment: annuity, max_gearing: 70%}}
discounting: {rate: 5%}
"""


@pytest.fixture
def written(tmp_path):
    def write(text, base=ROWS):
        path = tmp_path / "one.yaml"
        path.write_text(base + text, encoding="utf-8")
        return path

    return write


def drawn(line, more=""):
    return f"simulation:\n  inputs:\n    a: {{{line}}}\n{more}"


TRIANGLE = "shape: triangular, low: 900, likely: 1000, high: 1200"
WRONG = {
    "sets: construction.capx, shape: uniform, low: 1, high: 2": (
        "21:9: simulation.inputs.a.sets: there is no input 'construction.capx': 'capx' is unknown; did you mean capex?"
    ),
    "sets: timeline.operation, shape: uniform, low: 1, high: 2": "'timeline.operation' is not a number that can vary",
    "sets: timeline.financial_close, shape: uniform, low: 1, high: 2": "is not a number that can vary",
    "sets: operation.opex, shape: uniform, low: 1, high: 2": "write operation.opex.times",
    "multiplies: [operation.disposal], shape: uniform, low: 1, high: 2": "is zero in the file, so a factor moves nothing",
    "multiplies: [construction.capex, construction.capex], shape: uniform, low: 1, high: 2": "names an input twice",
    f"{TRIANGLE}": "needs one of sets, multiplies or adds_to, given none",
    f"sets: construction.capex, adds_to: [discounting.rate], {TRIANGLE}": "given sets, adds_to",
    "sets: construction.capex, shape: triangular, low: 9, high: 12": "a triangular distribution lacks likely",
    f"sets: construction.capex, {TRIANGLE}, sd: 1": "a triangular distribution has no sd; allowed: low, likely, high",
    "sets: construction.capex, shape: normal, mean: 9": "lacks sd; allowed: mean, sd; low and high may cut it",
    "sets: construction.capex, shape: triangular, low: 1300, likely: 1000, high: 1200": "must rise, given 1300, 1000, 1200",
    "sets: construction.capex, shape: gamma, low: 1": "shape",
    "sets: construction.capex, shape: normal, mean: 1000, sd: 300": (
        "draws of construction.capex reach -799.342: is out of range, given -799.34"
    ),
    "sets: discounting.rate, shape: normal, mean: 5%, sd: 10%": "reach 0.649781: is out of range, given 64.97",
    "adds_to: [funding.debt.max_gearing], shape: uniform, low: 0%, high: 40%": "reach 1.1: is out of range",
    "multiplies: [funding.debt.max_gearing], shape: uniform, low: 1, high: 2": "reach 1.4: is out of range",
    "sets: discounting.rate, shape: uniform, low: 4, high: 6": "reach 4: is out of range, given 400",
    "sets: construction.capex, shape: discrete, values: [1, 2], probabilities: [50%, 40%]": "add to 90.0000%; allowed: 100%",
    "sets: construction.capex, shape: discrete, values: [1000], probabilities: [120%]": "probabilities",
    "sets: construction.capex, shape: empirical, values: {csv: none.csv, column: x}": "there is no such file",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_distribution_is_refused_with_its_place(written, line):
    with pytest.raises(InputError) as caught:
        ppp.load(written(drawn(line)))
    assert WRONG[line] in str(caught.value)
    assert "one.yaml:2" in str(caught.value)


def test_a_distribution_that_the_file_cannot_bear_is_refused(written):
    """A grant above capex is refused as a disagreement between two parts."""
    text = ROWS.replace("max_gearing: 70%}}", "max_gearing: 70%}, grant: 900}")
    with pytest.raises(InputError, match=r"draws of construction.capex reach 800: is more than capex, given 900"):
        ppp.load(written(drawn("sets: construction.capex, shape: uniform, low: 800, high: 1100"), text))


def test_two_quantities_may_not_set_one_input(written):
    more = f"    b: {{sets: construction.capex, {TRIANGLE}}}\n"
    with pytest.raises(InputError, match=r"simulation.inputs.b.sets: construction.capex is set by a already"):
        ppp.load(written(drawn(f"sets: construction.capex, {TRIANGLE}", more)))


def test_every_problem_is_said_at_once(written):
    more = "    b: {sets: nothing, shape: uniform, low: 1, high: 2}\n    c: {sets: users.x, shape: uniform, low: 1, high: 2}\n"
    with pytest.raises(InputError) as caught:
        ppp.load(written(drawn("sets: wrong, shape: uniform, low: 1, high: 2", more)))
    assert [problem.field for problem in caught.value.problems] == [f"simulation.inputs.{name}.sets" for name in "abc"]


SETTINGS = {
    "points: 500": "is not a power of two, given 500; allowed: 256 or 512",
    "points: 3": "a power of two from 16 to 262144",
    "scrambles: 1": "allowed: a whole number from 2 to 64",
    "sampling: latin": "sampling",
    "loan: keep": "loan",
    "risks: drawn": "no risk has outcomes or a distribution to draw from",
    "covenant: 0.9": "a cover ratio from 1.0 to 10",
    "correlations: [{between: [a, b], rank: 50%}]": "is not a quantity that is drawn",
}


@pytest.mark.parametrize("line", SETTINGS)
def test_a_wrong_setting_is_refused(written, line):
    more = f"  {line}\n"
    with pytest.raises(InputError) as caught:
        ppp.load(written(drawn(f"sets: construction.capex, {TRIANGLE}", more)))
    assert SETTINGS[line] in str(caught.value)


THREE = """    b: {sets: operation.opex.times, shape: uniform, low: 0.9, high: 1.1}
    c: {sets: users.payments.times, shape: uniform, low: 0.9, high: 1.1}
"""


def correlated(*pairs):
    lines = "".join(f"    - {{between: [{one}, {other}], rank: {rank}}}\n" for one, other, rank in pairs)
    return drawn(f"sets: construction.capex, {TRIANGLE}", THREE + "  correlations:\n" + lines)


def test_correlations_that_contradict_are_refused_with_the_nearest_that_do_not(written):
    with pytest.raises(InputError) as caught:
        ppp.load(written(correlated(("a", "b", "90%"), ("a", "c", "90%"), ("b", "c", "-90%"))))
    assert "contradict one another" in str(caught.value) and "a and b 48.3%" in str(caught.value)
    near = (("a", "b", "48%"), ("a", "c", "48%"), ("b", "c", "-48%"))
    assert plan_of(ppp.load(written(correlated(*near)))).joint is not None


@pytest.mark.parametrize(
    "pairs, said",
    [
        ([("a", "a", "10%")], "names one quantity twice"),
        ([("a", "b", "10%"), ("b", "a", "20%")], "says a pair again"),
        ([("a", "b", "120%")], "out of range"),
    ],
)
def test_a_wrong_pair_is_refused(written, pairs, said):
    with pytest.raises(InputError, match=said):
        ppp.load(written(correlated(*pairs)))


def test_values_may_stand_in_a_csv_file(written, tmp_path):
    (tmp_path / "past.csv").write_text("project,overrun\na,1.02\nb,1.31\nc,0.95\n", encoding="utf-8")
    line = "multiplies: [construction.capex], shape: empirical, values: {csv: past.csv, column: overrun}"
    project = ppp.load(written(drawn(line)))
    assert project.simulation.inputs["a"].values == [1.02, 1.31, 0.95]
    import json

    from ppp.loading import canonical

    (tmp_path / "copy.json").write_text(json.dumps(canonical(project)), encoding="utf-8")
    assert ppp.load(tmp_path / "copy.json").simulation == project.simulation


def test_a_scenario_must_name_a_loan_that_can_be_held(written):
    scenarios = (
        "scenarios:\n  x: {loan: held, funding: {debt: {tenor: 9 years}}}\n  y: {loan: kept, discounting: {rate: 6%}}\n"
    )
    with pytest.raises(InputError) as caught:
        ppp.load(written(scenarios + "  draw-3: {discounting: {rate: 6%}}\n  z: {loan: held}\n"))
    said = str(caught.value)
    assert "scenarios.x.loan: cannot be held: the scenario changes the loans themselves" in said
    assert "scenarios.y.loan: given kept; allowed: resized or held" in said
    assert "scenarios.draw-3: is the name of a draw; allowed: another" in said
    assert "scenarios.z: changes nothing" in said
    bare = ROWS.replace(", debt: {rate: 5%, tenor: 8 years, repayment: annuity, max_gearing: 70%}", "")
    with pytest.raises(InputError, match="there is no loan to hold"):
        ppp.load(written("scenarios:\n  x: {loan: held, discounting: {rate: 6%}}\n", bare))
    with pytest.raises(InputError, match=r"simulation.loan: there is no loan to hold"):
        ppp.load(written("simulation: {loan: held}\n", bare))


def test_a_scenario_may_not_change_what_is_drawn(written):
    with pytest.raises(InputError, match=r"scenarios.x.simulation: cannot be changed by a scenario"):
        ppp.load(written("scenarios:\n  x: {simulation: {scrambles: 4}}\n"))
