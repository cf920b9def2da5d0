// SPDX-License-Identifier: GPL-2.0
/*
 * The SBI System Reset extension (SBI v3.0, chapter 10).
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "delay.h"
#include "sbi_call.h"

#define SBI_EXT_HSM		0x48534d
#define HART_START		0
#define HART_GET_STATUS		2
#define HART_STOPPED		1

#define SHUTDOWN		0
#define COLD_REBOOT		1
#define WARM_REBOOT		2

#define NO_REASON		0
#define SYSTEM_FAILURE		1

static const u32 ids[] = { 0, 1, 2 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];

static struct kvm_vm *create(void)
{
	return sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
}

static void expect_mp_state(u32 wanted, const char *name)
{
	struct kvm_mp_state state;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		vcpu_mp_state_get(vcpus[i], &state);
		sbi_expect(state.mp_state == wanted, "vCPU %u is in MP state %u, wanted %s",
			   ids[i], state.mp_state, name);
	}
}

static void expect_reset(unsigned long type, unsigned long reason, u32 event)
{
	struct kvm_run *run = vcpus[0]->run;
	struct sbi_outcome outcome;
	unsigned int i;

	outcome = sbi_call(vcpus[0], SBI_EXT_SRST, SBI_EXT_SRST_RESET, type, reason);
	if (!sbi_expect(!outcome.run_errno && outcome.exit_reason == KVM_EXIT_SYSTEM_EVENT,
			"reset(0x%lx, 0x%lx): exit reason %u, errno %d; wanted a system event",
			type, reason, outcome.exit_reason, outcome.run_errno))
		return;

	sbi_expect(run->system_event.type == event && run->system_event.ndata == 1 &&
		   run->system_event.data[0] == (u32)reason,
		   "reset(0x%lx, 0x%lx): event %u with %u data, 0x%llx; wanted %u with 1, 0x%x",
		   type, reason, run->system_event.type, run->system_event.ndata,
		   run->system_event.data[0], event, (u32)reason);
	expect_mp_state(KVM_MP_STATE_STOPPED, "STOPPED");

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		struct kvm_mp_state runnable = { .mp_state = KVM_MP_STATE_RUNNABLE };

		vcpu_mp_state_set(vcpus[i], &runnable);
	}
}

/* The call comes back with @error, nothing stops, and the guest goes on. */
static void expect_refused(unsigned long type, unsigned long reason, long error)
{
	sbi_expect_call(vcpus[0], error, SBI_EXT_SRST, SBI_EXT_SRST_RESET, type, reason);
	expect_mp_state(KVM_MP_STATE_RUNNABLE, "RUNNABLE");
}

static void shutdown_is_a_shutdown_event(void)
{
	create();
	expect_reset(SHUTDOWN, NO_REASON, KVM_SYSTEM_EVENT_SHUTDOWN);
	expect_reset(SHUTDOWN, SYSTEM_FAILURE, KVM_SYSTEM_EVENT_SHUTDOWN);
}

static void reboots_are_reset_events(void)
{
	create();
	expect_reset(COLD_REBOOT, NO_REASON, KVM_SYSTEM_EVENT_RESET);
	expect_reset(COLD_REBOOT, SYSTEM_FAILURE, KVM_SYSTEM_EVENT_RESET);
	expect_reset(WARM_REBOOT, NO_REASON, KVM_SYSTEM_EVENT_RESET);
	expect_reset(WARM_REBOOT, SYSTEM_FAILURE, KVM_SYSTEM_EVENT_RESET);
}

static void implementation_reasons_are_forwarded(void)
{
	static const unsigned long reasons[] = {
		0xe0000000, 0xe0000001, 0xefffffff, 0xf0000000, 0xffffffff,
	};
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		expect_reset(SHUTDOWN, reasons[i], KVM_SYSTEM_EVENT_SHUTDOWN);
		expect_reset(COLD_REBOOT, reasons[i], KVM_SYSTEM_EVENT_RESET);
		expect_reset(WARM_REBOOT, reasons[i], KVM_SYSTEM_EVENT_RESET);
	}
}

