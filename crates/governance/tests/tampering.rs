//! Whatever is done to a chain, a person who kept its head detects it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use governance::{
    Actor, AuditEntry, ChainTip, ChainVerifier, ChampionMark, ClientLabels, Content, ControlMark, Digest, EntryDraft,
    EntryKind, PlanHeadline, PlanRecord, PortfolioMark, PortfolioVersion, export,
};
use proptest::prelude::*;

fn chain(seeds: &[(String, u64)]) -> Vec<AuditEntry> {
    let mut tip = ChainTip::START;
    let entry = |(text, number): &(String, u64)| {
        let draft = EntryDraft {
            created_at: format!("2026-01-02T03:04:05.{number:06}Z"),
            actor: Actor::from_static("api"),
            request_id: text.clone(),
            kind: if number % 5 == 0 { EntryKind::PlanErased } else { EntryKind::PlanCreated },
            plan_id: (number % 7 != 0).then(|| format!("plan-{number}")),
            plan_digest: (number % 7 != 0).then(|| Digest::of_bytes(&number.to_be_bytes())),
            outcome_digest: (number % 3 == 0).then(|| Digest::of_bytes(text.as_bytes())),
            portfolio: (number % 4 == 0).then(|| PortfolioMark {
                portfolio_id: format!("book-{number}"),
                digest: Digest::of_bytes(text.as_bytes()),
            }),
            champion: (number % 6 == 0)
                .then(|| ChampionMark { purpose: text.clone(), digest: Digest::of_bytes(text.as_bytes()) }),
            control: (number % 8 == 0)
                .then(|| ControlMark { topic: text.clone(), digest: Digest::of_bytes(text.as_bytes()) }),
        };
        let entry = draft.follow(&tip);
        tip = entry.tip();
        entry
    };
    seeds.iter().map(entry).collect()
}

/// The conclusion of a reader who has a copy of the head.
fn holds(entries: &[AuditEntry], head: ChainTip, root: Digest) -> bool {
    let mut verifier = ChainVerifier::new();
    entries.iter().all(|entry| verifier.check(entry).is_ok()) && verifier.tip() == head && verifier.root() == root
}

fn head(entries: &[AuditEntry]) -> (ChainTip, Digest) {
    let mut verifier = ChainVerifier::new();
    for entry in entries {
        verifier.check(entry).unwrap();
    }
    (verifier.tip(), verifier.root())
}

fn seeds() -> impl Strategy<Value = Vec<(String, u64)>> {
    prop::collection::vec((".{0,20}", 0_u64..1_000_000), 2..30)
}

