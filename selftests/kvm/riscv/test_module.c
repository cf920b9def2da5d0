// SPDX-License-Identifier: GPL-2.0
/*
 * Loads the modules that help tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sbi_case.h"
#include "test_module.h"
#include "write_file.h"

void test_module_or_skip(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), TEST_MODULE_PARAMETERS("%s"), name);
	if (!access(path, F_OK))
		return;

	snprintf(path, sizeof(path), "/lib/kvm_%s.ko", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		sbi_skip("no %s, made of selftests/%s", path, name);
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		sbi_expect(false, "%s cannot be loaded: %s", path, strerror(errno));
	close(fd);
}

bool test_module_write_number(const char *path, unsigned long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu", number);
	return write_file(path, 0, text);
}

bool test_module_read_number(const char *path, unsigned long *number)
{
	FILE *file = fopen(path, "r");
	bool is_read;

	if (!file)
		return false;
	is_read = fscanf(file, "%lu", number) == 1;
	fclose(file);
	return is_read;
}
