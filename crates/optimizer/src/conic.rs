//! The programme in standard conic form, for the solver that certifies what the structured one cannot settle.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettings, DefaultSolver, IPSolver, NonnegativeConeT, PowerConeT, SecondOrderConeT, SolverStatus,
    SupportedConeT, ZeroConeT,
};

use crate::interior::{Lean, Side};
use crate::model::{Kind, RiskModel, psd_factor};
use crate::polish::{ActiveSet, Candidate};
use crate::problem::RebalanceProblem;
use crate::program::{Coefficients, DualValues, Program};
use crate::solve::equality_rows;
use crate::{OptimizerError, RebalanceOutcome};

/// Rows `Ax + s = b` collected cone by cone, columns kept apart.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    columns: Vec<Vec<(usize, f64)>>,
    quadratic: Vec<Vec<(usize, f64)>>,
    pub(crate) q: Vec<f64>,
    b: Vec<f64>,
    cones: Vec<SupportedConeT<f64>>,
}

/// What the conic solver returned.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) x: Vec<f64>,
    pub(crate) s: Vec<f64>,
    pub(crate) z: Vec<f64>,
    pub(crate) status: SolverStatus,
}

impl Raw {
    /// True where the solver stopped at a point, near or far from its tolerance: the certificate judges the point.
    fn stopped(&self) -> bool {
        use SolverStatus::{InsufficientProgress, MaxIterations};
        let finite = self.x.iter().chain(&self.z).all(|v| v.is_finite());
        finite && (self.solved() || matches!(self.status, InsufficientProgress | MaxIterations))
    }

    pub(crate) fn solved(&self) -> bool {
        matches!(self.status, SolverStatus::Solved | SolverStatus::AlmostSolved)
    }
}

impl Assembly {
    /// Adds `count` variables with the given linear objective; returns the first.
    pub(crate) fn variables(&mut self, count: usize, cost: f64) -> usize {
        let at = self.q.len();
        self.q.resize(at + count, cost);
        self.columns.resize(at + count, Vec::new());
        self.quadratic.resize(at + count, Vec::new());
        at
    }

    /// Adds to the upper triangle of the quadratic objective `½xᵀPx`; rows of a column in ascending order.
    pub(crate) fn curve(&mut self, row: usize, column: usize, value: f64) {
        self.quadratic[column].push((row, value));
    }

    /// Adds a row; returns its position.
    pub(crate) fn row(&mut self, entries: impl IntoIterator<Item = (usize, f64)>, b: f64) -> usize {
        let at = self.b.len();
        for (column, value) in entries {
            if value != 0.0 {
                self.columns[column].push((at, value));
            }
        }
        self.b.push(b);
        at
    }

