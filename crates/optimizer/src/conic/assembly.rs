//! A problem in standard conic form, assembled piece by piece, and its solution by `clarabel`.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, SolverStatus, SupportedConeT};
use portfolio_core::interrupt::{Interrupt, checkpoint};

/// Maximum number of iterations of the conic solver.
pub(crate) const ITERATIONS: u32 = 200;

/// Rows `Ax + s = b`, collected cone by cone and stored by column.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    columns: Vec<Vec<(usize, f64)>>,
    quadratic: Vec<Vec<(usize, f64)>>,
    pub(crate) q: Vec<f64>,
    pub(super) b: Vec<f64>,
    pub(super) cones: Vec<SupportedConeT<f64>>,
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
    /// True when the solver stopped at a point, whether or not it reached its tolerance: the certificate judges the
    /// point.
    pub(super) fn stopped(&self) -> bool {
        use SolverStatus::{InsufficientProgress, MaxIterations};
        let finite = self.x.iter().chain(&self.z).all(|v| v.is_finite());
        finite && (self.solved() || matches!(self.status, InsufficientProgress | MaxIterations))
    }

    pub(crate) fn solved(&self) -> bool {
        matches!(self.status, SolverStatus::Solved | SolverStatus::AlmostSolved)
    }
}

impl Assembly {
    /// Adds `count` variables with the given linear cost; returns the index of the first.
    pub(crate) fn variables(&mut self, count: usize, cost: f64) -> usize {
        let at = self.q.len();
        self.q.resize(at + count, cost);
        self.columns.resize(at + count, Vec::new());
        self.quadratic.resize(at + count, Vec::new());
        at
    }

    /// Adds an entry to the upper triangle of `P` in the objective `½xᵀPx`; the rows of a column come in ascending
    /// order.
    pub(crate) fn curve(&mut self, row: usize, column: usize, value: f64) {
        self.quadratic[column].push((row, value));
    }

    /// Adds a row; returns its index.
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

    /// Assigns the rows added since the last cone to `cone`.
    pub(crate) fn close(&mut self, cone: SupportedConeT<f64>) {
        self.cones.push(cone);
    }

    /// Number of rows so far.
    pub(crate) fn rows(&self) -> usize {
        self.b.len()
    }

    /// `P` and `A` as compressed sparse columns.
    pub(super) fn matrices(&self) -> (CscMatrix<f64>, CscMatrix<f64>) {
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

/// Solves `minimise ½xᵀPx + qᵀx` over `Ax + s = b` to about `tolerance`; also returns the number of iterations.
pub(super) fn run(
    p: &CscMatrix<f64>,
    q: &[f64],
    a: &CscMatrix<f64>,
    b: &[f64],
    cones: &[SupportedConeT<f64>],
    tolerance: f64,
) -> Option<(Raw, usize)> {
    let settings = DefaultSettings {
        verbose: false,
        max_iter: ITERATIONS,
        tol_gap_abs: tolerance,
        tol_gap_rel: tolerance,
        tol_feas: tolerance,
        max_threads: 1,
        direct_solve_method: "faer".to_string(),
        ..DefaultSettings::default()
    };
    let mut solver = DefaultSolver::new(p, q, a, b, cones, settings).ok()?;
    // The solver is told to end, and returns; the work ends below.
    let signal = Interrupt::current();
    solver.set_termination_callback(move |_| signal.as_ref().is_some_and(Interrupt::is_raised));
    solver.solve();
    checkpoint();
    let out = &solver.solution;
    if !out.x.iter().chain(&out.z).all(|v| v.is_finite()) {
        return None;
    }
    let raw = Raw { x: out.x.clone(), s: out.s.clone(), z: out.z.clone(), status: out.status };
    Some((raw, out.iterations as usize))
}
