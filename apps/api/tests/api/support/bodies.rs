//! Request bodies of the tests.

use serde_json::{Value, json};

use super::market::stocks;

/// The request files as they are served.
pub(crate) fn scenarios() -> Vec<Value> {
    engine::scenarios::SCENARIOS.iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// Four real shares, the first far above its target.
pub(crate) fn four_shares(method: &str, turnover_limit: f64) -> Value {
    let assets = [("AAPL", 0.25, 0.46), ("JNJ", 0.25, 0.18), ("XOM", 0.25, 0.18), ("KO", 0.25, 0.18)];
    let asset = |(name, target, current): (&str, f64, f64)| {
        let all = stocks().returns(name);
        json!({"asset": name, "target_weight": target, "current_weight": current, "price": 50.0,
            "historical_returns": all[all.len() - 300..]})
    };
    json!({
        "portfolio_value": 1_000_000.0, "turnover_limit": turnover_limit, "method": method, "monte_carlo": {"paths": 0},
        "assets": assets.map(asset),
    })
}

/// Reproducible numbers in (−0.5, 0.5): a linear congruential generator (Knuth's MMIX constants).
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x1234_5678)
    }

    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    }

    /// Daily returns around `mean`, from `mean − spread/2` to `mean + spread/2`, with six decimals.
    pub(crate) fn returns(&mut self, periods: usize, mean: f64, spread: f64) -> Vec<f64> {
        (0..periods).map(|_| ((mean + spread * self.next()) * 1e6).round() / 1e6).collect()
    }
}

/// Two assets with a history, six percentage points off target: a valid body to be spoilt in one place.
pub(crate) fn small() -> Value {
    json!({
        "portfolio_value": 100_000,
        "assets": [
            asset("ETF", 0.6, 0.66, &Noise::new(1).returns(60, 0.0005, 0.02)),
            asset("Gold", 0.4, 0.34, &Noise::new(2).returns(60, 0.0001, 0.015)),
        ],
    })
}

/// `small` with stale prices, which this client's limits do not allow: its plan is rejected.
pub(crate) fn rejected() -> Value {
    let mut body = small();
    for t in 10..60 {
        body["assets"][0]["historical_returns"][t] = json!(0.0);
    }
    let levels = json!({"warning_above": 0.01, "critical_above": 0.02, "blocking_above": 0.03});
    body["verdict_limits"] = json!({"data_shortfall": levels});
    body
}

pub(crate) fn asset(name: &str, target: f64, current: f64, returns: &[f64]) -> Value {
    json!({
        "asset": name, "target_weight": target, "current_weight": current, "price": 50.0,
        "market_return": 0.001, "historical_returns": returns,
    })
}

/// `small` with the member at `pointer` replaced or added.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    changed(small(), pointer, value)
}

/// `body` with the member at `pointer` replaced or added.
pub(crate) fn changed(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[member.parse::<usize>().unwrap()] = value,
        Value::Object(members) => {
            members.insert(member.to_owned(), value);
        }
        other => panic!("{parent} is {other}"),
    }
    body
}

/// `small` without the member at `pointer`.
pub(crate) fn without(pointer: &str) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    let mut body = small();
    body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(member).unwrap();
    body
}

/// A random book: raw weights in any unit, some assets at zero, histories of `periods` returns.
pub(crate) fn random_book(seed: u64, assets: usize, periods: usize) -> Value {
    let mut noise = Noise::new(seed);
    let mut entries = Vec::new();
    for i in 0..assets {
        let target = (1.0 + 1.5 * noise.next()).max(0.0);
        let current = (target * (1.0 + 1.2 * noise.next())).max(0.0);
        let mut entry = asset(&format!("A{i}"), target, current, &noise.returns(periods, 0.0003, 0.03));
        entry["price"] = json!(((noise.next() + 0.5) * 1e5).round() / 100.0 + 0.01);
        if i % 3 == 0 {
            entry["transaction_cost_bps"] = json!((noise.next() + 0.5) * 40.0);
        }
        entries.push(entry);
    }
    json!({
        "portfolio_value": ((noise.next() + 0.5) * 1e9).round() / 100.0 + 1000.0,
        "drift_threshold": 0.01, "turnover_limit": 0.6 + 0.7 * noise.next(), "monte_carlo": {"paths": 500},
        "assets": entries,
    })
}
