//! Training of models.

use actix_web::{HttpRequest, post};
use engine::Engine;
use engine::dto::jobs::RunState;
use engine::dto::training::{ModelTrainingRequest, ModelTrainingResponse};
use engine::jobs::Runs;
use engine::trainings::{self, NewTraining};

use super::queued::{accepted, prefers_queue};
use crate::http::answer::{Answer, answer};
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::idempotency::SentKey;
use crate::http::own::Own;
use crate::http::problem::Problem;
use crate::http::query::QueryMembers;

/// Train a model
///
/// Trains boosted trees to say by how much the return of an asset will be beyond the mean of the assets, from six ranks of its latest
/// 252 returns. A purged walk-forward trial comes first: the trees are trained again before each year of blocks, on labels that ended a block
/// before it, and every forecast is out of sample. What comes out is an immutable version of the inventory, a challenger: weights, a card with
/// the digest of the data, span, seed, figures with their intervals, the number of trials and limits, and ten golden cases that are run
/// again when it is loaded. `trained_model` of a plan names it. The same data, settings and seed give the same weights, byte for byte, and
/// no second version.
///
/// With `transformer`, a Temporal Fusion Transformer is trained instead: quantiles of the return of each coming day, compared with plainer
/// quantiles out of sample and examined on days that it has not seen. One with a fault, or that is not shown to have learnt anything, is
/// refused with the reasons, and no version is made. `quantiles` of a forecast names it; no plan is made with it. A build without the feature
/// `transformer` refuses the member.
///
/// With `allocator`, a policy that rebalances around equal weights is learned instead, by proximal policy optimisation for each of several seeds, with the
/// costs, sizing and ledger of live plans. The last days are held out, 21 days before them are purged, and the mean decision of the seeds is replayed
/// there beside equal weights, buy and hold, least variance, 5/25 bands and the closed-form band, net of costs, each difference with an
/// interval and a verdict over all comparisons of all trials. The version is a challenger of the closed-form band that tells what it would
/// trade at each drift; no plan is made with it until a person has promoted it.
///
/// A training of about a second is answered at once with 200. A larger one is queued as a run, and so is any with `Prefer: respond-async`:
/// then it is stored before it is answered with 202, goes on after a restart (a transformer or an allocator where it was, with the same bytes), and `GET /api/runs/{run_id}` tells how far it is and in the
/// end its `training`; `/events` follows it and `DELETE` ends it. A queued training with an `Idempotency-Key` may be sent again within 24 hours.
#[utoipa::path(tag = "models", operation_id = "train_model", request_body = ModelTrainingRequest,
    params(
        ("Prefer" = Option<String>, Header, description = "`respond-async` queues a training however small it is (RFC 7240)"),
        ("Idempotency-Key" = Option<String>, Header, description = "Names a queued training, so that it can be sent again", max_length = 255)
    ),
    responses(
        (status = 200, description = "The version, and what it was worth out of sample", body = ModelTrainingResponse),
        (status = 202, description = "The run as it was queued", body = RunState<'static>, headers(
            ("Location" = String, description = "Where the run is read"),
            ("Preference-Applied" = String, description = "`respond-async` where the client asked for it")
        ))
    ))]
#[post("/api/models/train")]
pub(super) async fn train_model(
    request: HttpRequest,
    caller: Caller,
    key: SentKey,
    body: JsonBytes,
    queue: Own<Runs>,
    engine: Own<Engine>,
) -> Answer {
    QueryMembers::of(&request).finish()?;
    let prefers_queue = prefers_queue(&request);
    let order = (body.0.as_ref(), key.0, prefers_queue);
    let made = trainings::create(&engine, &queue, &caller.actor, &caller.context, order).await;
    match made.map_err(|refusal| Problem::new(&caller, refusal))? {
        NewTraining::Answered(body) => answer(&caller, Ok(body)),
        NewTraining::Queued(run) => Ok(accepted(run, "/api/runs", prefers_queue)),
    }
}
