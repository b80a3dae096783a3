# Everything that is done to this project. `make demo` and `make test` work on a bare machine with Rust and make.

CARGO ?= cargo
# Arguments for `make run`, such as: make run ARGS="analyze call.flac"
ARGS ?= --help
# Folder with the measuring data for `make measure`.
HEARD_DATA ?= ../shared/data

# cargo-nextest runs tests faster and prints one line each; cargo does the same without it.
TEST = $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo "nextest run" || echo "test")

.PHONY: help setup demo test rig-setup rig soak run bench measure fmt lint core ci

help:
	@echo "make demo      analyse the bundled call and print its summary"
	@echo "make test      run the tests, those on private sound servers too"
	@echo "make rig       the tests on private sound servers alone"
	@echo "make soak      half an hour: ten minutes under load, and calls in real time"
	@echo "make run       run the program:      make run ARGS=\"analyze call.flac\""
	@echo "make bench     time the pipeline beside the naive chain"
	@echo "make measure   score against bars:   make measure HEARD_DATA=folder"
	@echo "make ci        what CI runs"

# Rust needs a C compiler to link with, and Linux's sound library to build against.
setup:
	@{ command -v cc && { [ "$$(uname)" != Linux ] || { command -v pkg-config && pkg-config --exists alsa; }; }; } >/dev/null 2>&1 || { \
	  if command -v apt-get >/dev/null 2>&1; then \
	    root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	    $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends gcc libc6-dev pkg-config libasound2-dev; \
	  else false; fi || { \
	    echo "A C compiler or ALSA's headers are missing. Install them: Debian/Ubuntu: apt install gcc libc6-dev pkg-config" \
	         "libasound2-dev; Fedora: dnf install gcc pkgconf alsa-lib-devel;" \
	         "macOS: xcode-select --install; Windows: Visual Studio Build Tools with the C++ workload." >&2; exit 1; }; }

demo: setup
	$(CARGO) run --release --locked --quiet -- demo

test: setup
	$(CARGO) $(TEST) --release --locked
	@$(MAKE) --no-print-directory rig-setup && $(MAKE) --no-print-directory rig \
	  || { [ -z "$(RIG_SERVERS)" ] && echo "NOT RUN: the tests on a sound server: no PipeWire and PulseAudio here"; }

# Sound servers for the rig: each test starts its own, without a sound card.
RIG_SERVERS = $(shell command -v pipewire && command -v wireplumber && command -v pulseaudio && command -v paplay)

rig-setup:
	@[ -n "$(RIG_SERVERS)" ] || { command -v apt-get >/dev/null 2>&1 && { \
	  root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends \
	    pipewire pipewire-bin pipewire-pulse wireplumber dbus pulseaudio pulseaudio-utils; }; } >/dev/null

# The program on private sound servers, one after the other: they share two cores with what they measure.
rig: setup
	$(CARGO) test --release --locked --test suite -- --ignored --nocapture --test-threads=1 \
	  rig:: --skip rig::calls::soak --skip rig::samples::soak --skip rig::samples::counting

# Ten minutes under load, and the dev calls in real time.
soak: setup rig-setup
	HEARD_DATA="$(abspath $(HEARD_DATA))" $(CARGO) test --release --locked --test suite -- --ignored --nocapture --test-threads=1 rig::calls::soak rig::samples::soak

run: setup
	$(CARGO) run --release --locked --quiet -- $(ARGS)

bench: setup
	$(CARGO) bench --locked

measure: setup
	@test -d "$(HEARD_DATA)" || { echo "make measure needs the measuring data: make measure HEARD_DATA=folder" >&2; exit 1; }
	HEARD_DATA="$(HEARD_DATA)" $(CARGO) test --release --locked --test suite -- --ignored --nocapture --test-threads=1 measure::

fmt:
	$(CARGO) fmt --check

lint: setup
	$(CARGO) clippy --release --locked --all-targets -- -D warnings

# The core alone: no files, no devices, no program.
core: setup
	$(CARGO) check --release --locked --lib --no-default-features

ci: fmt lint core test
	@if [ -d "$(HEARD_DATA)" ]; then $(MAKE) measure; else echo "NOT MEASURED: no data at $(HEARD_DATA)"; fi
