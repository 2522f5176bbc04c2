//! Bounded capacity for computations.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use portfolio_core::interrupt::Interrupt;
use stress::Stop;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::backlog::Backlog;
use crate::meter::{self, Running};
use crate::refusal::Refusal;
use crate::surroundings::Surroundings;

/// Room for computations that would hold up the async threads: a bounded number at work, a bounded number waiting.
#[derive(Debug)]
pub struct Compute {
    places: Arc<Semaphore>,
    max_at_work: usize,
    waiting: AtomicUsize,
    max_waiting: usize,
    longest_wait: Duration,
    backlog: Option<Arc<Backlog>>,
}

/// Why a computation gave no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum ComputeError {
    /// All places, working and waiting, are taken, or none became free in time.
    Busy,
    /// The computation failed a check of its own.
    Failed,
}

/// Whoever waits longer than this for a place is refused, unless another time is set.
pub const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Work of at most this many units runs where it is: handing it over would cost more than doing it.
const INLINE_WORK: u64 = 100_000;

impl Compute {
    /// `places` computations at once, `max_waiting` more in line.
    #[must_use]
    pub fn new(places: usize, max_waiting: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            max_at_work: places,
            waiting: AtomicUsize::new(0),
            max_waiting,
            longest_wait: LONGEST_WAIT,
            backlog: None,
        }
    }

    /// Measures by the clock of `surroundings` how long computations have a place, so that whoever is refused is told when there should be room.
    #[must_use]
    pub fn timed(self, surroundings: Arc<dyn Surroundings>) -> Self {
        Self { backlog: Some(Backlog::new(surroundings)), ..self }
    }

    /// Refuses whoever waits longer than this for a place.
    #[must_use]
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self { longest_wait, ..self }
    }

    /// Computations that are at work on places.
    #[must_use]
    pub fn at_work(&self) -> usize {
        self.max_at_work - self.places.available_permits()
    }

    /// Computations that wait for a place.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whole seconds after which the computations that are at work and in line now should be done: at least 1, and at most the longest wait, after
    /// which everybody in line was served or refused. 1 without a clock ([`Compute::timed`]).
    #[must_use]
    pub fn retry_after(&self) -> u64 {
        let cleared = self.backlog.as_ref().map(|backlog| backlog.cleared_in(self.waiting(), self.max_at_work));
        whole_seconds(cleared.unwrap_or_default().min(self.longest_wait))
    }

    /// Runs `job` inline when it is small, on a blocking thread otherwise.
    ///
    /// When this future is dropped nobody waits for the answer any more: a job on a blocking thread ends at its next [`checkpoint`], and gives its
    /// place back then.
    ///
    /// [`checkpoint`]: portfolio_core::interrupt::checkpoint
    ///
    /// `work`: rough number of elementary steps (tens of nanoseconds each).
    ///
    /// # Errors
    /// [`ComputeError::Busy`] when the line is full or the wait too long, [`ComputeError::Failed`] when the job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: u64,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        if work <= INLINE_WORK {
            return catch_unwind(AssertUnwindSafe(job)).map_err(|_| ComputeError::Failed);
        }
        let place = match self.places.clone().try_acquire_owned() {
            Ok(place) => place,
            Err(_) => {
                let _line = self.queue()?;
                let free = timeout(self.longest_wait, self.places.clone().acquire_owned()).await;
                free.ok().and_then(Result::ok).ok_or(ComputeError::Busy)?
            }
        };
        let (awaited, meter) = (Awaited(Interrupt::new()), meter::current());
        let signal = awaited.0.clone();
        let backlog = self.backlog.as_ref().map(Backlog::begin);
        let placed = move || {
            let (_place, _backlog, _running) = (place, backlog, Running::on(meter));
            catch_unwind(AssertUnwindSafe(|| signal.over(job)))
        };
        spawn_blocking(placed).await.ok().and_then(Result::ok).and_then(Result::ok).ok_or(ComputeError::Failed)
    }

    /// As [`Compute::run`], for a job that may refuse its request.
    ///
    /// # Errors
    /// The job's own refusal, [`Refusal::Busy`] with [`Compute::retry_after`], or [`Refusal::Internal`].
    pub async fn answer<T: Send + 'static>(
        &self,
        work: u64,
        job: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        match self.run(work, job).await {
            Ok(answered) => answered,
            Err(ComputeError::Busy) => Err(Refusal::Busy { retry_after: self.retry_after() }),
            Err(ComputeError::Failed) => Err(Refusal::Internal),
        }
    }

    /// As [`Compute::answer`], for a job that has to look at the signal itself, because its work is shared out to threads without checkpoints.
    ///
    /// # Errors
    /// As [`Compute::answer`].
    pub async fn answer_until<T: Send + 'static>(
        &self,
        work: u64,
        job: impl FnOnce(&Stop) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.answer(work, move || job(&Interrupt::current().map_or_else(Stop::never, Stop::of))).await
    }

    fn queue(&self) -> Result<Queued<'_>, ComputeError> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.max_waiting {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(ComputeError::Busy);
        }
        Ok(Queued(&self.waiting))
    }
}

