//! Texts shared by many documents: each is stored once, under its digest, and inserted at its position when a document
//! is read.

use std::borrow::Cow;
use std::sync::Arc;

use governance::Digest;

use crate::connection::{Pool, either};
use crate::error::StoreError;

/// A text that several documents share, and its SHA-256. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedText {
    text: Arc<str>,
    digest: Digest,
}

impl SharedText {
    /// A text with its digest.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), digest: Digest::of_bytes(text.as_bytes()) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its SHA-256.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// A document under construction, with texts that it shares with others.
///
/// # Example
/// ```
/// use store::{SharedDocument, SharedText};
///
/// let returns = SharedText::new("[0.01,-0.02]");
/// let mut document = SharedDocument::default();
/// document.push("{\"returns\":");
/// document.push_shared(&returns);
/// document.push("}");
/// let (bytes, passages) = document.into_parts();
/// assert_eq!(bytes, br#"{"returns":[0.01,-0.02]}"#);
/// assert_eq!(passages.len(), 1);
/// ```
#[derive(Debug, Clone, Default)]
pub struct SharedDocument {
    bytes: Vec<u8>,
    passages: SharedPassages,
}

impl SharedDocument {
    /// Adds text that belongs to the document alone.
    pub fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Adds a shared text.
    pub fn push_shared(&mut self, text: &SharedText) {
        self.passages.0.push((self.bytes.len(), text.clone()));
        self.push(text.as_str());
    }

    /// The whole document, and the positions of the shared texts in it.
    #[must_use]
    pub fn into_parts(self) -> (Vec<u8>, SharedPassages) {
        (self.bytes, self.passages)
    }
}

/// The positions of the shared texts in a document, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharedPassages(Vec<(usize, SharedText)>);

impl SharedPassages {
    /// Their number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the document shares nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The remainder of a document without its passages, and the passages that were removed, in order.
    pub(crate) fn cut<'a>(&'a self, whole: &'a [u8]) -> (Cow<'a, [u8]>, Vec<&'a (usize, SharedText)>) {
        if self.is_empty() {
            return (Cow::Borrowed(whole), Vec::new());
        }
        let (mut left, mut cut, mut at) = (Vec::new(), Vec::new(), 0);
        for passage in &self.0 {
            let (start, text) = (passage.0, passage.1.as_str().as_bytes());
            let end = start.saturating_add(text.len());
            if start >= at && whole.get(start..end) == Some(text) {
                left.extend_from_slice(&whole[at..start]);
                cut.push(passage);
                at = end;
            }
        }
        left.extend_from_slice(&whole[at..]);
        (Cow::Owned(left), cut)
    }
}

/// Passages of the plan `plans.sequence` as one text, in which each is `start:bytes:` and the text itself; null without any.
macro_rules! passages_of_plan {
    () => {
        "(SELECT string_agg(placed.starts_at || ':' || octet_length(texts.text) || ':' || texts.text, '' \
         ORDER BY placed.starts_at) FROM plan_texts AS placed JOIN shared_texts AS texts ON texts.digest = placed.digest \
         WHERE placed.sequence = plans.sequence)"
    };
}
pub(crate) use passages_of_plan;

/// A whole document from its remainder and its passages as [`passages_of_plan`] lists them; `None` if they do not
/// match.
pub(crate) fn put_back(left: Vec<u8>, passages: Option<&str>) -> Option<Vec<u8>> {
    let Some(mut passages) = passages else { return Some(left) };
    let (mut whole, mut left) = (Vec::with_capacity(left.len() + passages.len()), left.as_slice());
    while !passages.is_empty() {
        let (start, rest) = passages.split_once(':')?;
        let (length, rest) = rest.split_once(':')?;
        let own = start.parse::<usize>().ok()?.checked_sub(whole.len())?;
        let (before, after) = left.split_at_checked(own)?;
        let (text, rest) = rest.split_at_checked(length.parse().ok()?)?;
        whole.extend_from_slice(before);
        whole.extend_from_slice(text.as_bytes());
        (left, passages) = (after, rest);
    }
    whole.extend_from_slice(left);
    Some(whole)
}

/// Texts that are no longer referred to.
pub(crate) const FORGET_TEXTS: &str = "DELETE FROM shared_texts WHERE \
     NOT EXISTS (SELECT 1 FROM plan_texts WHERE plan_texts.digest = shared_texts.digest) AND \
     NOT EXISTS (SELECT 1 FROM run_texts WHERE run_texts.digest = shared_texts.digest)";

/// The texts of a run by name, compared with their digests.
pub(crate) async fn of_run(pool: &Pool, run_id: &str) -> Result<Vec<(String, SharedText)>, StoreError> {
    const TEXTS: &str = "SELECT named.name, named.digest, texts.text FROM run_texts AS named \
         JOIN shared_texts AS texts ON texts.digest = named.digest WHERE named.run_id = $1 ORDER BY named.name";
    let rows: Vec<(String, Vec<u8>, String)> =
        either!(Pool, pool, pool => sqlx::query_as(TEXTS).bind(run_id).fetch_all(pool).await?);
    let text = |(name, digest, text): (String, Vec<u8>, String)| {
        let text = SharedText::new(&text);
        let damaged = || StoreError::Damaged { finding: format!("a text of the run {run_id} was changed") };
        if digest == text.digest.as_bytes() { Ok((name, text)) } else { Err(damaged()) }
    };
    rows.into_iter().map(text).collect()
}

