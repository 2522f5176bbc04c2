//! A policy with its terms, and the count of all that were tried.

use std::collections::BTreeSet;
use std::sync::Arc;

use governance::Digest;
use portfolio_core::ModelParameter;

use crate::options::ReplayOptions;
use crate::policy::Policy;
use crate::terms::Terms;

/// A policy with the terms on which it trades.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Its name in results.
    pub name: String,
    /// The policy.
    pub policy: Arc<dyn Policy>,
    /// Costs and lots.
    pub terms: Terms,
}

impl Trial {
    /// A named policy with its terms.
    #[must_use]
    pub fn new(name: impl Into<String>, policy: impl Policy + 'static, terms: Terms) -> Self {
        Self { name: name.into(), policy: Arc::new(policy), terms }
    }

    /// SHA-256 of everything that determines its decisions: policy, parameters, terms, and the setting. The name is not
    /// part of it.
    #[must_use]
    pub fn digest(&self, history: &Digest, options: &ReplayOptions) -> Digest {
        let text = |parameters: Vec<ModelParameter>| {
            parameters.iter().map(|parameter| format!("{parameter}\n")).collect::<String>()
        };
        let costs: String = self.terms.costs.terms().fold(String::new(), |costs, term| {
            costs + term.id() + " " + term.version() + "\n" + &text(term.parameters())
        });
        let Terms { lots, min_notional, max_tickets, .. } = &self.terms;
        let ReplayOptions { initial_value, opening, start, end, flows, .. } = options;
        let terms = format!("{lots:?} {min_notional:?} {max_tickets:?}");
        let until = end.map_or_else(String::new, |end| format!(" until {end}"));
        let setting = format!("{initial_value} {opening:?} {start} {flows:?}{until}");
        let policy = text(self.policy.parameters());
        let fields = [self.policy.id(), self.policy.version(), &policy, &costs, &terms, &setting].map(str::as_bytes);
        let fields: Vec<&[u8]> = fields.into_iter().chain([&history.as_bytes()[..]]).collect();
        Digest::of_fields("smart-portfolio-rebalancer/backtest-trial/1", &fields)
    }
}

/// The trials so far: each policy, set of parameters, terms, setting and history counts once.
///
/// The best of many tries looks good by chance. A replay requires a ledger, and its result states how many tries there
/// were: a test of the result (a deflated Sharpe ratio, a reality check) needs that number. Keep one ledger for a
/// study, and begin with [`with_earlier`](Self::with_earlier) if there were earlier tries elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrialLedger {
    earlier: usize,
    seen: BTreeSet<Digest>,
}

impl TrialLedger {
    /// A ledger that continues a count.
    #[must_use]
    pub fn with_earlier(trials: usize) -> Self {
        Self { earlier: trials, seen: BTreeSet::new() }
    }

    /// Number of different trials so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.earlier + self.seen.len()
    }

    pub(crate) fn add(&mut self, trial: Digest) {
        self.seen.insert(trial);
    }
}
