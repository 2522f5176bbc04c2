# make run     build the dashboard (needs npm; continues without it) and start the service (HOST, PORT; http://127.0.0.1:5000)
# make test    every gate the machine can run, and a list of what it skipped. CI=1: nothing is skipped
# make tools   install the Python and npm tools that some gates use, into .venv, tests/clients and tests/browser
# make bench   criterion benchmarks
# make bench-peers  time the risk report, the covariance, a backtest and the daily simulation against Python libraries (pinned, in
#             .cache/peers); PEERS=backtest: only policies replayed beside bt, vectorbt and skfolio, and the cases of a backtest that
#             have a goal; PEERS=simulation: only the simulation, beside numpy, numba and a plain program in Rust
# make sbom    write sbom.json: every crate that the service links (CycloneDX)
# make openapi rewrite openapi/openapi.json from the routes
# make crash-test  200 kills at random moments, on SQLite and on PostgreSQL
# make fuzz    schemathesis, FUZZ_EXAMPLES=2000 cases per operation unless set
.PHONY: run test tools bench bench-peers sbom openapi fuzz scenarios crash-test
.DEFAULT_GOAL := run

run:
	@apps/dashboard/build.sh || echo "the dashboard could not be built, see above; the API and /docs work without it" >&2
	cargo run --release

test:
	@tests/run.sh

tools:
	@tests/tools.sh

bench:
	cargo bench -p benches

bench-peers:
	benches/peers/run.sh $(PEERS)

sbom:
	python3 deploy/sbom.py > sbom.json

openapi:
	cargo build --quiet --workspace --bins
	$${CARGO_TARGET_DIR:-target}/debug/rebalancer openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

fuzz: tools
	cargo build --workspace --bins
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-2000} tests/with_server.sh tests/fuzz.sh

crash-test:
	cargo build --workspace --bins
	tests/crash.py --rounds 200
	tests/postgres.sh tests/crash.py --rounds 200

scenarios:
	python3 examples/build_scenarios.py
