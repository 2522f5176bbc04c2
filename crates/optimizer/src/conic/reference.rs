//! The rebalancing problem solved by an independent conic solver.

use clarabel::algebra::CscMatrix;
use clarabel::solver::SupportedConeT;

use super::assembly::{Raw, run};
use super::programme::assemble;
use crate::OptimizerError;
use crate::model::RiskModel;
use crate::problem::RebalanceProblem;
use crate::program::Program;

/// The rebalancing problem in standard conic form, solved by the `clarabel` crate as an independent check.
///
/// Tests and the benchmark compare [`solve`](crate::solve()) with it. It returns no certificate.
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

    /// The optimal objective to about `tolerance`; `None` when the limits contradict each other or the solver finds no
    /// solution.
    pub fn objective(&self, tolerance: f64) -> Option<f64> {
        let (raw, _) = self.run(tolerance)?;
        raw.solved().then(|| {
            let linear: f64 = self.q.iter().zip(&raw.x).map(|(q, x)| q * x).sum();
            linear + 0.5 * quadratic(&self.p, &raw.x)
        })
    }

    /// The number of iterations that the solver takes to reach `tolerance`.
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
