// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the CSRs that a guest ran with.
 */
#include <errno.h>
#include <string.h>

#include "hypervisor_csr.h"
#include "kvm_util.h"
#include "sbi_case.h"
#include "test_module.h"
#include "write_file.h"

#define PARAMETERS	TEST_MODULE_PARAMETERS("csr")

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
	test_module_or_skip("csr");
	pin_self_to_any_cpu();
}

static unsigned long read_csr(const char *path)
{
	unsigned long value = 0;

	sbi_expect(test_module_read_number(path, &value), "%s cannot be read", path);
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