    /// Closes the rows added since the last cone.
    pub(crate) fn close(&mut self, cone: SupportedConeT<f64>) {
        self.cones.push(cone);
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> usize {
        self.b.len()
    }

    fn matrices(&self) -> (CscMatrix<f64>, CscMatrix<f64>) {
        let pack = |rows: usize, columns: &[Vec<(usize, f64)>]| {
            let mut pointer = vec![0];
            let (mut index, mut value) = (Vec::new(), Vec::new());
            for column in columns {
                index.extend(column.iter().map(|e| e.0));
                value.extend(column.iter().map(|e| e.1));
                pointer.push(index.len());
            }
            CscMatrix::new(rows, columns.len(), pointer, index, value)
        };
        (pack(self.q.len(), &self.quadratic), pack(self.b.len(), &self.columns))
    }

    /// Solves to about `tolerance`.
    pub(crate) fn solve(&self, tolerance: f64) -> Option<Raw> {
        let (p, a) = self.matrices();
        run(&p, &self.q, &a, &self.b, &self.cones, tolerance).map(|(raw, _)| raw)
    }
}

fn run(
    p: &CscMatrix<f64>,
    q: &[f64],
    a: &CscMatrix<f64>,
    b: &[f64],
    cones: &[SupportedConeT<f64>],
    tolerance: f64,
) -> Option<(Raw, usize)> {
    let settings = DefaultSettings {
        verbose: false,
        max_iter: 200,
        tol_gap_abs: tolerance,
        tol_gap_rel: tolerance,
        tol_feas: tolerance,
        max_threads: 1,
        direct_solve_method: "faer".to_string(),
        ..DefaultSettings::default()
    };
    let mut solver = DefaultSolver::new(p, q, a, b, cones, settings).ok()?;
    solver.solve();
    let out = &solver.solution;
    if !out.x.iter().chain(&out.z).all(|v| v.is_finite()) {
        return None;
    }
    let raw = Raw { x: out.x.clone(), s: out.s.clone(), z: out.z.clone(), status: out.status };
    Some((raw, out.iterations as usize))
}

/// Positions of the pieces of a programme inside an assembly.
#[derive(Debug, Default, Clone)]
struct Layout {
    rows: Vec<(Option<usize>, Option<usize>)>,
    lower: usize,
    upper: usize,
    /// `t − d`, `t + d` and their assets.
    trades: Option<(usize, usize, Vec<usize>)>,
    turnover: Option<usize>,
    leverage: Option<usize>,
    tracking: Option<usize>,
}

fn entries(a: &Coefficients, n: usize, sign: f64) -> Vec<(usize, f64)> {
    match a {
        Coefficients::Ones => (0..n).map(|i| (i, sign)).collect(),
        Coefficients::Members(m) => m.iter().map(|&i| (i, sign)).collect(),
        Coefficients::Dense(a) => a.iter().enumerate().map(|(i, v)| (i, sign * v)).collect(),
    }
}

/// Adds variables `f = Uᵀw` for a factor model (as rows of a zero cone); returns the first.
pub(crate) fn add_factors(asm: &mut Assembly, model: &RiskModel) -> Option<usize> {
    let Kind::Factor { n, k, u, .. } = &model.0 else { return None };
    let f = asm.variables(*k, 0.0);
    for (c, column) in u.chunks_exact((*n).max(1)).enumerate() {
        asm.row(column.iter().copied().enumerate().chain([(f + c, -1.0)]), 0.0);
    }
    Some(f)
}

/// Adds the rows of `√((w − b)ᵀΣ(w − b)) ≤ limit + x[slack]`; returns the first.
pub(crate) fn add_tracking(
    asm: &mut Assembly,
    model: &RiskModel,
    benchmark: &[f64],
    limit: f64,
    factors: Option<usize>,
    slack: Option<usize>,
) -> Result<usize, OptimizerError> {
    let first = asm.row(slack.map(|e| (e, -1.0)), limit);
    match &model.0 {
        Kind::Dense { n, sigma } => {
            let l = psd_factor("covariance", sigma, *n)?;
            for c in 0..*n {
                let column = &l[c * n..(c + 1) * n];
                let at: f64 = (c..*n).map(|i| column[i] * benchmark[i]).sum();
                asm.row((c..*n).map(|i| (i, -column[i])), -at);
            }
        }
        Kind::Factor { n, u, specific, .. } => {
            let f = factors.unwrap_or_default();
            for (c, column) in u.chunks_exact((*n).max(1)).enumerate() {
                asm.row([(f + c, -1.0)], -crate::model::dot(column, benchmark));
            }
            for i in 0..*n {
                let root = specific[i].sqrt();
                asm.row([(i, -root)], -root * benchmark[i]);
            }
        }
    }
    asm.close(SecondOrderConeT(asm.rows() - first));
    Ok(first)
}

fn assemble(p: &Program<'_>, model: &RiskModel) -> Option<(Assembly, Layout)> {
    let n = p.n();
    let mut asm = Assembly::default();
    let mut at = Layout::default();
    asm.variables(n, 0.0);
    for (q, m) in asm.q.iter_mut().zip(&p.mu) {
        *q = -m;
    }
    let traded: Vec<usize> = (0..n).filter(|&i| p.turnover.is_some() || p.cost[i] > 0.0 || p.impact[i] > 0.0).collect();
    let t = asm.variables(traded.len(), 0.0);
    for (e, &i) in traded.iter().enumerate() {
        asm.q[t + e] = p.cost[i];
    }
    let gross = p.leverage.map(|_| asm.variables(n, 0.0));
    let bent: Vec<usize> = (0..n).filter(|&i| p.impact[i] > 0.0).collect();
    let r = asm.variables(bent.len(), 0.0);
    for (e, &i) in bent.iter().enumerate() {
        asm.q[r + e] = p.impact[i];
    }
    let factors = add_factors(&mut asm, model);
    match (&model.0, factors) {
        (Kind::Dense { sigma, .. }, _) if p.lambda > 0.0 => {
            for j in 0..n {
                for i in 0..=j {
                    asm.curve(i, j, 2.0 * p.lambda * sigma[j * n + i]);
                }
            }
        }
        (Kind::Factor { k, specific, .. }, Some(f)) if p.lambda > 0.0 => {
            for i in 0..n {
                asm.curve(i, i, 2.0 * p.lambda * specific[i]);
            }
            for c in f..f + k {
                asm.curve(c, c, 2.0 * p.lambda);
            }
        }
        _ => {}
    }
    at.rows = vec![(None, None); p.rows.len()];
    for (row, place) in p.rows.iter().zip(&mut at.rows) {
        if row.is_equality() {
            place.1 = Some(asm.row(entries(&row.a, n, 1.0), 0.5 * (row.lo + row.hi)));
        }
    }
    asm.close(ZeroConeT(asm.rows()));
    let start = asm.rows();
    for (row, place) in p.rows.iter().zip(&mut at.rows) {
        if !row.is_equality() {
            place.0 = Some(asm.row(entries(&row.a, n, -1.0), -row.lo));
            place.1 = Some(asm.row(entries(&row.a, n, 1.0), row.hi));
        }
    }
    at.lower = asm.rows();
    for i in 0..n {
        asm.row([(i, -1.0)], -p.lower[i]);
    }
    at.upper = asm.rows();
    for i in 0..n {
        asm.row([(i, 1.0)], p.upper[i]);
    }
    if !traded.is_empty() {
        let first = asm.rows();
        for (e, &i) in traded.iter().enumerate() {
            asm.row([(i, 1.0), (t + e, -1.0)], p.w0[i]);
        }
        for (e, &i) in traded.iter().enumerate() {
            asm.row([(i, -1.0), (t + e, -1.0)], -p.w0[i]);
        }
        at.trades = Some((first, first + traded.len(), traded.clone()));
    }
    if let Some(cap) = p.turnover {
        at.turnover = Some(asm.row((t..t + traded.len()).map(|e| (e, 1.0)), cap));
    }
    if let (Some(cap), Some(v)) = (p.leverage, gross) {
        for i in 0..n {
            asm.row([(i, 1.0), (v + i, -1.0)], 0.0);
            asm.row([(i, -1.0), (v + i, -1.0)], 0.0);
        }
        at.leverage = Some(asm.row((v..v + n).map(|e| (e, 1.0)), cap));
    }
    asm.close(NonnegativeConeT(asm.rows() - start));
    if let Some(tr) = &p.tracking {
        at.tracking = Some(add_tracking(&mut asm, model, &tr.benchmark, tr.limit.sqrt(), factors, None).ok()?);
    }
    for (e, &i) in bent.iter().enumerate() {
        // (r, 1, d) with r^(2/3)·1^(1/3) ≥ |d|, that is r ≥ |d|^1.5.
        asm.row([(r + e, -1.0)], 0.0);
        asm.row([], 1.0);
        asm.row([(i, -1.0)], -p.w0[i]);
        asm.close(PowerConeT(2.0 / 3.0));
    }
    Some((asm, at))
}

/// The conic solver's answer in the terms of the programme.
#[derive(Debug)]
pub(crate) struct ConicPoint {
    raw: Raw,
    at: Layout,
}

/// Solves the programme as a conic problem. None when it ends without a point.
pub(crate) fn minimise(p: &Program<'_>, model: &RiskModel) -> Option<ConicPoint> {
    let (asm, at) = assemble(p, model)?;
    let raw = asm.solve(1e-10)?;
    raw.stopped().then_some(ConicPoint { raw, at })
}

impl ConicPoint {
    pub(crate) fn candidate(&self, p: &Program<'_>) -> Candidate {
        let z = |row: Option<usize>| row.map_or(0.0, |r| self.raw.z[r]);
        let rows: Vec<f64> = self.at.rows.iter().map(|&(lo, hi)| z(hi) - z(lo)).collect();
        let tracking = match (&p.tracking, self.at.tracking) {
            (Some(t), Some(row)) => self.raw.z[row] / (2.0 * t.limit.sqrt()),
            _ => 0.0,
        };
        let duals = DualValues::from_rows(&rows, rows.len() - 1, z(self.at.turnover), z(self.at.leverage), tracking);
        Candidate::new(p, self.raw.x[..p.n()].to_vec(), duals)
    }

