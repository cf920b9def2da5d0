// SPDX-License-Identifier: GPL-2.0
/*
 * Records the fence instructions that KVM executes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fence_trace.h"
#include "sbi_case.h"
#include "write_file.h"

#define TRACING		"/sys/kernel/tracing"
#define EVENTS		TRACING "/kprobe_events"
#define INSTANCE	TRACING "/instances/kvmfence"

static pid_t owner;
static char broken[512];
static int pipe_fd;

/* Take back what was set up: the events that are ours, and no others. */
static void remove_events(void)
{
	char line[512], command[160], name[128], *names = NULL, *next;
	size_t size;
	FILE *file, *list;

	write_file(INSTANCE "/events/kvmfence/enable", 0, "0");
	rmdir(INSTANCE);

	/* The file is read to its end first: it changes with each event that goes. */
	file = fopen(EVENTS, "r");
	list = open_memstream(&names, &size);
	if (file && list) {
		while (fgets(line, sizeof(line), file)) {
			if (sscanf(line, "p:kvmfence/%127s", name) == 1)
				fprintf(list, "%s\n", name);
		}
	}
	if (file)
		fclose(file);
	if (!list)
		return;
	fclose(list);

	for (next = strtok(names, "\n"); next; next = strtok(NULL, "\n")) {
		snprintf(command, sizeof(command), "-:kvmfence/%s\n", next);
		write_file(EVENTS, O_APPEND, command);
	}
	free(names);
}

static void teardown(void)
{
	if (getpid() == owner)
		remove_events();
}

void fence_trace_setup(void)
{
	const char *probes = getenv("KVM_FENCE_PROBES");
	char line[512];
	FILE *file;

	if (!probes)
		return;

	if (access(EVENTS, W_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);

	file = fopen(probes, "r");
	if (!file) {
		snprintf(broken, sizeof(broken), "KVM_FENCE_PROBES=%s cannot be read: %s",
			 probes, strerror(errno));
		return;
	}

	remove_events();
	owner = getpid();
	atexit(teardown);

	while (fgets(line, sizeof(line), file)) {
		if (write_file(EVENTS, O_APPEND, line))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(broken, sizeof(broken),
			 "%s does not take '%s' of %s: %s; was it made for this kvm.ko?",
			 EVENTS, line, probes, strerror(errno));
		break;
	}
	fclose(file);

	if (!broken[0] && mkdir(INSTANCE, 0700) && errno != EEXIST)
		snprintf(broken, sizeof(broken), "mkdir " INSTANCE ": %s", strerror(errno));

	/* Once for all cases: putting the probes in place takes a second. */
	if (!broken[0] && !write_file(INSTANCE "/events/kvmfence/enable", 0, "1"))
		snprintf(broken, sizeof(broken), "the events of %s cannot be enabled: %s",
			 probes, strerror(errno));
}

void fence_trace_or_skip(void)
{
	if (!getenv("KVM_FENCE_PROBES"))
		sbi_skip("no KVM_FENCE_PROBES: see scripts/test/fence-probes");

	if (!sbi_expect(!broken[0], "%s", broken))
		exit(1);

	pipe_fd = open(INSTANCE "/trace_pipe", O_RDONLY | O_NONBLOCK);
	if (!sbi_expect(pipe_fd >= 0, INSTANCE "/trace_pipe: %s", strerror(errno)))
		exit(1);
}

/* "task-pid [cpu] flags time: event: ..." */
static int cpu_of(const char *line)
{
	const char *bracket = strstr(line, " [");

	return bracket ? strtol(bracket + 2, NULL, 10) : -1;
}

static bool parse(const char *line, struct fence *fence)
{
	static const char * const names[] = {
		[FENCE_VVMA] = ": vvma_", [FENCE_GVMA] = ": gvma_", [FENCE_I] = ": i_",
		[FENCE_ARRIVAL_VVMA] = ": arrival_vvma_",
		[FENCE_ARRIVAL_I] = ": arrival_i_",
	};
	const char *event, *field;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		event = strstr(line, names[i]);
		if (!event)
			continue;

		fence->kind = i;
		fence->cpu = cpu_of(line);
		field = strstr(event, " va=");
		fence->all_addresses = !field;
		fence->address = field ? strtoul(field + 4, NULL, 0) : 0;
		field = strstr(event, " id=");
		fence->all_ids = !field;
		fence->id = field ? strtoul(field + 4, NULL, 0) : 0;
		return true;
	}
	return false;
}

/* All that is in the pipe, as one string for the caller to free. */
static char *read_pipe(void)
{
	size_t size = 0, room = 0;
	char *text = NULL;
	ssize_t ret;

	do {
		if (room - size < 65536) {
			room += 1 << 20;
			text = realloc(text, room);
			if (!text)
				exit(1);
		}
		ret = read(pipe_fd, text + size, room - size - 1);
		if (ret > 0)
			size += ret;
	} while (ret > 0 || (ret < 0 && errno == EINTR));

	sbi_expect(errno == EAGAIN, INSTANCE "/trace_pipe cannot be read: %s", strerror(errno));
	text[size] = '\0';
	return text;
}

void fence_trace_clear(void)
{
	free(read_pipe());
}

struct fences fence_trace_read(void)
{
	struct fences fences = {};
	char *text, *line, *rest;
	struct fence fence;

	text = read_pipe();
	sbi_expect(!strstr(text, "LOST"), "more fences were executed than the trace buffer holds");

	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!parse(line, &fence))
			continue;
		fences.list = realloc(fences.list, (fences.count + 1) * sizeof(fence));
		if (!fences.list)
			exit(1);
		fences.list[fences.count++] = fence;
	}
	free(text);

	return fences;
}
