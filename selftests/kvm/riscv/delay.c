// SPDX-License-Identifier: GPL-2.0
/*
 * Arms the delay module.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "delay.h"
#include "sbi_case.h"

#define MODULE		"/lib/kvm_delay.ko"
#define PARAMETERS	"/sys/module/kvm_delay/parameters/"

static bool set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t ret;

	if (fd < 0)
		return false;
	ret = write(fd, text, strlen(text));
	close(fd);
	return ret == (ssize_t)strlen(text);
}

static void disarm(void)
{
	set(PARAMETERS "armed", "0");
}

void delay_setup(void)
{
	sbi_after_case = disarm;
}

void delay_or_skip(const char *symbol, unsigned int microseconds)
{
	char text[32];
	int fd;

	if (access(PARAMETERS "armed", F_OK)) {
		fd = open(MODULE, O_RDONLY);
		if (fd < 0)
			sbi_skip("no " MODULE ", made of selftests/delay");
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			sbi_expect(false, MODULE " cannot be loaded: %s", strerror(errno));
		close(fd);
	}

	snprintf(text, sizeof(text), "%u", microseconds);
	disarm();
	sbi_expect(set(PARAMETERS "symbol", symbol) && set(PARAMETERS "microseconds", text) &&
		   set(PARAMETERS "armed", "1"),
		   "no delay can be set at %s: %s", symbol, strerror(errno));
}
