//! Reading outcomes.

use futures_util::TryStreamExt;
use governance::{Content, Digest, OutcomeRecord};
use sqlx::QueryBuilder;

use super::{CountedOutcome, CountedOutcomes, OutcomeQuery};
use crate::connection::{Pool, either, snapshot};
use crate::error::StoreError;
use crate::read::is_unreadable;
use crate::subtrees::{GrownTuple, TRUNK, Trunk};

/// An outcome's columns: sequence and digest, then the record.
pub(crate) type OutcomeTuple =
    (i64, Vec<u8>, String, String, Vec<u8>, String, String, String, String, Vec<u8>, Vec<u8>);

/// Selects outcomes, as an [`OutcomeTuple`] reads them.
macro_rules! select_outcomes {
    ($and:literal, $which:literal) => {
        concat!(
            "SELECT outcomes.sequence, outcomes.digest, outcomes.outcome_id, outcomes.plan_id, outcomes.plan_digest, \
             outcomes.as_of, outcomes.created_at, outcomes.request_id, outcomes.engine_version, outcomes.request, \
             outcomes.response",
            $and,
            " FROM outcomes ",
            $which
        )
    };
}
pub(crate) use select_outcomes;

/// An outcome, its sequence and the digest that was stored with it, before they are compared.
pub(crate) struct StoredOutcome {
    pub(crate) record: OutcomeRecord,
    pub(crate) sequence: u64,
    pub(crate) digest: Digest,
}

/// Builds an outcome from its columns; `None` when a column is invalid.
pub(crate) fn outcome_of(columns: OutcomeTuple) -> Option<StoredOutcome> {
    let (
        sequence,
        digest,
        outcome_id,
        plan_id,
        plan_digest,
        as_of,
        created_at,
        request_id,
        engine_version,
        request,
        response,
    ) = columns;
    let digest_of = |bytes: Vec<u8>| Digest::try_from(bytes.as_slice()).ok();
    let record = OutcomeRecord {
        outcome_id,
        plan_id,
        plan_digest: digest_of(plan_digest)?,
        as_of,
        created_at,
        request_id,
        engine_version,
        request: Content::new(request),
        response: Content::new(response),
    };
    Some(StoredOutcome { record, sequence: sequence.try_into().ok()?, digest: digest_of(digest)? })
}

fn tampered(plan_id: &str) -> StoreError {
    StoreError::Tampered { plan_id: plan_id.to_owned() }
}

/// An outcome whose digest is the one stored with it and the one in its entry.
fn checked(columns: OutcomeTuple, recorded: Option<&[u8]>) -> Result<StoredOutcome, StoreError> {
    let plan_id = columns.3.clone();
    let found = outcome_of(columns).ok_or_else(|| tampered(&plan_id))?;
    if found.record.digest() != found.digest || recorded != Some(found.digest.as_bytes()) {
        return Err(tampered(&plan_id));
    }
    Ok(found)
}

/// One outcome.
pub(crate) async fn outcome(pool: &Pool, outcome_id: &str) -> Result<Option<OutcomeRecord>, StoreError> {
    const OUTCOME: &str = select_outcomes!("", "WHERE outcome_id = $1");
    first(pool, OUTCOME, outcome_id).await
}

/// The outcome of a plan that counts.
pub(crate) async fn counted_of_plan(pool: &Pool, plan_id: &str) -> Result<Option<OutcomeRecord>, StoreError> {
    const COUNTED: &str = select_outcomes!("", "WHERE plan_id = $1 ORDER BY as_of DESC, sequence DESC LIMIT 1");
    first(pool, COUNTED, plan_id).await
}

/// The first outcome that a statement selects for an id, checked against its entry.
async fn first(pool: &Pool, select: &'static str, id: &str) -> Result<Option<OutcomeRecord>, StoreError> {
    const RECORDED: &str = "SELECT outcome_digest FROM audit_entries WHERE sequence = $1 AND kind = 'outcome_recorded'";
    let readable = |error| if is_unreadable(&error) { tampered(id) } else { error.into() };
    either!(Pool, pool, pool => {
        let columns: Option<OutcomeTuple> =
            sqlx::query_as(select).bind(id).fetch_optional(pool).await.map_err(readable)?;
        let Some(columns) = columns else { return Ok(None) };
        let recorded: Option<(Option<Vec<u8>>,)> =
            sqlx::query_as(RECORDED).bind(columns.0).fetch_optional(pool).await.map_err(readable)?;
        let recorded = recorded.and_then(|(digest,)| digest);
        Ok(Some(checked(columns, recorded.as_deref())?.record))
    })
}

