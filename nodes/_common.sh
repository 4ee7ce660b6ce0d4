# shellcheck shell=bash
# Copyright: (c) 2026, Hostel contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What all the scripts of this folder share: where the state lies, how they speak, how podman is called.
# Sourced, never run.

NODES_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Keys and the cache of Debian packages. Ignored by git; removed by "make demo-down".
NODES_STATE=${HOSTEL_NODES_STATE:-$(dirname "$NODES_DIR")/.cache/nodes}
NODES_KEY=$NODES_STATE/id_ed25519
# shellcheck disable=SC2034  # used by the scripts that source this file
NODES_IMAGE=localhost/hostel-node NODES_NETWORK=hostel-nodes

# podman 5 prints a warning at every call on cgroup v1; the nodes are made to work there.
export PODMAN_IGNORE_CGROUPSV1_WARNING=1

say() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
    say "$*"
    exit 1
}

need_root() {
    [ "$(id -u)" -eq 0 ] || die "must run as root: nodes are privileged containers with a systemd of their own"
}

# Options of the host's apt that decide whether a mirror can be reached at all: proxies, validity of old snapshots.
apt_options() {
    apt-config dump | grep -E '^Acquire::(https?::(Proxy|Verify|CaInfo)|Check-Valid-Until|Check-Date)' || true
}

# The key that opens every node of this checkout. Nodes may be started side by side: the first one makes it.
ensure_key() {
    [ -f "$NODES_KEY.pub" ] && return
    mkdir -p "$NODES_STATE"
    (
        flock 9
        [ -f "$NODES_KEY.pub" ] || ssh-keygen -q -t ed25519 -N '' -C hostel-nodes -f "$NODES_KEY"
    ) 9>"$NODES_STATE/lock"
}
