//! The problem in the form the engines work on: one box, rows with two limits, trades, leverage, tracking.

use serde::{Deserialize, Serialize};

use crate::model::{RiskModel, axpy, dot};
use crate::problem::RebalanceProblem;

/// Limits closer than this are one number.
pub(crate) const SAME: f64 = 1e-12;

/// A tracking-error cap below this is taken as this: a cap of zero leaves the interior point no inside.
const SMALLEST_TRACKING: f64 = 1e-7;
/// A turnover cap below this lets nothing trade.
pub(crate) const STILL: f64 = 1e-9;

/// A convex programme over `lower ≤ w ≤ upper`.
#[derive(Debug, Clone)]
pub(crate) struct Program<'a> {
    pub(crate) model: std::borrow::Cow<'a, RiskModel>,
    pub(crate) lambda: f64,
    pub(crate) mu: Vec<f64>,
    pub(crate) w0: Vec<f64>,
    pub(crate) cost: Vec<f64>,
    pub(crate) impact: Vec<f64>,
    pub(crate) lower: Vec<f64>,
    pub(crate) upper: Vec<f64>,
    /// The budget first, then groups, then exposures.
    pub(crate) rows: Vec<Row>,
    pub(crate) turnover: Option<f64>,
    pub(crate) leverage: Option<f64>,
    pub(crate) tracking: Option<Tracking>,
}

/// `lo ≤ aᵀw ≤ hi`.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) a: Coefficients,
    pub(crate) lo: f64,
    pub(crate) hi: f64,
}

#[derive(Debug, Clone)]
pub(crate) enum Coefficients {
    Ones,
    Members(Vec<usize>),
    Dense(Vec<f64>),
}

/// `(w − b)ᵀΣ(w − b) + 2hᵀ(w − b) ≤ limit` (`h` appears when fixed assets are taken out).
#[derive(Debug, Clone)]
pub(crate) struct Tracking {
    pub(crate) benchmark: Vec<f64>,
    pub(crate) linear: Option<Vec<f64>>,
    pub(crate) limit: f64,
}

/// Multipliers of the limits that couple assets, in units of the objective.
///
/// Together with the weights they prove optimality: the multipliers of the single weights follow from them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DualValues {
    /// Budget row `1 − cash_max ≤ Σw ≤ 1 − cash_min`: positive when `cash_min` binds, negative when `cash_max` does.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub budget: f64,
    /// One per group: positive when the upper limit binds, negative when the lower does.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.0, 0.004])))]
    pub groups: Vec<f64>,
    /// One per exposure limit, signed as for groups.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.0, 0.0])))]
    pub exposures: Vec<f64>,
    /// Turnover cap, at least 0.
    #[cfg_attr(feature = "openapi", schema(example = 0.0123))]
    pub turnover: f64,
    /// Leverage cap, at least 0.
    #[cfg_attr(feature = "openapi", schema(example = 0.0))]
    pub leverage: f64,
    /// Cap on the squared tracking error, at least 0.
    #[cfg_attr(feature = "openapi", schema(example = 0.8))]
    pub tracking_variance: f64,
}

impl DualValues {
    pub(crate) fn row(&self, r: usize) -> f64 {
        match r {
            0 => self.budget,
            r if r <= self.groups.len() => self.groups[r - 1],
            r => self.exposures[r - 1 - self.groups.len()],
        }
    }

    pub(crate) fn from_rows(rows: &[f64], groups: usize, turnover: f64, leverage: f64, tracking: f64) -> Self {
        Self {
            budget: rows[0],
            groups: rows[1..=groups].to_vec(),
            exposures: rows[groups + 1..].to_vec(),
            turnover,
            leverage,
            tracking_variance: tracking,
        }
    }
}

impl Coefficients {
    pub(crate) fn dot(&self, w: &[f64]) -> f64 {
        match self {
            Self::Ones => w.iter().sum(),
            Self::Members(m) => m.iter().map(|&i| w[i]).sum(),
            Self::Dense(a) => dot(a, w),
        }
    }

    /// `Σ|aᵢwᵢ|`.
    fn gross(&self, w: &[f64]) -> f64 {
        match self {
            Self::Ones => w.iter().map(|w| w.abs()).sum(),
            Self::Members(m) => m.iter().map(|&i| w[i].abs()).sum(),
            Self::Dense(a) => a.iter().zip(w).map(|(a, w)| (a * w).abs()).sum(),
        }
    }

