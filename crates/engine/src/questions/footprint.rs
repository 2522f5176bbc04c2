//! How predictable a policy is.

use portfolio_core::bands::footprint::{FootprintPolicy, measure_footprint};
use portfolio_core::bands::timing::{Cooldown, Persistence, Schedule, Timing, Trigger};
use portfolio_core::{ReturnPanel, Universe};

use crate::context::RequestContext;
use crate::dto::absent;
use crate::dto::footprint::{FootprintRequest, FootprintResponse};
use crate::dto::metadata::Metadata;
use crate::fault_code::FaultCode;
use crate::planning::rules::band_rule;
use crate::refusal::Refusal;

/// Basis points of one.
const BPS: f64 = 10_000.0;

/// Answers a request for the footprint of a policy.
///
/// # Errors
/// [`Refusal::Invalid`] for a policy or a history that cannot be replayed.
pub fn footprint_answer(request: FootprintRequest, context: &RequestContext) -> Result<FootprintResponse, Refusal> {
    let refused = |error: &dyn std::fmt::Display| Refusal::fault("/assets", FaultCode::Value, error.to_string());
    let policy = policy_of(&request);
    let staggering = request.staggering.unwrap_or_default().staggering();
    let universe = Universe::new(request.assets.iter().map(|asset| asset.asset.trim())).map_err(|e| refused(&e))?;
    let columns: Vec<Vec<f64>> = request.assets.into_iter().map(|asset| asset.historical_returns).collect();
    let panel = ReturnPanel::new(universe, columns).and_then(|panel| panel.with_dates(request.dates));
    let panel = panel.map_err(|e| refused(&e))?;
    let report = measure_footprint(&policy, &panel, &staggering).map_err(|e| refused(&e))?;
    Ok(FootprintResponse::of(&report, Metadata::of(context, Some(staggering.seed.0), Vec::new())))
}

/// The policy with its defaults.
pub(crate) fn policy_of(request: &FootprintRequest) -> FootprintPolicy {
    let whole = |days: Option<u64>, default| days.map_or(default, |days| u32::try_from(days).unwrap_or(u32::MAX));
    let plain = Timing::default();
    let timing = request.trigger.map_or_else(Timing::default, |sent| Timing {
        trigger: Trigger::from(sent.kind),
        schedule: sent.every.map(Schedule::from),
        cooldown: Cooldown { days: whole(sent.cooldown_days, plain.cooldown.days) },
        persistence: Persistence { looks: whole(sent.persistence_days, plain.persistence.looks) },
    });
    FootprintPolicy {
        targets: request.assets.iter().map(|asset| asset.target_weight).collect(),
        rule: band_rule(request.band),
        kappa: request.destination.unwrap_or_default(),
        timing,
        cost_rate: request.transaction_cost_bps.unwrap_or(absent::COST_BPS) / BPS,
        risk_aversion: request.risk_aversion.unwrap_or_else(|| pipeline::PolicyObjective::default().risk_aversion),
    }
}
