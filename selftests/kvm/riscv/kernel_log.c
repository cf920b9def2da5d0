// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel complains of.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>

#include "kernel_log.h"
#include "test_util.h"

#define READ_ALL	3
#define CLEAR		5
#define LOG_SIZE	(1 << 20)

char *kernel_log(void)
{
	/* Not a static one: what is static is in each guest. */
	char *text = calloc(1, LOG_SIZE);

	if (text && klogctl(READ_ALL, text, LOG_SIZE - 1) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

unsigned int kernel_log_count(const char *words)
{
	char *text = kernel_log(), *at = text;
	unsigned int count = 0;

	TEST_ASSERT(text, "no log");
	while ((at = strstr(at, words))) {
		at += strlen(words);
		count++;
	}
	free(text);
	return count;
}

bool kernel_warned(const char *function)
{
	char *text = kernel_log();
	bool found;

	TEST_ASSERT(text, "no log");
	found = strstr(text, "WARNING: ") && strstr(text, function);
	free(text);
	if (found)
		klogctl(CLEAR, NULL, 0);
	return found;
}
