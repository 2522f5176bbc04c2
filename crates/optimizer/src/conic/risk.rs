//! The risk model in conic form: factors as variables, the tracking error as a second-order cone.

use clarabel::solver::SecondOrderConeT;

use super::Assembly;
use crate::OptimizerError;
use crate::model::{Kind, RiskModel, psd_factor};
use crate::vector::dot;

/// Adds variables `f = Uᵀw` for a factor model (as rows of a zero cone); returns the index of the first.
pub(crate) fn add_factors(asm: &mut Assembly, model: &RiskModel) -> Option<usize> {
    let Kind::Factor { n, k, u, .. } = &model.0 else { return None };
    let f = asm.variables(*k, 0.0);
    for (c, column) in u.chunks_exact((*n).max(1)).enumerate() {
        asm.row(column.iter().copied().enumerate().chain([(f + c, -1.0)]), 0.0);
    }
    Some(f)
}

/// Adds the rows of `√((w − b)ᵀΣ(w − b)) ≤ limit + x[slack]`; returns the index of the first.
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
                asm.row([(f + c, -1.0)], -dot(column, benchmark));
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