/// Whole seconds that are not shorter, at least 1.
fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0)).max(1)
}

/// An answer that somebody waits for; its job is ended when nobody does.
struct Awaited(Interrupt);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.raise();
    }
}

/// A place in line, given back when its holder stops waiting for any reason.
struct Queued<'a>(&'a AtomicUsize);

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use tokio::task::JoinHandle;

    use super::*;

    /// Takes the only place, until what is returned says that it may end.
    async fn taken(compute: &Arc<Compute>) -> (Sender<()>, JoinHandle<Result<bool, ComputeError>>) {
        let (release, wait) = channel::<()>();
        let slow = {
            let compute = compute.clone();
            tokio::spawn(async move { compute.run(u64::MAX, move || wait.recv().is_ok()).await })
        };
        while compute.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        (release, slow)
    }

    #[tokio::test]
    async fn a_full_house_refuses_and_recovers() {
        let compute = Arc::new(Compute::new(1, 1));
        let (release, slow) = taken(&compute).await;
        let queued = {
            let compute = compute.clone();
            tokio::spawn(async move { compute.run(u64::MAX, || 2).await })
        };
        while compute.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(compute.run(u64::MAX, || 3).await, Err(ComputeError::Busy));
        assert_eq!(compute.run(1, || 4).await, Ok(4), "small work needs no place");
        release.send(()).unwrap();
        assert_eq!(slow.await.unwrap(), Ok(true));
        assert_eq!(queued.await.unwrap(), Ok(2));
        assert_eq!(compute.run(u64::MAX, || 5).await, Ok(5));
    }

    #[test]
    fn a_refusal_names_whole_seconds() {
        for (millis, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (29_500, 30)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds, "{millis} ms");
        }
        assert_eq!(Compute::new(1, 1).retry_after(), 1, "without a clock");
    }

    #[tokio::test]
    async fn a_simulation_that_nobody_waits_for_ends_within_a_tenth_of_a_second() {
        let compute = Arc::new(Compute::new(1, 0));
        let (begun, begins) = tokio::sync::oneshot::channel();
        let abandoned = {
            let compute = compute.clone();
            // Minutes of work if nobody stopped it: two million paths of ten thousand days.
            let job = move |stop: &Stop| {
                let _gone = begun.send(());
                let law = stress::PortfolioLaw::new(0.05, 0.1, 252.0).unwrap();
                let options = stress::SimulationOptions {
                    paths: 2_000_000,
                    horizon_days: 10_000,
                    path_statistics: true,
                    ..Default::default()
                };
                stress::simulate_until(law, &options, stop).map(drop).map_err(|_| Refusal::Internal)
            };
            tokio::spawn(async move { compute.answer_until(u64::MAX, job).await })
        };
        begins.await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        assert_eq!(compute.places.available_permits(), 0, "it is at work");
        let told = tokio::time::Instant::now();
        abandoned.abort();
        while compute.places.available_permits() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        // A tenth of a second of its own; the rest is room for a machine that does other things too.
        let took = told.elapsed();
        assert!(took.as_millis() < 1_000, "{took:?}");
    }

    #[tokio::test]
    async fn who_waits_too_long_is_refused_and_leaves_the_line() {
        let compute = Arc::new(Compute::new(1, 1).longest_wait(Duration::from_millis(20)));
        let (release, slow) = taken(&compute).await;
        assert_eq!(compute.run(u64::MAX, || 2).await, Err(ComputeError::Busy));
        assert_eq!((compute.at_work(), compute.waiting()), (1, 0));
        release.send(()).unwrap();
        assert_eq!(slow.await.unwrap(), Ok(true));
        assert_eq!(compute.run(u64::MAX, || 3).await, Ok(3));
    }

    #[tokio::test]
    async fn who_leaves_the_line_leaves_a_place_in_it_and_no_work() {
        let compute = Arc::new(Compute::new(1, 1));
        let (release, slow) = taken(&compute).await;
        let has_run = Arc::new(AtomicUsize::new(0));
        for _ in 0..3 {
            let queued = {
                let (compute, has_run) = (compute.clone(), has_run.clone());
                tokio::spawn(
                    async move { compute.run(u64::MAX, move || has_run.fetch_add(1, Ordering::Relaxed)).await },
                )
            };
            while compute.waiting.load(Ordering::Relaxed) == 0 {
                tokio::task::yield_now().await;
            }
            assert_eq!((compute.at_work(), compute.waiting()), (1, 1));
            queued.abort();
            assert!(queued.await.unwrap_err().is_cancelled());
            assert_eq!((compute.at_work(), compute.waiting()), (1, 0));
        }
        release.send(()).unwrap();
        assert_eq!(slow.await.unwrap(), Ok(true));
        assert_eq!(compute.run(u64::MAX, || 2).await, Ok(2));
        assert_eq!(has_run.load(Ordering::Relaxed), 0, "nobody waited for it");
    }

    #[tokio::test]
    async fn a_job_that_nobody_waits_for_ends_at_its_next_checkpoint() {
        let compute = Arc::new(Compute::new(1, 0));
        let (begun, begins) = tokio::sync::oneshot::channel();
        let abandoned = {
            let compute = compute.clone();
            let job = move || {
                let _gone = begun.send(());
                loop {
                    portfolio_core::interrupt::checkpoint();
                    std::thread::sleep(Duration::from_millis(1));
                }
            };
            tokio::spawn(async move { compute.run::<()>(u64::MAX, job).await })
        };
        begins.await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(compute.at_work(), 1, "as long as somebody waits it goes on");
        let left = tokio::time::Instant::now();
        abandoned.abort();
        while compute.at_work() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // A millisecond of its own; the rest is room for a machine that does other things too.
        assert!(left.elapsed() < Duration::from_secs(1), "{:?}", left.elapsed());
        assert_eq!(compute.run(u64::MAX, || 2).await, Ok(2), "and its signal ends nothing else");
    }

    #[tokio::test]
    async fn a_job_without_checkpoints_that_nobody_waits_for_keeps_its_place_until_it_ends() {
        let compute = Arc::new(Compute::new(1, 0));
        let (release, wait) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let abandoned = {
            let compute = compute.clone();
            let job = move || {
                let _gone = begun.send(());
                wait.recv().is_ok()
            };
            tokio::spawn(async move { compute.run(u64::MAX, job).await })
        };
        begins.await.unwrap();
        abandoned.abort();
        assert!(abandoned.await.unwrap_err().is_cancelled());
        assert_eq!(compute.run(u64::MAX, || 1).await, Err(ComputeError::Busy), "its thread is still at work");
        release.send(()).unwrap();
        while compute.places.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(compute.run(u64::MAX, || 2).await, Ok(2));
    }
}