    pub(crate) fn active_set(&self, p: &Program<'_>) -> ActiveSet {
        let leans = |row: usize| self.raw.z[row] > self.raw.s[row];
        let mut set = ActiveSet {
            leans: vec![Lean::Free; p.n()],
            rows: equality_rows(p),
            turnover: self.at.turnover.is_some_and(leans),
            leverage: self.at.leverage.is_some_and(leans),
            tracking: self.at.tracking.is_some_and(leans),
        };
        for i in 0..p.n() {
            if leans(self.at.lower + i) {
                set.leans[i] = Lean::Lower;
            } else if leans(self.at.upper + i) {
                set.leans[i] = Lean::Upper;
            }
        }
        if let Some((up, down, assets)) = &self.at.trades {
            for (e, &i) in assets.iter().enumerate() {
                if set.leans[i] == Lean::Free && leans(up + e) && leans(down + e) {
                    set.leans[i] = Lean::Start;
                }
            }
        }
        for (side, &(lo, hi)) in set.rows.iter_mut().zip(&self.at.rows) {
            if let (Some(lo), Some(hi)) = (lo, hi) {
                *side = if leans(lo) {
                    Side::Lower
                } else if leans(hi) {
                    Side::Upper
                } else {
                    Side::None
                };
            }
        }
        set
    }
}

/// The rebalancing problem in standard conic form, solved by the `clarabel` crate: an independent second opinion.
///
/// Tests and the benchmark compare [`solve`](crate::solve()) with it; it returns no certificate.
///
/// # Example
/// ```
/// use optimizer::{ConicReference, RebalanceProblem, RiskModel};
///
/// let model = RiskModel::dense(&[vec![0.04, 0.0], vec![0.0, 0.01]])?;
/// let problem = RebalanceProblem::long_only(vec![0.0, 0.0], 1.0);
/// let reference = ConicReference::new(&problem, &model)?;
/// // Minimum variance: weights inverse to variance, 0.2·0.8·0.05.
/// assert!((reference.objective(1e-10).unwrap() - 0.008).abs() < 1e-9);
/// # Ok::<(), optimizer::OptimizerError>(())
/// ```
#[derive(Debug)]
pub struct ConicReference {
    p: CscMatrix<f64>,
    q: Vec<f64>,
    a: CscMatrix<f64>,
    b: Vec<f64>,
    cones: Vec<SupportedConeT<f64>>,
}

impl ConicReference {
    /// Puts the problem into conic form.
    ///
    /// # Errors
    /// A malformed problem ([`RebalanceProblem::check`]).
    pub fn new(problem: &RebalanceProblem, model: &RiskModel) -> Result<Self, OptimizerError> {
        problem.check()?;
        let program = Program::new(problem, model);
        let (asm, _) = assemble(&program, model).ok_or(OptimizerError::NotPositive { what: "covariance" })?;
        let (p, a) = asm.matrices();
        Ok(Self { p, q: asm.q, a, b: asm.b, cones: asm.cones })
    }

