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
#include "write_file.h"

#define MODULE		"/lib/kvm_delay.ko"
#define PARAMETERS	"/sys/module/kvm_delay/parameters/"

static void disarm(void)
{
	write_file(PARAMETERS "armed", 0, "0");
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
	sbi_expect(write_file(PARAMETERS "symbol", 0, symbol) &&
		   write_file(PARAMETERS "microseconds", 0, text) &&
		   write_file(PARAMETERS "armed", 0, "1"),
		   "no delay can be set at %s: %s", symbol, strerror(errno));
}
