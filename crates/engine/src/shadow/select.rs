//! Which challengers run on a plan.

use models::{ModelKind, Purpose};

use crate::dto::models::ModelStatus;
use crate::inventory::{Registered, Standings};

/// Challengers that run on each plan unless the host says otherwise: the first of each purpose that has any.
pub const DEFAULT_CHALLENGERS: usize = 2;
/// The most that may run on each plan.
pub const MAX_CHALLENGERS: usize = 8;

/// The purposes whose models decide a plan, in the order in which they take turns.
const PURPOSES: [Purpose; 2] = [Purpose::ExpectedReturn, Purpose::Covariance];

/// A challenger, and the version of the plan that it would replace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub(super) challenger: &'static Registered,
    pub(super) champion: &'static Registered,
}

/// Up to `most` challengers, the purposes taking turns, each in the order of the inventory. `used`: the versions that the plan used.
pub(super) fn chosen(standings: &Standings, used: &[&'static Registered], most: usize) -> Vec<Chosen> {
    let of_purpose = |purpose: Purpose| -> Vec<Chosen> {
        let Some(champion) = used.iter().find(|entry| entry.card().purpose == purpose) else { return Vec::new() };
        let is_challenger = |entry: &&'static Registered| {
            entry.card().purpose == purpose
                && entry.card().kind == ModelKind::Model
                && standings.status(entry) == ModelStatus::Challenger
                && entry.identity() != champion.identity()
        };
        // What somebody trained is tried before what everybody has, the latest first.
        let latest = standings.trained().iter().rev().copied();
        let challengers = latest.chain(standings.inventory.entries()).filter(is_challenger);
        challengers.map(|challenger| Chosen { challenger, champion }).collect()
    };
    let lists = PURPOSES.map(of_purpose);
    let rounds = lists.iter().map(Vec::len).max().unwrap_or(0);
    let turns = (0..rounds).flat_map(|round| lists.iter().filter_map(move |list| list.get(round).copied()));
    turns.take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(used: [&str; 2], most: usize) -> Vec<String> {
        let standings = Standings::without_moves().unwrap();
        let used = used.map(|id| standings.inventory.find(id).unwrap());
        chosen(&standings, &used, most).iter().map(|one| one.challenger.card().id.clone()).collect()
    }

    #[test]
    fn the_purposes_take_turns() {
        let champions = ["ensemble_v3", "ledoit_wolf_constant_correlation"];
        assert_eq!(ids(champions, DEFAULT_CHALLENGERS), ["ensemble_v4", "ledoit_wolf_identity"]);
        assert_eq!(ids(champions, 3), ["ensemble_v4", "ledoit_wolf_identity", "ensemble_v2"]);
        assert_eq!(ids(champions, MAX_CHALLENGERS).len(), 8);
        assert!(ids(champions, 0).is_empty());
    }

    #[test]
    fn a_model_is_no_challenger_of_itself() {
        let named = ids(["ensemble_v4", "oas"], MAX_CHALLENGERS);
        assert!(!named.contains(&"ensemble_v4".to_owned()) && !named.contains(&"oas".to_owned()), "{named:?}");
        // A retired model never runs, and the champion is none of its own challengers.
        assert!(!named.contains(&"demo_ensemble_v1".to_owned()) && !named.contains(&"ensemble_v3".to_owned()));
    }
}
