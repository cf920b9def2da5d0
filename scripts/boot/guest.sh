# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What every /init here shares. Runs in the booted kernel under busybox; sourced, never run.

export PATH=/bin:/sbin HOME=/tmp

# start: perf's hooks where a boot has them, and the file systems that the tests and a person at the
# console look at.
start() {
	# In boots that use perf on more than one hart: this comes back as /init once more.
	if [ -x /bin/perf_hooks ] && [ -z "${PERF_HOOKS:-}" ]; then
		export PERF_HOOKS=kept
		exec perf_hooks "$0"
	fi
	/bin/busybox mkdir -p /dev /proc /sys /tmp /sbin
	/bin/busybox --install -s /bin
	mount -t devtmpfs dev /dev 2>/dev/null
	mount -t proc proc /proc
	mount -t sysfs sys /sys
	mount -t debugfs debug /sys/kernel/debug
	mount -t tracefs trace /sys/kernel/tracing
	mount -t tmpfs tmp /tmp
	mkdir -p /dev/shm /dev/pts
	mount -t tmpfs shm /dev/shm
	mount -t devpts pts /dev/pts
}

# say TEXT: one whole line on the console, through the kernel log so that no other line cuts it.
say() {
	echo "<4>kvm-riscv-rs: $*" >/dev/kmsg
}

# finish STATUS: tell the launcher how it went, and power off.
finish() {
	sync
	say "exit $1"
	poweroff -f
	sleep 60
}
