// SPDX-License-Identifier: GPL-2.0
/*
 * Arms the module that changes htinst.
 */
#include <errno.h>
#include <string.h>

#include "htinst.h"
#include "sbi_case.h"
#include "test_module.h"
#include "write_file.h"

#define PARAMETERS	TEST_MODULE_PARAMETERS("trap")

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

void htinst_or_skip(unsigned long causes, unsigned long keep, unsigned long set)
{
	test_module_or_skip("trap");
	htinst_as_it_is();
	sbi_expect(test_module_write_number(PARAMETERS "causes", causes) &&
		   test_module_write_number(PARAMETERS "keep", keep) &&
		   test_module_write_number(PARAMETERS "set", set) &&
		   write_file(PARAMETERS "armed", 0, "1"),
		   "htinst cannot be changed: %s", strerror(errno));
}

void htinst_expect_changed(void)
{
	unsigned long changed = 0;

	sbi_expect(test_module_read_number(PARAMETERS "changed", &changed) && changed, "no htinst was changed");
}
