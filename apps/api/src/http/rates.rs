//! Rates: how many requests, and how much computing, one caller may have in a minute.
//!
//! Each quota is a bucket that fills evenly and holds a minute of it (the generic cell rate algorithm): who was quiet may have all of it at
//! once, and who uses it up is let in again as it fills. A bucket is one number, the time at which it is full again.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governance::Tenant;

/// The time that quotas are for.
pub const WINDOW: Duration = Duration::from_secs(60);
/// Callers that are remembered one by one; those beyond share a bucket until others are full again.
const MOST_CALLERS: usize = 65_536;
/// The least time between two searches for callers who can be forgotten.
const SWEPT_EVERY: Duration = Duration::from_secs(1);

/// What each caller may have in [`WINDOW`]; `None`: as much as it likes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Requests.
    pub requests: Option<NonZeroU32>,
    /// Seconds in which its computations have a place.
    pub work_seconds: Option<NonZeroU32>,
}

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Who {
    /// The holder of a valid key, by its tenant and its name as an actor.
    Key(Option<Tenant>, String),
    /// Who sends no key, or none that is valid: an IPv4 address, or the first 64 bits of an IPv6 address.
    Peer(IpAddr),
    /// Everybody for whom there was no room.
    Others,
}

impl Who {
    /// Who sends from an address. A host has all addresses of its 64 bits to choose from, so that they are one.
    #[must_use]
    pub fn at(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            None => Self::Others,
            Some(IpAddr::V6(v6)) => {
                let [a, b, c, d, ..] = v6.segments();
                Self::Peer(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
            Some(v4) => Self::Peer(v4),
        }
    }
}

/// Which quota is used up, and when the request can be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Whether it is that of computing.
    pub is_work: bool,
    /// The quota.
    pub quota: u32,
    /// Seconds after which the same request passes if nothing else is asked.
    pub retry_after: u64,
}

impl Exceeded {
    /// What is wrong, in a sentence.
    #[must_use]
    pub fn detail(&self) -> String {
        let (quota, window) = (self.quota, WINDOW.as_secs());
        if self.is_work {
            format!("The computations of one caller may take {quota} s in {window} s, and took longer.")
        } else {
            format!("One caller may make {quota} requests in {window} s.")
        }
    }
}

/// The times at which the buckets of a caller are full again, since any fixed time.
#[derive(Debug, Clone, Copy, Default)]
struct Buckets {
    requests: Duration,
    work: Duration,
}

impl Buckets {
    fn are_full(self, now: Duration) -> bool {
        self.requests <= now && self.work <= now
    }
}

#[derive(Debug, Default)]
struct Callers {
    buckets: HashMap<Who, Buckets>,
    swept_at: Duration,
}

impl Callers {
    /// The buckets of a caller, full for one who is new.
    fn of(&mut self, who: &Who, now: Duration) -> &mut Buckets {
        if self.buckets.len() >= MOST_CALLERS && !self.buckets.contains_key(who) {
            if now.saturating_sub(self.swept_at) >= SWEPT_EVERY {
                self.swept_at = now;
                self.buckets.retain(|_, buckets| !buckets.are_full(now));
            }
            if self.buckets.len() >= MOST_CALLERS {
                return self.buckets.entry(Who::Others).or_default();
            }
        }
        self.buckets.entry(who.clone()).or_default()
    }
}

/// What a caller has left of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Left {
    is_work: bool,
    quota: u32,
    left: u64,
    /// Seconds until all of it is there again.
    full_in: u64,
}

/// The buckets of all callers of this process.
#[derive(Debug)]
pub struct Rates {
    quotas: Quotas,
    callers: Mutex<Callers>,
}

impl Rates {
    /// `None` where there is no quota.
    #[must_use]
    pub fn of(quotas: Quotas) -> Option<Self> {
        (quotas != Quotas::default()).then(|| Self { quotas, callers: Mutex::default() })
    }

    /// Counts a request at `now`, the time since any fixed moment. One that computes needs some of the quota of computing too.
    ///
    /// # Errors
    /// The quota that is used up; the request is then not counted.
    pub fn take(&self, who: &Who, computes: bool, now: Duration) -> Result<(), Exceeded> {
        let mut callers = self.callers();
        let buckets = callers.of(who, now);
        if let Some(quota) = self.quotas.work_seconds.filter(|_| computes)
            && let Some(over) = missing(buckets.work, now).checked_sub(WINDOW)
        {
            return Err(Exceeded { is_work: true, quota: quota.get(), retry_after: over.as_secs() + 1 });
        }
        if let Some(quota) = self.quotas.requests {
            let after = missing(buckets.requests, now) + WINDOW / quota.get();
            if let Some(over) = after.checked_sub(WINDOW).filter(|over| !over.is_zero()) {
                let retry_after = over.as_secs() + u64::from(over.subsec_nanos() > 0);
                return Err(Exceeded { is_work: false, quota: quota.get(), retry_after });
            }
            buckets.requests = now + after;
        }
        Ok(())
    }

