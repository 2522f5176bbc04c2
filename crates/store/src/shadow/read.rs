//! Reading the results of challengers.

use governance::{Content, Digest};

use super::{ShadowRun, ShadowRunsOfPlan, ShadowTask, StoredShadowRun};
use crate::connection::{Pool, either, snapshot};
use crate::error::StoreError;
use crate::read::is_unreadable;

/// A run's columns as they are copied: sequence of the plan, challenger, digest of its version, digest, document.
pub(crate) type ShadowTuple = (i64, String, Vec<u8>, Vec<u8>, Vec<u8>);
/// The same, and the id, time and digest of the plan.
type ShadowOfPlanTuple = (i64, String, Vec<u8>, Vec<u8>, Vec<u8>, String, String, Vec<u8>);

/// Selects runs with their plans, as a [`ShadowOfPlanTuple`] reads them.
macro_rules! select_shadow {
    ($which:literal) => {
        concat!(
            "SELECT runs.sequence, runs.challenger, runs.model_digest, runs.digest, runs.document, plans.plan_id, \
             plans.created_at, plans.digest FROM shadow_runs AS runs JOIN plans ON plans.sequence = runs.sequence ",
            $which
        )
    };
}

/// Adds a run; the columns are those of a [`ShadowTuple`].
pub(crate) const INSERT_SHADOW: &str =
    "INSERT INTO shadow_runs (sequence, challenger, model_digest, digest, document) VALUES ($1, $2, $3, $4, $5)";
/// The sequence up to which challengers have run on every plan.
pub(crate) const MARK: &str = "SELECT sequence FROM shadow_mark";
/// Advances the mark.
pub(crate) const MOVE_MARK: &str = "UPDATE shadow_mark SET sequence = $1";

/// A run whose digest is the one stored with it.
fn checked(columns: ShadowOfPlanTuple) -> Result<StoredShadowRun, StoreError> {
    let (sequence, challenger, model_digest, digest, document, plan_id, plan_created_at, plan_digest) = columns;
    let tampered = || StoreError::Tampered { plan_id: plan_id.clone() };
    let digest_of = |bytes: &[u8]| Digest::try_from(bytes).map_err(|_| tampered());
    let run = ShadowRun { challenger, model_digest: digest_of(&model_digest)?, document: Content::new(document) };
    if run.digest(digest_of(&plan_digest)?) != digest_of(&digest)? {
        return Err(tampered());
    }
    Ok(StoredShadowRun { plan_id, sequence: sequence.cast_unsigned(), plan_created_at, run })
}

/// The first plan on which challengers have not run.
pub(crate) async fn next_task(pool: &Pool) -> Result<Option<ShadowTask>, StoreError> {
    const NEXT: &str = "SELECT plan_id, sequence FROM plans WHERE sequence > (SELECT sequence FROM shadow_mark) \
         ORDER BY sequence LIMIT 1";
    let found: Option<(String, i64)> = either!(Pool, pool, pool => sqlx::query_as(NEXT).fetch_optional(pool).await)?;
    Ok(found.map(|(plan_id, sequence)| ShadowTask { plan_id, sequence: sequence.cast_unsigned() }))
}

/// The latest runs of a challenger, newest first.
pub(crate) async fn of_challenger(
    pool: &Pool,
    challenger: &str,
    limit: u32,
) -> Result<Vec<StoredShadowRun>, StoreError> {
    const RUNS: &str = select_shadow!("WHERE runs.challenger = $1 ORDER BY runs.sequence DESC LIMIT $2");
    let tampered = || StoreError::Tampered { plan_id: challenger.to_owned() };
    let readable = |error| if is_unreadable(&error) { tampered() } else { error.into() };
    let rows: Vec<ShadowOfPlanTuple> = either!(Pool, pool, pool => {
        sqlx::query_as(RUNS).bind(challenger).bind(i64::from(limit)).fetch_all(pool).await.map_err(readable)?
    });
    rows.into_iter().map(checked).collect()
}

/// The shadow runs of a plan; `None` for an unknown plan.
pub(crate) async fn of_plan(pool: &Pool, plan_id: &str) -> Result<Option<ShadowRunsOfPlan>, StoreError> {
    const PLAN: &str = "SELECT sequence FROM plans WHERE plan_id = $1";
    const RUNS: &str = select_shadow!("WHERE runs.sequence = $1 ORDER BY runs.challenger");
    let tampered = || StoreError::Tampered { plan_id: plan_id.to_owned() };
    let readable = |error| if is_unreadable(&error) { tampered() } else { error.into() };
    let (sequence, mark, rows): (i64, i64, Vec<ShadowOfPlanTuple>) = snapshot!(pool, tx => {
        let sequence: Option<i64> = sqlx::query_scalar(PLAN).bind(plan_id).fetch_optional(&mut *tx).await?;
        let Some(sequence) = sequence else { return Ok(None) };
        let mark = sqlx::query_scalar(MARK).fetch_one(&mut *tx).await?;
        (sequence, mark, sqlx::query_as(RUNS).bind(sequence).fetch_all(&mut *tx).await.map_err(readable)?)
    });
    let runs = rows.into_iter().map(checked).collect::<Result<_, _>>()?;
    Ok(Some(ShadowRunsOfPlan { is_done: sequence <= mark, runs }))
}

/// Copies runs and mark from a snapshot of PostgreSQL into a transaction of SQLite that has the plans.
macro_rules! copy_shadow {
    ($from:ident, $into:ident) => {
        const SHADOW: &str = "SELECT sequence, challenger, model_digest, digest, document FROM shadow_runs \
             ORDER BY sequence, challenger";
        let mut runs = sqlx::query_as::<_, $crate::shadow::read::ShadowTuple>(SHADOW).fetch(&mut *$from);
        while let Some(r) = runs.try_next().await? {
            let insert = sqlx::query($crate::shadow::read::INSERT_SHADOW);
            insert.bind(r.0).bind(r.1).bind(r.2).bind(r.3).bind(r.4).execute(&mut *$into).await?;
        }
        drop(runs);
        let mark: i64 = sqlx::query_scalar($crate::shadow::read::MARK).fetch_one(&mut *$from).await?;
        sqlx::query($crate::shadow::read::MOVE_MARK).bind(mark).execute(&mut *$into).await?;
    };
}
pub(crate) use copy_shadow;
