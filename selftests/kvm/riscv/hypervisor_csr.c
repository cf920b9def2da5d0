// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the CSRs that a guest ran with.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hypervisor_csr.h"
#include "kvm_util.h"
#include "sbi_case.h"
#include "write_file.h"

#define MODULE		"/lib/kvm_csr.ko"
#define PARAMETERS	"/sys/module/kvm_csr/parameters/"

static void undo(void)
{
	write_file(PARAMETERS "delegate", 0, "0");
}

void hypervisor_csr_setup(void)
{
	sbi_after_case = undo;
}

void hypervisor_csr_or_skip(void)
{
	int fd;

	if (access(PARAMETERS "delegate", F_OK)) {
		fd = open(MODULE, O_RDONLY);
		if (fd < 0)
			sbi_skip("no " MODULE ", made of selftests/csr");
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			sbi_expect(false, MODULE " cannot be loaded: %s", strerror(errno));
		close(fd);
	}
	pin_self_to_any_cpu();
}

static unsigned long read_csr(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned long value = 0;

	if (!sbi_expect(file && fscanf(file, "%lu", &value) == 1, "%s cannot be read", path))
		value = 0;
	if (file)
		fclose(file);
	return value;
}

unsigned long hypervisor_csr_hedeleg(void)
{
	return read_csr(PARAMETERS "hedeleg");
}

unsigned long hypervisor_csr_henvcfg(void)
{
	return read_csr(PARAMETERS "henvcfg");
}

void hypervisor_csr_delegate_misaligned(void)
{
	sbi_expect(write_file(PARAMETERS "delegate", 0, "1"),
		   "misaligned accesses cannot be delegated: %s", strerror(errno));
}
