"""Draws of luck and their parameters."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from tiny_towns import make_town, random_town

from zhenxing.errors import SourceError
from zhenxing.planning.uncertainty.sampling import (
    FACTORS,
    draw_scenarios,
    draw_table,
    expected_draw,
    open_units,
    read_draws,
    without,
)
from zhenxing.planning.uncertainty.settings import (
    Uncertainty,
    parameter_table,
    parameters,
    parse_uncertainty,
    read_uncertainty,
)


def lottery(count=40, probability=0.3):
    """Many like firms, a few titles."""
    return make_town(
        {"horizon_years": 2},
        {
            "parks": [{"park_id": "p"}],
            "sites": [{"site_id": f"s{i}", "park_id": "p", "area_mu": 1} for i in range(20)],
            "site_modes": [
                {"site_id": f"s{i}", "mode": "m", "released_share": 1, "title_mu": int(i > 0)} for i in range(20)
            ],
            "candidates": [{"candidate_id": "c", "count": count, "probability": probability}],
            "placements": [{"candidate_id": "c", "park_id": "p"}],
        },
    )


def landed(draws):
    return np.array([sum(draw.comes["c"]) for draw in draws])


@pytest.mark.parametrize("sampling", ["latin", "antithetic", "random"])
def test_the_draws_have_the_stated_moments(sampling):
    settings = Uncertainty(sampling=sampling)
    draws = draw_scenarios(lottery(), 400, 3, settings)
    assert landed(draws).mean() == pytest.approx(40 * 0.3, rel=0.15)
    slips = [sum(years == n for draw in draws for years in draw.slip.values()) / (400 * 19) for n in (1, 2)]
    assert slips == pytest.approx([0.2, 0.1], abs=0.03)
    for name in ("land_price", "public_cost", "own_funds"):
        factor = np.array([getattr(draw, name) for draw in draws])
        assert factor.mean() == pytest.approx(1.0, abs=0.03)
        assert np.log(factor).std() == pytest.approx(getattr(settings, f"{name}_sigma"), rel=0.15)
    assert sum(draw.weight for draw in draws) == pytest.approx(1)


def test_without_a_common_share_the_firms_that_come_are_binomial():
    draws = draw_scenarios(lottery(), 600, 1, Uncertainty(firm_common_share=0.0, sampling="random"))
    assert landed(draws).var() == pytest.approx(40 * 0.3 * 0.7, rel=0.2)


def test_a_common_share_makes_good_and_bad_draws():
    draws = draw_scenarios(lottery(), 400, 1, Uncertainty(firm_common_share=0.3, title_common_share=0.4))
    common = np.array([draw.common for draw in draws])
    assert landed(draws).var() > 3 * 40 * 0.3 * 0.7
    assert np.corrcoef(common, landed(draws))[0, 1] > 0.8
    assert np.corrcoef(common, [len(draw.slip) for draw in draws])[0, 1] < -0.5


def test_antithetic_draws_come_in_opposite_pairs():
    draws = draw_scenarios(lottery(), 6, 1, Uncertainty(sampling="antithetic"))
    assert [draws[i].common for i in (0, 2, 4)] == pytest.approx([-draws[i].common for i in (1, 3, 5)])


def test_seeds_repeat_and_differ():
    town = random_town(3)
    assert draw_scenarios(town, 5, 4) == draw_scenarios(town, 5, 4)
    assert draw_scenarios(town, 5, 4) != draw_scenarios(town, 5, 5)


def test_who_is_sure_comes_and_who_is_here_is_not_drawn():
    town = make_town(
        {"horizon_years": 2},
        {
            "parks": [{"park_id": "p", "vacant_mu": 9}],
            "candidates": [
                {"candidate_id": "sure", "probability": 1, "count": 2},
                {"candidate_id": "never", "probability": 0},
                {"candidate_id": "here", "probability": 0.5, "count": 3},
            ],
            "placements": [{"candidate_id": name, "park_id": "p"} for name in ("sure", "never", "here")],
            "locks": [{"subject": "candidate", "id": "here", "option": "p", "rule": "done", "year": 2025, "count": 2}],
        },
    )
    assert open_units(town)["here"] == (1, 0.5)
    for draw in draw_scenarios(town, 20, 0):
        assert draw.comes["sure"] == (1, 1)
        assert draw.comes["never"] == (0,)
        assert len(draw.comes["here"]) == 1


def test_a_site_without_titles_or_already_done_never_slips():
    draws = draw_scenarios(lottery(), 50, 2)
    assert all("s0" not in draw.slip for draw in draws)


def test_the_written_draws_can_be_read_again(tmp_path):
    town = random_town(3)
    draws = draw_scenarios(town, 4, 1)
    draw_table(draws).to_csv(tmp_path / "draws.csv", index=False)
    again = read_draws(tmp_path / "draws.csv", town)
    assert [asdict(one) for one in again] == [asdict(one) for one in draws]


@pytest.mark.parametrize(
    ("content", "problem"),
    [("nonsense", "cannot be read"), ("use,scenario,subject,id,unit,value\nsimulate,1,site,zz,0,1\n", "zz")],
)
def test_strange_draws_are_refused(tmp_path, content, problem):
    (tmp_path / "draws.csv").write_text(content)
    with pytest.raises(SourceError, match=problem):
        read_draws(tmp_path / "draws.csv", random_town(3))


def test_everything_switched_off_is_the_expected_draw():
    draw = draw_scenarios(random_town(3), 1, 1)[0]
    for factor in FACTORS:
        draw = without(draw, factor)
    assert draw == replace(expected_draw(), number=draw.number, weight=draw.weight, common=draw.common)


# ---- parameters


def test_every_parameter_is_declared_with_its_default():
    assert list(parameters()) == list(asdict(Uncertainty()))
    assert parse_uncertainty({name: row["default"] for name, row in parameters().items()}) == Uncertainty()
    assert all(all(row[key] for key in ("zh", "en", "meaning_zh", "meaning_en")) for row in parameters().values())


def test_parameters_are_read_as_they_were_written(tmp_path):
    changed = Uncertainty(title_slip_one_year=0.4, sampling="random")
    parameter_table(changed).to_csv(tmp_path / "u.csv", index=False)
    (tmp_path / "u.toml").write_text('[uncertainty]\ntitle_slip_one_year = 0.4\nsampling = "random"\n')
    assert read_uncertainty(tmp_path / "u.csv") == changed
    assert read_uncertainty(tmp_path / "u.toml") == changed


@pytest.mark.parametrize(
    ("name", "content", "codes"),
    [
        ("u.csv", "parameter,value\ntitle_slip,0.2\n", ["unknown_parameter"]),
        ("u.csv", "parameter,value\nland_price_sigma,much\narrears_rate,-1\n", ["bad_parameter", "bad_parameter"]),
        ("u.csv", "parameter,value\nsampling,latin\nsampling,random\n", ["repeated_parameter"]),
        ("u.csv", "parameter,value\ntitle_slip_one_year,0.7\ntitle_slip_two_years,0.5\n", ["slips_above_one"]),
        ("u.toml", "land_price_sigma = true\n", ["bad_parameter"]),
    ],
)
def test_wrong_parameters_are_all_named(tmp_path, name, content, codes):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        read_uncertainty(tmp_path / name)
    assert [issue.code for issue in raised.value.issues] == codes


@pytest.mark.parametrize(("name", "content"), [("u.csv", "a,b\n1,2\n"), ("u.toml", "= nonsense"), ("none.csv", None)])
def test_unreadable_parameters_are_refused(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(SourceError):
        read_uncertainty(tmp_path / name)
