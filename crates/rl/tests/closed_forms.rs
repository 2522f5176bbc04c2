//! Learners beside closed forms, shortened: the full table is `cargo run --release -p rl --example trials -- full`.

use allocators::{DynamicProblem, LinearPolicy, closed_form};
use portfolio_core::no_trade_half_width;
use rl::environments::{ActionForm, ProportionalCosts, QuadraticCosts};
use rl::{Environment, Policy, Ppo, PpoOptions, Random, RlError, Tape};

const LOADINGS: [f64; 2] = [5e-4, 5e-4];
const COVARIANCE: [f64; 1] = [1e-4];
const COST: [f64; 1] = [1e-3];

/// One asset of 1 % volatility a day; a factor that loses a fifth of its strength a day and one that loses a hundredth.
fn problem() -> DynamicProblem<'static> {
    DynamicProblem {
        loadings: &LOADINGS,
        decay: &[0.2, 0.0, 0.0, 0.01],
        covariance: &COVARIANCE,
        cost: &COST,
        risk_aversion: 1.0,
        discount_rate: 0.0,
    }
}

fn trading() -> QuadraticCosts {
    let trading = QuadraticCosts::new(&LOADINGS, &[0.2, 0.01], &COVARIANCE, &COST, 1.0).expect("valid");
    trading.with_units(5.0, 1.0).with_periods(100)
}

fn path() -> Random {
    Random::new(77.into(), 0)
}

/// The mean reward of a period under a linear policy.
fn linear(trading: &QuadraticCosts, policy: &LinearPolicy, periods: usize) -> f64 {
    let rule = |state: &rl::environments::QuadraticCostsState| {
        let target = policy.target(&state.positions, &state.factors).expect("valid");
        Ok(target.iter().zip(&state.positions).map(|(to, from)| to - from).collect())
    };
    trading.mean_reward(periods, path(), rule).expect("valid")
}

fn trained<E: Environment>(environment: &E, options: PpoOptions) -> Policy {
    let mut training = Ppo::new(environment, options, 1.into()).expect("valid");
    while !training.is_done() {
        training.iterate().expect("valid");
    }
    training.policy().clone()
}

#[test]
fn the_environment_of_quadratic_costs_earns_what_the_closed_form_says() {
    let (trading, problem) = (trading(), problem());
    let innovations = [1.0 - 0.8 * 0.8, 0.0, 0.0, 1.0 - 0.99 * 0.99];
    let best = closed_form(&problem).expect("valid").policy;
    let markowitz = LinearPolicy::markowitz(&problem).expect("valid");
    for (policy, tolerance) in [(best, 0.1e-3), (markowitz, 0.2e-3)] {
        let exact = allocators::average_reward(&problem, &policy, &innovations).expect("valid").net();
        let simulated = linear(&trading, &policy, 200_000);
        assert!((simulated - exact).abs() < tolerance, "{simulated} {exact}");
    }
}

#[test]
fn ppo_comes_near_the_closed_form_of_quadratic_costs() {
    let trading = trading();
    let options = PpoOptions {
        hidden: vec![16, 16],
        critic_hidden: vec![16, 16],
        steps: 50_000,
        copies: 64,
        horizon: 16,
        epochs: 4,
        minibatch: 256,
        discount: 0.9,
        trace: 0.9,
        rate: 3e-3,
        entropy: 0.3,
        reward_scale: 100.0,
        centre_rewards: true,
        average_from: 0.5,
        ..PpoOptions::default()
    };
    let policy = trained(&trading, options);
    let (mut tape, mut seen) = (Tape::default(), vec![0.0; trading.observation_size()]);
    let rule = |state: &rl::environments::QuadraticCostsState| -> Result<Vec<f64>, RlError> {
        trading.observe(state, &mut seen);
        policy.act(&seen, &mut tape)
    };
    let learned = trading.mean_reward(20_000, path(), rule).expect("valid");
    let best = linear(&trading, &closed_form(&problem()).expect("valid").policy, 20_000);
    let share = learned / best;
    println!("{share}");
    // No policy beats the optimum by more than the noise of the path; a static share of Markowitz's portfolio reaches 95.3 %.
    assert!((0.93..1.005).contains(&share), "{share}");
}

