//! The kill switch from the command line: it needs the records and no service.

use std::process::ExitCode;

use clap::Args;
use engine::context::OPERATOR;
use engine::control::halts::step_on;
use engine::decode::decode;
use engine::dto::controls::HaltRequest;
use governance::ControlDeed;

use super::output::{fail, print};
use super::records::{TenantArgs, with_store_to_write};
use crate::http::caller::Caller;

#[derive(Debug, Args)]
pub(super) struct HaltArgs {
    #[command(flatten)]
    records: TenantArgs,
    /// What is halted: all, actor:NAME, or reference:TEXT for plans with this client_reference
    #[arg(long, default_value = "all")]
    scope: String,
    /// Why: it is kept in the audit trail
    #[arg(long)]
    reason: String,
}

pub(super) fn halt(args: &HaltArgs) -> ExitCode {
    step(args, ControlDeed::Halted)
}

pub(super) fn resume(args: &HaltArgs) -> ExitCode {
    step(args, ControlDeed::Resumed)
}

fn step(args: &HaltArgs, deed: ControlDeed) -> ExitCode {
    let body = serde_json::json!({"scope": args.scope, "reason": args.reason}).to_string();
    let request: HaltRequest = match decode(body.as_bytes()) {
        Ok(request) => request,
        Err(faults) => {
            let told: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.place(), fault.detail)).collect();
            return fail(2, &told.join("; "));
        }
    };
    with_store_to_write(&args.records.settings(), async |store| {
        let caller = Caller::local(OPERATOR, "halt");
        Ok(match step_on(store, &caller.actor, &caller.context, request, deed).await {
            Ok(list) => match serde_json::to_string(&list.halts) {
                Ok(text) => print(&format!("{text}\n")),
                Err(error) => fail(1, &error.to_string()),
            },
            Err(refusal) => fail(1, &refusal.to_string()),
        })
    })
}
