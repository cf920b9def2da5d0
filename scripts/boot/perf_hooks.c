// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps perf's hooks in the kernel's scheduler, for as long as the kernel runs: an event of a
 * task, which counts nothing. Whatever stands on the command line is executed with its file
 * open: /init, for that is what is there to the end. The tests' own end with `kill -9 -1`.
 *
 * The kernel patches the hooks into its code when a task gets its first event, and out again
 * a second after the last event is gone. A hart of QEMU may go on with the code of before for
 * ever (docs/testing.md); perf then finds events of a task that it has not been told of, and
 * warns.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.disabled = 1,
	};

	if (argc < 2) {
		fprintf(stderr, "usage: perf_hooks PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) < 0)
		perror("perf_event_open: perf's hooks in the scheduler cannot be kept");
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}
