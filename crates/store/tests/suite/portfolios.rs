//! Named books: each write is a version in the chain, of two writers one wins, a closed book takes nothing more.

use governance::BreakReason::{PortfolioDigest, PortfolioMissing, PortfolioUnrecorded};
use governance::{Actor, BreakReason, Content, Digest};
use store::{
    Claim, ClosePortfolio, ClosedPortfolio, KeyClaim, Location, NewPortfolioVersion, PortfolioBasis, PortfolioKept,
    PortfolioQuery, Store, StoreError, StoreOptions, StoredPortfolio,
};

use crate::place::Place;
use crate::{both, keep};

both!(
    each_write_is_a_version_and_the_last_one_is_the_book,
    of_two_writers_on_one_version_one_wins,
    a_closed_book_takes_nothing_more_and_keeps_its_versions,
    a_key_saves_one_book,
    lists_tell_the_open_books_and_find_by_name,
    every_edit_of_a_version_is_found,
    a_version_is_never_changed,
    a_backup_has_the_books,
);

/// A version of a book with its own bytes.
pub(crate) fn version(book: &str, number: u64, basis: PortfolioBasis) -> NewPortfolioVersion {
    NewPortfolioVersion {
        portfolio_id: book.to_owned(),
        name: format!("Über {book} 100%"),
        words: format!("über {book} 100%"),
        saved_at: format!("2026-01-02T03:04:05.{number:06}Z"),
        request_id: format!("request-{number}"),
        engine_version: "0.1.0".to_owned(),
        request: Content::new(vec![0, 255, number as u8, b'\n']),
        actor: Actor::from_static("api"),
        claim: None,
        basis,
    }
}

fn after(digest: Digest) -> PortfolioBasis {
    PortfolioBasis::OneOf(vec![digest])
}

async fn save(store: &Store, version: NewPortfolioVersion) -> StoredPortfolio {
    match store.save_portfolio(version).await.unwrap() {
        PortfolioKept::New(stored) => *stored,
        other => panic!("it is not saved: {other:?}"),
    }
}

fn closing(book: &str, basis: PortfolioBasis) -> ClosePortfolio {
    ClosePortfolio {
        portfolio_id: book.to_owned(),
        basis,
        created_at: "2026-01-03T00:00:00.000000Z".to_owned(),
        request_id: "closing".to_owned(),
        actor: Actor::from_static("api"),
    }
}

async fn each_write_is_a_version_and_the_last_one_is_the_book(place: Place) {
    let store = place.open().await;
    keep(&store, 0..1).await;
    let first = save(&store, version("a", 1, PortfolioBasis::Nothing)).await;
    let second = save(&store, version("a", 2, after(first.digest))).await;
    // The same content again is another version, under another digest.
    let third = save(&store, version("a", 2, PortfolioBasis::AnyVersion)).await;
    assert_eq!([first.record.version, second.record.version, third.record.version], [1, 2, 3]);
    assert_eq!([first.sequence, second.sequence, third.sequence], [2, 3, 4]);
    assert_ne!(second.digest, third.digest);
    assert_eq!(store.portfolio("a", None).await.unwrap().as_ref(), Some(&third));
    assert_eq!(store.portfolio("a", Some(1)).await.unwrap().as_ref(), Some(&first));
    assert_eq!(store.portfolio("a", Some(2)).await.unwrap(), Some(second));
    for (book, number) in [("a", Some(4)), ("a", Some(0)), ("a", Some(u64::MAX)), ("b", Some(1)), ("b", None)] {
        assert_eq!(store.portfolio(book, number).await.unwrap(), None, "{book} {number:?}");
    }
    let entry = store.entries(3, 1).await.unwrap().remove(0);
    assert_eq!((entry.kind.as_str(), entry.portfolio_id.as_deref()), ("portfolio_saved", Some("a")));
    assert_eq!((entry.portfolio_digest, entry.plan_id, entry.plan_digest), (Some(third.digest), None, None));
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.plans, report.portfolio_versions, report.first_break), (4, 1, 3, None));
}

async fn of_two_writers_on_one_version_one_wins(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let mut latest = save(&one, version("a", 0, PortfolioBasis::Nothing)).await;
    assert_eq!(
        one.save_portfolio(version("a", 1, PortfolioBasis::Nothing)).await.unwrap(),
        PortfolioKept::Stale,
        "a book is made once"
    );
    for round in 1..9 {
        let write = |number| version("a", number, after(latest.digest));
        let (left, right) = tokio::join!(one.save_portfolio(write(round)), other.save_portfolio(write(100 + round)));
        let (winner, loser) = match (left.unwrap(), right.unwrap()) {
            (PortfolioKept::New(winner), loser) | (loser, PortfolioKept::New(winner)) => (*winner, loser),
            neither => panic!("nobody won: {neither:?}"),
        };
        assert_eq!(loser, PortfolioKept::Stale);
        assert_eq!(winner.record.version, round + 1);
        assert_eq!(other.portfolio("a", None).await.unwrap().as_ref(), Some(&winner));
        latest = winner;
    }
    let closed = one.close_portfolio(closing("a", after(Digest::ZERO))).await.unwrap();
    assert_eq!(closed, ClosedPortfolio::Stale);
    assert_eq!(one.verify(None).await.unwrap().entries, 9);
}