    /// The optimal objective to about `tolerance`; None when the solver finds the limits contradictory or gives up.
    pub fn objective(&self, tolerance: f64) -> Option<f64> {
        let (raw, _) = self.run(tolerance)?;
        raw.solved().then(|| {
            let linear: f64 = self.q.iter().zip(&raw.x).map(|(q, x)| q * x).sum();
            linear + 0.5 * quadratic(&self.p, &raw.x)
        })
    }

    /// Iterations the solver makes to `tolerance`.
    pub fn iterations(&self, tolerance: f64) -> Option<usize> {
        self.run(tolerance).map(|(_, iterations)| iterations)
    }

    fn run(&self, tolerance: f64) -> Option<(Raw, usize)> {
        run(&self.p, &self.q, &self.a, &self.b, &self.cones, tolerance)
    }
}

/// `xᵀPx` of an upper triangle.
fn quadratic(p: &CscMatrix<f64>, x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for j in 0..p.n {
        for e in p.colptr[j]..p.colptr[j + 1] {
            let i = p.rowval[e];
            sum += if i == j { 1.0 } else { 2.0 } * p.nzval[e] * x[i] * x[j];
        }
    }
    sum
}

impl RebalanceOutcome {
    /// True for [`RebalanceOutcome::Optimal`].
    pub fn is_optimal(&self) -> bool {
        matches!(self, Self::Optimal(_))
    }
}
