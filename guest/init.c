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

static const struct {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "cpus", cpus_are_online },
	{ "timers", timers_fire },
	{ "processes", processes_wake_each_other },
	{ "threads", threads_wake_each_other },
	{ "mappings", mappings_come_and_go },
	{ "code", code_is_rewritten },
	{ "disk", disk_keeps_data },
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

/* scripts/run/check-live asks for a guest that never ends. */
static int asked_to_hang(void)
{
	char line[4096] = "";
	int fd = open("/proc/cmdline", O_RDONLY);

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		fail_errno("/proc/cmdline");
	close(fd);
	return !!strstr(line, "guest.hang");
}

static void run_parts(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		uint64_t start = now_ns();

		parts[i].run();
		say("%s ok, %llu ms", parts[i].name,
		    (unsigned long long)(now_ns() - start) / 1000000);
	}
	if (asked_to_hang()) {
		say("hangs, as the command line asks");
		for (;;)
			pause();
	}
	exit(EXIT_SUCCESS);
}

/* The parts run in a child: the kernel logs each fault of process 1, even one that it handles. */
int main(void)
{
	pid_t child;
	int status;

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
