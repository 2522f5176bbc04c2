//! The end of each commit is signed: who has no key can write entries that follow each other, and is found.

use std::sync::Arc;

use governance::{
    Actor, BreakReason, Content, ControlDeed, ControlRecord, Digest, HeadKey, Tenant, TipSigner, TipVerifier,
};
use store::{ControlKept, NewControlRecord, Store, StoreError, StoreOptions};

use crate::place::Place;
use crate::{both, keep, plan};

both!(
    an_entry_that_somebody_without_the_key_appends_is_found_and_nothing_follows_it,
    a_key_of_clients_that_somebody_without_the_key_appends_opens_nothing,
    an_erasure_by_somebody_without_the_key_is_found,
    processes_with_one_key_append_to_one_trail,
    a_signature_that_is_taken_away_or_moved_is_missed,
    a_key_that_was_replaced_is_noticed_and_accepted_when_it_is_asked_for,
    what_one_tenant_signed_is_not_anothers,
    the_end_of_what_an_earlier_program_wrote_is_signed_at_its_migration,
    a_copy_has_the_signatures,
);

fn signer(secret: u8, tenant: Option<&Tenant>) -> TipSigner {
    TipSigner::new(Arc::new(HeadKey::from_secret(&[secret; 32])), tenant)
}

fn signing(secret: u8) -> StoreOptions {
    StoreOptions { signer: Some(signer(secret, None)), ..StoreOptions::default() }
}

async fn open(place: &Place, options: &StoreOptions) -> Store {
    Store::open(&place.location, options).await.unwrap()
}

/// Sequence and reason of the first break.
async fn found(store: &Store) -> Option<(u64, BreakReason)> {
    store.verify(None).await.unwrap().first_break.map(|broken| (broken.sequence, broken.reason))
}

fn is_unsigned<T>(result: &Result<T, StoreError>, at: u64) -> bool {
    matches!(result, Err(StoreError::Unsigned { sequence }) if *sequence == at)
}

async fn an_entry_that_somebody_without_the_key_appends_is_found_and_nothing_follows_it(place: Place) {
    let service = open(&place, &signing(7)).await;
    keep(&service, 0..2).await;
    assert_eq!(found(&service).await, None);
    // The same program without the key writes a plan, its digest, an entry with the right hashes, and its part of the tree.
    let attacker = place.open().await;
    keep(&attacker, [2]).await;
    assert_eq!(found(&attacker).await, None, "the chain is whole");
    assert!(is_unsigned(&service.keep(plan(3)).await, 3));
    assert_eq!(found(&service).await, Some((3, BreakReason::Unsigned)));
    assert!(service.plan("plan-3").await.unwrap().is_none());
    service.close().await;
    assert!(is_unsigned(&Store::open(&place.location, &signing(7)).await, 3), "also at the next start");
    // A key of somebody's own makes it no better.
    keep(&attacker, [4]).await;
    attacker.close().await;
    let own = open(&place, &StoreOptions { new_key: true, ..signing(9) }).await;
    keep(&own, [5]).await;
    own.close().await;
    assert!(is_unsigned(&Store::open(&place.location, &signing(7)).await, 5));
    let read = Store::open_existing(&place.location, &signing(7)).await.unwrap();
    assert_eq!(found(&read).await, Some((5, BreakReason::Unsigned)));
    assert!(is_unsigned(&read.keep(plan(6)).await, 5), "a command writes nothing either");
    read.close().await;
}

async fn a_key_of_clients_that_somebody_without_the_key_appends_opens_nothing(place: Place) {
    let record = |number: u64, previous: Digest| NewControlRecord {
        record: ControlRecord {
            topic: "keys".to_owned(),
            number,
            deed: ControlDeed::KeyCreated,
            recorded_at: "2026-01-02T03:04:05.000000Z".to_owned(),
            request_id: "request".to_owned(),
            engine_version: "0.1.0".to_owned(),
            document: Content::new(b"{}".to_vec()),
        },
        previous,
        plan: None,
        actor: Actor::from_static("operator"),
        fence: None,
    };
    let service = open(&place, &signing(7)).await;
    service.keep_control(record(1, Digest::ZERO)).await.unwrap();
    let known = service.control_records_ahead("keys").await.unwrap();
    assert_eq!(known.len(), 1);
    let attacker = place.open().await;
    let forged = attacker.keep_control(record(2, known[0].record.digest())).await.unwrap();
    assert!(matches!(forged, ControlKept::New { .. }), "{forged:?}");
    attacker.close().await;
    assert!(is_unsigned(&service.control_records_ahead("keys").await, 2));
    service.close().await;
}

