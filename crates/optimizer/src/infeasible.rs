//! When no portfolio satisfies the limits: which of them contradict each other, and the least that must give way.

use clarabel::solver::{NonnegativeConeT, ZeroConeT};
use serde::{Deserialize, Serialize};

use crate::OptimizerError;
use crate::conic::{Assembly, add_factors, add_tracking};
use crate::limits::Limit;
use crate::model::RiskModel;
use crate::problem::RebalanceProblem;
use crate::program::{DualValues, Program};
use crate::shortfall::shortfall;

/// Why there are no weights, with a proof and a repair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Infeasibility {
    /// Limits that cannot hold together.
    pub conflict: Vec<Limit>,
    /// The same in words.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "turnover at most 5.00 % cannot be kept together with the upper bound of asset 0.")
    )]
    pub sentence: String,
    /// Multipliers that prove it, checked without solving by `verify_infeasible`.
    pub proof: InfeasibilityProof,
    /// The smallest relaxation.
    pub repair: Repair,
}

/// A proof that the limits contradict each other.
///
/// With a zero objective the Lagrangian is at most zero at every portfolio that satisfies the limits. Under these
/// multipliers its minimum over the weights' own ranges is `shortfall > 0`: there is no such portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InfeasibilityProof {
    /// Multipliers of the limits that couple assets; all zero when the range of a single weight is empty.
    pub duals: DualValues,
    /// Where the tracking limit is linearised.
    #[cfg_attr(feature = "openapi", schema(example = json!([0.6, 0.4])))]
    pub tangent: Vec<f64>,
    /// The proven shortfall; when the range of a single weight is empty, the width of the gap.
    #[cfg_attr(feature = "openapi", schema(example = 0.03))]
    pub shortfall: f64,
}

/// The smallest relaxation of the limits that leaves a portfolio.
///
/// Smallest is the least weighted sum of relaxations: turnover counts 0.5 per unit (it is two-way), cash, tracking error
/// and leverage 1, groups and exposures 2, bounds of a single asset 4. Borrowing (cash below zero) and short sales of an
/// asset held long-only count 100, restrictions never give way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Repair {
    /// Which limits give way, and by how much.
    pub relaxations: Vec<LimitRelaxation>,
    /// The problem with those limits, ready to be solved.
    pub problem: RebalanceProblem,
}

/// One limit that gives way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitRelaxation {
    /// Which limit.
    pub limit: Limit,
    /// Where it stood.
    #[cfg_attr(feature = "openapi", schema(example = 0.05))]
    pub from: f64,
    /// Where it must stand at least.
    #[cfg_attr(feature = "openapi", schema(example = 0.081))]
    pub to: f64,
    /// `|to − from|`.
    #[cfg_attr(feature = "openapi", schema(example = 0.031))]
    pub by: f64,
}

/// A soft limit of the elastic problem: a variable that measures its violation, and the row of its multiplier.
struct Soft {
    limit: Limit,
    from: f64,
    /// Violations raise an upper limit (+1) or lower a lower one (−1).
    sign: f64,
    row: usize,
    variables: Vec<usize>,
}

const FORBIDDEN: f64 = 100.0;

