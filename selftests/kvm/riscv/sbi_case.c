// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the cases of a test program, each in its own process.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "sbi_case.h"

#define DEFAULT_SECONDS		60
/* After SIGKILL; a task that is stuck in the kernel does not die. */
#define SECONDS_TO_DIE		5
#define MAX_COMPLAINTS		8

void (*sbi_after_case)(void);

/* Shared with the process of the case. */
static struct {
	unsigned int complaints;
	char skip[256];
} *shared;

bool sbi_expect(bool ok, const char *format, ...)
{
	va_list args;

	if (ok)
		return true;

	if (shared->complaints++ < MAX_COMPLAINTS) {
		char text[512];

		va_start(args, format);
		vsnprintf(text, sizeof(text), format, args);
		va_end(args);
		ksft_print_msg("%s\n", text);
	}
	return false;
}

void sbi_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(shared->skip, sizeof(shared->skip), format, args);
	va_end(args);
	exit(KSFT_SKIP);
}

/* Wait for the case. False if it has not ended in time. */
static bool ended(pid_t pid, unsigned int seconds, int *status)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	time_t start = time(NULL);

	do {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		nanosleep(&pause, NULL);
	} while (time(NULL) - start <= seconds);

	return false;
}

static unsigned int seconds_of(const struct sbi_case *this)
{
	const char *times = getenv("SBI_CASE_TIMES");

	return (this->seconds ?: DEFAULT_SECONDS) * (times ? atoi(times) : 1);
}

static int run_case(const struct sbi_case *this)
{
	unsigned int seconds = seconds_of(this);
	int status;
	pid_t pid;

	memset(shared, 0, sizeof(*shared));
	fflush(NULL);

	pid = fork();
	if (pid < 0) {
		ksft_print_msg("fork failed: %s\n", strerror(errno));
		return KSFT_FAIL;
	}

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		this->run();
		exit(shared->complaints ? KSFT_FAIL : KSFT_PASS);
	}

	if (!ended(pid, seconds, &status)) {
		ksft_print_msg("did not end within %u seconds\n", seconds);
		kill(pid, SIGKILL);
		if (!ended(pid, SECONDS_TO_DIE, &status))
			ksft_print_msg("process %d is stuck in the kernel, SIGKILL or not\n", pid);
		return KSFT_FAIL;
	}

	if (WIFSIGNALED(status)) {
		ksft_print_msg("ended by signal %d\n", WTERMSIG(status));
		return KSFT_FAIL;
	}

	if (WEXITSTATUS(status) == KSFT_SKIP && !shared->skip[0])
		snprintf(shared->skip, sizeof(shared->skip), "the case said no reason");

	return WEXITSTATUS(status);
}

/* Whatever comes of it: a case that is killed is to be known, too. */
static void print_requirements(const struct sbi_case *this)
{
	const char * const *id;

	for (id = this->conforms; id && *id; id++)
		ksft_print_msg("conforms: %s\n", *id);
}

void sbi_run_cases(const struct sbi_case *cases, unsigned int count)
{
	unsigned int i;
	int result;

	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		ksft_exit_fail_msg("mmap failed: %s\n", strerror(errno));

	ksft_print_header();
	ksft_set_plan(count);

	for (i = 0; i < count; i++) {
		result = run_case(&cases[i]);
		if (sbi_after_case)
			sbi_after_case();
		print_requirements(&cases[i]);
		if (result == KSFT_SKIP)
			ksft_test_result_code(KSFT_SKIP, cases[i].name, "%s",
					      shared->skip);
		else
			ksft_test_result(result == KSFT_PASS, "%s\n", cases[i].name);
	}

	ksft_finished();
}
