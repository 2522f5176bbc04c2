//! The marginal cost of each binding limit.

use serde::{Deserialize, Serialize};

use crate::certificate::Certified;
use crate::limits::Limit;
use crate::linear_limit::Bound;
use crate::objective::Objective;
use crate::problem::RebalanceProblem;
use crate::program::Program;
use crate::tolerance::{AT, BINDS, PRICED, PRICED_FROM};
use crate::words;

/// The marginal cost of a binding limit.
///
/// The price is the multiplier of the limit: the rate at which the objective would improve if the limit were looser. It
/// holds for small changes; the saving shrinks as the limit is loosened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConstraintPrice {
    /// Which limit.
    pub limit: Limit,
    /// Its level, a fraction of the book (tracking error: annual).
    #[cfg_attr(feature = "openapi", schema(example = 0.2))]
    pub value: f64,
    /// Objective gained per unit of loosening, at least 0.
    #[cfg_attr(feature = "openapi", schema(example = 0.0123))]
    pub multiplier: f64,
    /// Ten-thousandths of the objective gained by loosening the limit by one percentage point: basis points of the book a
    /// year, where the objective is a utility.
    #[cfg_attr(feature = "openapi", schema(example = 1.23))]
    pub bp_per_point: f64,
    /// The same in currency a year; absent without a portfolio value, and where the objective is not money.
    #[cfg_attr(feature = "openapi", schema(required, example = 123.0))]
    pub currency_per_point: Option<f64>,
    /// What the objective measures; absent in JSON where it is a utility.
    #[serde(default, skip_serializing_if = "Objective::is_utility")]
    #[cfg_attr(feature = "openapi", schema(required = false, example = "variance"))]
    pub objective: Objective,
    /// The same in words.
    #[cfg_attr(
        feature = "openapi",
        schema(
            example = "Loosening the turnover cap, now 20.00 %, by one percentage point is worth 1.23 bp of the book a year (123.00 in currency)."
        )
    )]
    pub sentence: String,
}

impl ConstraintPrice {
    /// The price of a limit at `value`, for a book worth `portfolio_value`.
    fn new(limit: Limit, value: f64, multiplier: f64, objective: Objective, portfolio_value: Option<f64>) -> Self {
        let currency = portfolio_value.filter(|_| objective.is_utility()).map(|v| multiplier * 0.01 * v);
        let mut price = Self {
            limit,
            value,
            multiplier,
            bp_per_point: multiplier * 100.0,
            currency_per_point: currency,
            objective,
            sentence: String::new(),
        };
        price.sentence = words::price(&price);
        price
    }
}

/// Prices of the binding limits: caps on the whole book first, then linear limits and bounds of single assets. A limit with room
/// has none, whatever its multiplier.
pub(crate) fn prices(
    problem: &RebalanceProblem,
    p: &Program<'_>,
    w: &[f64],
    c: &Certified,
    portfolio_value: Option<f64>,
) -> Vec<ConstraintPrice> {
    let mut out = Vec::new();
    let m = &c.multipliers;
    let objective = Objective::of(problem, &*p.model);
    let floor = PRICED * c.objective.abs().max(PRICED_FROM);
    let mut push = |limit: &dyn Fn() -> Limit, value: f64, room: f64, multiplier: f64| {
        if multiplier > floor && room <= BINDS {
            out.push(ConstraintPrice::new(limit(), value, multiplier, objective, portfolio_value));
        }
    };
    let slacks = &c.certificate.slacks;
    if let (Some(te), Some(room)) = (problem.tracking_error_max, slacks.tracking_error) {
        // The multiplier belongs to the square of the cap.
        push(&|| Limit::TrackingError, te, room, 2.0 * te * m.tracking);
    }
    if let (Some(t), Some(room)) = (problem.turnover_limit, slacks.turnover) {
        push(&|| Limit::Turnover, t, room, m.turnover);
    }
    if let (Some(l), Some(room)) = (problem.leverage_max, slacks.leverage) {
        push(&|| Limit::Leverage, l, room, m.leverage);
    }
    for ((limit, row), y) in problem.linear_limits().iter().zip(&p.rows).zip(&m.rows) {
        let sum = row.a.dot(w);
        push(&|| limit.limit(Bound::Upper), limit.stated(Bound::Upper), row.hi - sum, *y);
        push(&|| limit.limit(Bound::Lower), limit.stated(Bound::Lower), sum - row.lo, -*y);
    }
    for asset in 0..w.len() {
        if w[asset] >= p.upper[asset] - AT {
            let own = p.upper[asset] >= problem.upper[asset];
            push(
                &|| if own { Limit::Upper { asset } } else { Limit::Trade { asset } },
                p.upper[asset],
                p.upper[asset] - w[asset],
                -c.right[asset],
            );
        }
        if w[asset] <= p.lower[asset] + AT {
            let own = p.lower[asset] <= problem.lower[asset];
            push(
                &|| if own { Limit::Lower { asset } } else { Limit::Trade { asset } },
                p.lower[asset],
                w[asset] - p.lower[asset],
                c.left[asset],
            );
        }
    }
    out
}