/// Solves the elastic problem. [`OptimizerError::NotConverged`] when the limits turn out not to contradict each other.
pub(crate) fn diagnose(
    problem: &RebalanceProblem,
    program: &Program<'_>,
    model: &RiskModel,
) -> Result<Infeasibility, OptimizerError> {
    let n = problem.assets();
    let failed = OptimizerError::NotConverged { iterations: 0, gap: f64::MAX };
    let mut asm = Assembly::default();
    asm.variables(n, 0.0);
    let trades = problem.turnover_max.map(|_| asm.variables(n, 0.0));
    let gross = problem.leverage_max.map(|_| asm.variables(n, 0.0));
    let tracking = program.tracking.as_ref();
    let factors = tracking.and_then(|_| add_factors(&mut asm, model));
    if asm.rows() > 0 {
        asm.close(ZeroConeT(asm.rows()));
    }
    let first = asm.rows();
    let mut soft: Vec<Soft> = Vec::new();
    {
        // Cheap relaxation up to `room`, at the price of `FORBIDDEN` beyond.
        let mut add = |asm: &mut Assembly,
                       limit: Limit,
                       from: f64,
                       sign: f64,
                       weight: f64,
                       room: Option<f64>,
                       entries: Vec<(usize, f64)>| {
            let mut variables = Vec::new();
            if room.is_none_or(|r| r > 0.0) {
                variables.push(asm.variables(1, weight));
            }
            if room.is_some() {
                variables.push(asm.variables(1, FORBIDDEN));
            }
            let row = asm.row(
                entries.into_iter().map(|(i, v)| (i, sign * v)).chain(variables.iter().map(|&e| (e, -1.0))),
                sign * from,
            );
            for &e in &variables {
                // A little curvature spreads ties evenly and makes the answer unique.
                asm.curve(e, e, 1e-3);
                asm.row([(e, -1.0)], 0.0);
            }
            if let (Some(r), 2) = (room, variables.len()) {
                asm.row([(variables[0], 1.0)], r);
            }
            soft.push(Soft { limit, from, sign, row, variables });
        };
        let ones = || (0..n).map(|i| (i, 1.0)).collect::<Vec<_>>();
        let cash_room = Some(problem.cash_min.max(0.0));
        // Limits as the programme has them: those out of reach are drawn in, and never relaxed.
        let mut rows = program.rows.iter().map(|r| (r.lo, r.hi));
        let (least, most) = rows.next().unwrap_or_default();
        add(&mut asm, Limit::CashMin, most, 1.0, 1.0, cash_room, ones());
        add(&mut asm, Limit::CashMax, least, -1.0, 1.0, None, ones());
        for (g, (least, most)) in problem.groups.iter().zip(&mut rows) {
            let members = || g.members.iter().map(|&i| (i, 1.0)).collect::<Vec<_>>();
            add(&mut asm, Limit::GroupUpper { name: g.name.clone() }, most, 1.0, 2.0, None, members());
            add(&mut asm, Limit::GroupLower { name: g.name.clone() }, least, -1.0, 2.0, None, members());
        }
        for (e, (least, most)) in problem.exposures.iter().zip(rows) {
            let loadings = || e.loadings.iter().copied().enumerate().collect::<Vec<_>>();
            add(&mut asm, Limit::ExposureUpper { name: e.name.clone() }, most, 1.0, 2.0, None, loadings());
            add(&mut asm, Limit::ExposureLower { name: e.name.clone() }, least, -1.0, 2.0, None, loadings());
        }
        for asset in 0..n {
            let room = (problem.lower[asset] >= 0.0).then_some(problem.lower[asset]);
            add(&mut asm, Limit::Lower { asset }, problem.lower[asset], -1.0, 4.0, room, vec![(asset, 1.0)]);
            add(&mut asm, Limit::Upper { asset }, problem.upper[asset], 1.0, 4.0, None, vec![(asset, 1.0)]);
        }
        if let (Some(cap), Some(t)) = (problem.turnover_max, trades) {
            add(&mut asm, Limit::Turnover, cap, 1.0, 0.5, None, (t..t + n).map(|e| (e, 1.0)).collect());
        }
        if let (Some(cap), Some(v)) = (problem.leverage_max, gross) {
            add(&mut asm, Limit::Leverage, cap, 1.0, 1.0, None, (v..v + n).map(|e| (e, 1.0)).collect());
        }
    }
    for (around, first) in [(Some(&problem.w0), trades), (None, gross)] {
        if let Some(t) = first {
            for i in 0..n {
                let o = around.map_or(0.0, |w| w[i]);
                asm.row([(i, 1.0), (t + i, -1.0)], o);
                asm.row([(i, -1.0), (t + i, -1.0)], -o);
            }
        }
    }
    let (hard_lower, hard_upper) = problem.trade_box();
    for i in 0..n {
        if hard_lower[i].is_finite() {
            asm.row([(i, -1.0)], -hard_lower[i]);
        }
        if hard_upper[i].is_finite() {
            asm.row([(i, 1.0)], hard_upper[i]);
        }
    }
    let mut give = None;
    if tracking.is_some() {
        let e = asm.variables(1, 1.0);
        asm.curve(e, e, 1e-3);
        asm.row([(e, -1.0)], 0.0);
        give = Some(e);
    }
    asm.close(NonnegativeConeT(asm.rows() - first));
    if let (Some(t), Some(e)) = (tracking, give) {
        let from = t.limit.sqrt();
        let row = add_tracking(&mut asm, model, &t.benchmark, from, factors, Some(e))?;
        soft.push(Soft { limit: Limit::TrackingError, from, sign: 1.0, row, variables: vec![e] });
    }
    let raw = asm.solve(1e-10).filter(|r| r.solved()).ok_or_else(|| failed.clone())?;
    let total: f64 = soft.iter().flat_map(|s| &s.variables).map(|&e| raw.x[e].max(0.0)).sum();
    if total < 1e-7 {
        return Err(failed);
    }
    let w = &raw.x[..n];
    let proof = proof(program, &soft, &raw.z, w)?;
    // The two sides of one limit pair share what both push with: only the stronger is in the conflict.
    let net = |i: usize| {
        let other = if soft[i].sign > 0.0 { i + 1 } else { i.wrapping_sub(1) };
        let paired = !matches!(soft[i].limit, Limit::Turnover | Limit::Leverage | Limit::TrackingError)
            && !matches!(soft[i].limit, Limit::Lower { .. } | Limit::Upper { .. });
        raw.z[soft[i].row] - if paired { raw.z[soft[other].row] } else { 0.0 }
    };
    let largest = (0..soft.len()).fold(0.0_f64, |m, i| m.max(net(i)));
    let mut conflict: Vec<Limit> =
        (0..soft.len()).filter(|&i| net(i) > 1e-4 * largest).map(|i| soft[i].limit.clone()).collect();
    for asset in 0..n {
        let held = |bound: f64| bound.is_finite() && (w[asset] - bound).abs() < 1e-6;
        let own =
            conflict.iter().any(|l| matches!(l, Limit::Lower { asset: a } | Limit::Upper { asset: a } if *a == asset));
        let empty = own && program.lower[asset] > program.upper[asset];
        if empty || !own && (held(hard_lower[asset]) || held(hard_upper[asset])) {
            conflict.push(Limit::Trade { asset });
        }
    }
    let repair = repair(problem, model, &soft, &raw.x)?;
    let sentence = sentence(&conflict, &repair.relaxations);
    Ok(Infeasibility { conflict, sentence, proof, repair })
}

