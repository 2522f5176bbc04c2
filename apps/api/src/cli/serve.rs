use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::thread::available_parallelism;

use tracing_subscriber::EnvFilter;

use super::{ServeArgs, fail};
use crate::startup::{Settings, run};

pub(super) fn serve(args: &ServeArgs) -> ExitCode {
    let filter = match EnvFilter::try_new(&args.log) {
        Ok(filter) => filter,
        Err(error) => return fail(2, &format!("cannot read the log filter: {error}")),
    };
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(io::stderr).init();

    let address = (args.address.host.as_str(), args.address.port);
    let listener = match TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) => return fail(1, &format!("cannot listen on {}:{}: {error}", address.0, address.1)),
    };
    let cores = available_parallelism().map_or(1, usize::from);
    let settings = Settings { workers: args.workers.map_or(cores, usize::from), queue: usize::from(args.queue) };
    let served = actix_web::rt::System::new().block_on(async {
        let bound = listener.local_addr()?;
        let server = run(listener, settings)?;
        // The address is for whoever started this; a closed standard output must not stop the service.
        let _ =
            writeln!(io::stdout(), "Smart Portfolio Rebalancer on http://{bound}  (API browser: http://{bound}/docs/)");
        server.await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(1, &format!("the service failed: {error}")),
    }
}
