//! The record of a run, and the bounded memory it is kept in until there is a store.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use actix_web::web::Bytes;
use pipeline::orchestration;

use crate::dto::run::{RunMetadata, RunResponse};
use crate::engine::plan::Plan;
use crate::engine::present::metadata;
use crate::http::context::RequestContext;

/// Runs that are kept.
pub const KEPT_RUNS: usize = 256;
/// Bytes of records that are kept, whatever their number.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// The record of the run that made a plan; `None` for a run that was not traced.
#[must_use]
pub fn record(plan: &Plan, run_id: &str, context: &RequestContext) -> Option<RunResponse> {
    let trace = &plan.record.trace;
    Some(RunResponse {
        orchestration: orchestration(),
        verdict: plan.verdict.clone(),
        stages: plan.record.stages.clone(),
        data_quality: plan.quality.clone(),
        orders: plan.orders.clone(),
        outlook: plan.outlook.clone(),
        metadata: RunMetadata {
            answer: metadata(plan, context),
            run_id: run_id.to_owned(),
            request_digest: trace.first()?.input_digest,
            result_digest: trace.last()?.output_digest,
            stages: trace.clone(),
        },
    })
}

/// The last runs, oldest out first. It lives as long as the process.
#[derive(Debug, Default)]
pub struct RunMemory(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    runs: VecDeque<(String, Bytes)>,
    bytes: usize,
}

impl RunMemory {
    /// Keeps a record as it was answered. One too large for the whole memory is not kept.
    pub fn keep(&self, run_id: String, record: Bytes) {
        if record.len() > KEPT_BYTES {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.bytes += record.len();
        kept.runs.push_back((run_id, record));
        while kept.runs.len() > KEPT_RUNS || kept.bytes > KEPT_BYTES {
            let Some((_, oldest)) = kept.runs.pop_front() else { break };
            kept.bytes -= oldest.len();
        }
    }

    /// The record of a run, as it was answered.
    #[must_use]
    pub fn get(&self, run_id: &str) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.runs.iter().rev().find(|(id, _)| id == run_id).map(|(_, record)| record.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_runs_give_way_by_number_and_by_size() {
        let memory = RunMemory::default();
        for i in 0..=KEPT_RUNS {
            memory.keep(i.to_string(), Bytes::from_static(b"{}"));
        }
        assert_eq!((memory.get("0"), memory.get("1")), (None, Some(Bytes::from_static(b"{}"))));
        memory.keep("large".to_owned(), Bytes::from(vec![b' '; KEPT_BYTES - 3]));
        assert_eq!(memory.get("200"), None);
        assert_eq!(memory.get(&KEPT_RUNS.to_string()), Some(Bytes::from_static(b"{}")));
        memory.keep("too large".to_owned(), Bytes::from(vec![b' '; KEPT_BYTES + 1]));
        assert!(memory.get("too large").is_none() && memory.get("large").is_some());
    }
}