async fn a_closed_book_takes_nothing_more_and_keeps_its_versions(place: Place) {
    let store = place.open().await;
    let first = save(&store, version("a", 1, PortfolioBasis::Nothing)).await;
    let closed = store.close_portfolio(closing("a", after(first.digest))).await.unwrap();
    assert_eq!(closed, ClosedPortfolio::Closed { sequence: 2 });
    assert_eq!(store.portfolio("a", None).await.unwrap(), None);
    assert_eq!(store.portfolio("a", Some(1)).await.unwrap().as_ref(), Some(&first));
    for basis in [after(first.digest), PortfolioBasis::AnyVersion] {
        let again = store.close_portfolio(closing("a", basis.clone())).await.unwrap();
        assert_eq!(again, ClosedPortfolio::NotFound);
        assert_eq!(store.save_portfolio(version("a", 2, basis.clone())).await.unwrap(), PortfolioKept::NotFound);
        let unknown = store.close_portfolio(closing("b", basis)).await.unwrap();
        assert_eq!(unknown, ClosedPortfolio::NotFound);
    }
    let entry = store.entries(1, 1).await.unwrap().remove(0);
    assert_eq!((entry.kind.as_str(), entry.portfolio_digest), ("portfolio_closed", Some(first.digest)));
    // Retention erases plans and leaves books.
    let far = "2100-01-01T00:00:00.000000Z".to_owned();
    store.erase(Some(far.clone()), i64::MIN, far, "housekeeping".to_owned()).await.unwrap();
    let report = store.verify(None).await.unwrap();
    assert_eq!((report.entries, report.portfolio_versions, report.first_break), (2, 1, None));
}

fn claim(body: &[u8]) -> KeyClaim {
    let (actor, fingerprint) = (Actor::from_static("lee"), Digest::of_bytes(body));
    KeyClaim { actor, key: "k".to_owned(), fingerprint, now: 0, lifetime: 86_400 }
}

async fn a_key_saves_one_book(place: Place) {
    let store = place.open().await;
    let keyed = |book: &str, body: &[u8]| NewPortfolioVersion {
        claim: Some(claim(body)),
        ..version(book, 1, PortfolioBasis::Nothing)
    };
    save(&store, keyed("a", b"body")).await;
    let earlier = PortfolioKept::Earlier { portfolio_id: "a".to_owned() };
    assert_eq!(store.save_portfolio(keyed("b", b"body")).await.unwrap(), earlier);
    assert_eq!(store.save_portfolio(keyed("c", b"other")).await.unwrap(), PortfolioKept::OtherRequest);
    let Claim::Saved { portfolio_id } = store.claim(claim(b"body")).await.unwrap() else { panic!("it is kept") };
    assert_eq!(portfolio_id, "a");
    assert!(matches!(store.claim(claim(b"other")).await.unwrap(), Claim::OtherRequest));
    assert_eq!(store.verify(None).await.unwrap().entries, 1);
}

async fn lists_tell_the_open_books_and_find_by_name(place: Place) {
    let store = place.open().await;
    for book in ["a", "b", "c", "d"] {
        save(&store, version(book, 1, PortfolioBasis::Nothing)).await;
    }
    save(&store, version("b", 2, PortfolioBasis::AnyVersion)).await;
    let renamed = NewPortfolioVersion { words: "income_2".to_owned(), ..version("c", 2, PortfolioBasis::AnyVersion) };
    save(&store, renamed).await;
    store.close_portfolio(closing("d", PortfolioBasis::AnyVersion)).await.unwrap();
    let list = async |query: PortfolioQuery| -> Vec<String> {
        let rows = store.portfolios(PortfolioQuery { limit: query.limit.max(1), ..query }).await.unwrap();
        rows.into_iter().map(|row| format!("{}{}", row.portfolio_id, row.version)).collect()
    };
    let all = || PortfolioQuery { limit: 10, ..PortfolioQuery::default() };
    assert_eq!(list(all()).await, ["c2", "b2", "a1"], "saved last first, closed books aside");
    assert_eq!(list(PortfolioQuery { limit: 2, ..all() }).await, ["c2", "b2"]);
    assert_eq!(list(PortfolioQuery { before: Some(5), ..all() }).await, ["a1"]);
    let words = |words: &[&str]| PortfolioQuery { words: words.iter().map(|w| (*w).to_owned()).collect(), ..all() };
    assert_eq!(list(words(&["über"])).await, ["b2", "a1"], "found by the name of the latest version alone");
    assert_eq!(list(words(&["100%", "a"])).await, ["a1"]);
    assert_eq!(list(words(&["_2"])).await, ["c2"], "a pattern stands for itself");
    assert_eq!(list(words(&["0%0"])).await, [""; 0]);
    let of = |book: &str| PortfolioQuery { versions_of: Some(book.to_owned()), ..all() };
    assert_eq!(list(of("b")).await, ["b2", "b1"]);
    assert_eq!(list(of("d")).await, ["d1"], "a closed book keeps its versions");
    assert_eq!(list(of("e")).await, [""; 0]);
}

