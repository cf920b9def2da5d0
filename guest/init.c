// SPDX-License-Identifier: GPL-2.0
/*
 * /init of the guest: run every part, and shut down through the SBI.
 */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

struct part {
	const char *name;
	void (*run)(void);
};

static const struct part parts[] = {
	{ "cpus", cpus_are_online },
	{ "timers", timers_fire },
	{ "processes", processes_wake_each_other },
	{ "threads", threads_wake_each_other },
	{ "mappings", mappings_come_and_go },
	{ "code", code_is_rewritten },
	{ "counters", counters_count },
	{ "steal", steal_is_accounted },
	{ "disk", disk_keeps_data },
	{ NULL },
};

/* Of the guest that is moved, which does what two CPUs do for each other after each move. */
static const struct part moved_parts[] = {
	{ "counters", counters_count },
	{ "steal", steal_is_accounted },
	{ "moves", guest_moves },
	{ "disk", disk_keeps_data },
	{ NULL },
};

static void mount_at(const char *type, const char *target)
{
	mkdir(target, 0755);
	if (mount(type, target, type, 0, NULL) && errno != EBUSY)
		fail_errno(target);
}

/*
 * QEMU's virt machine also has a power-off register, and the kernel's driver for it comes before
 * the SBI. Unbound, the SBI's SRST is what is left. A kernel without that driver needs nothing.
 */
static void leave_power_off_to_the_sbi(void)
{
	static const char unbind[] = "/sys/bus/platform/drivers/syscon-poweroff/unbind";
	static const char device[] = "poweroff";
	int fd = open(unbind, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, device, strlen(device)) < 0)
		fail_errno(unbind);
	close(fd);
}

/* `guest.moves` is for scripts/run/migrate, `guest.hang`, a guest that never ends, for check-live. */
static int asked_to(const char *word)
{
	char line[4096] = "";
	int fd = open("/proc/cmdline", O_RDONLY);

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		fail_errno("/proc/cmdline");
	close(fd);
	return !!strstr(line, word);
}

static void run_parts(void)
{
	const struct part *part = asked_to("guest.moves") ? moved_parts : parts;

	for (; part->name; part++) {
		uint64_t start = now_ns();

		part->run();
		say("%s ok, %llu ms", part->name,
		    (unsigned long long)(now_ns() - start) / 1000000);
	}
	if (asked_to("guest.hang")) {
		say("hangs, as the command line asks");
		for (;;)
			pause();
	}
	exit(EXIT_SUCCESS);
}

/* The parts run in a child: the kernel logs each fault of process 1, even one that it handles. */
int main(int argc, char *argv[])
{
	pid_t child;
	int status;

	/* What perf runs. */
	if (argc == 3 && !strcmp(argv[1], "work"))
		return work(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "wake")) {
		processes_wake_each_other();
		return 0;
	}

	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("devtmpfs", "/dev");
	leave_power_off_to_the_sbi();

	child = fork();
	if (!child)
		run_parts();
	if (child < 0 || waitpid(child, &status, 0) != child)
		say("no process for the workload: %s", strerror(errno));
	else if (status)
		say("failed with status %#x", status);
	else
		say("all ok");
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