static void upper_halves_are_ignored(void)
{
	create();
	expect_reset(0x100000000 | SHUTDOWN, NO_REASON, KVM_SYSTEM_EVENT_SHUTDOWN);
	expect_reset(0xffffffff00000000 | COLD_REBOOT, SYSTEM_FAILURE, KVM_SYSTEM_EVENT_RESET);
	expect_reset(WARM_REBOOT, 0x8000000000000000 | SYSTEM_FAILURE, KVM_SYSTEM_EVENT_RESET);
	expect_reset(SHUTDOWN, -1UL, KVM_SYSTEM_EVENT_SHUTDOWN);
}

static const unsigned long reserved_types[] = {
	3, 4, 0x7fffffff, 0x80000000, 0xefffffff, 0x100000003,
};

static const unsigned long platform_types[] = {
	0xf0000000, 0xf0000001, 0xffffffff, -1UL,
};

static void reserved_types_are_invalid(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(reserved_types); i++)
		expect_refused(reserved_types[i], NO_REASON, SBI_ERR_INVALID_PARAM);
}

static void platform_types_are_invalid(void)
{
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(platform_types); i++)
		expect_refused(platform_types[i], SYSTEM_FAILURE, SBI_ERR_INVALID_PARAM);
}

/* Whatever the error is, which is for the two cases before. */
static void unknown_types_reset_nothing(void)
{
	struct sbi_outcome outcome;
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(reserved_types) + ARRAY_SIZE(platform_types); i++) {
		unsigned long type = i < ARRAY_SIZE(reserved_types) ? reserved_types[i] :
				     platform_types[i - ARRAY_SIZE(reserved_types)];

		outcome = sbi_call(vcpus[0], SBI_EXT_SRST, SBI_EXT_SRST_RESET, type, NO_REASON);
		sbi_expect(outcome.returned && outcome.error < 0 && !outcome.value,
			   "reset(0x%lx, 0): exit reason %u, error %ld; wanted an error",
			   type, outcome.exit_reason, outcome.error);
		expect_mp_state(KVM_MP_STATE_RUNNABLE, "RUNNABLE");
	}
}

static void reserved_reasons_are_invalid(void)
{
	static const unsigned long reasons[] = {
		2, 3, 0x7fffffff, 0x80000000, 0xdfffffff, 0x100000002,
	};
	unsigned long type;
	unsigned int i;

	for (type = SHUTDOWN; type <= WARM_REBOOT; type++) {
		/* Where the reset was done after all, the VM is spoilt. */
		struct kvm_vm *vm = create();

		for (i = 0; i < ARRAY_SIZE(reasons); i++) {
			struct sbi_outcome outcome;

			outcome = sbi_call(vcpus[0], SBI_EXT_SRST, SBI_EXT_SRST_RESET,
					   type, reasons[i]);
			if (!sbi_expect(outcome.returned &&
					outcome.error == SBI_ERR_INVALID_PARAM && !outcome.value,
					"reset(%lu, 0x%lx): exit reason %u, error %ld; wanted INVALID_PARAM",
					type, reasons[i], outcome.exit_reason, outcome.error))
				break;
			expect_mp_state(KVM_MP_STATE_RUNNABLE, "RUNNABLE");
		}
		kvm_vm_free(vm);
	}
}

static void unknown_functions(void)
{
	create();
	sbi_expect_unknown_functions(vcpus[0], SBI_EXT_SRST, 1,
				     (const unsigned long[6]) { SHUTDOWN, NO_REASON });
	expect_mp_state(KVM_MP_STATE_RUNNABLE, "RUNNABLE");
}

/* A vCPU other than the first one may ask, and its own run shows the event. */
static void any_vcpu_may_reset(void)
{
	struct sbi_outcome outcome;

	create();
	outcome = sbi_call(vcpus[2], SBI_EXT_SRST, SBI_EXT_SRST_RESET, COLD_REBOOT, NO_REASON);
	sbi_expect(outcome.exit_reason == KVM_EXIT_SYSTEM_EVENT &&
		   vcpus[2]->run->system_event.type == KVM_SYSTEM_EVENT_RESET,
		   "exit reason %u, wanted a reset event", outcome.exit_reason);
	expect_mp_state(KVM_MP_STATE_STOPPED, "STOPPED");
}

