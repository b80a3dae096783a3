# Everything that is done to this project. `make demo` and `make test` work on a bare machine with Rust and make.

CARGO ?= cargo
# Arguments for `make run`, such as: make run ARGS="analyze call.flac"; without any the app is opened.
ARGS ?=
# Folder with the measuring data for `make measure`.
HEARD_DATA ?= ../shared/data

# cargo-nextest runs tests faster and prints one line each; cargo does the same without it.
TEST = $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo "nextest run" || echo "test")

.PHONY: help setup demo basic-setup test basic rig-setup rig screen-setup windows pictures soak run bench bench-overlay measure accuracy train fmt lint core ci

help:
	@echo "make demo      analyse the bundled call and print its summary"
	@echo "make test      run the tests, those on private sound servers too"
	@echo "make basic     the tests of the recogniser that needs no model"
	@echo "make rig       the tests on private sound servers alone"
	@echo "make windows   the tests of the windows alone, on a screen of their own"
	@echo "make pictures  pictures of every state of every window, into docs/pictures"
	@echo "make soak      half an hour: ten minutes under load, and calls in real time"
	@echo "make run       run the program:      make run ARGS=\"analyze call.flac\""
	@echo "make bench     time the pipeline beside the naive chain"
	@echo "make measure   score against bars:   make measure HEARD_DATA=folder"
	@echo "make accuracy  word error rate:      make accuracy MODEL=file"
	@echo "make train     make the cue weights: make train HEARD_DATA=folder"
	@echo "make ci        what CI runs"

# Rust needs a C compiler to link with, the recogniser cmake and a C++ compiler, and Linux's sound library to build against.
setup:
	@{ command -v cc && command -v c++ && command -v cmake \
	  && { [ "$$(uname)" != Linux ] || { command -v pkg-config && pkg-config --exists alsa; }; }; } >/dev/null 2>&1 || { \
	  if command -v apt-get >/dev/null 2>&1; then \
	    root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	    $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends \
	      gcc g++ cmake make libc6-dev pkg-config libasound2-dev; \
	  else false; fi || { \
	    echo "A C or C++ compiler, cmake or ALSA's headers are missing. Install them: Debian/Ubuntu: apt install gcc g++ cmake" \
	         "make libc6-dev pkg-config libasound2-dev; Fedora: dnf install gcc gcc-c++ cmake make pkgconf alsa-lib-devel;" \
	         "macOS: xcode-select --install and cmake; Windows: Visual Studio Build Tools with the C++ workload." >&2; exit 1; }; }

demo: setup basic-setup
	$(CARGO) run --release --locked --quiet -- demo
	@[ ! -f /usr/share/pocketsphinx/model/en-us/en-us.lm.bin ] \
	  || echo 'A recogniser that hears it itself, without a download: make run ARGS="demo --model basic"'

# The recogniser that needs no download, where the system has packages of it; the demo goes without if not.
basic-setup:
	@[ -n "$(BASIC)" ] || ! command -v apt-get >/dev/null 2>&1 || { \
	  root=$$([ "$$(id -u)" = 0 ] || echo "sudo -n"); \
	  { $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends \
	    libpocketsphinx3 pocketsphinx-en-us flite; } >/dev/null 2>&1 \
	  || echo "Without PocketSphinx: no words without a model."; }

# Its model, if installed.
BASIC = $(wildcard /usr/share/pocketsphinx/model/en-us/en-us.lm.bin)

# It and the voices that its tests are spoken by.
SPOKEN = $(and $(BASIC),$(shell command -v flite))

# The basic recogniser on voices rendered by flite.
basic: setup
	$(CARGO) test --release --locked --test suite -- --ignored --nocapture --test-threads=1 basic::