/// An outcome's columns, and the digest in its entry.
type CountedTuple =
    (i64, Vec<u8>, String, String, Vec<u8>, String, String, String, String, Vec<u8>, Vec<u8>, Option<Vec<u8>>);

/// The outcomes that count, and the end of the chain at that moment.
pub(crate) async fn counted(pool: &Pool, query: &OutcomeQuery) -> Result<CountedOutcomes, StoreError> {
    const COUNTED: &str = select_outcomes!(
        ", entries.outcome_digest",
        "LEFT JOIN audit_entries AS entries ON entries.sequence = outcomes.sequence AND entries.kind = 'outcome_recorded' \
         WHERE NOT EXISTS (SELECT 1 FROM outcomes AS later WHERE later.plan_id = outcomes.plan_id AND (later.as_of > \
         outcomes.as_of OR (later.as_of = outcomes.as_of AND later.sequence > outcomes.sequence))"
    );
    const OF_REFERENCE: &str = " AND outcomes.plan_id IN (SELECT plans.plan_id FROM plan_labels AS labels JOIN plans ON \
         plans.sequence = labels.sequence WHERE labels.reference = ";
    const PLANS: &str = "SELECT COUNT(*) FROM plans";
    const PLANS_OF_REFERENCE: &str = "SELECT COUNT(*) FROM plan_labels WHERE reference = $1";
    snapshot!(pool, tx => {
        let plans: i64 = match &query.client_reference {
            None => sqlx::query_scalar(PLANS).fetch_one(&mut *tx).await?,
            Some(reference) => sqlx::query_scalar(PLANS_OF_REFERENCE).bind(reference).fetch_one(&mut *tx).await?,
        };
        let mut select = QueryBuilder::new(COUNTED);
        if let Some(until) = &query.until {
            select.push(" AND later.as_of <= ").push_bind(until).push(") AND outcomes.as_of <= ").push_bind(until);
        } else {
            select.push(")");
        }
        if let Some(since) = &query.since {
            select.push(" AND outcomes.as_of >= ").push_bind(since);
        }
        if let Some(reference) = &query.client_reference {
            select.push(OF_REFERENCE).push_bind(reference).push(")");
        }
        select.push(if query.latest { " ORDER BY outcomes.sequence DESC LIMIT " } else { " ORDER BY outcomes.sequence LIMIT " });
        select.push_bind(i64::from(query.limit));
        let mut rows = select.build_query_as::<CountedTuple>().fetch(&mut *tx);
        let mut outcomes = Vec::new();
        while let Some(row) = rows.try_next().await? {
            let (a, b, c, d, e, f, g, h, i, j, k, recorded) = row;
            let found = checked((a, b, c, d, e, f, g, h, i, j, k), recorded.as_deref())?;
            outcomes.push(CountedOutcome {
                sequence: found.sequence,
                plan_id: found.record.plan_id,
                as_of: found.record.as_of,
                digest: found.digest,
                response: found.record.response.into_bytes(),
            });
        }
        drop(rows);
        let trunk = Trunk::of(&sqlx::query_as::<_, GrownTuple>(TRUNK).fetch_all(&mut *tx).await?)?;
        Ok(CountedOutcomes { plans: plans.cast_unsigned(), outcomes, tip: trunk.tip, root: trunk.root() })
    })
}

/// Copies outcomes from a snapshot of PostgreSQL into a transaction of SQLite that has the plans.
macro_rules! copy_outcomes {
    ($from:ident, $into:ident) => {
        const OUTCOMES: &str = $crate::outcomes::read::select_outcomes!("", "ORDER BY sequence");
        let mut outcomes = sqlx::query_as::<_, $crate::outcomes::read::OutcomeTuple>(OUTCOMES).fetch(&mut *$from);
        while let Some(o) = outcomes.try_next().await? {
            let mut insert = QueryBuilder::new(
                "INSERT INTO outcomes (sequence, digest, outcome_id, plan_id, plan_digest, as_of, created_at, request_id, \
                 engine_version, request, response) VALUES (",
            );
            let mut row = insert.separated(", ");
            row.push_bind(o.0).push_bind(o.1).push_bind(o.2).push_bind(o.3).push_bind(o.4).push_bind(o.5);
            row.push_bind(o.6).push_bind(o.7).push_bind(o.8).push_bind(o.9).push_bind(o.10);
            insert.push(")").build().execute(&mut *$into).await?;
        }
        drop(outcomes);
    };
}
pub(crate) use copy_outcomes;