    pub(crate) fn add_to(&self, y: f64, out: &mut [f64]) {
        match self {
            Self::Ones => out.iter_mut().for_each(|o| *o += y),
            Self::Members(m) => m.iter().for_each(|&i| out[i] += y),
            Self::Dense(a) => axpy(y, a, out),
        }
    }
}

impl Row {
    /// Draws limits that no portfolio of the box comes near (a million for "no limit") to within one of its range:
    /// slacks of very different sizes cost an interior point its accuracy.
    fn draw_in(&mut self, lower: &[f64], upper: &[f64]) {
        let (mut least, mut most) = (0.0, 0.0);
        let mut coefficients = vec![0.0; lower.len()];
        self.a.add_to(1.0, &mut coefficients);
        for (i, &a) in coefficients.iter().enumerate() {
            if a != 0.0 {
                least += (a * lower[i]).min(a * upper[i]);
                most += (a * lower[i]).max(a * upper[i]);
            }
        }
        let (lo, hi) = (self.lo, self.hi);
        self.lo = lo.max((least - 1.0).min(hi - 1.0));
        self.hi = hi.min((most + 1.0).max(lo + 1.0));
    }

    pub(crate) fn is_equality(&self) -> bool {
        self.hi - self.lo <= SAME
    }
}

impl Tracking {
    /// The squared tracking error at `w` (with the constant of fixed assets inside `limit`), and half its gradient.
    pub(crate) fn evaluate(&self, model: &RiskModel, w: &[f64], active: &mut [f64], half_gradient: &mut [f64]) -> f64 {
        for ((a, w), b) in active.iter_mut().zip(w).zip(&self.benchmark) {
            *a = w - b;
        }
        model.multiply(active, half_gradient);
        let mut value = dot(active, half_gradient);
        if let Some(h) = &self.linear {
            value += 2.0 * dot(h, active);
            axpy(1.0, h, half_gradient);
        }
        value
    }
}

/// The parts of the objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ObjectiveTerms {
    /// `λ·wᵀΣw`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0421))]
    pub risk: f64,
    /// `−μᵀw`: negative when a return is expected.
    #[serde(rename = "return")]
    #[cfg_attr(feature = "openapi", schema(example = 0.0531, example = 0.0531))]
    pub expected_return: f64,
    /// `Σ cᵢ|wᵢ − w0ᵢ|`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0002))]
    pub linear_cost: f64,
    /// `Σ kᵢ|wᵢ − w0ᵢ|^1.5`.
    #[cfg_attr(feature = "openapi", schema(example = 0.0001))]
    pub impact_cost: f64,
}

impl ObjectiveTerms {
    /// The objective: the sum of the parts.
    pub fn total(&self) -> f64 {
        self.risk + self.expected_return + self.linear_cost + self.impact_cost
    }

    /// The largest part.
    pub(crate) fn largest(&self) -> f64 {
        self.risk.abs().max(self.expected_return.abs()).max(self.linear_cost).max(self.impact_cost)
    }

    /// What a gap is measured against: the largest part, or 1.
    pub(crate) fn size(&self) -> f64 {
        self.largest().max(1.0)
    }
}

/// Draws bounds that the budget, the turnover cap or the leverage cap keep every portfolio away from to within one of
/// where these do. No portfolio within the limits touches a bound drawn in; proofs and slacks of very different sizes
/// do not arise.
fn draw_in(p: &RebalanceProblem, lower: &mut [f64], upper: &mut [f64]) {
    if lower.iter().zip(upper.iter()).any(|(l, u)| l > u) {
        return;
    }
    let (least, most): (f64, f64) = (lower.iter().sum(), upper.iter().sum());
    for i in 0..lower.len() {
        let (l, u) = (lower[i], upper[i]);
        let mut from = 1.0 - p.cash_max - (most - u);
        let mut to = 1.0 - p.cash_min - (least - l);
        if let Some(t) = p.turnover_max {
            (from, to) = (from.max(p.w0[i] - t), to.min(p.w0[i] + t));
        }
        if let Some(g) = p.leverage_max {
            (from, to) = (from.max(-g), to.min(g));
        }
        lower[i] = l.max((from - 1.0).min(u - 1.0));
        upper[i] = u.min((to + 1.0).max(l + 1.0));
    }
}

