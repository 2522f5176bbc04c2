//! A model against other forecasts of the same outcomes.

use evaluate::{Judgement, Verdict};
use serde::Serialize;

/// A forecast that a model was compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rival {
    /// Its name.
    pub name: String,
    /// Its mean pinball loss, in the unit of the trial.
    pub loss: f64,
    /// The verdict on the model compared with it.
    pub judgement: Judgement,
}

/// A trial out of sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trial {
    /// What was forecast, and when.
    pub data: String,
    /// Number of origins, which are the observations of the tests.
    pub origins: usize,
    /// Mean pinball loss of the model.
    pub loss: f64,
    /// What it was compared with.
    pub rivals: Vec<Rival>,
}

impl Trial {
    /// Whether the model is better than every rival, and there is one.
    #[must_use]
    pub fn shows_edge(&self) -> bool {
        !self.rivals.is_empty() && self.rivals.iter().all(|rival| rival.judgement.verdict == Verdict::Better)
    }

    /// The result in words: an edge, or none with the rivals that are not beaten.
    #[must_use]
    pub fn verdict(&self) -> String {
        if self.shows_edge() {
            return "an edge over every rival".to_owned();
        }
        let unbeaten = self.rivals.iter().filter_map(|Rival { name, judgement, .. }| match judgement.verdict {
            Verdict::Better => None,
            Verdict::Worse => Some(format!("worse than {name}")),
            Verdict::NotDistinguishable => Some(format!("not distinguishable from {name}")),
        });
        let unbeaten: Vec<String> = unbeaten.collect();
        let why = if unbeaten.is_empty() { "no rival".to_owned() } else { unbeaten.join(", ") };
        format!("no demonstrated edge ({why})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_one_over_every_rival() {
        let rival = |name: &str, p: f64, ahead: bool| Rival {
            name: name.to_owned(),
            loss: 1.0,
            judgement: Judgement::bonferroni(p, ahead, 0.05, 4).unwrap(),
        };
        let trial = |rivals| Trial { data: "days".to_owned(), origins: 100, loss: 0.9, rivals };
        let beaten = rival("rolling quantiles", 0.001, true);
        assert_eq!(trial(vec![beaten.clone()]).verdict(), "an edge over every rival");
        assert_eq!(trial(Vec::new()).verdict(), "no demonstrated edge (no rival)");
        // 0.02 is below 5 %, but not below a quarter of it.
        let all = trial(vec![beaten, rival("HAR", 0.02, true), rival("GARCH", 0.001, false)]);
        assert!(!all.shows_edge());
        assert_eq!(all.verdict(), "no demonstrated edge (not distinguishable from HAR, worse than GARCH)");
    }
}
