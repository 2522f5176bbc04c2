//! Tests every kind of limit alone, on a book whose free optimum would break it: it holds, has a price, and the proof
//! is valid.

#![expect(clippy::unwrap_used, reason = "a problem that cannot be solved fails the test")]

use optimizer::{
    ExposureLimit, GroupLimit, Limit, RebalanceOutcome, RebalanceProblem, RebalanceSolution, RestrictionKind,
    RiskModel, SolveOptions, TradeRestriction, solve, verify,
};

fn model() -> RiskModel {
    RiskModel::dense(&[vec![0.04, 0.01, 0.0], vec![0.01, 0.0225, 0.0], vec![0.0, 0.0, 0.01]]).unwrap()
}

/// Three assets in a poor starting book: the first carries too much risk, and the optimum moves into the third.
fn base() -> RebalanceProblem {
    RebalanceProblem {
        w0: vec![0.6, 0.3, 0.1],
        cost_linear: Some(vec![0.001; 3]),
        ..RebalanceProblem::long_only(vec![0.05, 0.05, 0.045], 4.0)
    }
}

fn solved(problem: &RebalanceProblem) -> RebalanceSolution {
    let options = SolveOptions { portfolio_value: Some(1e6), ..SolveOptions::default() };
    match solve(problem, &model(), &options).unwrap() {
        RebalanceOutcome::Optimal(s) => {
            let check = verify(problem, &model(), &s).unwrap();
            assert!(check.valid, "{:?}", check.objections);
            s
        }
        RebalanceOutcome::Infeasible(why) => panic!("{}", why.sentence),
    }
}

/// Checks the price of `limit`: loosening it by `step` through `loosen` gains what the price states.
fn check_price(problem: &RebalanceProblem, limit: &Limit, loosen: impl Fn(&mut RebalanceProblem, f64)) {
    let s = solved(problem);
    let price = s.constraint_prices.iter().find(|p| p.limit == *limit);
    let price = price.unwrap_or_else(|| panic!("{limit} has no price: {:?}", s.constraint_prices));
    assert!((price.bp_per_point - 100.0 * price.multiplier).abs() < 1e-12);
    assert!((price.currency_per_point.unwrap() - 1e4 * price.multiplier).abs() < 1e-9);
    assert!(price.sentence.contains(&limit.to_string()), "{}", price.sentence);
    let step = 1e-5;
    let mut looser = problem.clone();
    loosen(&mut looser, step);
    let gained = s.objective - solved(&looser).objective;
    assert!((gained / step - price.multiplier).abs() < 2e-3 * price.multiplier.max(0.01), "{limit}: {gained}");
}

#[test]
fn the_free_optimum_moves_to_the_third_asset() {
    let s = solved(&base());
    assert!(s.weights[0] < 0.25 && s.weights[1] < 0.29 && s.weights[2] > 0.5, "{:?}", s.weights);
}

#[test]
fn do_not_buy_do_not_sell_and_locked() {
    let with = |kind, asset| {
        let restrictions = vec![TradeRestriction { asset, kind }];
        let s = solved(&RebalanceProblem { restrictions, ..base() });
        assert!(s.constraint_prices.iter().any(|p| p.limit == Limit::Trade { asset }), "{kind:?}");
        s.weights
    };
    assert_eq!(with(RestrictionKind::DoNotBuy, 2)[2], 0.1);
    assert_eq!(with(RestrictionKind::DoNotSell, 0)[0], 0.6);
    assert_eq!(with(RestrictionKind::Locked, 0)[0], 0.6);
    // The other direction stays open.
    let buys = vec![TradeRestriction { asset: 2, kind: RestrictionKind::DoNotSell }];
    assert!(solved(&RebalanceProblem { restrictions: buys, ..base() }).weights[2] > 0.5);
}

#[test]
fn maximum_position() {
    let p = RebalanceProblem { upper: vec![1.0, 1.0, 0.4], ..base() };
    assert!((solved(&p).weights[2] - 0.4).abs() < 1e-12);
    check_price(&p, &Limit::Upper { asset: 2 }, |p, by| p.upper[2] += by);
}

#[test]
fn participation() {
    let p = RebalanceProblem { trade_max: Some(vec![1.0, 1.0, 0.2]), ..base() };
    assert!((solved(&p).weights[2] - 0.3).abs() < 1e-12);
    let loosen = |p: &mut RebalanceProblem, by: f64| p.trade_max.as_mut().unwrap()[2] += by;
    check_price(&p, &Limit::Trade { asset: 2 }, loosen);
}

#[test]
fn turnover() {
    let p = RebalanceProblem { turnover_limit: Some(0.3), ..base() };
    assert!((solved(&p).turnover - 0.3).abs() < 1e-12);
    check_price(&p, &Limit::Turnover, |p, by| p.turnover_limit = p.turnover_limit.map(|t| t + by));
}

#[test]
fn tracking_error() {
    let p = RebalanceProblem { benchmark: Some(vec![0.6, 0.3, 0.1]), tracking_error_max: Some(0.03), ..base() };
    assert!((solved(&p).tracking_error.unwrap() - 0.03).abs() < 1e-9);
    check_price(&p, &Limit::TrackingError, |p, by| p.tracking_error_max = p.tracking_error_max.map(|t| t + by));
}

