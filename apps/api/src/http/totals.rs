//! Limits that are totals: how much all clients together may hold at one time.
//!
//! A limit per request bounds nothing when hundreds of requests arrive. A [`Total`] counts what is held by all of them;
//! a request that needs more takes a [`Claim`], which returns its share when it is dropped, for whatever reason.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::{Bytes, Data};
use engine::compute::LONGEST_WAIT;

/// So much of a body or of an answer is not counted: it is bounded by the number of connections, and a full total stops no small request.
pub const UNCOUNTED_BYTES: usize = 64 * 1024;

/// How much there may be of what clients hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that requests are answered on.
    pub connections: usize,
    /// Bytes of request bodies that have arrived and are not done with.
    pub body_bytes: usize,
    /// Bytes of answers that have not been sent.
    pub answer_bytes: usize,
    /// Streams of events.
    pub event_streams: usize,
    /// Within this time a client sends, or takes, [`LEAST_BYTES`](crate::http::pace::LEAST_BYTES) or all there is.
    pub stall: Duration,
    /// A request waits no longer than this for a place among the computations.
    pub line: Duration,
}

const MIB: usize = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2048,
            body_bytes: 128 * MIB,
            answer_bytes: 256 * MIB,
            event_streams: 256,
            stall: Duration::from_secs(10),
            line: LONGEST_WAIT,
        }
    }
}

/// A limit, and what is taken of it.
#[derive(Debug)]
pub struct Total {
    limit: usize,
    taken: AtomicUsize,
}

impl Total {
    /// Nothing taken of `limit`.
    #[must_use]
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, taken: AtomicUsize::new(0) })
    }

    /// What is taken of it; more than the limit after [`Total::claim_anyway`].
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Takes `amount`, or `None` when less is left. An amount that is larger than the limit is given to who comes alone.
    #[must_use]
    pub fn claim(self: &Arc<Self>, amount: usize) -> Option<Claim> {
        let mut claim = Claim { total: self.clone(), amount: 0 };
        claim.hold(amount).then_some(claim)
    }

    /// Takes `amount` whatever is left, for what cannot be refused any more.
    #[must_use]
    pub fn claim_anyway(self: &Arc<Self>, amount: usize) -> Claim {
        self.taken.fetch_add(amount, Ordering::Relaxed);
        Claim { total: self.clone(), amount }
    }
}

/// What one holder has of a total.
#[derive(Debug)]
pub struct Claim {
    total: Arc<Total>,
    amount: usize,
}

impl Claim {
    /// Holds `amount` from now on, more or less than before; `false`, and nothing changes, when there is not so much.
    #[must_use]
    pub fn hold(&mut self, amount: usize) -> bool {
        let (held, limit) = (self.amount, self.total.limit);
        let after = |taken: usize| {
            let others = taken - held;
            let fits = amount <= held || others == 0 || others.saturating_add(amount) <= limit;
            fits.then(|| others.saturating_add(amount))
        };
        let taken = &self.total.taken;
        if taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, after).is_err() {
            return false;
        }
        self.amount = amount;
        true
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.total.taken.fetch_sub(self.amount, Ordering::Relaxed);
    }
}

/// Bytes with their claim, which ends with the last copy of them.
#[must_use]
pub fn claimed(bytes: Bytes, claim: Claim) -> Bytes {
    struct Owner(Bytes, #[expect(dead_code, reason = "it is held, not read")] Claim);
    impl AsRef<[u8]> for Owner {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    if claim.amount == 0 { bytes } else { Bytes::from_owner(Owner(bytes, claim)) }
}

/// Which total has nothing left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// Connections.
    Connections,
    /// Bytes of request bodies.
    Bodies,
    /// Bytes of answers that clients have not taken, each dropped after this time without progress.
    Answers(Duration),
    /// Streams of events.
    Streams,
}

impl Full {
    /// What is wrong, in a sentence.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Connections => "There are as many connections as the service serves; this one is closed.",
            Self::Bodies => "The bodies that are arriving or at work are as large together as they may be.",
            Self::Answers(_) => "Clients have not taken answers that are as large together as they may be.",
            Self::Streams => {
                "There are as many streams of events as the service serves; asking for the state needs none."
            }
        }
    }

    /// Seconds after which some of it should be free: an idle connection is closed after five, an answer that nobody takes is dropped
    /// after the time that the service gives it, a body has thirty and mostly takes less than one; how long streams stay is up to their
    /// readers.
    #[must_use]
    pub const fn retry_after(self) -> u64 {
        match self {
            Self::Connections => 5,
            Self::Bodies => 1,
            Self::Answers(stall) => stall.as_secs(),
            Self::Streams => 30,
        }
    }
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Totals {
    /// Connections, without the spare ones.
    pub connections: Arc<Total>,
    spare_connections: Arc<Total>,
    /// Bytes of request bodies.
    pub bodies: Arc<Total>,
    /// Bytes of answers.
    pub answers: Arc<Total>,
    /// Streams of events.
    pub streams: Arc<Total>,
    /// As in [`Limits`].
    pub stall: Duration,
}

