//! Saving a version of a book, and closing a book, each in one transaction.

use governance::{ChainTip, Digest, EntryDraft, EntryKind, PortfolioMark, PortfolioVersion};
use sqlx::Connection as _;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::read::{INSERT_VERSION, MarkTuple, NEWEST_MARK};
use super::{ClosePortfolio, ClosedPortfolio, NewPortfolioVersion, PortfolioBasis, PortfolioKept, StoredPortfolio};
use crate::connection::Connection;
use crate::error::StoreError;
use crate::kept_keys::{FORGET_KEY, KEEP_KEY, KEEPS_PORTFOLIOS, KEY, KeyTuple};
use crate::signed::Seen;
use crate::subtrees::{GrownTuple, TRUNK};
use crate::transaction::{in_transaction, insert_entries, trunk_of};

/// A write to a book, and the channel for its answer.
pub(crate) enum PortfolioOrder {
    Save {
        version: Box<NewPortfolioVersion>,
        reply: oneshot::Sender<Result<PortfolioKept, StoreError>>,
        /// Its part of the reserved space.
        _room: OwnedSemaphorePermit,
    },
    Close {
        closing: Box<ClosePortfolio>,
        reply: oneshot::Sender<Result<ClosedPortfolio, StoreError>>,
    },
}

const NUMBER_AT: &str = "SELECT version FROM portfolio_versions WHERE sequence = $1 AND portfolio_id = $2";

/// How a basis relates to the newest entry of a book.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// The write may follow, after a version with this digest if there is one.
    Follows(Option<Digest>),
    /// Another version is the latest.
    Stale,
    /// The book is closed or was never created.
    NotFound,
}

impl PortfolioBasis {
    fn standing(&self, newest: Option<&MarkTuple>) -> Standing {
        let saved = newest.filter(|(_, kind, _)| kind == EntryKind::PortfolioSaved.as_str());
        let digest = saved.and_then(|(.., digest)| Digest::try_from(digest.as_deref()?).ok());
        match (self, digest) {
            (Self::Nothing, _) if newest.is_none() => Standing::Follows(None),
            (Self::Nothing, _) => Standing::Stale,
            (_, None) => Standing::NotFound,
            (Self::OneOf(known), Some(digest)) if !known.contains(&digest) => Standing::Stale,
            (_, digest) => Standing::Follows(digest),
        }
    }
}

/// Stores a version, its entry and its key in one transaction.
pub(crate) async fn save_portfolio(
    connection: &mut Connection,
    new: &NewPortfolioVersion,
    seen: &Seen,
) -> Result<(PortfolioKept, Option<ChainTip>), sqlx::Error> {
    in_transaction!(connection, tx => {
        // Left by its end and not by `return`: a transaction that is only dropped holds its lock until the next one.
        Ok('told: {
            if let Some(claim) = &new.claim {
                let (actor, key) = (claim.actor.as_str(), claim.key.as_str());
                let found: Option<KeyTuple> =
                    sqlx::query_as(KEY).bind(actor).bind(key).fetch_optional(&mut *tx).await?;
                match found {
                    Some((.., kept_at)) if claim.outlived(kept_at) => {
                        sqlx::query(FORGET_KEY).bind(actor).bind(key).execute(&mut *tx).await?;
                    }
                    Some((fingerprint, subject, portfolio_id, _)) => {
                        let same = fingerprint == claim.fingerprint.as_bytes() && subject == KEEPS_PORTFOLIOS;
                        let earlier = PortfolioKept::Earlier { portfolio_id };
                        break 'told (if same { earlier } else { PortfolioKept::OtherRequest }, None);
                    }
                    None => {}
                }
            }
            let newest: Option<MarkTuple> =
                sqlx::query_as(NEWEST_MARK).bind(&new.portfolio_id).fetch_optional(&mut *tx).await?;
            match new.basis.standing(newest.as_ref()) {
                Standing::Follows(_) => {}
                Standing::Stale => break 'told (PortfolioKept::Stale, None),
                Standing::NotFound => break 'told (PortfolioKept::NotFound, None),
            }
            let number: i64 = match newest {
                None => 0,
                Some((at, ..)) => {
                    sqlx::query_scalar(NUMBER_AT).bind(at).bind(&new.portfolio_id).fetch_one(&mut *tx).await?
                }
            };
            let record = PortfolioVersion {
                portfolio_id: new.portfolio_id.clone(),
                version: number.cast_unsigned() + 1,
                name: new.name.clone(),
                words: new.words.clone(),
                saved_at: new.saved_at.clone(),
                request_id: new.request_id.clone(),
                engine_version: new.engine_version.clone(),
                request: new.request.clone(),
            };
            let digest = record.digest();
            let mut trunk = trunk_of(&sqlx::query_as::<_, GrownTuple>(TRUNK).fetch_all(&mut *tx).await?, seen)?;
            let draft = EntryDraft {
                created_at: new.saved_at.clone(),
                actor: new.actor.clone(),
                request_id: new.request_id.clone(),
                kind: EntryKind::PortfolioSaved,
                plan_id: None,
                plan_digest: None,
                outcome_digest: None,
                portfolio: Some(PortfolioMark { portfolio_id: new.portfolio_id.clone(), digest }),
                champion: None,
                control: None,
            };
            let entry = draft.follow(&trunk.tip);
            insert_entries!(tx, &mut trunk, [&entry].into_iter(), 1);
            sqlx::query(INSERT_VERSION)
                .bind(entry.sequence.cast_signed())
                .bind(digest.as_bytes().to_vec())
                .bind(&record.portfolio_id)
                .bind(record.version.cast_signed())
                .bind(&record.name)
                .bind(&record.words)
                .bind(&record.saved_at)
                .bind(&record.request_id)
                .bind(&record.engine_version)
                .bind(record.request.bytes())
                .execute(&mut *tx)
                .await?;
            if let Some(claim) = &new.claim {
                sqlx::query(KEEP_KEY)
                    .bind(claim.actor.as_str())
                    .bind(&claim.key)
                    .bind(claim.fingerprint.as_bytes().to_vec())
                    .bind(KEEPS_PORTFOLIOS)
                    .bind(&record.portfolio_id)
                    .bind(claim.now)
                    .execute(&mut *tx)
                    .await?;
            }
            let stored = StoredPortfolio { record, sequence: entry.sequence, digest };
            (PortfolioKept::New(Box::new(stored)), Some(entry.tip()))
        })
    })
}

