"""The same project under every rule book, against files that name that book themselves."""

import datetime as dt

import pytest

import ppp
from ppp import regimes
from ppp.appraisal.criteria import answered
from ppp.appraisal.rule_books import under, under_every_rule_book


def books(project):
    return {book.pack: book for book in under_every_rule_book(ppp.evaluate(project))}


def test_every_pack_is_there_once_and_the_project_s_own_first(any_project):
    found = under_every_rule_book(ppp.evaluate(any_project))
    assert sorted(book.pack for book in found) == regimes.available()
    assert [book.own for book in found] == [True] + [False] * (len(found) - 1)
    assert found[0].pack == any_project.regime and found[0].day == any_project.appraised


@pytest.mark.parametrize(
    ("pack", "changes"),
    [
        ("generic", {"regime": "generic", "qualitative": None}),
        ("us-fhwa", {"regime": "us-fhwa", "qualitative": None, "district": None}),
        (
            "cn-2023",
            {
                "regime": "cn-2023",
                "qualitative": None,
                "appraised": "2023-11-03",
                "timeline": {"financial_close": "2024-01-01"},
            },
        ),
    ],
)
def test_it_says_what_a_file_that_names_the_book_would_say(project, pack, changes):
    found = books(project())[pack]
    named = ppp.evaluate(project(**changes))
    tests = [test for test in answered(named) if test.key != "integrity"]
    assert found.lacks == []
    assert set(found.failing) == {test.key for test in tests if not test.passed}
    assert set(found.passed) == {test.key for test in tests if test.passed}
    if "value_for_money" in named.rules.pack.tests:
        assert found.vfm == pytest.approx(float(named.vfm.amount[0]), rel=1e-12)
    else:
        assert found.vfm is None


def test_a_book_that_needs_what_the_file_gives_is_applied(project):
    given = {
        "discounting": {"systematic_risk": {"share_transferred": "50%", "beta": 0.5}},
        "qualitative": None,
        "district": None,
    }
    australian = project(regime="au-nppg", **given)
    found = books(australian)
    assert found["au-nppg"].vfm == pytest.approx(float(ppp.evaluate(australian).vfm.amount[0]))
    one_rate = ppp.evaluate(project(regime="generic", qualitative=None, district=None))
    assert found["us-fhwa"].vfm == pytest.approx(float(one_rate.vfm.amount[0]))  # the second rate is left out there
    assert found["us-fhwa"].vfm != pytest.approx(found["au-nppg"].vfm)


def test_what_others_lack_is_listed_by_key(project):
    found = books(project(qualitative=None, regime="generic"))
    assert found["au-nppg"].lacks == ["discounting.systematic_risk"]
    assert found["uk-hmt"].lacks == ["comparator.optimism_bias", "price_basis"]
    for lacking in ("au-nppg", "uk-hmt"):
        assert found[lacking].vfm is None and found[lacking].passed == found[lacking].failing == ()


def test_a_book_of_another_time_is_applied_as_of_the_nearest_day(project, params):
    assert books(project())["cn-2023"].day == dt.date(2023, 11, 3)
    assert books(params("hospital"))["cn-2015"].day == regimes.load("cn-2015").valid_to
    stock = params("school")  # a stock project goes on under the book that has ended
    assert under(stock, "cn-2015").appraised == stock.appraised


def test_conventions_of_the_project_stand_where_the_book_allows_them(project):
    made = project(conventions={"discount_timing": "middle"})
    expected = ppp.evaluate(project(regime="generic", qualitative=None, conventions={"discount_timing": "middle"}))
    assert books(made)["generic"].vfm == pytest.approx(float(expected.vfm.amount[0]))


def test_the_project_itself_is_left_alone(project):
    made = project()
    before = made.model_dump()
    under_every_rule_book(ppp.evaluate(made))
    assert made.model_dump() == before and made.budget is not None


def test_a_new_pack_joins_the_table_by_its_file_alone(project, tmp_path_factory, monkeypatch):
    """Adding a country is adding a file."""
    tmp_path = tmp_path_factory.mktemp("packs")
    for name in regimes.available():
        text = (regimes.folder() / f"{name}.yaml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    new = (tmp_path / "generic.yaml").read_text(encoding="utf-8").replace("id: generic", "id: newland", 1)
    (tmp_path / "newland.yaml").write_text(new, encoding="utf-8")
    monkeypatch.setattr(regimes, "folder", lambda: tmp_path)
    regimes.load.cache_clear()
    try:
        found = books(project())
        assert found["newland"].vfm == found["generic"].vfm and found["newland"].passed == found["generic"].passed
    finally:
        regimes.load.cache_clear()


def test_what_one_test_alone_needs_leaves_that_test_open_and_not_the_book(project):
    """Own book and others alike: value for money needs neither a district nor scores."""
    bare = project(qualitative=None, district=None)
    found = books(bare)
    assert found["cn-2015"].lacks == found["generic"].lacks == []
    assert found["cn-2015"].not_judged == ("qualitative", "affordability")
    assert found["generic"].not_judged == ("affordability",)
    whole = books(project())
    for pack in ("cn-2015", "generic"):
        assert found[pack].vfm == pytest.approx(whole[pack].vfm, rel=1e-12)
        assert "value_for_money" in found[pack].passed + found[pack].failing and whole[pack].not_judged == ()
    as_generic = books(project(regime="generic", qualitative=None, district=None))["cn-2015"]
    assert (as_generic.lacks, as_generic.not_judged) == ([], ("qualitative", "affordability"))
    assert found["cn-2023"].not_judged == ("affordability",)
    assert "feasibility" in found["cn-2023"].passed + found["cn-2023"].failing


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_rows_of_the_table_say_alike_which_tests_were_not_judged(project, lang):
    from ppp.report.sections.critics import side_by_side
    from ppp.report.sections.view import View

    view = View(ppp.appraise(project(qualitative=None, district=None), draws=16), lang)
    assert view.appraisal.alternatives
    shown = "".join(map(str, side_by_side(view)))
    own, *others = shown.split("<tr")[2 : 3 + len(view.appraisal.alternatives)]
    for row in (own, *others):
        assert {"en": "not judged for want of inputs", "zh": "因缺少资料未评判"}[lang] in row
        assert {"en": "not applicable", "zh": "无法适用"}[lang] not in row