impl<'a> Program<'a> {
    /// The problem with restrictions folded into the box (which may then be empty: see [`Program::crossed`]).
    pub(crate) fn new(p: &RebalanceProblem, model: &'a RiskModel) -> Self {
        let n = p.assets();
        let (mut lower, mut upper) = p.weight_box();
        draw_in(p, &mut lower, &mut upper);
        // The most that turnover, leverage and tracking error can come to in the box; caps far above are drawn in too.
        let farthest = |i: usize, from: f64| (upper[i] - from).abs().max((lower[i] - from).abs());
        let turnover = p.turnover_max.map(|t| t.min(1.0 + (0..n).map(|i| farthest(i, p.w0[i])).sum::<f64>()));
        let leverage = p.leverage_max.map(|l| l.min(1.0 + (0..n).map(|i| farthest(i, 0.0)).sum::<f64>()));
        let mut rows = vec![Row { a: Coefficients::Ones, lo: 1.0 - p.cash_max, hi: 1.0 - p.cash_min }];
        rows.extend(p.groups.iter().map(|g| Row {
            a: Coefficients::Members(g.members.clone()),
            lo: g.lower,
            hi: g.upper,
        }));
        rows.extend(p.exposures.iter().map(|e| Row {
            a: Coefficients::Dense(e.loadings.clone()),
            lo: e.lower,
            hi: e.upper,
        }));
        for row in &mut rows {
            row.draw_in(&lower, &upper);
        }
        let tracking = match (&p.benchmark, p.te_max) {
            (Some(b), Some(te)) => {
                let most = 1.0 + (0..n).map(|i| model.diagonal(i).max(0.0).sqrt() * farthest(i, b[i])).sum::<f64>();
                Some(Tracking {
                    benchmark: b.clone(),
                    linear: None,
                    limit: te.max(SMALLEST_TRACKING).min(most).powi(2),
                })
            }
            _ => None,
        };
        Self {
            model: std::borrow::Cow::Borrowed(model),
            lambda: p.risk_aversion,
            mu: p.mu.clone(),
            w0: p.w0.clone(),
            cost: p.cost_linear.clone().unwrap_or_else(|| vec![0.0; n]),
            impact: p.cost_impact.clone().unwrap_or_else(|| vec![0.0; n]),
            lower,
            upper,
            rows,
            turnover,
            leverage,
            tracking,
        }
    }

    pub(crate) fn n(&self) -> usize {
        self.w0.len()
    }

    /// True when restrictions and bounds leave some weight no value.
    pub(crate) fn crossed(&self) -> bool {
        self.lower.iter().zip(&self.upper).any(|(l, u)| *l > *u + SAME)
    }

    /// Parts of the objective at `w`; `sigma_w` is `Σw`.
    pub(crate) fn terms(&self, w: &[f64], sigma_w: &[f64]) -> ObjectiveTerms {
        let (mut linear_cost, mut impact_cost) = (0.0, 0.0);
        for i in 0..w.len() {
            let d = (w[i] - self.w0[i]).abs();
            linear_cost += self.cost[i] * d;
            impact_cost += self.impact[i] * d * d.sqrt();
        }
        ObjectiveTerms {
            risk: self.lambda * dot(w, sigma_w),
            expected_return: -dot(&self.mu, w),
            linear_cost,
            impact_cost,
        }
    }

