//! The same seed gives the same bytes: beside other trainings, and after a stop.

use rl::environments::{Pendulum, QuadraticCosts};
use rl::{Policy, Ppo, PpoCheckpoint, PpoOptions, RlError, Sac, SacCheckpoint, SacOptions};

fn trading() -> QuadraticCosts {
    let trading = QuadraticCosts::new(&[5e-4, 5e-4], &[0.2, 0.01], &[1e-4], &[1e-3], 1.0).expect("valid");
    trading.with_units(5.0, 1.0).with_periods(25)
}

fn options() -> PpoOptions {
    let (hidden, critic_hidden) = (vec![8], vec![8]);
    PpoOptions {
        hidden,
        critic_hidden,
        steps: 4_096,
        centre_rewards: true,
        critic_products: true,
        ..PpoOptions::default()
    }
}

fn ppo(seed: u64) -> Policy {
    let trading = trading();
    let mut training = Ppo::new(&trading, options(), seed.into()).expect("valid");
    while !training.is_done() {
        training.iterate().expect("valid");
    }
    training.policy().clone()
}

fn sac_options() -> SacOptions {
    SacOptions { hidden: vec![8], steps: 900, warm_up: 100, minibatch: 16, memory: 300, ..SacOptions::default() }
}

#[test]
fn trainings_side_by_side_have_the_bytes_of_trainings_alone() {
    let alone: Vec<_> = (1..=3).map(|seed| ppo(seed).digest()).collect();
    let together: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..=3).map(|seed| scope.spawn(move || ppo(seed).digest())).collect();
        threads.into_iter().map(|thread| thread.join().expect("valid")).collect()
    });
    assert_eq!(alone, together);
    assert!(alone[0] != alone[1] && alone[1] != alone[2]);
}

#[test]
fn a_resumed_training_of_ppo_ends_with_the_same_bytes() {
    let trading = trading();
    let mut training = Ppo::new(&trading, options(), 1.into()).expect("valid");
    // 512 steps an iteration, so that episodes are cut by the stop.
    (0..3).for_each(|_| drop(training.iterate().expect("valid")));
    let text = serde_json::to_string(training.checkpoint()).expect("valid");
    let checkpoint: PpoCheckpoint<_> = serde_json::from_str(&text).expect("valid");
    assert_eq!(&checkpoint, training.checkpoint());
    let mut resumed = Ppo::resume(&trading, checkpoint).expect("valid");
    while !resumed.is_done() {
        assert_eq!(resumed.iterate(), training.iterate());
    }
    assert!(training.is_done());
    assert_eq!(resumed.policy().digest(), ppo(1).digest());
    assert_eq!(serde_json::to_string(resumed.checkpoint()).ok(), serde_json::to_string(training.checkpoint()).ok());
}

#[test]
fn a_resumed_training_of_sac_ends_with_the_same_bytes() {
    let mut training = Sac::new(&Pendulum, sac_options(), 1.into()).expect("valid");
    training.advance(450).expect("valid");
    let text = serde_json::to_string(training.checkpoint()).expect("valid");
    let checkpoint: SacCheckpoint<_> = serde_json::from_str(&text).expect("valid");
    let mut resumed = Sac::resume(&Pendulum, checkpoint).expect("valid");
    assert_eq!(resumed.advance(usize::MAX), training.advance(usize::MAX));
    assert_eq!(serde_json::to_string(resumed.checkpoint()).ok(), serde_json::to_string(training.checkpoint()).ok());
    // Steps in two stretches are steps in one.
    let mut whole = Sac::new(&Pendulum, sac_options(), 1.into()).expect("valid");
    whole.advance(900).expect("valid");
    assert_eq!(whole.policy().digest(), resumed.policy().digest());
}

#[test]
fn a_policy_is_a_value_that_its_digest_names() {
    let policy = ppo(1);
    let again: Policy = serde_json::from_str(&serde_json::to_string(&policy).expect("valid")).expect("valid");
    assert_eq!((again.digest(), &again), (policy.digest(), &policy));
    let text = serde_json::to_string(&policy).expect("valid").replacen("tanh", "relu", 1);
    let other: Policy = serde_json::from_str(&text).expect("valid");
    assert_ne!(other.digest(), policy.digest());
}

#[test]
fn what_does_not_fit_is_refused() {
    let trading = trading();
    let bad = PpoOptions { discount: 1.0, ..options() };
    assert!(matches!(Ppo::new(&trading, bad, 1.into()), Err(RlError::OutOfRange { name: "discount", .. })));
    let bad = SacOptions { rate: f64::NAN, ..sac_options() };
    assert!(matches!(Sac::new(&Pendulum, bad, 1.into()), Err(RlError::OutOfRange { name: "rate", .. })));
    let discrete = Sac::new(&rl::environments::CartPole, sac_options(), 1.into());
    assert!(matches!(discrete, Err(RlError::DiscreteActions)));
    // A checkpoint of a problem with another number of factors.
    let training = Ppo::new(&trading, options(), 1.into()).expect("valid");
    let other = QuadraticCosts::new(&[5e-4], &[0.2], &[1e-4], &[1e-3], 1.0).expect("valid");
    assert!(matches!(Ppo::resume(&other, training.checkpoint().clone()), Err(RlError::Length { .. })));
    let mut tape = rl::Tape::default();
    assert!(training.policy().act(&[0.0], &mut tape).is_err());
}
