// SPDX-License-Identifier: GPL-2.0
/*
 * Has each place fail that can, one after another.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injection.h"
#include "sbi_case.h"
#include "write_file.h"

/* Of this thread: N has its N-th chance to fail taken, and 0 none. */
#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEBUGFS		"/sys/kernel/debug/"

/* More than any step here has; one that never ends is a failure. */
#define MAX_PLACES	5000

void injection_or_skip(void)
{
	if (access(FAIL_NTH, W_OK))
		sbi_skip("no " FAIL_NTH ": the kernel has no fault injection");

	/* Allocations that may sleep as well, of one page as well; and not a word in the log. */
	sbi_expect(write_file(DEBUGFS "failslab/ignore-gfp-wait", 0, "N") &&
		   write_file(DEBUGFS "failslab/verbose", 0, "0") &&
		   write_file(DEBUGFS "fail_page_alloc/ignore-gfp-wait", 0, "N") &&
		   write_file(DEBUGFS "fail_page_alloc/min-order", 0, "0") &&
		   write_file(DEBUGFS "fail_page_alloc/verbose", 0, "0") &&
		   write_file(DEBUGFS "fail_usercopy/verbose", 0, "0"),
		   "fault injection cannot be set up: %s", strerror(errno));
}

static void arm(int fd, unsigned int place)
{
	unsigned int tries = 3;
	char text[16];

	/* To read this text, too, is a place that can fail while another one is set. */
	snprintf(text, sizeof(text), "%u", place);
	while (tries && pwrite(fd, text, strlen(text), 0) < 0)
		tries--;
	if (!tries) {
		sbi_expect(false, "%s does not take %s: %s", FAIL_NTH, text, strerror(errno));
		exit(1);
	}
}

/* Was there such a place? If it was in the read that asks, there was none before. */
static bool disarm(int fd)
{
	char text[16] = "";
	bool fired = pread(fd, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;

	arm(fd, 0);
	return fired;
}

/* False if nothing more can be said of the step. */
static bool try(const struct injection *this, int fd, unsigned int place, unsigned int *failed,
		bool *fired)
{
	int ret, error;
	bool ok = true;

	if (this->before)
		this->before();
	arm(fd, place);
	ret = this->step();
	error = errno;
	*fired = disarm(fd);

	if (ret < 0) {
		++*failed;
		ok = sbi_expect(*fired, "%s fails by itself: %s", this->name, strerror(error)) &&
		     sbi_expect(error == ENOMEM || error == EFAULT,
				"%s, place %u: fails with errno %d (%s)", this->name, place,
				error, strerror(error)) &&
		     sbi_expect(this->stays || this->step() >= 0,
				"%s, place %u: is not possible any more after it has failed: %s",
				this->name, place, strerror(errno));
	}
	if (this->after)
		this->after();
	return ok;
}

void injection_try_all(const struct injection *this)
{
	unsigned int place, failed = 0;
	int fd = open(FAIL_NTH, O_RDWR);
	bool fired = true;

	if (!sbi_expect(fd >= 0, FAIL_NTH " cannot be opened: %s", strerror(errno)))
		return;
	for (place = 1; fired && place <= MAX_PLACES; place++) {
		if (!try(this, fd, place, &failed, &fired))
			break;
	}
	sbi_expect(place <= MAX_PLACES, "%s: there is no end of places that fail", this->name);
	close(fd);
	if (!this->quiet)
		ksft_print_msg("%s: %u places, %u fail it\n", this->name, place - 2, failed);
}

void injection_try_table(const struct injection *table, unsigned int count)
{
	unsigned int i;

	injection_or_skip();
	for (i = 0; i < count; i++)
		injection_try_all(&table[i]);
}
