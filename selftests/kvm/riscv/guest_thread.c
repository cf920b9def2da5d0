// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a vCPU in a thread.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "guest_thread.h"

static struct {
	struct kvm_vcpu *vcpu;
	pthread_t thread;
	/* Where KVM_RUN begins; -1: wherever the thread is. */
	int cpu;
	int error;
	unsigned int exit_reason;
	unsigned long ended_ms;
	bool done;
} run;

unsigned long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_ms(unsigned long ms)
{
	usleep(ms * 1000);
}

static void do_nothing(int signal)
{
}

static void *run_once(void *unused)
{
	int ret;

	if (run.cpu >= 0)
		pin_task_to_cpu(pthread_self(), run.cpu);
	ret = __vcpu_run(run.vcpu);
	run.error = ret ? errno : 0;
	run.ended_ms = now_ms();
	run.exit_reason = run.vcpu->run->exit_reason;
	__atomic_store_n(&run.done, true, __ATOMIC_RELEASE);
	return NULL;
}

void guest_thread_begin_on(int cpu, struct kvm_vcpu *vcpu, const struct guest_state *start)
{
	const struct sigaction action = { .sa_handler = do_nothing };

	sigaction(SIGUSR1, &action, NULL);
	guest_complete(vcpu);
	guest_set(vcpu, start);
	memset(&run, 0, sizeof(run));
	run.vcpu = vcpu;
	run.cpu = cpu;
	sbi_expect(!pthread_create(&run.thread, NULL, run_once, NULL), "no thread");
}

void guest_thread_begin(struct kvm_vcpu *vcpu, const struct guest_state *start)
{
	guest_thread_begin_on(-1, vcpu, start);
}

void guest_thread_pin(int cpu)
{
	pin_task_to_cpu(run.thread, cpu);
}

bool guest_thread_done(void)
{
	return __atomic_load_n(&run.done, __ATOMIC_ACQUIRE);
}

void guest_thread_interrupt(void)
{
	/* One that comes before KVM_RUN ends nothing. */
	run.vcpu->run->immediate_exit = 1;
	pthread_kill(run.thread, SIGUSR1);
}

struct guest_end guest_thread_finish(void)
{
	unsigned long give_up = now_ms() + GUEST_THREAD_MS;
	struct guest_end end = {};

	while (!guest_thread_done() && now_ms() < give_up)
		sleep_ms(1);
	if (!sbi_expect(guest_thread_done(), "KVM_RUN does not end"))
		guest_thread_interrupt();
	pthread_join(run.thread, NULL);
	run.vcpu->run->immediate_exit = 0;

	end.error = run.error;
	end.exit_reason = run.exit_reason;
	end.state = guest_get(run.vcpu);
	return end;
}

unsigned long guest_thread_ended_ms(void)
{
	return run.ended_ms;
}
