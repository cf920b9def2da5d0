// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs of the host go and come while vCPUs run on them, send each other IPIs and
 * fences, set timers, trap, and count.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "host_cpu.h"
#include "pmu_call.h"

#define SECONDS		60
#define CPU		1

#define TIMER_TICKS	1000
#define MMIO		0x10000000UL

static const u32 ids[] = { 0, 1, 2, 3 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];
static struct kvm_vm *vm;
static u64 rounds[ARRAY_SIZE(ids)];
static bool stop;

static void guest_work(u64 id)
{
	struct sbiret ret;
	u64 i;

	guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, 5);
	guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_START, 0, 5);
	for (;;) {
		for (i = 0; i < 50; i++) {
			guest_sbi_call(SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER,
				       csr_read(CSR_TIME) + TIMER_TICKS, 0);
			ret = guest_sbi_call(SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 0, ALL_HARTS);
			if (ret.error)
				guest_stop();
			/* What is pending is not taken, interrupts being off; WFI ends with it. */
			asm volatile("wfi" ::: "memory");
			csr_clear(CSR_SIP, BIT(IRQ_S_SOFT));
			ret = guest_sbi_call(SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, 0,
					     ALL_HARTS);
			if (ret.error)
				guest_stop();
		}
		/* To user space and back. */
		WRITE_ONCE(*(u32 *)MMIO, id);
	}
}

static void *run(void *arg)
{
	u64 i = (u64)arg;
	int ret;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		ret = __vcpu_run(vcpus[i]);
		if (ret && errno == EINTR)
			continue;
		if (!sbi_expect(!ret && vcpus[i]->run->exit_reason == KVM_EXIT_MMIO,
				"vCPU %lu ended with exit reason %u, errno %d", i,
				vcpus[i]->run->exit_reason, ret ? errno : 0))
			break;
		rounds[i]++;
	}
	return NULL;
}

static void begin(pthread_t *threads)
{
	u64 i;

	vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
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
