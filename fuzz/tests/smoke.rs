//! Every target with mutations of real inputs: as many as `FUZZ_INPUTS` says (default 2,000 for each), from `FUZZ_SEED` (default 1).
//!
//! What breaks a promise is printed with its seed and its number, and kept in `fuzz/corpus` as a case for later runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use fuzz::mutation::Mutations;
use fuzz::targets;
use governance::{Actor, ChainTip, Digest, EntryDraft, EntryKind, export};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a folder whose names end so, in order.
fn files(folder: &str, ends: &[&str]) -> Vec<Vec<u8>> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(root().join(folder)).unwrap().map(|file| file.unwrap().path()).collect();
    found.retain(|path| ends.iter().any(|end| path.to_string_lossy().ends_with(end)));
    found.sort();
    found.iter().map(|path| std::fs::read(path).unwrap()).filter(|bytes| bytes.len() < 64 * 1024).collect()
}

/// What broke a promise before.
fn kept(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("fuzz/corpus/{target}");
    if root().join(&folder).is_dir() { files(&folder, &[""]) } else { Vec::new() }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

fn run(target: &str, corpus: Vec<Vec<u8>>, check: fn(&[u8])) {
    assert!(!corpus.is_empty());
    let seed = setting("FUZZ_SEED", 1);
    let inputs = setting("FUZZ_INPUTS", 2_000) as usize;
    let earlier = kept(target);
    let all = earlier.iter().chain(&corpus).cloned().chain(Mutations::new(&corpus, seed).take(inputs));
    for (number, input) in all.enumerate() {
        if catch_unwind(AssertUnwindSafe(|| check(&input))).is_err() {
            let found = std::env::temp_dir().join(format!("{target}-{seed}-{number}"));
            std::fs::write(&found, &input).unwrap();
            panic!("{target}: input {number} of seed {seed} breaks a promise; it is in {}", found.display());
        }
    }
}

#[test]
fn bodies_are_decoded_or_refused_with_pointers() {
    let mut corpus = files("openapi/examples", &[".request.json"]);
    corpus.extend(files("examples", &["household_groups.json", "household_raise.json"]));
    run("decoder", corpus, targets::decoder);
}

#[test]
fn names_of_members_are_segments_of_pointers() {
    let names = ["asset", "a/b", "~", "~1~0", "", "é", "a\"b", "0", "\u{202e}x"].map(|name| name.as_bytes().to_vec());
    run("pointer", names.into_iter().chain([vec![b'x'; 255], vec![b'~'; 300]]).collect(), targets::pointer);
}

#[test]
fn trails_are_chains_or_broken() {
    let mut tip = ChainTip::START;
    let mut lines = Vec::new();
    for number in 0_u8..6 {
        let draft = EntryDraft {
            created_at: format!("2026-01-02T03:04:05.00000{number}Z"),
            actor: Actor::from_static("api"),
            request_id: format!("request-{number}"),
            kind: if number == 4 { EntryKind::PlanErased } else { EntryKind::PlanCreated },
            plan_id: Some(format!("plan-{}", number % 4)),
            plan_digest: Some(Digest::of_bytes(&[number])),
            outcome_digest: None,
            portfolio: None,
            champion: None,
            control: None,
        };
        let entry = draft.follow(&tip);
        tip = entry.tip();
        lines.push(export::line(&entry));
    }
    let corpus = (1..=lines.len()).map(|count| lines[..count].concat().into_bytes()).collect();
    run("chain", corpus, targets::chain);
}

#[test]
fn policies_are_read_as_they_are_written() {
    let mut corpus = files("openapi/examples", &["replace_control_policy.request.json"]);
    corpus.push(
        br#"{"format":1,"currency":"USD","leverage":{"hard":1.0},"concentration_name":{"soft":0.4,"hard":0.6}}"#
            .to_vec(),
    );
    run("policy", corpus, targets::policy);
}

#[test]
fn files_of_brokers_are_read_or_refused() {
    let mut corpus = files("crates/import/testdata/import/brokers", &[".csv", ".txt", ".tsv"]);
    corpus.extend(files("crates/import/testdata/import/cases", &[".csv", ".txt", ".tsv"]));
    corpus.extend(files("crates/import/testdata/import", &[".xlsx"]));
    run("file", corpus, targets::file);
}

#[test]
fn a_seed_draws_the_same_inputs_each_time_and_most_are_new() {
    let corpus = vec![b"{\"a\": 1}".to_vec(), b"[1, 2, 3]".to_vec()];
    let drawn = |seed| Mutations::new(&corpus, seed).take(500).collect::<Vec<_>>();
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    let inputs = drawn(1);
    let new = inputs.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert!(new > 250, "{new} different inputs of 500");
    assert!(inputs.iter().any(|input| serde_json::from_slice::<serde_json::Value>(input).is_err()));
    assert!(
        inputs
            .iter()
            .any(|input| serde_json::from_slice::<serde_json::Value>(input).is_ok() && !corpus.contains(input))
    );
}

#[test]
fn a_broken_promise_is_found() {
    let corpus = vec![b"\"asset\"".to_vec()];
    let careless = |bytes: &[u8]| assert!(!bytes.contains(&b'\\'), "an escape");
    let found = catch_unwind(AssertUnwindSafe(|| run("careless", corpus, careless)));
    let told = found.unwrap_err().downcast::<String>().unwrap();
    assert!(told.starts_with("careless: input "), "{told}");
}