static void statistics(void)
{
	u64 before;

	create();
	sbi_expect_no_statistics(vcpus[0], SBI_EXT_SRST, 1, (const unsigned long[6]) { 0 });

	before = sbi_stat(vcpus[0], "ecall_exit_stat");
	expect_reset(SHUTDOWN, NO_REASON, KVM_SYSTEM_EVENT_SHUTDOWN);
	sbi_expect(sbi_stat(vcpus[0], "ecall_exit_stat") == before,
		   "a reset counts as an SBI call for user space");
}

/*
 * A hart_start between the marking of all vCPUs as stopped and the request that
 * makes them sleep, which is where the delay is. While hart 0, which asked for
 * the reset, spins there, hart 1 sees that hart 3 is stopped, the last one to be
 * marked, and starts hart 2.
 */
#define BETWEEN			"kvm_make_all_cpus_request"
#define SPIN_MICROSECONDS	100000

/* Shared by host and guest; each has its own, see sync_global_*(). */
static u64 polls, started, cycles, laps;
static long start_error;

static void guest_start_hart_2(u64 pc, u64 opaque)
{
	u64 not_stopped = 0, now;

	for (;;) {
		now = csr_read(CSR_TIME);
		if (guest_sbi_call(SBI_EXT_HSM, HART_GET_STATUS, 3, 0).value == HART_STOPPED)
			break;
		not_stopped = now;
		WRITE_ONCE(polls, polls + 1);
	}
	start_error = sbi_ecall(SBI_EXT_HSM, HART_START, 2, pc, opaque, 0, 0, 0).error;
	/* Hart 3 was marked after @not_stopped: the delay began then or later. */
	cycles = csr_read(CSR_TIME) - not_stopped;
	started = 1;
	guest_stop();
}

/* Hart 2 begins without address translation; a1 is where it counts. */
extern char guest_hart_2[];
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	"guest_hart_2: ld t0, (a1)\n"
	"addi t0, t0, 1\n"
	"sd t0, (a1)\n"
	"j guest_hart_2\n"
	".option pop\n"
	".popsection");

static void *run_once(void *vcpu)
{
	__vcpu_run(vcpu);
	return NULL;
}

static pthread_t run_on(int cpu, struct kvm_vcpu *vcpu)
{
	pthread_t thread;

	TEST_ASSERT(!pthread_create(&thread, NULL, run_once, vcpu), "pthread_create failed");
	pin_task_to_cpu(thread, cpu);
	return thread;
}

static void nothing(int signal)
{
}

/* Wherever it is: in the guest, asleep, or out of KVM_RUN. */
static void end_run(pthread_t thread, struct kvm_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->run->immediate_exit, 1);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
}

/* False if hart 1 came too late, so that nothing is shown. */
static bool start_meanwhile(const int cpus[2])
{
	static const u32 four[] = { 0, 1, 2, 3 };
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_STOPPED };
	struct kvm_vcpu *harts[ARRAY_SIZE(four)];
	struct sbi_outcome outcome;
	pthread_t starter, target;
	u64 limit, before;
	struct kvm_vm *vm;
	bool in_time;

	vm = sbi_vm_create(harts, four, ARRAY_SIZE(four));
	limit = vcpu_get_reg(harts[0], RISCV_TIMER_REG(frequency)) * SPIN_MICROSECONDS / 1000000;
	vcpu_mp_state_set(harts[2], &state);
	vcpu_arch_set_entry_point(harts[1], guest_start_hart_2);
	vcpu_args_set(harts[1], 2, addr_gva2gpa(vm, (gva_t)guest_hart_2),
		      addr_gva2gpa(vm, (gva_t)&laps));

	pin_self_to_cpu(cpus[0]);
	target = run_on(cpus[1], harts[2]);
	starter = run_on(cpus[1], harts[1]);
	do {
		usleep(1000);
		sync_global_from_guest(vm, polls);
	} while (!polls);

	outcome = sbi_call(harts[0], SBI_EXT_SRST, SBI_EXT_SRST_RESET, COLD_REBOOT, NO_REASON);
	sbi_expect(outcome.exit_reason == KVM_EXIT_SYSTEM_EVENT,
		   "exit reason %u, wanted a reset event", outcome.exit_reason);

	sync_global_from_guest(vm, laps);
	before = laps;
	usleep(50000);
	sync_global_from_guest(vm, laps);
	end_run(starter, harts[1]);
	end_run(target, harts[2]);

	sync_global_from_guest(vm, started);
	sync_global_from_guest(vm, cycles);
	sync_global_from_guest(vm, start_error);
	in_time = started && cycles < limit;
	if (in_time) {
		/* Its caller is stopped by now: it may refuse, or start a hart that stops again. */
		sbi_expect(!start_error || start_error == SBI_ERR_FAILURE,
			   "hart_start(2) gave %ld", start_error);
		sbi_expect(laps == before, "hart 2 runs on after the reset event");
		vcpu_mp_state_get(harts[2], &state);
		sbi_expect(state.mp_state == KVM_MP_STATE_STOPPED,
			   "hart 2 is in MP state %u after the reset event, wanted STOPPED",
			   state.mp_state);
	}
	kvm_vm_free(vm);
	return in_time;
}

