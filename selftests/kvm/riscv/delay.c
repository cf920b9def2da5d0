// SPDX-License-Identifier: GPL-2.0
/*
 * Arms the delay module.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "delay.h"
#include "sbi_case.h"
#include "test_module.h"
#include "write_file.h"

#define PARAMETERS	TEST_MODULE_PARAMETERS("delay")

/* No test takes so long to come to where it is delayed, on the debug kernel either. */
#define WAIT_MS		20000

/* How many delays have begun. */
static int begun = -1;

void delay_end(void)
{
	write_file(PARAMETERS "armed", 0, "0");
}

/*
 * Without memory that would have to be mapped or given back: the kernel tells the CPU
 * of the thread that is delayed, and waits for the delay to end.
 */
void delay_wait(void)
{
	char text[16] = "0";
	unsigned int i;

	for (i = 0; i < WAIT_MS; i++) {
		usleep(1000);
		if (!sbi_expect(pread(begun, text, sizeof(text), 0) > 0,
				"the delay module does not say how many delays have begun: %s",
				strerror(errno)) || text[0] != '0')
			return;
	}
	sbi_expect(false, "nothing came to where it is to be delayed");
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
	if (begun < 0)
		begun = open(PARAMETERS "begun", O_RDONLY);
	delay_end();
	sbi_expect(write_file(PARAMETERS "symbol", 0, symbol) &&
		   test_module_write_number(PARAMETERS "microseconds", microseconds) &&
		   test_module_write_number(PARAMETERS "one_in", one_in) &&
		   write_file(PARAMETERS "armed", 0, "1"),
		   "no delay can be set at %s: %s", symbol, strerror(errno));
}
