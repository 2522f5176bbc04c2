//! How the limits on what clients may hold are configured, and how the service makes room for them.

use std::time::Duration;

use clap::Args;
use engine::compute::LONGEST_WAIT;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::http::totals::Limits;

/// Files that the service has open beside connections: records, logs, listeners, pipes.
const OTHER_FILES: u64 = 64;

#[derive(Debug, Clone, Args)]
pub(super) struct LimitArgs {
    /// Connections that requests are answered on; a quarter more is answered 503, beyond that they are closed
    #[arg(long, env = "REBALANCER_MAX_CONNECTIONS", default_value_t = 2048, value_parser = clap::value_parser!(u32).range(8..=1_000_000))]
    max_connections: u32,
    /// MiB of request bodies that have arrived and are not done with, of all clients together
    #[arg(long, env = "REBALANCER_BODIES_MIB", default_value_t = 128, value_parser = clap::value_parser!(u32).range(8..=1_000_000))]
    bodies_mib: u32,
    /// MiB of answers that have not been sent, of all clients together
    #[arg(long, env = "REBALANCER_ANSWERS_MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(8..=1_000_000))]
    answers_mib: u32,
    /// Streams of events, of all clients together
    #[arg(long, env = "REBALANCER_EVENT_STREAMS", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    event_streams: u32,
    /// Seconds within which a client must send, or take, 64 KiB or all there is; otherwise it is cut off
    #[arg(long, env = "REBALANCER_STALL_SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    stall_seconds: u32,
    /// Seconds that a request may wait for a place among the computations before it is answered 503
    #[arg(long, env = "REBALANCER_QUEUE_SECONDS", default_value_t = LONGEST_WAIT.as_secs(), value_parser = clap::value_parser!(u64).range(1..=600))]
    queue_seconds: u64,
}

impl LimitArgs {
    /// The limits, with the open files that they need; of connections no more than the process may have open files.
    pub(super) fn limits(&self) -> Limits {
        const MIB: usize = 1024 * 1024;
        let connections = within_open_files(self.max_connections.into(), raise_open_files(self.max_connections.into()));
        if connections < self.max_connections.into() {
            tracing::warn!(
                connections,
                "fewer connections than asked for: the process may not have so many open files"
            );
        }
        Limits {
            connections: usize::try_from(connections).unwrap_or(usize::MAX),
            body_bytes: self.bodies_mib as usize * MIB,
            answer_bytes: self.answers_mib as usize * MIB,
            event_streams: self.event_streams as usize,
            stall: Duration::from_secs(self.stall_seconds.into()),
            line: Duration::from_secs(self.queue_seconds),
        }
    }
}

/// As many of `wanted` connections as fit, with the quarter more that is refused, into `files` open files; `None`: there is no limit.
fn within_open_files(wanted: u64, files: Option<u64>) -> u64 {
    files.map_or(wanted, |files| wanted.min(files.saturating_sub(OTHER_FILES) / 5 * 4).max(8))
}

/// Lets the process have the open files that so many connections need, as far as the system allows: a shell starts it with 1,024 of
/// often a million. How many it may have then; `None`: there is no limit.
fn raise_open_files(connections: u64) -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let needed = connections + connections.div_ceil(4) + OTHER_FILES;
    let raised = maximum.map_or(needed, |maximum| maximum.min(needed));
    match current {
        // Where that is refused, there are fewer connections.
        Some(current) if current < raised => setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum })
            .map_or(Some(current), |()| Some(raised)),
        current => current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_and_those_that_are_refused_fit_into_the_open_files() {
        assert_eq!(within_open_files(2048, None), 2048);
        assert_eq!(within_open_files(2048, Some(1_000_000)), 2048);
        assert_eq!(within_open_files(2048, Some(2048 + 512 + OTHER_FILES)), 2048);
        assert_eq!(within_open_files(2048, Some(1024)), 768);
        assert_eq!(within_open_files(2048, Some(10)), 8);
    }
}