test: setup
	$(CARGO) $(TEST) --release --locked
	@$(MAKE) --no-print-directory rig-setup && $(MAKE) --no-print-directory rig \
	  || { [ -z "$(RIG_SERVERS)" ] && echo "NOT RUN: the tests on a sound server: no PipeWire and PulseAudio here"; }
	@$(MAKE) --no-print-directory screen-setup && $(MAKE) --no-print-directory windows \
	  || { [ -z "$(SCREEN)" ] && echo "NOT RUN: the tests of the windows: no Xvfb, openbox, xcompmgr, ImageMagick and xdotool here"; }
	@if [ -n "$(SPOKEN)" ]; then $(MAKE) --no-print-directory basic; \
	  else echo "NOT RUN: the tests of the basic recogniser: no PocketSphinx and flite here"; fi

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
	  rig:: --skip rig::calls::soak --skip rig::samples::soak --skip rig::samples::counting $(if $(SPOKEN),,--skip rig::exchange)
	@[ -n "$(SPOKEN)" ] || echo "NOT RUN: the spoken call: no PocketSphinx and flite here"

# Windows on a screen of their own.
SCREEN = $(shell command -v Xvfb && command -v openbox && command -v xcompmgr && command -v import && command -v xdotool && command -v xprop && command -v xmessage)

screen-setup:
	@[ -n "$(SCREEN)" ] || { command -v apt-get >/dev/null 2>&1 && { \
	  root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends \
	    xvfb openbox xcompmgr imagemagick xdotool x11-utils libgl1-mesa-dri libgl1 \
	    libxkbcommon-x11-0 libx11-xcb1 libxcursor1 libxi6; }; } >/dev/null

# Real windows, driven and looked at; HEARD_PICTURES=folder keeps what was seen.
windows: setup
	$(CARGO) test --release --locked --test suite -- --ignored --nocapture --test-threads=1 windows::

# Pictures of every state of every window, for the documentation.
pictures: setup screen-setup
	$(CARGO) build --release --locked --example pictures
	xvfb-run -a -s "-screen 0 1280x800x24 +extension GLX" $(CARGO) run --release --locked --quiet --example pictures -- docs/pictures

# Ten minutes under load, and the dev calls in real time.
soak: setup rig-setup
	HEARD_DATA="$(abspath $(HEARD_DATA))" $(CARGO) test --release --locked --test suite -- --ignored --nocapture --test-threads=1 rig::calls::soak rig::samples::soak

# Both programs: heard starts heard-fetch when a model is to be downloaded.
run: setup
	$(CARGO) build --release --locked --quiet --bins
	$(CARGO) run --release --locked --quiet -- $(ARGS)

bench: setup
	$(CARGO) bench --locked

# What the overlay's window costs, on a screen without a graphics card.
bench-overlay: setup screen-setup
	xvfb-run -a -s "-screen 0 1280x800x24 +extension GLX" $(CARGO) bench --locked --bench overlay

measure: setup
	@test -d "$(HEARD_DATA)" || { echo "make measure needs the measuring data: make measure HEARD_DATA=folder" >&2; exit 1; }
	HEARD_DATA="$(HEARD_DATA)" $(CARGO) test --release --locked --test suite -- --ignored --nocapture --test-threads=1 measure:: --skip word_error_rate

accuracy: setup
	@test -n "$(MODEL)" || { echo "make accuracy needs a model with weights: make accuracy MODEL=file" >&2; exit 1; }
	MODEL="$(abspath $(MODEL))" HEARD_DATA="$(HEARD_DATA)" $(CARGO) test --release --locked --test suite -- --ignored --nocapture word_error_rate

# The cue weights, from the freely licensed sets in HEARD_DATA/cues and our own in models/training: the same bytes each time.
train: setup
	@test -d "$(HEARD_DATA)/cues" || { echo "make train needs labelled sentences: make train HEARD_DATA=folder" >&2; exit 1; }
	$(CARGO) run --release --locked --quiet --no-default-features --features train --bin heard-train -- "$(HEARD_DATA)/cues" models/cues.weights

fmt:
	$(CARGO) fmt --check

lint: setup
	$(CARGO) clippy --release --locked --all-targets -- -D warnings

# The core alone: no files, no devices, no program.
core: setup
	$(CARGO) check --release --locked --lib --no-default-features

ci: fmt lint core test
	@if [ -d "$(HEARD_DATA)" ]; then $(MAKE) measure; else echo "NOT MEASURED: no data at $(HEARD_DATA)"; fi