#[test]
fn groups_and_exposures() {
    let group = GroupLimit { name: "shares".into(), members: vec![0, 1], lower: 0.7, upper: 1.0 };
    let p = RebalanceProblem { groups: vec![group], ..base() };
    assert!((solved(&p).weights[2] - 0.3).abs() < 1e-12);
    check_price(&p, &Limit::GroupLower { name: "shares".into() }, |p, by| p.groups[0].lower -= by);
    let factor = ExposureLimit { name: "duration".into(), loadings: vec![0.0, 0.5, 2.0], lower: 0.0, upper: 0.9 };
    let p = RebalanceProblem { exposures: vec![factor], ..base() };
    let w = solved(&p).weights;
    assert!((0.5 * w[1] + 2.0 * w[2] - 0.9).abs() < 1e-12, "{w:?}");
    check_price(&p, &Limit::ExposureUpper { name: "duration".into() }, |p, by| p.exposures[0].upper += by);
}

#[test]
fn cash() {
    let p = RebalanceProblem { cash_max: 0.05, ..RebalanceProblem { risk_aversion: 40.0, ..base() } };
    assert!((solved(&p).cash - 0.05).abs() < 1e-12);
    check_price(&p, &Limit::CashMax, |p, by| p.cash_max += by);
}

/// A long/short book under a cap on its gross exposure.
fn long_short(leverage: f64) -> RebalanceProblem {
    RebalanceProblem {
        mu: vec![-0.1, 0.1, 0.1],
        lower: vec![-2.0; 3],
        upper: vec![2.0; 3],
        leverage_max: Some(leverage),
        risk_aversion: 1.0,
        ..base()
    }
}

#[test]
fn long_and_short_under_a_leverage_cap() {
    let p = long_short(1.6);
    let s = solved(&p);
    assert!(s.weights[0] < -0.1 && (s.weights.iter().map(|w| w.abs()).sum::<f64>() - 1.6).abs() < 1e-9, "{s:?}");
    check_price(&p, &Limit::Leverage, |p, by| p.leverage_max = p.leverage_max.map(|l| l + by));
}

#[test]
fn limits_that_meet_within_rounding_leave_one_weight() {
    // Do-not-sell holds the weight at 1e-12, which counts as equal to the upper bound of zero.
    let p = RebalanceProblem {
        w0: vec![1e-12, 0.5, 0.5],
        upper: vec![0.0, 1.0, 1.0],
        restrictions: vec![TradeRestriction { asset: 0, kind: RestrictionKind::Locked }],
        ..base()
    };
    assert!(solved(&p).weights[0] <= 1e-12);
}

#[test]
fn a_limit_that_means_none_leaves_the_answer_as_it_is() {
    let group = |lower, upper| vec![GroupLimit { name: "first".into(), members: vec![0], lower, upper }];
    let near = solved(&RebalanceProblem { groups: group(0.0, 0.2), ..base() });
    let far = solved(&RebalanceProblem { groups: group(-999_999.0, 0.2), cash_min: -1e6, ..base() });
    assert!(near.weights.iter().zip(&far.weights).all(|(a, b)| (a - b).abs() < 1e-9));
    assert!((far.certificate.slacks.groups[0].lower - 1_000_000.0).abs() < 2.0);
}

/// Limits that contradict each other, which the conic solver diagnoses.
#[cfg(feature = "conic")]
mod contradictions {
    use super::*;
    use optimizer::{Infeasibility, verify_infeasible};

    fn refused(problem: &RebalanceProblem) -> Infeasibility {
        match solve(problem, &model(), &SolveOptions::default()).unwrap() {
            RebalanceOutcome::Optimal(s) => panic!("solved: {:?}", s.weights),
            RebalanceOutcome::Infeasible(why) => {
                assert!(verify_infeasible(problem, &model(), &why).unwrap());
                solved(&why.repair.problem);
                why
            }
        }
    }

    #[test]
    fn a_restriction_that_contradicts_a_bound_is_named_and_the_bound_gives_way() {
        let locked = vec![TradeRestriction { asset: 0, kind: RestrictionKind::Locked }];
        let why = refused(&RebalanceProblem { restrictions: locked, upper: vec![0.5, 1.0, 1.0], ..base() });
        assert!(why.conflict.contains(&Limit::Upper { asset: 0 }) && why.conflict.contains(&Limit::Trade { asset: 0 }));
        assert!((why.repair.problem.upper[0] - 0.6).abs() < 1e-4);
        assert!(why.repair.relaxations.iter().all(|r| !matches!(r.limit, Limit::Trade { .. })));
    }

    #[test]
    fn leverage_that_leaves_no_book_and_the_cash_it_asks_for_give_way_together() {
        let why = refused(&long_short(0.8));
        // Long weights of one need a gross exposure of one: leverage and cash have the same price and share the missing
        // 0.2.
        let given: f64 = why.repair.relaxations.iter().map(|r| r.by).sum();
        assert!(why.conflict.contains(&Limit::Leverage) && (given - 0.2).abs() < 1e-4, "{:?}", why.repair.relaxations);
    }

    #[test]
    fn a_limit_that_means_none_hides_no_contradiction() {
        // Selling 40 % under a turnover cap of 20 % is a contradiction, whatever the other side of the group is.
        let first = GroupLimit { name: "first".into(), members: vec![0], lower: -999_999.0, upper: 0.2 };
        let tight = RebalanceProblem { groups: vec![first], turnover_limit: Some(0.2), ..base() };
        assert!(refused(&tight).conflict.contains(&Limit::Turnover));
    }
}
