/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One KVM_RUN in a thread of its own, while the case does something to the VM.
 */
#ifndef SELFTEST_KVM_GUEST_THREAD_H
#define SELFTEST_KVM_GUEST_THREAD_H

#include "guest_trap.h"

/* At most this long does anything here wait. */
#define GUEST_THREAD_MS		20000

unsigned long now_ms(void);
void sleep_ms(unsigned long ms);

/* KVM_RUN from @start. There is one such thread at a time. */
void guest_thread_begin(struct kvm_vcpu *vcpu, const struct guest_state *start);

/*
 * The same, with the thread on @cpu from before KVM_RUN on. The caller is to be on another one: a
 * delay there would keep it from going on.
 */
void guest_thread_begin_on(int cpu, struct kvm_vcpu *vcpu, const struct guest_state *start);

/* Keep the thread on one CPU of the host. */
void guest_thread_pin(int cpu);

/* KVM_RUN has ended. */
bool guest_thread_done(void);

/* A signal, which ends KVM_RUN with EINTR if it has not ended. */
void guest_thread_interrupt(void);

/* Wait for the end. The case fails if it does not come. */
struct guest_end guest_thread_finish(void);

/* When it ended, as now_ms() says it; after guest_thread_finish(). */
unsigned long guest_thread_ended_ms(void);

#endif /* SELFTEST_KVM_GUEST_THREAD_H */
