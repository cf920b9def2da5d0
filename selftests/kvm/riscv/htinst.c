// SPDX-License-Identifier: GPL-2.0
/*
 * Arms the module that changes htinst.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "htinst.h"
#include "sbi_case.h"
#include "write_file.h"

#define MODULE		"/lib/kvm_trap.ko"
#define PARAMETERS	"/sys/module/kvm_trap/parameters/"

/* What else is to be undone after a case. */
static void (*others)(void);

void htinst_as_it_is(void)
{
	write_file(PARAMETERS "armed", 0, "0");
}

static void undo(void)
{
	htinst_as_it_is();
	if (others)
		others();
}

void htinst_setup(void)
{
	others = sbi_after_case;
	sbi_after_case = undo;
}

static bool write_number(const char *path, unsigned long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", number);
	return write_file(path, 0, text);
}

void htinst_or_skip(unsigned long causes, unsigned long keep, unsigned long set)
{
	int fd;

	if (access(PARAMETERS "armed", F_OK)) {
		fd = open(MODULE, O_RDONLY);
		if (fd < 0)
			sbi_skip("no " MODULE ", made of selftests/trap");
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			sbi_expect(false, MODULE " cannot be loaded: %s", strerror(errno));
		close(fd);
	}

	htinst_as_it_is();
	sbi_expect(write_number(PARAMETERS "causes", causes) &&
		   write_number(PARAMETERS "keep", keep) &&
		   write_number(PARAMETERS "set", set) &&
		   write_file(PARAMETERS "armed", 0, "1"),
		   "htinst cannot be changed: %s", strerror(errno));
}

void htinst_expect_changed(void)
{
	unsigned long changed = 0;
	FILE *file = fopen(PARAMETERS "changed", "r");

	if (file) {
		if (fscanf(file, "%lu", &changed) != 1)
			changed = 0;
		fclose(file);
	}
	sbi_expect(changed, "no htinst was changed");
}