async fn an_erasure_by_somebody_without_the_key_is_found(place: Place) {
    let service = open(&place, &signing(7)).await;
    keep(&service, 0..2).await;
    let attacker = place.open().await;
    let erased = attacker.prune("2027-01-01".to_owned(), 0, "2027-01-02".to_owned(), "prune".to_owned()).await.unwrap();
    assert_eq!((erased, found(&attacker).await), (2, None), "the chain is whole");
    attacker.close().await;
    assert_eq!(found(&service).await, Some((4, BreakReason::Unsigned)));
    assert!(is_unsigned(&service.erase(Some("2027-01-01".to_owned()), 0, String::new(), String::new()).await, 4));
    service.close().await;
}

async fn processes_with_one_key_append_to_one_trail(place: Place) {
    let (first, second) = (open(&place, &signing(7)).await, open(&place, &signing(7)).await);
    for number in 0..6 {
        keep(if number % 2 == 0 { &first } else { &second }, [number]).await;
    }
    assert_eq!((found(&first).await, found(&second).await), (None, None));
    let report = first.verify(None).await.unwrap();
    assert_eq!((report.entries, report.is_signed), (6, Some(true)));
    // Somebody who reads, and has the public key alone.
    let public = HeadKey::from_secret(&[7; 32]).public_key();
    let reading = StoreOptions { verifier: Some(TipVerifier::new(&public, None).unwrap()), ..StoreOptions::default() };
    let reader = Store::open_existing(&place.location, &reading).await.unwrap();
    assert_eq!(reader.verify(None).await.unwrap().is_signed, Some(true));
    for store in [first, second, reader] {
        store.close().await;
    }
}

async fn a_signature_that_is_taken_away_or_moved_is_missed(place: Place) {
    let service = open(&place, &signing(7)).await;
    keep(&service, 0..3).await;
    service.close().await;
    let kept = "CREATE TABLE kept AS SELECT sequence, signature FROM audit_entries";
    place.force(kept).await;
    for attack in [
        "UPDATE audit_entries SET signature = NULL",
        "UPDATE audit_entries SET signature = (SELECT signature FROM kept WHERE sequence = 2) WHERE sequence = 3",
    ] {
        place.force(attack).await;
        assert!(is_unsigned(&Store::open(&place.location, &signing(7)).await, 3), "{attack}");
    }
    place.force("UPDATE audit_entries SET signature = (SELECT signature FROM kept WHERE kept.sequence = 3) WHERE sequence = 3").await;
    open(&place, &signing(7)).await.close().await;
}

async fn a_key_that_was_replaced_is_noticed_and_accepted_when_it_is_asked_for(place: Place) {
    let before = open(&place, &signing(7)).await;
    keep(&before, 0..2).await;
    before.close().await;
    assert!(is_unsigned(&Store::open(&place.location, &signing(8)).await, 2));
    let after = open(&place, &StoreOptions { new_key: true, ..signing(8) }).await;
    assert_eq!(found(&after).await, None, "the trigger that was away is back");
    keep(&after, 2..4).await;
    after.close().await;
    let again = open(&place, &signing(8)).await;
    assert_eq!(found(&again).await, None);
    again.close().await;
    assert!(is_unsigned(&Store::open(&place.location, &signing(7)).await, 4));
}

async fn what_one_tenant_signed_is_not_anothers(place: Place) {
    let tenants = ["acme", "umbrella"].map(|name| Tenant::new(name).unwrap());
    let options = |tenant| StoreOptions { signer: Some(signer(7, tenant)), ..StoreOptions::default() };
    let acme = open(&place, &options(Some(&tenants[0]))).await;
    keep(&acme, 0..2).await;
    acme.close().await;
    for other in [Some(&tenants[1]), None] {
        assert!(is_unsigned(&Store::open(&place.location, &options(other)).await, 2), "{other:?}");
    }
    open(&place, &options(Some(&tenants[0]))).await.close().await;
}

async fn the_end_of_what_an_earlier_program_wrote_is_signed_at_its_migration(place: Place) {
    let unsigned = place.open().await;
    keep(&unsigned, 0..3).await;
    unsigned.close().await;
    // Records of this program without signatures are not those of an earlier one.
    assert!(is_unsigned(&Store::open(&place.location, &signing(7)).await, 3));
    place.force(&place.before_signatures()).await;
    let service = open(&place, &signing(7)).await;
    assert_eq!(service.verify(None).await.unwrap().is_signed, Some(true));
    keep(&service, 3..5).await;
    service.close().await;
    let again = open(&place, &signing(7)).await;
    assert_eq!((found(&again).await, again.verify(None).await.unwrap().entries), (None, 5));
    again.close().await;
}

async fn a_copy_has_the_signatures(place: Place) {
    let service = open(&place, &signing(7)).await;
    keep(&service, 0..5).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.db");
    service.backup(&file).await.unwrap();
    service.close().await;
    let copy = Store::open(&store::Location::Sqlite(file), &signing(7)).await.unwrap();
    assert_eq!(found(&copy).await, None);
    keep(&copy, [5]).await;
    copy.close().await;
}