impl Default for Totals {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Totals {
    /// Nothing held, within `limits`.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            connections: Total::new(limits.connections),
            spare_connections: Total::new(limits.connections.div_ceil(4)),
            bodies: Total::new(limits.body_bytes),
            answers: Total::new(limits.answer_bytes),
            streams: Total::new(limits.event_streams),
            stall: limits.stall,
        }
    }

    /// Those of the server that reads `request`. Routes that are called without a server have limits for that request alone.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Arc<Self> {
        request.app_data::<Data<Self>>().map_or_else(Arc::default, |totals| totals.clone().into_inner())
    }

    /// The place of a connection that was accepted; `None` when even the spare ones are taken.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let place = |is_spare| move |claim| Place { is_spare, _claim: claim };
        self.connections.claim(1).map(place(false)).or_else(|| self.spare_connections.claim(1).map(place(true)))
    }

    /// A place for a stream of events.
    ///
    /// # Errors
    /// [`Full::Streams`].
    pub fn stream(&self) -> Result<Claim, Full> {
        self.streams.claim(1).ok_or(Full::Streams)
    }
}

/// The place of a connection, until it is dropped.
#[derive(Debug)]
pub struct Place {
    /// Whether it is beyond the limit: it is there for a moment, in which probes are answered and all else is refused.
    pub is_spare: bool,
    _claim: Claim,
}

/// Marks the requests of a connection in a spare place.
#[derive(Debug, Clone, Copy)]
pub struct Spare;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_claimed_is_missing_until_it_is_dropped() {
        let total = Total::new(10);
        let mut first = total.claim(4).unwrap();
        let second = total.claim(6).unwrap();
        assert!(total.claim(1).is_none());
        assert!(!first.hold(5), "there is no more");
        assert_eq!(total.taken(), 10);
        assert!(first.hold(1), "less is always possible");
        assert_eq!(total.taken(), 7);
        drop(second);
        assert!(first.hold(10));
        drop(first);
        assert_eq!(total.taken(), 0);
    }

    #[test]
    fn what_is_larger_than_the_limit_passes_alone() {
        let total = Total::new(10);
        let large = total.claim(11).unwrap();
        assert!(total.claim(1).is_none());
        let forced = total.claim_anyway(3);
        assert_eq!(total.taken(), 14);
        drop(large);
        assert!(total.claim(11).is_none());
        drop(forced);
        assert_eq!(total.taken(), 0);
    }

    #[test]
    fn bytes_hold_their_claim_to_the_last_slice() {
        let total = Total::new(10);
        let bytes = claimed(Bytes::from_static(b"0123456789"), total.claim(10).unwrap());
        let slice = bytes.slice(8..);
        drop(bytes);
        assert_eq!(total.taken(), 10);
        assert_eq!(&*slice, b"89");
        drop(slice);
        assert_eq!(total.taken(), 0);
    }

    #[test]
    fn beyond_the_limit_there_are_spare_places_and_then_none() {
        let totals = Totals::new(Limits { connections: 4, ..Limits::default() });
        let mut places: Vec<_> = (0..5).map(|_| totals.place().unwrap()).collect();
        assert_eq!(places.iter().map(|place| place.is_spare).collect::<Vec<_>>(), [false, false, false, false, true]);
        assert!(totals.place().is_none());
        places.remove(0);
        assert!(totals.place().is_some_and(|place| !place.is_spare));
    }
}
