//! A plan with the targets and the bands of a learned allocator that a person has promoted.

use learned::{AllocatorDecision, LearnedAllocator};
use pipeline::ModelUse;
use portfolio_core::{Position, TradingRules, round_to_12_decimals};

use crate::dto::allocator::AppliedAllocator;
use crate::fault::{Fault, Faults};
use crate::fault_code::FaultCode;
use crate::planning::case::Case;

/// What half-widths are rounded to, so that they can be told.
const BASIS_POINT: f64 = 1e-4;
/// How far a target weight may be from equal weights.
const EQUAL: f64 = 1e-6;

/// Gives a case the targets and the bands that an allocator decides for its weights, after its histories. `used`: the version as the plan
/// names it.
///
/// # Errors
/// Faults where the book is not one of the training: other assets, other target weights than equal ones, less than a year of returns, or
/// nothing held.
pub(crate) fn adopt(learned: &LearnedAllocator, used: ModelUse, case: &mut Case) -> Result<(), Vec<Fault>> {
    let places = places(learned, case)?;
    let (held, columns): (&[f64], Vec<&[f64]>) = (case.book.weights(), case.panel.columns().collect());
    let invested: f64 = held.iter().sum();
    if invested <= 0.0 {
        return Err(fault("/assets", "an allocator decides from what is held, and nothing is"));
    }
    let weights: Vec<f64> = places.iter().map(|&place| held[place] / invested).collect();
    let returns: Vec<&[f64]> = places.iter().map(|&place| columns[place]).collect();
    let decided = learned.decide_after(&weights, &returns).map_err(|error| fault("/learned_allocator", error))?;
    let Some(decision) = decided else {
        return Err(fault("/learned_allocator", "needs a year of returns, 252, of each asset"));
    };
    let half_width = (decision.half_width / BASIS_POINT).round() * BASIS_POINT;
    let decision = AllocatorDecision { half_width: round_to_12_decimals(half_width), ..decision };
    for (&place, target) in places.iter().zip(&decision.targets) {
        case.config.policy.weights[place] = *target;
    }
    let plain = || TradingRules {
        units: case.book.positions().iter().map(Position::quantity).collect(),
        ..TradingRules::plain(places.len(), decision.half_width)
    };
    case.config.rules = Some(decision.rules(case.config.rules.take().unwrap_or_else(plain)));
    case.config.sizing.drift_threshold = decision.half_width;
    case.echo.learned_allocator =
        Some(AppliedAllocator { id: used.id.clone(), version: used.version.clone(), half_width: decision.half_width });
    case.config.prepared_by.push(used);
    Ok(())
}

/// The place in the book of each asset of the training.
fn places(learned: &LearnedAllocator, case: &Case) -> Result<Vec<usize>, Vec<Fault>> {
    let (names, policy) = (case.names(), &case.config.policy);
    let found: Option<Vec<usize>> =
        learned.assets.iter().map(|name| names.iter().position(|own| own == name)).collect();
    let Some(places) = found.filter(|places| places.len() == names.len()) else {
        return Err(fault("/assets", format!("must be those of its training: {}", learned.assets.join(", "))));
    };
    let equal = 1.0 / places.len() as f64;
    let mut faults = Faults::default();
    for (i, target) in policy.weights.iter().enumerate() {
        if (target - equal).abs() > EQUAL {
            let detail = "must be that of equal weights without cash: the allocator decides around them";
            faults.add(format!("/assets/{i}/target_weight"), FaultCode::Value, detail);
        }
    }
    if faults.is_empty() { Ok(places) } else { Err(faults.into_vec()) }
}

fn fault(pointer: &str, detail: impl ToString) -> Vec<Fault> {
    vec![Fault::in_body(pointer, FaultCode::Value, detail.to_string())]
}