/// The multipliers of the elastic problem as a proof, checked before it is handed out.
fn proof(program: &Program<'_>, soft: &[Soft], z: &[f64], w: &[f64]) -> Result<InfeasibilityProof, OptimizerError> {
    let mut duals = DualValues::from_rows(&vec![0.0; program.rows.len()], program.rows.len() - 1, 0.0, 0.0, 0.0);
    let mut row = 0;
    for s in soft {
        let dual = z[s.row];
        match s.limit {
            Limit::CashMin => duals.budget += dual,
            Limit::CashMax => duals.budget -= dual,
            Limit::GroupUpper { .. } | Limit::ExposureUpper { .. } => duals.groups[row] += dual,
            Limit::GroupLower { .. } | Limit::ExposureLower { .. } => {
                duals.groups[row] -= dual;
                row += 1;
            }
            Limit::Turnover => duals.turnover = dual,
            Limit::Leverage => duals.leverage = dual,
            Limit::TrackingError => {
                if let Some(t) = &program.tracking {
                    let active: Vec<f64> = w.iter().zip(&t.benchmark).map(|(w, b)| w - b).collect();
                    let size = program.model.variance(&active).sqrt().max(1e-12);
                    duals.tracking_variance = dual / (2.0 * size);
                }
            }
            Limit::Lower { .. } | Limit::Upper { .. } | Limit::Trade { .. } => {}
        }
    }
    let crossing = program.lower.iter().zip(&program.upper).fold(0.0_f64, |m, (l, u)| m.max(l - u));
    let proven = if crossing > 0.0 { Some(crossing) } else { shortfall(program, w, &duals) };
    let shortfall = proven.ok_or(OptimizerError::NotConverged { iterations: 0, gap: f64::MAX })?;
    Ok(InfeasibilityProof { duals, tangent: w.to_vec(), shortfall })
}

