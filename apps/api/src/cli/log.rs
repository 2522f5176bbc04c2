//! The log: JSON lines on standard error. A line that cannot be written is lost and stops nothing.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;

/// Writes what `filter` lets pass to standard error.
///
/// The subscriber reports a failed write by printing to standard error, which panics when it fails too: a full disk or a reader that
/// is gone would end whatever wrote a line.
pub(super) fn to_standard_error(filter: EnvFilter) {
    tracing_subscriber::fmt()
        .json()
        .log_internal_errors(false)
        .with_env_filter(filter)
        .with_writer(|| Lossy(io::stderr()))
        .init();
}

/// A writer whose writes always succeed.
struct Lossy<W>(W);

impl<W: Write> Write for Lossy<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // In one piece: what follows a part that could not be written would make no line.
        let _lost = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _lost = self.0.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_written_is_no_error() {
        // Five bytes of room.
        let mut room = [0_u8; 5];
        let mut log = Lossy(&mut room[..]);
        assert_eq!(log.write(b"a line that is too long\n").unwrap(), 24);
        assert_eq!(log.write(b"another\n").unwrap(), 8);
        log.flush().unwrap();
    }
}