async fn first_break(place: &Place) -> Option<(u64, BreakReason)> {
    let store = place.open().await;
    let broken = store.verify(None).await.unwrap().first_break;
    store.close().await;
    broken.map(|broken| (broken.sequence, broken.reason))
}

async fn every_edit_of_a_version_is_found(place: Place) {
    let store = place.open().await;
    for number in 1..4 {
        save(&store, version(&format!("book-{number}"), number, PortfolioBasis::Nothing)).await;
    }
    store.close_portfolio(closing("book-3", PortfolioBasis::AnyVersion)).await.unwrap();
    store.close().await;
    assert_eq!(first_break(&place).await, None);
    let bytes = if place.is_postgres() { "'x'::bytea" } else { "CAST('x' AS BLOB)" };
    let digest = if place.is_postgres() { "decode(repeat('ab', 32), 'hex')" } else { "zeroblob(32)" };
    place.force("CREATE TABLE untouched AS SELECT * FROM portfolio_versions").await;
    for (change, reason) in [
        ("portfolio_id = 'x'", PortfolioUnrecorded),
        ("version = 7", PortfolioDigest),
        ("name = 'x'", PortfolioDigest),
        ("words = 'x'", PortfolioDigest),
        ("saved_at = '2026-03-01'", PortfolioDigest),
        ("request_id = 'x'", PortfolioDigest),
        ("engine_version = '0.1.1'", PortfolioDigest),
        (&format!("digest = {digest}"), PortfolioDigest),
        (&format!("request = {bytes}"), PortfolioDigest),
    ] {
        place.force(&format!("UPDATE portfolio_versions SET {change} WHERE sequence = 2")).await;
        assert_eq!(first_break(&place).await, Some((2, reason)), "{change}");
        place.force("DELETE FROM portfolio_versions; INSERT INTO portfolio_versions SELECT * FROM untouched").await;
    }
    place.force(&format!("UPDATE portfolio_versions SET request = {bytes} WHERE sequence = 2")).await;
    let store = place.open().await;
    for number in [None, Some(1)] {
        let read = store.portfolio("book-2", number).await;
        assert!(matches!(read, Err(StoreError::Tampered { .. })), "it is not answered");
    }
    store.close().await;
    place.force("DELETE FROM portfolio_versions WHERE sequence = 1").await;
    assert_eq!(first_break(&place).await, Some((1, PortfolioMissing)));
    let store = place.open().await;
    let read = store.portfolio("book-1", None).await;
    assert!(matches!(read, Err(StoreError::Tampered { .. })), "a version that is gone is not a book that never was");
    store.close().await;
    place.force("DELETE FROM portfolio_versions; INSERT INTO portfolio_versions SELECT * FROM untouched").await;
    place.force("UPDATE portfolio_versions SET sequence = 4 WHERE sequence = 3").await;
    assert_eq!(first_break(&place).await, Some((3, PortfolioMissing)), "no version stands at the entry of a close");
    // Reopening a closed book by an edit of the trail.
    place.force("DELETE FROM portfolio_versions; INSERT INTO portfolio_versions SELECT * FROM untouched").await;
    place.force("UPDATE audit_entries SET portfolio_id = 'book-2' WHERE sequence = 4").await;
    assert_eq!(first_break(&place).await, Some((4, BreakReason::Hash)));
}

async fn a_version_is_never_changed(place: Place) {
    let store = place.open().await;
    save(&store, version("a", 1, PortfolioBasis::Nothing)).await;
    store.close_portfolio(closing("a", PortfolioBasis::AnyVersion)).await.unwrap();
    for forbidden in [
        "UPDATE portfolio_versions SET name = 'x'",
        "DELETE FROM portfolio_versions",
        if place.is_postgres() {
            "TRUNCATE portfolio_versions"
        } else {
            "INSERT OR REPLACE INTO portfolio_versions SELECT * FROM portfolio_versions"
        },
    ] {
        assert!(place.tamper(forbidden).await.is_err(), "{forbidden}");
    }
    assert_eq!(store.verify(None).await.unwrap().first_break, None);
}

async fn a_backup_has_the_books(place: Place) {
    let store = place.open().await;
    let first = save(&store, version("a", 1, PortfolioBasis::Nothing)).await;
    let second = save(&store, version("a", 2, PortfolioBasis::AnyVersion)).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    store.backup(&file).await.unwrap();
    let copy = Store::open_existing(&Location::Sqlite(file), &StoreOptions::default()).await.unwrap();
    assert_eq!(copy.portfolio("a", None).await.unwrap(), Some(second));
    assert_eq!(copy.portfolio("a", Some(1)).await.unwrap(), Some(first));
    let report = copy.verify(None).await.unwrap();
    assert_eq!((report.portfolio_versions, report.first_break), (2, None));
}