    /// Takes the assets out that a limit pair or a zero turnover cap leaves one value. Returns the smaller programme
    /// and the positions it keeps.
    pub(crate) fn reduce(&self) -> (Program<'_>, Vec<usize>) {
        let n = self.n();
        let still = self.turnover.is_some_and(|t| t <= STILL);
        let fixed: Vec<Option<f64>> = (0..n)
            .map(|i| {
                if self.upper[i] - self.lower[i] <= SAME {
                    Some(self.lower[i])
                } else if still && (self.lower[i]..=self.upper[i]).contains(&self.w0[i]) {
                    Some(self.w0[i])
                } else {
                    None
                }
            })
            .collect();
        let keep: Vec<usize> = (0..n).filter(|&i| fixed[i].is_none()).collect();
        if keep.len() == n {
            let mut whole = self.clone();
            whole.model = std::borrow::Cow::Borrowed(self.model.as_ref());
            return (whole, keep);
        }
        let pick = |v: &[f64]| keep.iter().map(|&i| v[i]).collect::<Vec<_>>();
        let mut held = vec![0.0; n];
        for i in 0..n {
            held[i] = fixed[i].unwrap_or(0.0);
        }
        let mut sigma_held = vec![0.0; n];
        self.model.multiply(&held, &mut sigma_held);
        let mut position = vec![usize::MAX; n];
        keep.iter().enumerate().for_each(|(at, &i)| position[i] = at);
        let rows = self
            .rows
            .iter()
            .map(|r| {
                let shift = r.a.dot(&held);
                let a = match &r.a {
                    Coefficients::Ones => Coefficients::Ones,
                    Coefficients::Members(m) => {
                        Coefficients::Members(m.iter().map(|&i| position[i]).filter(|&at| at != usize::MAX).collect())
                    }
                    Coefficients::Dense(a) => Coefficients::Dense(pick(a)),
                };
                Row { a, lo: r.lo - shift, hi: r.hi - shift }
            })
            .collect();
        let gone = |f: &dyn Fn(usize, f64) -> f64| (0..n).filter_map(|i| fixed[i].map(|v| f(i, v))).sum::<f64>();
        let tracking = self.tracking.as_ref().map(|t| {
            let mut active = vec![0.0; n];
            for i in 0..n {
                active[i] = fixed[i].map_or(0.0, |v| v - t.benchmark[i]);
            }
            let mut h = vec![0.0; n];
            self.model.multiply(&active, &mut h);
            let limit = t.limit - dot(&active, &h);
            Tracking { benchmark: pick(&t.benchmark), linear: Some(pick(&h)), limit }
        });
        let reduced = Program {
            model: std::borrow::Cow::Owned(self.model.select(&keep)),
            lambda: self.lambda,
            mu: keep.iter().map(|&i| self.mu[i] - 2.0 * self.lambda * sigma_held[i]).collect(),
            w0: pick(&self.w0),
            cost: pick(&self.cost),
            impact: pick(&self.impact),
            lower: pick(&self.lower),
            upper: pick(&self.upper),
            rows,
            turnover: self.turnover.map(|t| t - gone(&|i, v| (v - self.w0[i]).abs())),
            leverage: self.leverage.map(|l| l - gone(&|_, v| v.abs())),
            tracking,
        };
        (reduced, keep)
    }

    /// Largest violation of any limit at `w`; tracking is measured as an error, not as a variance.
    pub(crate) fn violation(&self, w: &[f64]) -> f64 {
        self.worst(w, |over, _| over)
    }

    /// The same, each relative to the numbers the limit adds up where those are above one: a sum of millions is known to
    /// fewer decimals.
    pub(crate) fn relative_violation(&self, w: &[f64]) -> f64 {
        self.worst(w, |over, size| over / size.max(1.0))
    }

    fn worst(&self, w: &[f64], measure: impl Fn(f64, f64) -> f64) -> f64 {
        let mut worst = 0.0_f64;
        for i in 0..self.n() {
            worst = worst.max(measure((self.lower[i] - w[i]).max(w[i] - self.upper[i]), w[i].abs()));
        }
        let gross = w.iter().map(|w| w.abs()).sum::<f64>();
        for r in &self.rows {
            let v = r.a.dot(w);
            let over = (r.lo - v).max(v - r.hi);
            if over > worst {
                worst = worst.max(measure(over, r.a.gross(w)));
            }
        }
        if let Some(t) = self.turnover {
            let traded = w.iter().zip(&self.w0).map(|(w, o)| (w - o).abs()).sum::<f64>();
            worst = worst.max(measure(traded - t, traded + gross));
        }
        if let Some(l) = self.leverage {
            worst = worst.max(measure(gross - l, gross));
        }
        if let Some(t) = &self.tracking {
            let (mut a, mut h) = (vec![0.0; self.n()], vec![0.0; self.n()]);
            let error = t.evaluate(&self.model, w, &mut a, &mut h).max(0.0).sqrt();
            worst = worst.max(measure(error - t.limit.max(0.0).sqrt(), error));
        }
        worst
    }
}