    /// Counts that a computation of a caller had a place for `spent`, when it ends at `now`.
    pub fn charge(&self, who: &Who, spent: Duration, now: Duration) {
        let Some(quota) = self.quotas.work_seconds else { return };
        let mut callers = self.callers();
        let buckets = callers.of(who, now);
        // No more than a day: nobody waits for longer.
        let share = spent.as_secs_f64() / f64::from(quota.get()) * WINDOW.as_secs_f64();
        buckets.work = now + missing(buckets.work, now) + Duration::from_secs_f64(share.min(86_400.0));
    }

    /// Says in the headers of an answer what its caller has left: `RateLimit` and `RateLimit-Policy` of draft-ietf-httpapi-ratelimit-headers,
    /// and the older `X-RateLimit-…` for the quota that `exceeded` names, or else for the first one.
    pub fn tell(&self, who: &Who, exceeded: Option<Exceeded>, now: Duration, headers: &mut HeaderMap) {
        let left = self.left(who, now);
        let (mut policy, mut state) = (String::new(), String::new());
        for Left { is_work, quota, left, full_in } in &left {
            let (name, comma) = (if *is_work { "work" } else { "requests" }, if state.is_empty() { "" } else { ", " });
            let _ = write!(policy, "{comma}\"{name}\";q={quota};w={}", WINDOW.as_secs());
            let _ = write!(state, "{comma}\"{name}\";r={left};t={full_in}");
        }
        let mut insert = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        let is_named = |of: &&Left| exceeded.is_some_and(|exceeded| exceeded.is_work == of.is_work);
        if let Some(of) = left.iter().find(is_named).or(left.first()) {
            insert("ratelimit-policy", policy);
            insert("ratelimit", state);
            insert("x-ratelimit-limit", of.quota.to_string());
            insert("x-ratelimit-remaining", of.left.to_string());
            insert("x-ratelimit-reset", of.full_in.to_string());
        }
    }

    fn left(&self, who: &Who, now: Duration) -> Vec<Left> {
        let buckets = *self.callers().of(who, now);
        let left = |is_work: bool, quota: Option<NonZeroU32>, full_at: Duration| {
            let (quota, missing) = (quota?.get(), missing(full_at, now));
            let there = WINDOW.saturating_sub(missing).as_nanos();
            // Requests are whole shares of the window; computing is told in whole seconds.
            let left = if is_work {
                there * u128::from(quota) / WINDOW.as_nanos()
            } else {
                there / (WINDOW / quota).as_nanos().max(1)
            };
            let full_in = missing.as_secs() + u64::from(missing.subsec_nanos() > 0);
            Some(Left { is_work, quota, left: u64::try_from(left).unwrap_or(u64::MAX).min(quota.into()), full_in })
        };
        let requests = left(false, self.quotas.requests, buckets.requests);
        requests.into_iter().chain(left(true, self.quotas.work_seconds, buckets.work)).collect()
    }

