// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs of the host go and come while vCPUs run on them, send each other IPIs and
 * fences, set timers, trap, and count.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "firmware_event.h"
#include "host_cpu.h"
#include "pmu_call.h"

#define SECONDS		60
#define CPU		1

#define TIMER_TICKS	1000
#define PAGE		4096UL
/* Where a guest says that it goes on, and what has gone wrong. */
#define MMIO		0x10000000UL
#define ROUND		(MMIO + 0)
#define FAILED		(MMIO + 8)

static const u32 ids[] = { 0, 1, 2, 3 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];
static struct kvm_vm *vm;
static u64 rounds[ARRAY_SIZE(ids)];
static bool stop;

enum step { CONFIG = 1, CYCLES, TIMER, IPI, FENCE };

static void guest_expect(bool ok, enum step step)
{
	if (!ok)
		WRITE_ONCE(*(u32 *)FAILED, step);
}

static void guest_work(u64 id)
{
	struct sbiret ret;
	u64 i, last, now;

	ret = guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH, COUNTER_CYCLE, 1,
			     CFG_AUTO_START, EVENT_CYCLES);
	guest_expect(!ret.error && ret.value == COUNTER_CYCLE, CONFIG);
	last = csr_read(CSR_CYCLE);
	for (;;) {
		for (i = 0; i < 50; i++) {
			ret = guest_sbi_call(SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER,
					     csr_read(CSR_TIME) + TIMER_TICKS);
			guest_expect(!ret.error, TIMER);
			ret = guest_sbi_call(SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 0, ALL_HARTS);
			guest_expect(!ret.error, IPI);
			/* What is pending is not taken, interrupts being off; WFI ends with it. */
			asm volatile("wfi" ::: "memory");
			csr_clear(CSR_SIP, BIT(IRQ_S_SOFT));
			/* By turns of a page and of all. */
			ret = guest_sbi_call(SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, 0,
					     ALL_HARTS, MMIO, i % 2 ? PAGE : -1UL);
			guest_expect(!ret.error, FENCE);
		}
		now = csr_read(CSR_CYCLE);
		guest_expect(now > last, CYCLES);
		last = now;
		/* To user space and back. */
		WRITE_ONCE(*(u32 *)ROUND, id);
	}
}

static void *run(void *arg)
{
	static const char * const steps[] = {
		[CONFIG] = "config_matching", [CYCLES] = "its cycles, which stand still",
		[TIMER] = "set_timer", [IPI] = "send_ipi", [FENCE] = "sfence_vma",
	};
	u64 i = (u64)arg;
	int ret;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		ret = __vcpu_run(vcpus[i]);
		if (ret && errno == EINTR)
			continue;
		if (!sbi_expect(!ret && vcpus[i]->run->exit_reason == KVM_EXIT_MMIO,
				"vCPU %lu ended with exit reason %u, errno %d", i,
				vcpus[i]->run->exit_reason, ret ? errno : 0) ||
		    !sbi_expect(vcpus[i]->run->mmio.phys_addr == ROUND,
				"vCPU %lu complains of %s", i,
				steps[vcpus[i]->run->mmio.data[0] % ARRAY_SIZE(steps)]))
			break;
		rounds[i]++;
	}
	return NULL;
}

static void begin(pthread_t *threads)
{
	u64 i;

	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	firmware_events_or_skip(vcpus[0]);
	virt_pg_map(vm, MMIO, MMIO);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		vcpu_arch_set_entry_point(vcpus[i], guest_work);
		vcpu_args_set(vcpus[i], 1, i);
		/* Timers and IPIs end a WFI. */
		vcpu_set_reg(vcpus[i], RISCV_GENERAL_CSR_REG(sie),
			     BIT(IRQ_S_SOFT) | BIT(IRQ_S_TIMER));
	}
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		TEST_ASSERT(!pthread_create(&threads[i], NULL, run, (void *)i), "no thread");
}

static void hotplug(void)
{
	pthread_t threads[ARRAY_SIZE(ids)];
	unsigned int i, times = 0;
	time_t start = time(NULL);

	host_cpu_or_skip(CPU);
	begin(threads);
	while (time(NULL) - start < SECONDS) {
		if (!sbi_expect(host_cpu_offline(CPU), "CPU %d does not go: %s", CPU,
				strerror(errno)))
			break;
		usleep(50000);
		if (!sbi_expect(host_cpu_online(CPU), "CPU %d does not come: %s", CPU,
				strerror(errno)))
			break;
		usleep(50000);
		times++;
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		pthread_join(threads[i], NULL);
		sbi_expect(rounds[i], "vCPU %u did nothing", i);
	}
	ksft_print_msg("CPU %d went %u times in %u seconds; rounds of the vCPUs: %lu %lu %lu %lu\n",
		       CPU, times, SECONDS, rounds[0], rounds[1], rounds[2], rounds[3]);
	kvm_vm_free(vm);
}

static void all_cpus_back(void)
{
	host_cpu_online(CPU);
}

static const struct sbi_case cases[] = {
	{ "a CPU goes and comes under vCPUs that run", hotplug, .seconds = 5 * SECONDS },
};

int main(void)
{
	sbi_after_case = all_cpus_back;
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