/// The rule of a policy, and its growth in basis points a year.
fn growth(problem: &ProportionalCosts, policy: &Policy, periods: usize) -> f64 {
    120_000.0 * problem.mean_reward(periods, path(), rule(problem, policy))
}

/// The weight after the trade, from a table of a thousandth.
fn rule(problem: &ProportionalCosts, policy: &Policy) -> impl Fn(f64) -> f64 {
    const POINTS: usize = 1_000;
    let (mut tape, mut seen) = (Tape::default(), [0.0]);
    let table: Vec<f64> = (0..=POINTS)
        .map(|i| {
            let weight = i as f64 / POINTS as f64;
            problem.observe(&rl::environments::ProportionalCostsState { weight, period: 0 }, &mut seen);
            let action = policy.act(&seen, &mut tape).expect("valid");
            problem.traded(weight, [action[0], action[1]])
        })
        .collect();
    move |weight| {
        let at = weight.clamp(0.0, 1.0) * POINTS as f64;
        let below = (at as usize).min(POINTS - 1);
        table[below] + (at - below as f64) * (table[below + 1] - table[below])
    }
}

fn merton(cost: f64) -> ProportionalCosts {
    ProportionalCosts::monthly(0.024, 0.2, cost, 1.0).expect("valid")
}

fn merton_options() -> PpoOptions {
    PpoOptions {
        hidden: vec![16, 16],
        critic_hidden: vec![16, 16],
        steps: 100_000,
        copies: 32,
        horizon: 64,
        epochs: 4,
        minibatch: 256,
        trace: 0.95,
        rate: 2e-3,
        log_deviation: -1.5,
        reward_scale: 1_000.0,
        centre_rewards: true,
        average_from: 0.7,
        ..PpoOptions::default()
    }
}

#[test]
fn the_environment_of_proportional_costs_has_the_values_of_dynamic_programming() {
    // 70.27 for the band and 58.76 for monthly rebalancing: crates/portfolio-core/tests/merton_band.rs.
    let problem = merton(0.01);
    let (centre, half) = (problem.merton_weight(), no_trade_half_width(0.6, 0.01, 1.0));
    assert!((centre - 0.6).abs() < 1e-12);
    let of = |rule: &dyn Fn(f64) -> f64| 120_000.0 * problem.mean_reward(400_000, path(), rule);
    let (band, monthly) = (of(&|weight| weight.clamp(centre - half, centre + half)), of(&|_| centre));
    assert!((band - 70.27).abs() < 0.1 && (monthly - 58.76).abs() < 0.1, "{band} {monthly}");
    // An action that says this band does what the band does.
    let action = [2.0 * centre - 1.0, 4.0 * half - 1.0];
    for weight in [0.2, 0.5, 0.6, 0.7, 0.95] {
        let to = problem.traded(weight, action);
        assert!((to - weight.clamp(centre - half, centre + half)).abs() < 1e-12, "{weight} {to}");
    }
    let half_way = ProportionalCosts { form: ActionForm::TargetAndIntensity, ..problem };
    assert!((half_way.traded(0.4, [0.2, 0.0]) - 0.5).abs() < 1e-12);
}

#[test]
fn ppo_beats_monthly_rebalancing_when_trades_cost_one_per_cent() {
    let problem = merton(0.01);
    let found = growth(&problem, &trained(&problem, merton_options()), 100_000);
    println!("{found}");
    assert!((63.0..70.8).contains(&found), "{found}");
}

#[test]
fn without_costs_ppo_finds_the_weight_of_merton() {
    let problem = merton(0.0);
    let options = PpoOptions { steps: 60_000, discount: 0.9, ..merton_options() };
    let policy = trained(&problem, options);
    let weight = rule(&problem, &policy)(0.6);
    println!("{weight}");
    assert!((weight - 0.6).abs() < 0.05, "{weight}");
}