    fn callers(&self) -> MutexGuard<'_, Callers> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much of the window is missing in a bucket that is full at `full_at`.
fn missing(full_at: Duration, now: Duration) -> Duration {
    full_at.saturating_sub(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(requests: u32, work_seconds: u32) -> Rates {
        let quotas = Quotas { requests: NonZeroU32::new(requests), work_seconds: NonZeroU32::new(work_seconds) };
        Rates::of(quotas).unwrap()
    }

    fn who(name: &str) -> Who {
        Who::Key(None, name.to_owned())
    }

    const fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_minute_of_requests_may_come_at_once_and_comes_again_evenly() {
        let (rates, greedy) = (rates(6, 0), who("greedy"));
        for _ in 0..6 {
            assert_eq!(rates.take(&greedy, true, at(1_000)), Ok(()));
        }
        // One in ten seconds comes again.
        let refused = Exceeded { is_work: false, quota: 6, retry_after: 10 };
        assert_eq!(rates.take(&greedy, true, at(1_000)), Err(refused));
        assert_eq!(rates.take(&greedy, true, at(1_001)), Err(refused), "what is refused is not counted");
        assert_eq!(rates.take(&who("modest"), true, at(1_001)), Ok(()), "another caller has a quota of its own");
        assert_eq!(rates.take(&greedy, true, at(10_999)).unwrap_err().retry_after, 1);
        assert_eq!(rates.take(&greedy, true, at(11_000)), Ok(()), "as it was told");
        assert_eq!(rates.take(&greedy, true, at(11_000)).unwrap_err().retry_after, 10);
        assert_eq!(rates.take(&greedy, true, at(600_000)), Ok(()));
        assert_eq!(rates.left(&greedy, at(600_000))[0].left, 5, "a long silence fills no more than a minute");
    }

    #[test]
    fn a_quota_that_does_not_divide_the_minute_is_given_whole() {
        for quota in [1, 7, 59, 61, 999, 1_000_000] {
            let (rates, caller) = (rates(quota, 0), who("all of it"));
            let passed = (0..=quota).take_while(|_| rates.take(&caller, false, at(5)).is_ok()).count();
            assert_eq!(passed, quota as usize);
        }
    }

    #[test]
    fn computing_is_charged_when_it_was_done_and_stops_only_what_computes() {
        let (rates, caller) = (rates(0, 30), who("analyst"));
        assert_eq!(rates.take(&caller, true, at(0)), Ok(()));
        // 45 s where 30 s in 60 s are allowed: 90 s until it is all there again, 30 s until some is.
        rates.charge(&caller, Duration::from_secs(45), at(0));
        let refused = Exceeded { is_work: true, quota: 30, retry_after: 31 };
        assert_eq!(rates.take(&caller, true, at(0)), Err(refused));
        assert_eq!(rates.take(&caller, false, at(0)), Ok(()), "what is stored can be read");
        assert_eq!(rates.left(&caller, at(0)), [Left { is_work: true, quota: 30, left: 0, full_in: 90 }]);
        assert_eq!(rates.take(&caller, true, at(30_000)).unwrap_err().retry_after, 1);
        assert_eq!(rates.take(&caller, true, at(31_000)), Ok(()), "as it was told");
        assert_eq!(rates.left(&caller, at(60_000)), [Left { is_work: true, quota: 30, left: 15, full_in: 30 }]);
    }

    #[test]
    fn both_families_of_headers_say_the_same() {
        let (rates, caller) = (rates(6, 30), who("analyst"));
        rates.take(&caller, true, at(0)).unwrap();
        rates.charge(&caller, Duration::from_secs(10), at(0));
        let told = |exceeded| {
            let mut headers = HeaderMap::new();
            rates.tell(&caller, exceeded, at(0), &mut headers);
            let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
            let older = ["limit", "remaining", "reset"].map(|last| text(&format!("x-ratelimit-{last}")));
            (text("ratelimit-policy"), text("ratelimit"), older.join(" "))
        };
        let (policy, state, older) = told(None);
        assert_eq!(policy, r#""requests";q=6;w=60, "work";q=30;w=60"#);
        assert_eq!(state, r#""requests";r=5;t=10, "work";r=20;t=20"#);
        assert_eq!(older, "6 5 10");
        assert_eq!(told(Some(Exceeded { is_work: true, quota: 30, retry_after: 1 })).2, "30 20 20");
    }

    #[test]
    fn an_address_is_a_caller_and_64_bits_of_ipv6_are_one() {
        let of = |text: &str| Who::at(Some(text.parse().unwrap()));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_room_and_frees_no_greedy_caller() {
        let (rates, greedy) = (rates(1, 0), who("greedy"));
        rates.take(&greedy, false, at(0)).unwrap();
        let mut passed = 0;
        for number in 0..100_000 {
            let address = IpAddr::from((0x0a00_0000_u32 + number).to_be_bytes());
            passed += usize::from(rates.take(&Who::at(Some(address)), false, at(0)).is_ok());
        }
        // Each of those there is room for, and one for all the others.
        assert_eq!(passed, MOST_CALLERS);
        assert_eq!(rates.callers().buckets.len(), MOST_CALLERS + 1);
        assert!(rates.take(&greedy, false, at(1_000)).is_err(), "it is not forgotten");
        // When their buckets are full again, they are forgotten.
        rates.take(&who("new"), false, at(61_000)).unwrap();
        assert_eq!(rates.callers().buckets.len(), 1);
    }

    #[test]
    fn without_a_quota_nothing_is_counted() {
        assert!(Rates::of(Quotas::default()).is_none());
    }
}
