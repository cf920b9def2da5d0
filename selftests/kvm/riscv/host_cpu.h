/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPUs of the host: their harts, and how they go offline and come back.
 */
#ifndef SELFTEST_KVM_HOST_CPU_H
#define SELFTEST_KVM_HOST_CPU_H

#include <stdbool.h>

/* The case is skipped if @cpu cannot go offline: there is one CPU, or the kernel cannot do it. */
void host_cpu_or_skip(int cpu);

/* False, with errno, if @cpu stays online. */
bool host_cpu_offline(int cpu);

/*
 * False, with errno, if @cpu stays offline.
 *
 * The kernel looks once whether the hart has stopped, and goes on if it has not: on a busy machine
 * the hart may still be on its way to the firmware or in it, which does not start such a hart. So
 * this is tried again, for five seconds.
 */
bool host_cpu_online(int cpu);

/* The hart that is @cpu: the first one to come up is CPU 0, whichever it is. */
int host_cpu_hart(int cpu);

#endif /* SELFTEST_KVM_HOST_CPU_H */
