//! Runs that are stored and resumed, and runs on several threads.

use std::ops::ControlFlow;

use tft::{Ended, Fold, Progress, TftError, Training};

use crate::small;

fn go(_: &Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_resumed_run_has_the_bytes_of_one_that_was_not_stopped() {
    let (mut whole, panel, fold) = small(20, 5);
    let fold = Fold::purged(panel.spec(), &fold.train, 0.2).unwrap();
    let fold = Fold { valid: fold.valid.into_iter().step_by(9).collect(), ..fold };
    let mut stopped = whole.clone();
    assert_eq!(whole.run(&panel, &fold, &mut go).unwrap(), Ended::Completed);
    assert_eq!(stopped.run(&panel, &fold, &mut |_| ControlFlow::Break(())).unwrap(), Ended::Stopped);
    assert_eq!(stopped.step(), 10);

    let stored = stopped.checkpoint().unwrap();
    let mut resumed = Training::resume(&stored).unwrap();
    assert_eq!(resumed.checkpoint().unwrap(), stored);
    resumed.run(&panel, &fold, &mut go).unwrap();
    assert_eq!(resumed.checkpoint().unwrap(), whole.checkpoint().unwrap());
    assert_eq!(resumed.best().digest(), whole.best().digest());

    // Of other windows, of other weights, of no run.
    let mut other = Training::resume(&stored).unwrap();
    let fewer = Fold { train: fold.train[1..].to_vec(), valid: fold.valid };
    assert!(matches!(other.run(&panel, &fewer, &mut go), Err(TftError::Checkpoint(_))));
    let edited = String::from_utf8(stored).unwrap().replacen("\"data\":[", "\"data\":[1", 1);
    assert!(matches!(Training::resume(edited.as_bytes()), Err(TftError::Checkpoint(_))));
    assert!(matches!(Training::resume(b"{}"), Err(TftError::Checkpoint(_))));
}

#[test]
fn the_same_seed_gives_the_same_weights_on_any_number_of_threads() {
    let on = |threads: usize, seed: u64| {
        let (mut run, panel, fold) = small(6, seed);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run.run(&panel, &fold, &mut go)).unwrap();
        run.latest().digest()
    };
    assert_eq!(on(1, 2), on(3, 2));
    assert_ne!(on(1, 2), on(1, 3));
}

#[test]
fn training_stops_when_the_fold_does_not_improve() {
    let (mut run, panel, fold) = small(4_000, 2);
    // Outcomes of the fold are noise to a model that has seen eight windows again and again.
    let fold = Fold { train: fold.train[..8].to_vec(), valid: fold.train.into_iter().skip(200).step_by(80).collect() };
    let mut seen = Vec::new();
    let ended = run.run(&panel, &fold, &mut |told| {
        seen.push(told.valid.unwrap());
        ControlFlow::Continue(())
    });
    assert_eq!(ended.unwrap(), Ended::EarlyStop);
    let best = seen.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(seen.iter().position(|loss| *loss == best), Some(seen.len() - 6));
    let kept = run.best().losses(&panel, &fold.valid).unwrap();
    assert_eq!(kept.iter().sum::<f64>() / kept.len() as f64, best);
}
