//! Asks a running service for its health, in the clear or through TLS.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, Stream};

use super::output::{fail, print};
use super::serve::AddressArgs;

const TIMEOUT: Duration = Duration::from_secs(3);
/// Most that is read of an answer.
const MAX_ANSWER: u64 = 64 * 1024;

#[derive(Debug, Clone, Args)]
pub(super) struct HealthArgs {
    #[command(flatten)]
    address: AddressArgs,
    /// The certificate file of the service: with one it is asked through TLS. The file is not read [default: none, in the clear]
    #[arg(long, env = "REBALANCER_TLS_CERT_FILE")]
    tls_cert_file: Option<PathBuf>,
}

pub(super) fn health(args: &HealthArgs) -> ExitCode {
    let AddressArgs { host, port } = &args.address;
    // A service that listens on every address is reached on loopback.
    let host = match host.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "::" | "[::]" => "::1",
        host => host,
    };
    match ask(host, *port, args.tls_cert_file.is_some()) {
        Ok(answer) if answer.starts_with("HTTP/1.1 200 ") => print("ok\n"),
        Ok(_) => fail(1, "the service is not well"),
        Err(error) => fail(1, &format!("no answer from {host}:{port}: {error}")),
    }
}

fn ask(host: &str, port: u16, through_tls: bool) -> io::Result<String> {
    let address = (host, port).to_socket_addrs()?.next().ok_or(ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    if !through_tls {
        return exchange(host, &mut stream);
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let mut session = ClientConnection::new(Arc::new(client()?), name).map_err(io::Error::other)?;
    exchange(host, &mut Stream::new(&mut session, &mut stream))
}

fn exchange(host: &str, line: &mut (impl Read + Write)) -> io::Result<String> {
    line.write_all(format!("GET /api/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())?;
    line.flush()?;
    let mut answer = Vec::new();
    match line.take(MAX_ANSWER).read_to_end(&mut answer) {
        // The service may close the connection without an end of TLS.
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => Err(error),
        _ => Ok(String::from_utf8_lossy(&answer).into_owned()),
    }
}

fn client() -> io::Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone());
    let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    let verifier = Arc::new(AnyCertificate(provider));
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// Takes every certificate whose key the other side has, as the probes of Kubernetes do: the service is asked at its address, which its
/// certificate does not name, whether it answers; nothing secret is sent, and nothing that is told is believed but that. A certificate that has
/// expired, or was renewed in its file since the start, is no reason to end the service.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
