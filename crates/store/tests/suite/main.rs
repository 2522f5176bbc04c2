//! The guarantees of a store, on SQLite and on PostgreSQL: every test of [`both`] runs on each.
//!
//! Those on PostgreSQL need `REBALANCER_TEST_DATABASE_URL`; `tests/postgres.sh cargo test -p store -- --include-ignored`
//! starts a server and sets it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop")]

mod audit;
mod champions;
mod controls;
mod faults;
mod keeping;
mod migration;
mod outcomes;
mod place;
mod portfolios;
mod runs;
mod shadow;
mod shared;
mod signed;
mod tenants;
mod webhooks;

use governance::{Actor, ClientLabels, Content, Digest, PlanHeadline, PlanRecord};
use store::{Kept, NewPlan, SharedPassages, Store};

/// Makes two tests of one function over a [`place::Place`].
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name($crate::place::Place::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs REBALANCER_TEST_DATABASE_URL"]
            async fn $name() {
                super::$name($crate::place::Place::postgres().await).await;
            })+
        }
    };
}
pub(crate) use both;

/// A plan with its own bytes.
pub(crate) fn plan(number: u64) -> NewPlan {
    let record = PlanRecord {
        plan_id: format!("plan-{number}"),
        created_at: format!("2026-01-02T03:{:02}:{:02}.000000Z", number / 60 % 60, number % 60),
        request_id: format!("request-{number}"),
        engine_version: "0.1.0".to_owned(),
        models: r#"[{"id":"ensemble_v2","version":"2.0.0"}]"#.to_owned(),
        seed: u64::MAX - number,
        labels: labels((number % 10 == 5).then_some(number)),
        headline: headline(number),
        request: Content::new(format!(r#"{{"number": {number}}}"#).into_bytes()),
        response: Content::new(vec![0, 255, number as u8, b'\n']),
        run: Content::new(vec![number as u8, 0]),
    };
    NewPlan { record, actor: Actor::from_static("api"), claim: None, item: None, passages: SharedPassages::default() }
}

/// Bytes that cannot be compressed, different for each number.
pub(crate) fn noise(number: u64, blocks: u64) -> Vec<u8> {
    let block = |at: u64| *Digest::of_bytes(format!("{number} {at}").as_bytes()).as_bytes();
    (0..blocks).flat_map(block).collect()
}

/// What a list tells of the plan of a number; one in four is of an earlier build.
pub(crate) fn headline(number: u64) -> Option<PlanHeadline> {
    (!number.is_multiple_of(4)).then(|| PlanHeadline {
        shown: format!(r#"{{"title": "Book {number}"}}"#),
        words: format!("book {number}\n100%_sure\nüber"),
    })
}

/// The client's own names for the plan or item of a number.
pub(crate) fn labels(number: Option<u64>) -> ClientLabels {
    ClientLabels {
        reference: number.map(|number| format!("order-{number}")),
        metadata: number.map(|number| format!(r#"{{"desk": "{number}"}}"#)),
    }
}

/// Stores the plans of these numbers one after another.
pub(crate) async fn keep(store: &Store, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        assert!(matches!(store.keep(plan(number)).await.unwrap(), Kept::New { .. }));
    }
}
