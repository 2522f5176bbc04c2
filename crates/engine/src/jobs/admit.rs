//! From a checked batch to the items of a run.

use std::collections::BTreeSet;

use governance::ClientLabels;
use serde::Deserialize;
use serde_json::value::RawValue;
use store::{NewRunItem, RunItemKind, RunLimits, SharedText};

use super::histories::Members;
use crate::dto::jobs::RunBatchRequest;
use crate::fault::Faults;
use crate::planning::case::Case;
use crate::records::Records;
use crate::refusal::Refusal;

/// What may wait: runs, and bytes of their requests.
pub const RUN_LIMITS: RunLimits = RunLimits { runs: 64, bytes: 64 << 20 };

/// What a batch becomes: the items of a run and the texts they share.
#[derive(Debug)]
pub struct AdmittedRun {
    /// The items, in order.
    pub items: Vec<NewRunItem>,
    /// The histories that its portfolios name, as they were sent.
    pub texts: Vec<(String, SharedText)>,
}

/// A batch as it was sent, byte for byte: what is kept of a plan's request.
#[derive(Deserialize)]
struct RawBatch<'a> {
    #[serde(borrow, default)]
    histories: Option<Members<'a>>,
    #[serde(borrow, default)]
    portfolios: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    simulations: Option<Vec<&'a RawValue>>,
}

/// The items of a decoded batch and the bytes it was decoded from. A portfolio is given the id of its plan here.
///
/// # Errors
/// What is wrong with any of its portfolios, from the top of the batch.
pub fn admit(request: RunBatchRequest, bytes: &[u8], records: &Records) -> Result<AdmittedRun, Refusal> {
    let mut faults = Faults::default();
    let mut labels = Vec::new();
    let mut used = BTreeSet::new();
    for (i, portfolio) in request.portfolios.into_iter().flatten().enumerate() {
        used.extend(portfolio.histories().map(|name| name.trim().to_owned()));
        // The names were checked. The case is not kept: what they stand for is not copied into it.
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
    let texts = raw.histories.map_or_else(Vec::new, |histories| histories.texts(&used));
    Ok(AdmittedRun { items: portfolios.chain(simulations).collect(), texts })
}