/// Adds the texts of a run, inside a transaction of either database.
macro_rules! insert_run_texts {
    ($tx:ident, $run_id:expr, $texts:expr) => {
        // Far below the number of parameters either database takes.
        for texts in $texts.chunks(500) {
            let mut insert = sqlx::QueryBuilder::new("INSERT INTO shared_texts (digest, text) ");
            insert.push_values(texts, |mut row, (_, text): &(String, $crate::shared::SharedText)| {
                row.push_bind(text.digest().as_bytes().to_vec()).push_bind(text.as_str());
            });
            insert.push(" ON CONFLICT (digest) DO NOTHING").build().persistent(false).execute(&mut *$tx).await?;
            let mut insert = sqlx::QueryBuilder::new("INSERT INTO run_texts (run_id, name, digest) ");
            insert.push_values(texts, |mut row, (name, text): &(String, $crate::shared::SharedText)| {
                row.push_bind($run_id).push_bind(name.as_str()).push_bind(text.digest().as_bytes().to_vec());
            });
            insert.build().persistent(false).execute(&mut *$tx).await?;
        }
    };
}
pub(crate) use insert_run_texts;

/// Adds the positions of the passages of plans, by the sequences of the plans, inside a transaction of either database.
macro_rules! insert_plan_texts {
    ($tx:ident, $passages:expr) => {
        for placed in $passages.chunks(500) {
            let mut insert = sqlx::QueryBuilder::new("INSERT INTO plan_texts (sequence, starts_at, digest) ");
            insert.push_values(
                placed,
                |mut row, (sequence, (start, text)): &(u64, &(usize, $crate::shared::SharedText))| {
                    row.push_bind(sequence.cast_signed())
                        .push_bind(i64::try_from(*start).unwrap_or(i64::MAX))
                        .push_bind(text.digest().as_bytes().to_vec());
                },
            );
            insert.build().persistent(false).execute(&mut *$tx).await?;
        }
    };
}
pub(crate) use insert_plan_texts;

/// Copies the texts and their positions from a snapshot of PostgreSQL into a transaction of SQLite that has the plans
/// and runs.
macro_rules! copy_texts {
    ($from:ident, $into:ident) => {
        let mut texts =
            sqlx::query_as::<_, (Vec<u8>, String)>("SELECT digest, text FROM shared_texts").fetch(&mut *$from);
        while let Some((digest, text)) = texts.try_next().await? {
            sqlx::query("INSERT INTO shared_texts VALUES ($1, $2)")
                .bind(digest)
                .bind(text)
                .execute(&mut *$into)
                .await?;
        }
        drop(texts);
        let mut named = sqlx::query_as::<_, (String, String, Vec<u8>)>("SELECT run_id, name, digest FROM run_texts")
            .fetch(&mut *$from);
        while let Some((run_id, name, digest)) = named.try_next().await? {
            sqlx::query("INSERT INTO run_texts VALUES ($1, $2, $3)")
                .bind(run_id)
                .bind(name)
                .bind(digest)
                .execute(&mut *$into)
                .await?;
        }
        drop(named);
        let mut placed = sqlx::query_as::<_, (i64, i64, Vec<u8>)>("SELECT sequence, starts_at, digest FROM plan_texts")
            .fetch(&mut *$from);
        while let Some((sequence, starts_at, digest)) = placed.try_next().await? {
            sqlx::query("INSERT INTO plan_texts VALUES ($1, $2, $3)")
                .bind(sequence)
                .bind(starts_at)
                .bind(digest)
                .execute(&mut *$into)
                .await?;
        }
        drop(placed);
    };
}
pub(crate) use copy_texts;

#[cfg(test)]
mod tests {
    use super::*;

    /// `a[1]b[2][1]` with the lists shared.
    fn document() -> (Vec<u8>, SharedPassages) {
        let (one, two) = (SharedText::new("[1]"), SharedText::new("[2é]"));
        let mut document = SharedDocument::default();
        document.push("a");
        document.push_shared(&one);
        document.push("b");
        document.push_shared(&two);
        document.push_shared(&one);
        document.into_parts()
    }

    #[test]
    fn a_document_is_whole_again_after_its_passages_were_left_out() {
        let (whole, passages) = document();
        let (left, cut) = passages.cut(&whole);
        assert_eq!((left.as_ref(), cut.len()), (&b"ab"[..], 3));
        let listed: String = cut.iter().map(|(at, text)| format!("{at}:{}:{}", text.text.len(), text.text)).collect();
        assert_eq!(put_back(left.into_owned(), Some(&listed)).as_ref(), Some(&whole));
        assert_eq!(put_back(whole.clone(), None), Some(whole));
    }

    #[test]
    fn a_passage_that_is_not_in_the_document_stays_out_of_it() {
        let (_, passages) = document();
        for other in [&b""[..], b"a", b"a[1]", b"abcdefghijklmnop"] {
            let (left, cut) = passages.cut(other);
            assert_eq!(left.len() + cut.iter().map(|(_, text)| text.text.len()).sum::<usize>(), other.len());
        }
    }

    #[test]
    fn passages_that_do_not_fit_are_no_document() {
        for listed in ["x", "5:1:z", "0:9:z", "1:-1:z", "1:1:z0:1:z", "0:1:é"] {
            assert_eq!(put_back(b"ab".to_vec(), Some(listed)), None, "{listed}");
        }
    }
}