static void started_meanwhile(void)
{
	unsigned int tries, in_time = 0, found = 0;
	cpu_set_t allowed;
	int cpus[2], cpu;

	TEST_ASSERT(!sched_getaffinity(0, sizeof(allowed), &allowed), "sched_getaffinity failed");
	for (cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++) {
		if (CPU_ISSET(cpu, &allowed))
			cpus[found++] = cpu;
	}
	if (found < 2)
		sbi_skip("one CPU: no vCPU runs while another one spins");

	signal(SIGUSR1, nothing);
	delay_or_skip(BETWEEN, SPIN_MICROSECONDS);
	for (tries = 0; tries < 10 && in_time < 5; tries++)
		in_time += start_meanwhile(cpus);
	sbi_expect(in_time, "in none of %u tries did hart 1 call within the delay", tries);
}

static const struct sbi_case cases[] = {
	{ "shutdown is a shutdown event with the reason, and stops every vCPU",
	  shutdown_is_a_shutdown_event,
	  .conforms = REQUIREMENTS("SRST.system_reset.shutdown", "SRST.system_reset.reset_reason",
				   "SRST.system_reset.NOT_SUPPORTED") },
	{ "cold and warm reboot are reset events with the reason, and stop every vCPU",
	  reboots_are_reset_events,
	  .conforms = REQUIREMENTS("SRST.system_reset.cold_reboot", "SRST.system_reset.warm_reboot",
				   "SRST.system_reset.reset_reason",
				   "SRST.system_reset.NOT_SUPPORTED") },
	{ "reasons 0xe0000000 and up are forwarded", implementation_reasons_are_forwarded,
	  .conforms = REQUIREMENTS("SRST.system_reset.specific_reason") },
	{ "type and reason are 32 bits wide: what is above is ignored", upper_halves_are_ignored,
	  .conforms = REQUIREMENTS("SRST.system_reset.32_bits", "ABI.32_bit_parameter") },
	{ "[Q1] a reserved reset type is INVALID_PARAM", reserved_types_are_invalid,
	  .conforms = REQUIREMENTS("SRST.system_reset.reserved_type.INVALID_PARAM") },
	{ "[Q1] a platform's reset type is INVALID_PARAM", platform_types_are_invalid,
	  .conforms = REQUIREMENTS("SRST.system_reset.platform_type.INVALID_PARAM") },
	{ "an unknown reset type is refused and resets nothing", unknown_types_reset_nothing },
	{ "[Q2] a reserved reset reason is INVALID_PARAM and resets nothing",
	  reserved_reasons_are_invalid,
	  .conforms = REQUIREMENTS("SRST.system_reset.reserved_reason.INVALID_PARAM") },
	{ "an unknown function is NOT_SUPPORTED and resets nothing", unknown_functions,
	  .conforms = REQUIREMENTS("SRST.function.NOT_SUPPORTED", "ABI.function.NOT_SUPPORTED") },
	{ "any vCPU may ask for a reset", any_vcpu_may_reset },
	{ "[Q3] a hart started while the others are being stopped is stopped too",
	  started_meanwhile },
	{ "the calls change no statistics but the exits", statistics },
};

int main(void)
{
	delay_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
