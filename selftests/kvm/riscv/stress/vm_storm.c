// SPDX-License-Identifier: GPL-2.0
/*
 * VMs come and go as fast as they can, several at a time: with vCPUs, memory, an
 * interrupt controller, counters and a snapshot, each having run; and killed in
 * the middle of it.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "firmware_event.h"
#include "pmu_call.h"

#define SBI_EXT_STA		0x535441
#define SET_SHMEM		0

#define SECONDS			60
#define PROCESSES		4
#define KILL_MS			500

#define PAGE			4096UL
#define SLOT			10
#define SLOT_GPA		(1UL << 35)

static const u32 ids[] = { 0, 3, 1 };
static struct kvm_vcpu *vcpus[ARRAY_SIZE(ids)];

static void spin(u64 ticks)
{
	u64 begin = csr_read(CSR_TIME);

	while (csr_read(CSR_TIME) - begin < ticks)
		;
	guest_stop();
}

static void whole_life(void)
{
	struct kvm_vm *vm = sbi_vm_create(vcpus, ids, ARRAY_SIZE(ids));
	struct sbi_outcome outcome;
	unsigned int i;

	/* Without AIA on the host there is none; with it, it goes with the VM. */
	__kvm_create_device(vm, KVM_DEV_TYPE_RISCV_AIA);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, 2, 0);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		sbi_expect_call(vcpus[i], SBI_SUCCESS, SBI_EXT_PMU, SBI_EXT_PMU_SNAPSHOT_SET_SHMEM,
				SLOT_GPA);
		outcome = sbi_call(vcpus[i], SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH,
				   COUNTER_CYCLE, 1, CFG_AUTO_START, EVENT_CYCLES);
		sbi_expect(outcome.returned && !outcome.error && outcome.value == COUNTER_CYCLE,
			   "config_matching: error %ld, counter %lu", outcome.error,
			   outcome.value);
		sbi_expect_call(vcpus[i], SBI_SUCCESS, SBI_EXT_STA, SET_SHMEM,
				SLOT_GPA + PAGE + i * 64);
		sbi_expect_call(vcpus[i], SBI_SUCCESS, SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, -1UL);
		sbi_expect_call(vcpus[i], SBI_SUCCESS, SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 0,
				ALL_HARTS);
		sbi_expect_call(vcpus[i], SBI_SUCCESS, SBI_EXT_RFENCE, SBI_EXT_RFENCE_SFENCE_VMA, 0,
				ALL_HARTS, PAGE, PAGE);
		sbi_run_guest(vcpus[i], spin, 10000, 0);
	}
	kvm_vm_free(vm);
}

static void pmu_or_skip(void)
{
	struct kvm_vm *vm = sbi_vm_create(vcpus, ids, 1);

	firmware_events_or_skip(vcpus[0]);
	kvm_vm_free(vm);
}

static void storm(bool killed)
{
	time_t begin = time(NULL);
	unsigned int started = 0;
	pid_t pids[PROCESSES];
	unsigned int i;
	int status;

	while (time(NULL) - begin < SECONDS) {
		for (i = 0; i < PROCESSES; i++) {
			pids[i] = fork();
			TEST_ASSERT(pids[i] >= 0, "fork failed");
			if (!pids[i]) {
				whole_life();
				_exit(0);
			}
			started++;
		}
		for (i = 0; i < PROCESSES; i++) {
			if (killed) {
				usleep(KILL_MS * 1000 / PROCESSES);
				kill(pids[i], SIGKILL);
			}
			waitpid(pids[i], &status, 0);
			sbi_expect(killed || (WIFEXITED(status) && !WEXITSTATUS(status)),
				   "VM %u ended with status 0x%x", started, status);
		}
	}
	ksft_print_msg("%u VMs in %u seconds\n", started, SECONDS);
}

static void whole_lives(void)
{
	pmu_or_skip();
	storm(false);
}

static void killed(void)
{
	pmu_or_skip();
	storm(true);
}

static const struct sbi_case cases[] = {
	{ "VMs are made, run and released", whole_lives, .seconds = 3 * SECONDS },
	{ "VMs are killed in the middle of it", killed, .seconds = 3 * SECONDS },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
