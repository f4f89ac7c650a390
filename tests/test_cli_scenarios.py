"""The commands about scenarios, single inputs and draws."""

from test_cli import here, params, ppp

__all__ = ["params"]


def test_compare_prints_scenarios_and_makes_a_report(params):
    said = ppp("compare", "params/wastewater.yaml", "-o", "reports", "--lang", "en", folder=params.parent)
    assert said.status == 0, said.err
    assert "Inputs that differ" in said.out and "Construction cost" in said.out and "Only together" in said.out
    folder = params.parent / "reports" / "wastewater-plant+comparison"
    assert {path.name for path in folder.iterdir()} >= {"comparison.en.html", "summary.json", "manifest.json"}
    page = (folder / "comparison.en.html").read_text(encoding="utf-8")
    assert "What each difference does" in page
    again = ppp("compare", "params/wastewater.yaml", "-o", "reports", "--lang", "en", folder=params.parent)
    assert "unchanged" in again.err
    assert ppp("verify", "reports", folder=params.parent).status == 0


def test_compare_refuses_one_side_and_a_missing_scenario(params):
    alone = here("compare", "params/wastewater.yaml#adverse", folder=params.parent)
    assert alone.status == 2 and "needs two" in alone.err
    missing = here("compare", "params/wastewater.yaml", "params/wastewater.yaml#none", folder=params.parent)
    assert missing.status == 1 and "there is no such scenario, given none" in missing.out


def test_sensitivity_answers_in_both_languages(params):
    said = ppp(
        "sensitivity", "params/wastewater.yaml", "--result", "equity_irr", "--target", "equity_irr=8%",
        "--by", "construction.capex", "--cross", "construction.capex", "payment.profit_rate", folder=params.parent,
    )  # fmt: skip
    assert said.status == 0, said.err
    assert "Elasticity" in said.out and "Break-even" in said.out and "Reasonable profit rate (columns)" in said.out
    zh = here("sensitivity", "params/wastewater.yaml", "--lang", "zh", folder=params.parent)
    assert zh.status == 0 and "弹性" in zh.out
    wrong = here("sensitivity", "params/wastewater.yaml", "--by", "construction.cost", folder=params.parent)
    assert wrong.status == 2 and "there is no input 'construction.cost'" in wrong.err
    wrong = here("sensitivity", "params/wastewater.yaml", "--target", "equity_irr=8", folder=params.parent)
    assert wrong.status == 2 and "may be a percentage or a fraction" in wrong.err


def test_simulate_prints_what_is_probable(params):
    said = ppp("simulate", "params/wastewater.yaml", "--draws", "512", "--loan", "held", folder=params.parent)
    assert said.status == 0, said.err
    assert "512 draws: 64 Sobol points" in said.out and "covenant of 1.20" in said.out
    wrong = here("simulate", "params/wastewater.yaml", "--loan", "kept", folder=params.parent)
    assert wrong.status == 2 and "loan: given kept; allowed: resized or held" in wrong.err


def test_a_draw_is_reported_like_a_scenario(params):
    said = ppp(
        "report",
        "params/wastewater.yaml#draw-12",
        "-o",
        "reports",
        "--lang",
        "en",
        "--draws",
        "0",
        folder=params.parent,
    )
    assert said.status == 0, said.err
    page = params.parent / "reports" / "wastewater-plant@draw-12" / "evaluation.en.html"
    assert "Draw 12" in page.read_text(encoding="utf-8")


def test_risks_that_only_one_of_two_projects_has_are_named():
    import ppp as package
    from ppp.report.inputs_in_words import difference_value

    school, hospital = (package.load(f"params/{name}.yaml") for name in ("school", "hospital"))
    assert difference_value(("risks",), hospital.risks, hospital, "en").endswith("; Change of clinical standards")
    assert difference_value(("risks", "pupils"), school.risks["pupils"], school, "zh") == "生源不足"
