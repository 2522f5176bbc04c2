//! The record of one challenger in the shadow of the present champion, as monitoring reads it.

use models::{ModelKind, Purpose};

use super::report::{Gathered, record_of};
use super::score::losses_of;
use crate::dto::models::ModelStatus;
use crate::dto::shadow::ShadowLoss;
use crate::host::Engine;
use crate::inventory::{Registered, Standings};
use crate::refusal::Refusal;

/// The plans with an outcome on whose inputs a challenger ran.
pub(crate) struct Ran {
    purpose: Purpose,
    gathered: Gathered,
}

/// One of them.
pub(crate) struct RanPlan<'a> {
    /// Date of the plan, ISO 8601.
    pub(crate) from: &'a str,
    /// Date of the last return.
    pub(crate) until: &'a str,
    /// The challenger's loss of its purpose.
    pub(crate) loss: Option<f64>,
    /// Intervals that held what came.
    pub(crate) hits: usize,
    /// Intervals.
    pub(crate) intervals: usize,
    /// Returns of the assets, one asset after the other.
    pub(crate) returns: &'a [f64],
}

/// What a challenger did in shadow; `None` for a version that is no challenger of a purpose that runs in shadow.
///
/// # Errors
/// Records that cannot be read.
pub(crate) async fn ran(engine: &Engine, standings: &Standings, entry: &Registered) -> Result<Option<Ran>, Refusal> {
    let purpose = entry.card().purpose;
    let runs = matches!(purpose, Purpose::ExpectedReturn | Purpose::Covariance);
    if !runs || entry.card().kind != ModelKind::Model || standings.status(entry) != ModelStatus::Challenger {
        return Ok(None);
    }
    let champion = standings.champion(purpose)?.identity();
    let gathered = record_of(engine, purpose, &champion, entry.identity()).await?;
    Ok(Some(Ran { purpose, gathered }))
}

impl Ran {
    /// The plans in the order of time.
    pub(crate) fn plans(&self) -> impl Iterator<Item = RanPlan<'_>> {
        let loss = losses_of(self.purpose)[0];
        self.gathered.scored.iter().map(move |window| {
            let scored = &window.scored;
            RanPlan {
                from: &window.from,
                until: &window.until,
                loss: scored.losses.iter().find(|(own, _)| *own == loss).map(|(_, [_, challenger])| *challenger),
                hits: scored.hits,
                intervals: scored.intervals,
                returns: &scored.returns,
            }
        })
    }

    /// The plans of a test of Diebold and Mariano, and its one-sided p-value that the challenger loses no more than the champion; `None` where
    /// there is no test.
    pub(crate) fn worse(&self, loss: ShadowLoss) -> Result<(usize, Option<f64>), Refusal> {
        let told = self.gathered.compared(loss, 1)?;
        let p = match (told.p_value, told.champion, told.challenger) {
            (Some(p), Some(champion), Some(challenger)) if challenger > champion => Some(p / 2.0),
            (Some(p), ..) => Some(1.0 - p / 2.0),
            _ => None,
        };
        Ok((told.plans, p))
    }
}
