// SPDX-License-Identifier: GPL-2.0
/*
 * Turns the knobs of the NACL firmware and reads its counters.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nacl_firmware.h"

#define MODULE		"/lib/kvm_nacl.ko"
#define CALL		"/sys/kernel/debug/nacl/call"
#define COUNTERS	"/sys/kernel/debug/nacl/counters"

#define GET_KNOB	3
#define SET_KNOB	4
#define NR_KNOBS	(NACL_NO_HTINST + 1)

/* As the program found them. */
static long found[NR_KNOBS];
static bool is_there;
/* What else is to be undone after a case. */
static void (*others)(void);

static bool call(long *value, unsigned int function, long a0, long a1)
{
	char text[80];
	long error;
	int fd, got = 0;

	fd = open(CALL, O_RDWR);
	if (fd < 0)
		return false;
	/* Numbers without a sign. */
	snprintf(text, sizeof(text), "%u 0x%lx 0x%lx", function, a0, a1);
	if (write(fd, text, strlen(text)) == (ssize_t)strlen(text))
		got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = 0;
	return sscanf(text, "%ld %ld", &error, value) == 2 && !error;
}

static void put_back(void)
{
	unsigned int knob;
	long before;

	for (knob = NACL_FEATURES; is_there && knob < NR_KNOBS; knob++)
		call(&before, SET_KNOB, knob, found[knob]);
	if (others)
		others();
}

void nacl_setup(void)
{
	unsigned int knob;
	int fd;

	others = sbi_after_case;
	sbi_after_case = put_back;

	if (access(CALL, F_OK)) {
		fd = open(MODULE, O_RDONLY);
		if (fd >= 0) {
			/* It does not load on another firmware. */
			syscall(SYS_finit_module, fd, "", 0);
			close(fd);
		}
	}
	is_there = !access(CALL, F_OK);
	for (knob = NACL_FEATURES; is_there && knob < NR_KNOBS; knob++)
		is_there = call(&found[knob], GET_KNOB, knob, 0);
}

void nacl_or_skip(void)
{
	if (!is_there)
		sbi_skip("the firmware is not selftests/nacl-firmware");
}

void nacl_set(enum nacl_knob knob, long value)
{
	long before;

	sbi_expect(call(&before, SET_KNOB, knob, value), "knob %u cannot be set to %ld", knob,
		   value);
}

unsigned long nacl_counted(const char *name, int hart)
{
	FILE *file = fopen(COUNTERS, "r");
	unsigned long sum = 0;
	char line[256], *rest;
	int column;

	if (!sbi_expect(file, "no counters: %s", strerror(errno)))
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, name, strlen(name)))
			continue;
		rest = strchr(line, '\t');
		for (column = 0; rest; column++, rest = strchr(rest + 1, '\t'))
			if (hart < 0 || hart == column)
				sum += strtoul(rest + 1, NULL, 10);
	}
	fclose(file);
	return sum;
}
