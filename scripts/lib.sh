# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script here shares: where things are, how progress and failure are said, and how a
# thing is made so that an interruption leaves nothing half-made behind. Sourced, never run.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD:-$top/build}
out=$build/out
logs=$build/log
linux=${LINUX:-$build/linux}
tree=$build/tree
mkdir -p "$out" "$logs"

# die MESSAGE...: one exact sentence on standard error, and out.
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# note MESSAGE...: progress that a person wants to see.
note() {
	printf '  %-9s %s\n' "${step_name:-}" "$*"
}

# step NAME DESCRIPTION LOG COMMAND...: run a long command quietly. Says what it does, how long it
# took, and on failure where the log is and its last lines. On a terminal a clock runs meanwhile.
step() {
	local name=$1 what=$2 log=$3 start=$SECONDS pid clock='' rc=0
	shift 3
	mkdir -p "$(dirname "$log")"
	printf '  %-9s %s\n' "$name" "$what"
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
	if [ -t 1 ]; then
		(while sleep 1; do printf '\r  %9s %d:%02d ' '' $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60)); done) &
		clock=$!
	fi
	wait "$pid" || rc=$?
	trap - INT TERM
	[ -z "$clock" ] || { kill "$clock" 2>/dev/null; wait "$clock" 2>/dev/null || :; printf '\r'; }
	if [ "$rc" -ne 0 ]; then
		printf '  %-9s failed after %ds; the end of %s:\n' "$name" $((SECONDS - start)) "$log" >&2
		tail -n "${STEP_TAIL:-15}" "$log" | sed 's/^/    | /' >&2
		return "$rc"
	fi
	[ $((SECONDS - start)) -lt 5 ] || printf '  %-9s done in %d:%02d\n' "$name" $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60))
}

# tools: put the tools that `make setup` found or installed on PATH (see scripts/setup/tools.sh).
tools() {
	[ -f "$build/tools.env" ] || die "no tools yet: run 'make setup'"
	# shellcheck disable=SC1091
	. "$build/tools.env"
}

# replace DIR_OR_FILE NEW: NEW takes the place of DIR_OR_FILE in one rename, after it is complete.
replace() {
	rm -rf "$1.old"
	[ ! -e "$1" ] || mv "$1" "$1.old"
	mv "$2" "$1"
	rm -rf "$1.old"
}

# inputs PATH...: one checksum for the content of these files and folders.
inputs() {
	find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# up_to_date STAMP SUM: whether the step of this stamp was last completed with these inputs.
up_to_date() {
	[ -f "$1" ] && [ "$(cat "$1")" = "$2" ]
}

# say_if_changed FILE: replace FILE by standard input only where the text differs, so that what
# depends on FILE is made again only then.
say_if_changed() {
	local tmp
	tmp=$(mktemp "$1.XXXXXX")
	cat >"$tmp"
	if cmp -s "$tmp" "$1"; then rm -f "$tmp"; else mv "$tmp" "$1"; fi
}