proptest! {
    #[test]
    fn an_edit_of_any_byte_of_the_export_is_noticed(
        seeds in seeds(), place in any::<prop::sample::Index>(), bit in 0_u32..8,
    ) {
        let entries = chain(&seeds);
        let (tip, root) = head(&entries);
        let mut bytes = entries.iter().map(export::line).collect::<String>().into_bytes();
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        // An edit may leave text that is not an export, or text with the same meaning (one blank replaced by another).
        let read = String::from_utf8(bytes).ok().and_then(|text| export::entries(&text).ok());
        if let Some(read) = read {
            prop_assert!(read == entries || !holds(&read, tip, root));
        }
    }

    #[test]
    fn removing_inserting_swapping_and_cutting_is_noticed(
        seeds in seeds(), a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(),
    ) {
        let entries = chain(&seeds);
        let (tip, root) = head(&entries);
        prop_assert!(holds(&entries, tip, root));
        let (a, b) = (a.index(entries.len()), b.index(entries.len()));

        let mut removed = entries.clone();
        removed.remove(a);
        prop_assert!(!holds(&removed, tip, root));
        let mut inserted = entries.clone();
        inserted.insert(b, entries[a].clone());
        prop_assert!(!holds(&inserted, tip, root));
        let mut swapped = entries.clone();
        swapped.swap(a, b);
        prop_assert_eq!(holds(&swapped, tip, root), a == b);
        prop_assert!(!holds(&entries[..a], tip, root));

        // A cut tail leaves a valid chain: only the head reveals the cut.
        let (_, cut_root) = head(&entries[..a]);
        prop_assert!(cut_root != root);
    }

    #[test]
    fn a_chain_rebuilt_without_one_entry_has_another_head(seeds in seeds(), place in any::<prop::sample::Index>()) {
        let entries = chain(&seeds);
        let mut fewer = seeds.clone();
        fewer.remove(place.index(seeds.len()));
        prop_assert_ne!(head(&chain(&fewer)), head(&entries));
    }

    #[test]
    fn every_field_of_a_plan_is_under_its_digest(
        field in 0_usize..14, request in prop::collection::vec(any::<u8>(), 0..64), extra in any::<u8>(),
    ) {
        let plan = PlanRecord {
            plan_id: "plan".to_owned(),
            created_at: "2026-01-02T03:04:05.000000Z".to_owned(),
            request_id: "request".to_owned(),
            engine_version: "0.1.0".to_owned(),
            models: "[]".to_owned(),
            seed: 42,
            labels: ClientLabels::default(),
            headline: Some(PlanHeadline { shown: "{}".to_owned(), words: "balanced book".to_owned() }),
            response: Content::new(request.iter().rev().copied().collect()),
            run: Content::new(b"{}".to_vec()),
            request: Content::new(request),
        };
        let mut changed = plan.clone();
        match field {
            0 => changed.plan_id.push('x'),
            1 => changed.created_at.push('x'),
            2 => changed.request_id.push('x'),
            3 => changed.engine_version.push('x'),
            4 => changed.models.push('x'),
            5 => changed.seed += 1 + u64::from(extra),
            6 => changed.request = with(&plan.request, extra),
            7 => changed.response = with(&plan.response, extra),
            8 => changed.labels.reference = Some(String::new()),
            9 => changed.labels.metadata = Some(String::new()),
            10 => changed.headline.as_mut().unwrap().shown.push(' '),
            11 => changed.headline.as_mut().unwrap().words.push('s'),
            12 => changed.headline = None,
            _ => changed.run = with(&plan.run, extra),
        }
        prop_assert_ne!(plan.digest(), changed.digest());
        // A byte cannot move from one document into the next either.
        if let Some((&last, kept)) = plan.request.bytes().split_last() {
            let response = [&[last], plan.response.bytes()].concat();
            let moved =
                PlanRecord { request: Content::new(kept.to_vec()), response: Content::new(response), ..plan.clone() };
            prop_assert_ne!(plan.digest(), moved.digest());
        }
        if let Some((&last, kept)) = plan.response.bytes().split_last() {
            let run = [&[last], plan.run.bytes()].concat();
            let moved = PlanRecord { response: Content::new(kept.to_vec()), run: Content::new(run), ..plan.clone() };
            prop_assert_ne!(plan.digest(), moved.digest());
        }
    }
}

#[test]
fn every_field_of_a_version_of_a_book_is_under_its_digest() {
    let version = PortfolioVersion {
        portfolio_id: "book".to_owned(),
        version: 1,
        name: "Growth".to_owned(),
        words: "growth".to_owned(),
        saved_at: "2026-01-02T03:04:05.000000Z".to_owned(),
        request_id: "request".to_owned(),
        engine_version: "0.1.0".to_owned(),
        request: Content::new(b"{}".to_vec()),
    };
    let edits: [fn(&mut PortfolioVersion); 8] = [
        |v| v.portfolio_id.push('x'),
        |v| v.version += 1,
        |v| v.name.push('x'),
        |v| v.words.push('x'),
        |v| v.saved_at.push('x'),
        |v| v.request_id.push('x'),
        |v| v.engine_version.push('x'),
        |v| v.request = with(&v.request, b' '),
    ];
    for (i, edit) in edits.into_iter().enumerate() {
        let mut changed = version.clone();
        edit(&mut changed);
        assert_ne!(version.digest(), changed.digest(), "field {i}");
    }
    // A byte cannot move from one field into the next.
    let moved = PortfolioVersion { name: "Growt".to_owned(), words: "hgrowth".to_owned(), ..version.clone() };
    assert_ne!(version.digest(), moved.digest());
}

fn with(content: &Content, extra: u8) -> Content {
    Content::new([content.bytes(), &[extra]].concat())
}