/// Records that a book is closed.
pub(crate) async fn close_portfolio(
    connection: &mut Connection,
    closing: &ClosePortfolio,
    seen: &Seen,
) -> Result<(ClosedPortfolio, Option<ChainTip>), sqlx::Error> {
    in_transaction!(connection, tx => {
        Ok('told: {
            let newest: Option<MarkTuple> =
                sqlx::query_as(NEWEST_MARK).bind(&closing.portfolio_id).fetch_optional(&mut *tx).await?;
            let digest = match closing.basis.standing(newest.as_ref()) {
                Standing::Follows(Some(digest)) => digest,
                Standing::Stale => break 'told (ClosedPortfolio::Stale, None),
                Standing::Follows(None) | Standing::NotFound => break 'told (ClosedPortfolio::NotFound, None),
            };
            let mut trunk = trunk_of(&sqlx::query_as::<_, GrownTuple>(TRUNK).fetch_all(&mut *tx).await?, seen)?;
            let draft = EntryDraft {
                created_at: closing.created_at.clone(),
                actor: closing.actor.clone(),
                request_id: closing.request_id.clone(),
                kind: EntryKind::PortfolioClosed,
                plan_id: None,
                plan_digest: None,
                outcome_digest: None,
                portfolio: Some(PortfolioMark { portfolio_id: closing.portfolio_id.clone(), digest }),
                champion: None,
                control: None,
            };
            let entry = draft.follow(&trunk.tip);
            insert_entries!(tx, &mut trunk, [&entry].into_iter(), 1);
            (ClosedPortfolio::Closed { sequence: entry.sequence }, Some(entry.tip()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_is_held_against_the_newest_entry() {
        let (mine, theirs) = (Digest::of_bytes(b"mine"), Digest::of_bytes(b"theirs"));
        let mark = |kind: EntryKind| (7, kind.as_str().to_owned(), Some(mine.as_bytes().to_vec()));
        let (saved, closed) = (mark(EntryKind::PortfolioSaved), mark(EntryKind::PortfolioClosed));
        let known = |digests: &[Digest]| PortfolioBasis::OneOf(digests.to_vec());
        for (basis, newest, standing) in [
            (PortfolioBasis::Nothing, None, Standing::Follows(None)),
            (PortfolioBasis::Nothing, Some(&saved), Standing::Stale),
            (PortfolioBasis::Nothing, Some(&closed), Standing::Stale),
            (PortfolioBasis::AnyVersion, None, Standing::NotFound),
            (PortfolioBasis::AnyVersion, Some(&saved), Standing::Follows(Some(mine))),
            (PortfolioBasis::AnyVersion, Some(&closed), Standing::NotFound),
            (known(&[mine]), None, Standing::NotFound),
            (known(&[theirs, mine]), Some(&saved), Standing::Follows(Some(mine))),
            (known(&[theirs]), Some(&saved), Standing::Stale),
            (known(&[]), Some(&saved), Standing::Stale),
            (known(&[mine]), Some(&closed), Standing::NotFound),
        ] {
            assert_eq!(basis.standing(newest), standing, "{basis:?} on {newest:?}");
        }
    }
}
