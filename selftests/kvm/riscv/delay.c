// SPDX-License-Identifier: GPL-2.0
/*
 * Arms the delay module.
 */
#include <errno.h>
#include <string.h>

#include "delay.h"
#include "sbi_case.h"
#include "test_module.h"
#include "write_file.h"

#define PARAMETERS	TEST_MODULE_PARAMETERS("delay")

void delay_end(void)
{
	write_file(PARAMETERS "armed", 0, "0");
}

void delay_setup(void)
{
	sbi_after_case = delay_end;
}

void delay_or_skip(const char *symbol, unsigned int microseconds)
{
	delay_some_or_skip(symbol, microseconds, 1);
}

void delay_some_or_skip(const char *symbol, unsigned int microseconds, unsigned int one_in)
{
	test_module_or_skip("delay");
	delay_end();
	sbi_expect(write_file(PARAMETERS "symbol", 0, symbol) &&
		   test_module_write_number(PARAMETERS "microseconds", microseconds) &&
		   test_module_write_number(PARAMETERS "one_in", one_in) &&
		   write_file(PARAMETERS "armed", 0, "1"),
		   "no delay can be set at %s: %s", symbol, strerror(errno));
}
