//! When challengers run: while no plan comes in, or after the plans before them have waited long enough, and then a small share of the time.

use std::time::Duration;

use tokio::time::sleep;

use crate::draining::Draining;

/// How long no plan has come in when the service is quiet.
const PAUSE: Duration = Duration::from_millis(500);

/// How long challengers rest beside plans that come in, in units of what they took: 1 of 21 parts of the time is theirs, less than 5 %.
const REST: u32 = 20;

/// Puts challengers off while plans come in one after another.
#[derive(Debug)]
pub(super) struct Quiet {
    pause: Duration,
    /// How long plans wait for their challengers at most.
    patience: Duration,
    /// Plans that had come in at the last look.
    seen: u64,
    /// How long the plans that wait have been put off.
    waited: Duration,
    /// How long they still rest while plans come in.
    rest: Duration,
}

impl Quiet {
    pub(super) fn new(patience: Duration) -> Self {
        Self { pause: PAUSE, patience, seen: 0, waited: Duration::ZERO, rest: Duration::ZERO }
    }

    /// Waits until no plan came in for a pause, the patience and the rest are over or `draining` begins. `kept`: the number of plans that
    /// came in.
    pub(super) async fn wait(&mut self, draining: &Draining, kept: impl Fn() -> u64) {
        while !draining.has_begun() {
            let now = kept();
            let left = self.patience.saturating_sub(self.waited).max(self.rest);
            if now == self.seen || left.is_zero() {
                return;
            }
            self.seen = now;
            let nap = self.pause.min(left);
            sleep(nap).await;
            self.waited += nap;
            self.rest = self.rest.saturating_sub(nap);
        }
    }

    /// The challengers of a plan took so long.
    pub(super) fn ran(&mut self, took: Duration) {
        self.rest = REST * took;
    }

    /// No plan waits any more.
    pub(super) fn caught_up(&mut self) {
        self.waited = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Plans as they come in, one at each look until there are `last`, and how often somebody looked.
    struct Arrivals {
        last: u64,
        looks: Cell<u64>,
    }

    impl Arrivals {
        fn until(last: u64) -> Self {
            Self { last, looks: Cell::new(0) }
        }

        fn kept(&self) -> u64 {
            self.looks.set(self.looks.get() + 1);
            self.looks.get().min(self.last)
        }
    }

    fn quiet(pauses: u32) -> Quiet {
        let pause = Duration::from_millis(1);
        Quiet { pause, ..Quiet::new(pauses * pause) }
    }

    #[tokio::test]
    async fn challengers_wait_until_a_burst_of_plans_is_over() {
        let (mut quiet, burst) = (quiet(100), Arrivals::until(3));
        quiet.wait(&Draining::default(), || burst.kept()).await;
        assert_eq!((burst.looks.get(), quiet.waited), (4, Duration::from_millis(3)));
        // The plans that wait are then run one after another, until another comes in.
        quiet.wait(&Draining::default(), || burst.kept()).await;
        assert_eq!(burst.looks.get(), 5);
        quiet.wait(&Draining::default(), || 4).await;
        assert_eq!(quiet.waited, Duration::from_millis(4));
        quiet.caught_up();
        assert_eq!(quiet.waited, Duration::ZERO);
    }

    #[tokio::test]
    async fn under_requests_that_never_end_challengers_are_put_off_no_longer_than_their_patience() {
        let (mut quiet, endless) = (quiet(5), Arrivals::until(u64::MAX));
        quiet.wait(&Draining::default(), || endless.kept()).await;
        assert_eq!((endless.looks.get(), quiet.waited), (6, Duration::from_millis(5)));
        // From there on they run beside requests until none waits.
        quiet.wait(&Draining::default(), || endless.kept()).await;
        assert_eq!((endless.looks.get(), quiet.waited), (7, Duration::from_millis(5)));
        quiet.caught_up();
        quiet.wait(&Draining::default(), || endless.kept()).await;
        assert_eq!((endless.looks.get(), quiet.waited), (13, Duration::from_millis(5)));
    }

    #[tokio::test]
    async fn beside_plans_that_never_end_challengers_take_a_small_share_of_the_time() {
        let (mut quiet, endless) = (quiet(0), Arrivals::until(u64::MAX));
        quiet.wait(&Draining::default(), || endless.kept()).await;
        assert_eq!(endless.looks.get(), 1);
        // Twenty times as long as they took, a pause at a time.
        quiet.ran(Duration::from_millis(2));
        quiet.wait(&Draining::default(), || endless.kept()).await;
        assert_eq!((endless.looks.get(), quiet.rest), (1 + 41, Duration::ZERO));
        // Once no plan comes in they need no rest.
        quiet.ran(Duration::from_secs(60));
        let ended = Arrivals::until(3);
        quiet.wait(&Draining::default(), || ended.kept()).await;
        assert_eq!(ended.looks.get(), 4);
    }

    #[tokio::test]
    async fn a_service_that_ends_waits_for_nothing() {
        let (mut quiet, endless) = (quiet(1_000_000), Arrivals::until(u64::MAX));
        let draining = Draining::default();
        draining.begin();
        quiet.wait(&draining, || endless.kept()).await;
        assert_eq!(endless.looks.get(), 0);
    }
}
