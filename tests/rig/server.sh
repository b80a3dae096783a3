#!/bin/sh
# A private sound server without a sound card, for the time of one command:
#   tests/rig/server.sh pipewire|pulseaudio COMMAND...
# Two null sinks stand for the devices: what is played into `mic` is heard by its monitor, the default source; what is played
# into `system`, the default sink, is what the computer plays. A server of the user's own is neither used nor touched.
# RIG_RATE sets the sample rate of both, RIG_CHANNELS the channels of `system`.
set -eu

kind=${1:?usage: server.sh pipewire|pulseaudio COMMAND...}
shift
rate=${RIG_RATE:-48000}
home=$(mktemp -d)
mkdir -p "$home/run/pulse" "$home/config/pulse" "$home/state"
chmod 700 "$home/run"
export XDG_RUNTIME_DIR="$home/run" XDG_CONFIG_HOME="$home/config" XDG_STATE_HOME="$home/state"
export PULSE_SERVER="unix:$home/run/pulse/native" HEARD_RIG="$home"
unset DBUS_SESSION_BUS_ADDRESS PULSE_RUNTIME_PATH PIPEWIRE_REMOTE || true

server=
stop() {
    # The server's own process group, so that nothing of it stays behind.
    if [ -n "$server" ]; then kill -s TERM -- "-$server" 2>/dev/null || true; fi
    rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT TERM

case $kind in
pipewire)
    # wireplumber leaves without a session bus, and then nothing is linked.
    setsid dbus-run-session -- sh -c 'pipewire & sleep 0.3; wireplumber & sleep 0.3; exec pipewire-pulse' >"$home/log" 2>&1 &
    ;;
pulseaudio)
    printf 'load-module module-native-protocol-unix auth-anonymous=1 socket=%s\n' "$home/run/pulse/native" >"$home/script"
    setsid pulseaudio -n -F "$home/script" --daemonize=no --exit-idle-time=-1 --disallow-exit --use-pid-file=no \
        >"$home/log" 2>&1 &
    ;;
*)
    echo "server.sh: no server is called $kind; choose pipewire or pulseaudio" >&2
    exit 2
    ;;
esac
server=$!

tries=0
until pactl info >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ]; then
        echo "server.sh: $kind does not answer; its last words:" >&2
        tail -n 5 "$home/log" >&2
        exit 1
    fi
    sleep 0.1
done
pactl load-module module-null-sink sink_name=mic rate="$rate" channels=1 channel_map=mono \
    sink_properties=device.description=Desk >/dev/null
pactl load-module module-null-sink sink_name=system rate="$rate" channels="${RIG_CHANNELS:-2}" \
    sink_properties=device.description=Speakers >/dev/null
# The session's own manager may still be choosing.
tries=0
until pactl set-default-sink system && pactl set-default-source mic.monitor; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || exit 1
    sleep 0.1
done 2>/dev/null

"$@"
