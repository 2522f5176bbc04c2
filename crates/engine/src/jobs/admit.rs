//! From a checked batch to the items of a run.

use governance::ClientLabels;
use serde::Deserialize;
use serde_json::value::RawValue;
use store::{NewRunItem, RunItemKind, RunLimits};

use crate::dto::jobs::RunBatchRequest;
use crate::fault::Faults;
use crate::planning::case::Case;
use crate::records::Records;
use crate::refusal::Refusal;

/// What may wait: runs, and bytes of their requests.
pub const RUN_LIMITS: RunLimits = RunLimits { runs: 64, bytes: 64 << 20 };

/// The items of a batch as they were sent, byte for byte: what is kept of a plan's request.
#[derive(Deserialize)]
struct RawBatch<'a> {
    #[serde(borrow, default)]
    portfolios: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    simulations: Option<Vec<&'a RawValue>>,
}

/// The items of a decoded batch and the bytes it was decoded from. A portfolio is given the id of its plan here.
///
/// # Errors
/// What is wrong with any of its portfolios, from the top of the batch.
pub fn admit(request: RunBatchRequest, bytes: &[u8], records: &Records) -> Result<Vec<NewRunItem>, Refusal> {
    let mut faults = Faults::default();
    let mut labels = Vec::new();
    for (i, portfolio) in request.portfolios.into_iter().flatten().enumerate() {
        match Case::try_from(portfolio) {
            Ok(case) => labels.push(case.echo.labels().map_err(|error| Refusal::internal(&error))?),
            Err(found) => faults.extend_within(&format!("/portfolios/{i}"), found),
        }
        if faults.is_full() {
            break;
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults.into_vec()));
    }
    let raw: RawBatch<'_> = serde_json::from_slice(bytes).map_err(|_| Refusal::Internal)?;
    let item = |kind: RunItemKind, index: u32, raw: &RawValue, labels: ClientLabels| NewRunItem {
        kind,
        index,
        labels,
        plan_id: (kind == RunItemKind::Portfolio).then(|| records.new_record_id()),
        request: raw.get().as_bytes().to_vec(),
    };
    let portfolios = raw.portfolios.into_iter().flatten().zip(labels).zip(0..);
    let portfolios = portfolios.map(|((raw, labels), i)| item(RunItemKind::Portfolio, i, raw, labels));
    let simulations = raw.simulations.into_iter().flatten().zip(0..);
    let simulations = simulations.map(|(raw, i)| item(RunItemKind::Simulation, i, raw, ClientLabels::default()));
    Ok(portfolios.chain(simulations).collect())
}
