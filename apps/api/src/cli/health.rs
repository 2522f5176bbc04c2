//! Asks a running service for its health.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use super::output::{fail, print};
use super::serve::AddressArgs;

const TIMEOUT: Duration = Duration::from_secs(3);

pub(super) fn health(args: &AddressArgs) -> ExitCode {
    // A service that listens on every address is reached on loopback.
    let host = match args.host.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "::" | "[::]" => "::1",
        host => host,
    };
    match ask(host, args.port) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => print("ok\n"),
        Ok(_) => fail(1, "the service is not well"),
        Err(error) => fail(1, &format!("no answer from {host}:{}: {error}", args.port)),
    }
}

fn ask(host: &str, port: u16) -> std::io::Result<String> {
    let address = (host, port).to_socket_addrs()?.next().ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    write!(stream, "GET /api/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
