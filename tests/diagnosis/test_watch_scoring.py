"""Scores, calibrators and the logistic of the watch against hand-computed and independent values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from zhenxing.diagnosis.watch import scoring
from zhenxing.diagnosis.watch.logistic import fit_logistic


def test_scores_by_hand():
    p, y = np.array([0.9, 0.2, 0.5]), np.array([1.0, 0.0, 1.0])
    assert scoring.brier_score(p, y) == pytest.approx((0.01 + 0.04 + 0.25) / 3)
    assert scoring.log_score(p, y) == pytest.approx(-(np.log(0.9) + np.log(0.8) + np.log(0.5)) / 3)


def test_the_wilson_interval_of_nothing_and_of_everything():
    assert np.isnan(scoring.wilson_interval(0, 0)).all()
    assert scoring.wilson_interval(0, 20)[0] == 0.0
    assert scoring.wilson_interval(20, 20)[1] == 1.0
    # 1 of 10: centre (0.1 + 1.92073/10)/(1 + 3.84146/10), published interval 0.0179 to 0.4042
    assert scoring.wilson_interval(1, 10) == pytest.approx((0.0179, 0.4042), abs=1e-4)


def test_the_logistic_is_where_a_general_optimiser_puts_it():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(200, 3)) * [1.0, 5.0, 0.3] + [0.0, 10.0, -1.0]
    y = (rng.random(200) < 1 / (1 + np.exp(-x[:, 0] + 0.3 * (x[:, 1] - 10)))).astype(float)
    fitted = fit_logistic(x, y, ridge=2.0)
    z = (x - x.mean(axis=0)) / x.std(axis=0)

    def loss(beta):
        eta = beta[0] + z @ beta[1:]
        return np.logaddexp(0, eta).sum() - y @ eta + (beta[1:] ** 2).sum()

    best = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-9}).x
    assert np.allclose([fitted.intercept, *fitted.slopes], best, atol=1e-5)


def test_a_slope_that_must_rise_never_falls():
    x = np.linspace(-1, 1, 50)[:, None]
    fitted = fit_logistic(x, (x[:, 0] < 0).astype(float), 1e-3, rising=(0,))
    assert fitted.slopes.tolist() == [0.0]
    assert np.allclose(fitted.predict(x), 0.5, atol=0.02)


def test_separated_data_and_a_constant_column_stay_finite():
    x = np.column_stack([np.r_[-np.ones(30), np.ones(30)], np.full(60, 7.0)])
    fitted = fit_logistic(x, np.r_[np.zeros(30), np.ones(30)], 1e-3)
    assert np.isfinite(fitted.predict(np.array([[-100.0, 1e6], [100.0, -1e6]]))).all()


@pytest.mark.parametrize("seed", range(5))
def test_isotonic_is_the_nearest_rising_function(seed):
    rng = np.random.default_rng(seed)
    p, y = np.sort(rng.random(12)), (rng.random(12) < 0.5).astype(float)
    levels = scoring.isotonic(p, y)(p)
    # the minimum over blocks of the largest mean to the left and smallest to the right (max-min formula)
    exact = [max(min(y[a : b + 1].mean() for b in range(i, 12)) for a in range(i + 1)) for i in range(12)]
    blocks = np.unique(np.round(exact, 12))
    assert (np.diff(levels) >= -1e-12).all()
    assert set(np.round([min(levels), max(levels)], 9)) <= set(np.round(blocks, 9))
    assert scoring.brier_score(np.array(exact), y) <= scoring.brier_score(levels, y) + 1e-12


def test_calibrators_set_the_level_right():
    rng = np.random.default_rng(3)
    p = rng.uniform(0.05, 0.4, 4000)
    y = (rng.random(4000) < np.minimum(1.0, 1.8 * p)).astype(float)
    for name in ("shifted", "platt", "isotonic"):
        mended = scoring.CALIBRATORS[name](p, y)(p)
        assert mended.mean() == pytest.approx(y.mean(), abs=0.01), name
        assert scoring.log_score(mended, y) < scoring.log_score(p, y), name
    assert scoring.CALIBRATORS["none"](p, y)(p) is p


def test_bins_hold_every_forecast_once_and_rise():
    p = np.r_[np.full(50, 0.01), np.linspace(0.02, 0.9, 50)]
    bins = scoring.curve_bins(p)
    assert (np.diff(bins) >= 0).all()
    assert len(bins) == 100
    assert len(np.unique(bins[:50])) == 1
