// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and unloads the KVM module that scripts/test/init names: the C's or the Rust's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kernel_log.h"
#include "kvm_module.h"

#define LOADED		"/sys/module/kvm"
#define MARK		"kvm_module: KVM goes"

/* What a VM leaves goes after its last file. */
#define SECONDS_TO_GO	10

/* What else is to be undone after a case. */
static void (*others)(void);

static void load_again(void)
{
	if (others)
		others();
	if (access(LOADED, F_OK))
		kvm_module_load();
}

void kvm_module_setup(void)
{
	others = sbi_after_case;
	sbi_after_case = load_again;
}

void kvm_module_or_skip(void)
{
	if (!getenv("KVM_MODULE"))
		sbi_skip("KVM is not a module");
}

bool kvm_module_unload(void)
{
	time_t start = time(NULL);
	FILE *log = fopen("/dev/kmsg", "w");

	if (log) {
		fputs(MARK "\n", log);
		fclose(log);
	}
	while (syscall(SYS_delete_module, "kvm", O_NONBLOCK)) {
		if (!sbi_expect(errno == EWOULDBLOCK && time(NULL) - start < SECONDS_TO_GO,
				"the module cannot be unloaded: %s", strerror(errno)))
			return false;
		usleep(10000);
	}
	return true;
}

int kvm_module_load(void)
{
	const char *path = getenv("KVM_MODULE");
	int fd = open(path ?: "", O_RDONLY), error = 0;

	if (fd < 0)
		return errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		error = errno;
	close(fd);
	return error;
}

bool kvm_module_said(const char *text)
{
	char *log = kernel_log(), *mark, *after = log;
	bool said = false;

	if (sbi_expect(log, "the kernel's log cannot be read: %s", strerror(errno))) {
		while ((mark = strstr(after, MARK)))
			after = mark + 1;
		said = strstr(after, text);
	}
	free(log);
	return said;
}
