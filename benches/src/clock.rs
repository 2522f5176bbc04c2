//! What a benchmark counts: time on the wall, or time on the processor.

use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BenchmarkGroup, Criterion, SamplingMode};

/// A clock chosen when the benchmark starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Time on the wall. The default.
    Wall,
    /// Processor time of all threads of the process: on a busy machine it leaves out the waiting, and where threads
    /// share the work it is the sum of theirs.
    Cpu,
}

/// When a measurement started.
#[derive(Debug)]
pub enum Start {
    /// On the wall clock.
    Wall(Instant),
    /// On the process's own clock.
    Cpu(ProcessTime),
}

impl Clock {
    /// The clock that `BENCH_CLOCK` names: `cpu`, or the wall clock for anything else.
    #[must_use]
    pub fn from_environment() -> Self {
        if std::env::var("BENCH_CLOCK").is_ok_and(|name| name == "cpu") { Self::Cpu } else { Self::Wall }
    }
}

impl Measurement for Clock {
    type Intermediate = Start;
    type Value = Duration;

    fn start(&self) -> Start {
        match self {
            Self::Wall => Start::Wall(Instant::now()),
            Self::Cpu => Start::Cpu(ProcessTime::now()),
        }
    }

    fn end(&self, start: Start) -> Duration {
        match start {
            Start::Wall(start) => start.elapsed(),
            Start::Cpu(start) => start.elapsed(),
        }
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// Sets how the cases of a book are sampled, by the number of its assets: those of thousands of assets in few calls, so
/// that each of them ends within a minute.
pub fn sample_for(group: &mut BenchmarkGroup<'_, Clock>, assets: usize) {
    let (samples, mode, warm_up, time) =
        if assets < 1_000 { (100, SamplingMode::Auto, 3, 5) } else { (10, SamplingMode::Flat, 1, 3) };
    group.sample_size(samples).sampling_mode(mode);
    group.warm_up_time(Duration::from_secs(warm_up)).measurement_time(Duration::from_secs(time));
}

/// Criterion with the clock of the environment.
#[must_use]
pub fn criterion() -> Criterion<Clock> {
    Criterion::default().with_measurement(Clock::from_environment())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_clock_stands_still_while_the_process_sleeps() {
        let pause = Duration::from_millis(200);
        let (wall, cpu) = (Clock::Wall.start(), Clock::Cpu.start());
        std::thread::sleep(pause);
        assert!(Clock::Cpu.end(cpu) < pause);
        assert!(Clock::Wall.end(wall) >= pause);
    }
}
