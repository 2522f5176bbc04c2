//! Learners on the two environments of control, shortened: the full table is `cargo run --release -p rl --example trials -- full`.

use rl::environments::{CartPole, Pendulum};
use rl::{End, Environment, Ppo, PpoOptions, Random, Sac, SacOptions, Tape, episode_returns};

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn a_cart_moves_as_documented() {
    // One push to the right from rest, by hand: push = 10/1.1, turning = −push/(0.5·(4/3 − 0.1/1.1)), pushing = push − 0.05·turning/1.1.
    let mut random = Random::new(1.into(), 0);
    let mut state = CartPole.reset(&mut random).expect("valid");
    state.motion = [0.0; 4];
    CartPole.step(&mut state, &[1.0], &mut random).expect("valid");
    let push = 10.0 / 1.1;
    let turning = -push / (0.5 * (4.0 / 3.0 - 0.1 / 1.1));
    assert!((state.motion[3] - 0.02 * turning).abs() < 1e-15 && state.motion[0] == 0.0, "{state:?}");
    assert!((state.motion[1] - 0.02 * (push - 0.05 * turning / 1.1)).abs() < 1e-15, "{state:?}");
    // It falls when nobody balances it, and an episode that nothing ends has 500 steps.
    let always_right = episode_returns(&CartPole, 20, &mut random, |_| vec![1.0]).expect("valid");
    assert!(always_right.iter().all(|steps| (5.0..=15.0).contains(steps)), "{always_right:?}");
    state.motion = [0.0; 4];
    state.steps = 499;
    assert_eq!(CartPole.step(&mut state, &[0.0], &mut random).expect("valid").end, Some(End::Truncated));
    state.motion[2] = 0.3;
    assert_eq!(CartPole.step(&mut state, &[0.0], &mut random).expect("valid").end, Some(End::Terminated));
}

#[test]
fn a_pendulum_moves_as_documented() {
    let mut random = Random::new(1.into(), 0);
    let mut state = Pendulum.reset(&mut random).expect("valid");
    (state.angle, state.velocity) = (std::f64::consts::FRAC_PI_2, 1.0);
    // Velocity 1 + 0.05·(15·sin 90° + 3·2); the reward is of the state before. A torque beyond the limit is the limit.
    let transition = Pendulum.step(&mut state, &[7.0], &mut random).expect("valid");
    assert!((state.velocity - 2.05).abs() < 1e-12, "{state:?}");
    assert!((transition.reward + std::f64::consts::FRAC_PI_2.powi(2) + 0.1 + 0.004).abs() < 1e-12, "{transition:?}");
    // Without torque a pendulum that starts anywhere collects far less than one that is swung up.
    let idle = episode_returns(&Pendulum, 50, &mut random, |_| vec![0.0]).expect("valid");
    assert!((-1500.0..-1000.0).contains(&mean(&idle)), "{}", mean(&idle));
}

#[test]
fn ppo_learns_to_balance_a_pole() {
    let hidden = vec![32, 32];
    let options = PpoOptions { steps: 30_000, hidden: hidden.clone(), critic_hidden: hidden, ..PpoOptions::default() };
    let mut training = Ppo::new(&CartPole, options, 1.into()).expect("valid");
    while !training.is_done() {
        training.iterate().expect("valid");
    }
    let mut tape = Tape::default();
    let act = |seen: &[f64]| training.policy().act(seen, &mut tape).expect("valid");
    let balanced = mean(&episode_returns(&CartPole, 20, &mut Random::new(99.into(), 0), act).expect("valid"));
    assert!(balanced >= 300.0, "{balanced}");
}

#[test]
fn sac_learns_to_swing_a_pendulum_up() {
    let options = SacOptions { hidden: vec![32, 32], steps: 5_000, minibatch: 64, rate: 2e-3, ..SacOptions::default() };
    let mut training = Sac::new(&Pendulum, options, 1.into()).expect("valid");
    training.advance(usize::MAX).expect("valid");
    let mut tape = Tape::default();
    let act = |seen: &[f64]| training.policy().act(seen, &mut tape).expect("valid");
    let swung = mean(&episode_returns(&Pendulum, 20, &mut Random::new(9.into(), 9), act).expect("valid"));
    assert!(swung >= -400.0, "{swung}");
}