/// Relaxes every violated limit by its violation and a margin, until the problem solves.
fn repair(problem: &RebalanceProblem, model: &RiskModel, soft: &[Soft], x: &[f64]) -> Result<Repair, OptimizerError> {
    let mut last = None;
    for margin in [1e-6, 1e-5, 1e-4, 1e-3] {
        let mut relaxed = problem.clone();
        let mut relaxations = Vec::new();
        for s in soft {
            let by: f64 = s.variables.iter().map(|&e| x[e].max(0.0)).sum();
            if by < 1e-7 {
                continue;
            }
            // Outward to a multiple of the margin, so that the figure can be read and the range has an inside.
            let cash = matches!(s.limit, Limit::CashMin | Limit::CashMax);
            let from = if cash { 1.0 - s.from } else { s.from };
            let sign = if cash { -s.sign } else { s.sign };
            let to = from + sign * ((by / margin).ceil() + 1.0) * margin;
            let to = if sign > 0.0 { (to / margin).ceil() } else { (to / margin).floor() } * margin;
            set(&mut relaxed, &s.limit, to);
            relaxations.push(LimitRelaxation { limit: s.limit.clone(), from, to, by: (to - from).abs() });
        }
        let program = Program::new(&relaxed, model);
        let repaired = Repair { relaxations, problem: relaxed.clone() };
        if !program.crossed() && crate::solve::is_solvable(&program) {
            return Ok(repaired);
        }
        last = Some(repaired);
    }
    last.ok_or(OptimizerError::NotConverged { iterations: 0, gap: f64::MAX })
}

fn set(problem: &mut RebalanceProblem, limit: &Limit, to: f64) {
    let group = |p: &mut RebalanceProblem, name: &str, f: &dyn Fn(&mut f64, &mut f64)| {
        p.groups.iter_mut().filter(|g| g.name == name).for_each(|g| f(&mut g.lower, &mut g.upper));
    };
    let exposure = |p: &mut RebalanceProblem, name: &str, f: &dyn Fn(&mut f64, &mut f64)| {
        p.exposures.iter_mut().filter(|e| e.name == name).for_each(|e| f(&mut e.lower, &mut e.upper));
    };
    match limit {
        Limit::CashMin => problem.cash_min = to,
        Limit::CashMax => problem.cash_max = to,
        Limit::Lower { asset } => problem.lower[*asset] = to,
        Limit::Upper { asset } => problem.upper[*asset] = to,
        Limit::GroupLower { name } => group(problem, name, &|lower, _| *lower = lower.min(to)),
        Limit::GroupUpper { name } => group(problem, name, &|_, upper| *upper = upper.max(to)),
        Limit::ExposureLower { name } => exposure(problem, name, &|lower, _| *lower = lower.min(to)),
        Limit::ExposureUpper { name } => exposure(problem, name, &|_, upper| *upper = upper.max(to)),
        Limit::Turnover => problem.turnover_max = Some(to),
        Limit::Leverage => problem.leverage_max = Some(to),
        Limit::TrackingError => problem.te_max = Some(to),
        Limit::Trade { .. } => {}
    }
}

fn sentence(conflict: &[Limit], relaxations: &[LimitRelaxation]) -> String {
    let list = |items: Vec<String>| match items.len() {
        0..=4 => items.join(", "),
        more => format!("{} and {} more", items[..3].join(", "), more - 3),
    };
    let conflict = list(conflict.iter().map(Limit::to_string).collect());
    let repair = list(
        relaxations
            .iter()
            .map(|r| format!("{} from {:.4} % to {:.4} %", r.limit, 100.0 * r.from, 100.0 * r.to))
            .collect(),
    );
    format!("No portfolio satisfies {conflict} together; the smallest repair moves {repair}.")
}

/// Multipliers as the public type lays them out: groups, then exposures.
pub(crate) fn split(duals: &DualValues, groups: usize) -> DualValues {
    let mut out = duals.clone();
    if out.exposures.is_empty() && out.groups.len() > groups {
        out.exposures = out.groups.split_off(groups);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_row_reach_the_right_limit() {
        let mut p = RebalanceProblem::long_only(vec![0.0; 2], 1.0);
        set(&mut p, &Limit::CashMax, 0.2);
        set(&mut p, &Limit::Upper { asset: 1 }, 1.5);
        assert_eq!((p.cash_max, p.upper[1], p.upper[0]), (0.2, 1.5, 1.0));
    }
}
