//! A plan on its way to the writer.

use std::io;

use governance::{Actor, Digest, PlanRecord};

use crate::keys::KeyClaim;
use crate::packed::{compressor, pack};
use crate::runs::ItemEnd;
use crate::shared::{SharedPassages, SharedText};

/// What takes longer than a millisecond or two to compress is not compressed on the runtime's own threads.
const LONG: usize = 512 << 10;

/// A new plan to be stored.
#[derive(Debug, Clone)]
pub struct NewPlan {
    /// The plan.
    pub record: PlanRecord,
    /// The actor who requested it.
    pub actor: Actor,
    /// The client's key, if it sent one.
    pub claim: Option<KeyClaim>,
    /// The item of a run that this plan ends, if any.
    pub item: Option<ItemEnd>,
    /// Passages of the request that the item's run stores for all of its plans.
    pub passages: SharedPassages,
}

/// The outcome of storing a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kept {
    /// It is stored durably.
    New {
        /// Sequence of its audit entry.
        sequence: u64,
        /// Its digest.
        digest: Digest,
    },
    /// Its key was already used for this request, whose answer is this plan; nothing was stored.
    Earlier {
        /// The plan of the key.
        plan_id: String,
    },
    /// Its key was already used for another request; nothing was stored.
    OtherRequest,
    /// The item it was made for had already ended; nothing was stored.
    ItemEnded,
}

/// Bytes of a plan, without its short fields.
pub(crate) fn size(plan: &NewPlan) -> usize {
    let record = &plan.record;
    let labels = record.labels.metadata.as_ref().map_or(0, String::len);
    [&record.request, &record.response, &record.run].map(|document| document.bytes().len()).iter().sum::<usize>()
        + labels
        + record.headline.as_ref().map_or(0, |headline| headline.shown.len() + headline.words.len())
}

/// A plan, and its documents as they are to be stored: the request without the passages that it shares.
pub(crate) struct PackedPlan {
    pub(crate) plan: NewPlan,
    pub(crate) request: Vec<u8>,
    pub(crate) response: Vec<u8>,
    pub(crate) run: Vec<u8>,
    /// The passages that were cut out of the request, in order.
    pub(crate) passages: Vec<(usize, SharedText)>,
}

impl PackedPlan {
    /// Compresses the documents of a plan.
    pub(crate) async fn new(plan: NewPlan) -> io::Result<Self> {
        if plan.record.response.bytes().len() + plan.record.request.bytes().len() < LONG {
            return Self::of(plan);
        }
        tokio::task::spawn_blocking(|| Self::of(plan)).await.map_err(io::Error::other)?
    }

    fn of(plan: NewPlan) -> io::Result<Self> {
        let mut compressor = compressor()?;
        let record = &plan.record;
        let (left, cut) = plan.passages.cut(record.request.bytes());
        let passages = cut.into_iter().cloned().collect();
        let request = pack(&mut compressor, &left)?;
        let response = pack(&mut compressor, record.response.bytes())?;
        let run = pack(&mut compressor, record.run.bytes())?;
        Ok(Self { request, response, run, passages, plan })
    }

    /// Bytes of the documents as they are stored.
    pub(crate) fn stored_bytes(&self) -> usize {
        self.request.len() + self.response.len() + self.run.len()
    }
}
