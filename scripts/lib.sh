# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script here shares: where things are, how progress and failure are said, and how a
# thing is made so that an interruption leaves nothing half-made behind. Sourced, never run.

set -euo pipefail

# die MESSAGE...: one exact sentence on standard error, and out.
die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# absolute NAME PATH: the path from the root; make and the kernel's build take no blanks and colons.
absolute() {
	local path
	path=$(realpath -m -- "$2")
	case $path in
	*[[:space:]:]*) die "$1 is '$path': the kernel's build takes no path with a blank or a colon" ;;
	esac
	printf '%s' "$path"
}

top=$(absolute "this folder" "$(dirname "${BASH_SOURCE[0]}")/..")
build=$(absolute BUILD "${BUILD:-$top/build}")
linux=$(absolute LINUX "${LINUX:-$build/linux}")
tree=$build/tree
# VARIANT=debug: what is booted on the debug kernel, and what it came to, has a place of its own.
out=$build/out${VARIANT:+/$VARIANT}
logs=$build/log
stamps=$build/stamp${VARIANT:+/$VARIANT}
mkdir -p "$out" "$logs" "$stamps"

# note MESSAGE...: progress that a person wants to see.
note() {
	printf '  %-9s %s\n' '' "$*"
}

# step NAME DESCRIPTION LOG COMMAND...: run a long command quietly. Says what it does, how long it
# took, and on failure where the log is and its last lines; then it is the caller's turn. On a
# terminal a clock runs meanwhile.
step() {
	run_step "$@"
	return "$step_status"
}

# must NAME DESCRIPTION LOG FAILURE COMMAND...: the same, and out with the message FAILURE if it fails.
# Unlike after `step ... || ...`, a failure in the middle of a function ends it.
must() {
	local failure=$4
	run_step "${@:1:3}" "${@:5}"
	[ "$step_status" -eq 0 ] || die "$failure; the log is $3"
}

run_step() {
	local name=$1 what=$2 log=$3 start=$SECONDS pid clock=''
	shift 3
	mkdir -p "$(dirname "$log")"
	printf '  %-9s %s\n' "$name" "$what"
	# A process group of its own: nothing of it survives an interruption.
	set -m
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	set +m
	trap 'kill -- -"$pid" 2>/dev/null; [ -z "$clock" ] || kill "$clock" 2>/dev/null; exit 130' INT TERM HUP
	if [ -t 1 ]; then
		(while sleep 1; do printf '\r  %9s %d:%02d ' '' $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60)); done) &
		clock=$!
	fi
	step_status=0
	wait "$pid" || step_status=$?
	trap - INT TERM HUP
	[ -z "$clock" ] || { kill "$clock" 2>/dev/null; wait "$clock" 2>/dev/null || :; printf '\r'; }
	if [ "$step_status" -ne 0 ]; then
		# What failed first may be far above the end where several things are built at a time.
		grep -nE -m "${STEP_ERRORS:-5}" '(^|[^a-z_])(error|ERROR|fatal error)(\[E[0-9]+\])?: |: \*\*\* \[' "$log" |
			sed 's/^/    > /' >&2 || :
		printf '  %-9s failed after %ds; the end of %s:\n' "$name" $((SECONDS - start)) "$log" >&2
		tail -n "${STEP_TAIL:-15}" "$log" | sed 's/^/    | /' >&2
	elif [ $((SECONDS - start)) -ge 5 ]; then
		printf '  %-9s done in %d:%02d\n' "$name" $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60))
	fi
}

# tools: put the tools that `make setup` found or installed on PATH (see scripts/setup/tools).
tools() {
	[ -f "$build/tools.env" ] || die "no tools yet: run 'make setup'"
	# shellcheck disable=SC1091
	. "$build/tools.env"
}

# sources PATTERN...: our own files with these names, below the top folder, one a line.
sources() {
	local pattern names=()
	for pattern; do names+=(-o -name "$pattern"); done
	(cd "$top" && find . \( -path ./build -o -path ./target -o -path "$build" -o -path ./.git \) -prune -o \
		-type f \( "${names[@]:1}" \) -printf '%P\n') | LC_ALL=C sort
}

# replace DIR_OR_FILE NEW: NEW, which is complete, takes the place of DIR_OR_FILE.
replace() {
	rm -rf "$1.old"
	[ ! -e "$1" ] || mv -T "$1" "$1.old"
	mv -T "$2" "$1"
	rm -rf "$1.old"
}

# inputs PATH...: one checksum for the content of these files and folders.
inputs() {
	find -L "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# up_to_date STAMP SUM [PRODUCT...]: whether the step of this stamp was last completed with these
# inputs, and what it made is there.
up_to_date() {
	local product
	[ -f "$1" ] && [ "$(cat "$1")" = "$2" ] || return 1
	for product in "${@:3}"; do [ -e "$product" ] || return 1; done
}

# say_if_changed FILE: replace FILE by standard input only where the text differs, so that what
# depends on FILE is made again only then.
say_if_changed() {
	local tmp
	tmp=$(mktemp "$1.XXXXXX")
	cat >"$tmp"
	chmod 644 "$tmp"
	if cmp -s "$tmp" "$1"; then rm -f "$tmp"; else mv "$tmp" "$1"; fi
}
