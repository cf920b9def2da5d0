// SPDX-License-Identifier: GPL-2.0
/*
 * KVM is loaded where the hypervisor beneath offers nested acceleration and then
 * refuses something: KVM runs without it, and says so, or with it, and does not need
 * what is refused. It never fails to load, and memory that the hypervisor may still write is
 * nobody else's.
 */
#include <errno.h>
#include <string.h>

#include "guest_trap.h"
#include "host_cpu.h"
#include "kvm_module.h"
#include "nacl_firmware.h"

#define SBI_FAILED		-1
#define SBI_NO_SHMEM		-9
#define ALL_FEATURES		0xf

#define REFUSED_LINE		"not using SBI nested acceleration: it is refused on a CPU"
#define LACKS_LINE		"not using SBI nested acceleration: it lacks"
#define LOST_LINE		"memory of a CPU is lost"

/* A VM on each CPU does an instruction, has pages mapped, and is gone. */
static void run_guests(void)
{
	struct guest_state start;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	int cpu;

	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++) {
		pin_self_to_cpu(cpu);
		vm = guest_create(&vcpu);
		start = guest_at(vcpu, GUEST_VS, INSN_R(0, A1, A2, 0, A0, 0x33));
		start.x[A1] = 40;
		start.x[A2] = 2;
		sbi_expect(guest_expect_value(vcpu, &start, A0) == 42,
			   "CPU %d: 40 + 2 is not 42", cpu);
		kvm_vm_free(vm);
	}
}

static void begin(void)
{
	nacl_or_skip();
	kvm_module_or_skip();
	kvm_module_unload();
}

static bool load_kvm(void)
{
	int error = kvm_module_load();

	return sbi_expect(!error, "KVM does not load: %s", strerror(error));
}

/* Guests run, and are entered by SYNC_SRET or not. */
static void expect_used(bool used)
{
	unsigned long calls = nacl_counted("call NACL sync_sret", -1);
	unsigned long violations = nacl_counted("VIOLATION", -1);

	run_guests();
	calls = nacl_counted("call NACL sync_sret", -1) - calls;
	sbi_expect(used == !!calls, "%lu calls of sync_sret: nested acceleration is to be %s",
		   calls, used ? "used" : "left alone");
	violations = nacl_counted("VIOLATION", -1) - violations;
	sbi_expect(!violations, "the firmware saw %lu violations", violations);
}

/* With the knob as it was, KVM uses it again. */
static void expect_used_again(enum nacl_knob knob, long value)
{
	kvm_module_unload();
	nacl_set(knob, value);
	if (load_kvm())
		expect_used(true);
}

static void nothing_is_refused(void)
{
	begin();
	if (!load_kvm())
		return;
	expect_used(true);
	sbi_expect(!kvm_module_said("not using"), "the log says that it is not used");
}

static void shmem_refused_on_a_hart(void)
{
	begin();
	nacl_set(NACL_REFUSE_SHMEM, 0);
	if (!load_kvm())
		return;
	expect_used(false);
	sbi_expect(kvm_module_said(REFUSED_LINE), "no line in the log says so");
	expect_used_again(NACL_REFUSE_SHMEM, NACL_NO_HART);
}

static void sync_csr_fails(void)
{
	begin();
	nacl_set(NACL_CSR_ERROR, SBI_NO_SHMEM);
	if (!load_kvm())
		return;
	expect_used(false);
	sbi_expect(kvm_module_said(REFUSED_LINE), "no line in the log says so");
	expect_used_again(NACL_CSR_ERROR, 0);
}

static void sync_hfence_fails(void)
{
	begin();
	nacl_set(NACL_HFENCE_ERROR, SBI_FAILED);
	if (!load_kvm())
		return;
	expect_used(false);
	sbi_expect(kvm_module_said(REFUSED_LINE), "no line in the log says so");
	expect_used_again(NACL_HFENCE_ERROR, 0);
}

static void probes_fail(void)
{
	begin();
	nacl_set(NACL_PROBE_ERROR, SBI_FAILED);
	if (!load_kvm())
		return;
	expect_used(false);
	sbi_expect(kvm_module_said(LACKS_LINE), "no line in the log says so");
	expect_used_again(NACL_PROBE_ERROR, 0);
}

/* KVM goes; the hypervisor does not let go of the memory. */
static void disable_refused(void)
{
	begin();
	if (!load_kvm())
		return;
	run_guests();
	nacl_set(NACL_REFUSE_DISABLE, 1);
	kvm_module_unload();
	sbi_expect(kvm_module_said(LOST_LINE), "no line in the log says that memory is lost");
	nacl_set(NACL_REFUSE_DISABLE, 0);
	if (load_kvm())
		expect_used(true);
}

/* The same where KVM finds at its start that it cannot use it. */
static void disable_refused_at_load(void)
{
	begin();
	nacl_set(NACL_REFUSE_DISABLE, 1);
	nacl_set(NACL_CSR_ERROR, SBI_FAILED);
	if (!load_kvm())
		return;
	expect_used(false);
	sbi_expect(kvm_module_said(LOST_LINE), "no line in the log says that memory is lost");
	nacl_set(NACL_REFUSE_DISABLE, 0);
	expect_used_again(NACL_CSR_ERROR, 0);
}

#define CPU		1

/* KVM is in use on the others, which goes on. */
static void shmem_refused_later(void)
{
	int hart;

	nacl_or_skip();
	host_cpu_or_skip(CPU);
	hart = host_cpu_hart(CPU);
	expect_used(true);
	pin_self_to_cpu(0);
	sbi_expect(host_cpu_offline(CPU), "CPU %d stays online: %s", CPU, strerror(errno));
	nacl_set(NACL_REFUSE_SHMEM, hart);
	sbi_expect(!host_cpu_online(CPU), "CPU %d comes online without its memory", CPU);
	expect_used(true);
	nacl_set(NACL_REFUSE_SHMEM, NACL_NO_HART);
	sbi_expect(host_cpu_online(CPU), "CPU %d stays offline: %s", CPU, strerror(errno));
	expect_used(true);
}

static const struct sbi_case cases[] = {
	{ "KVM is loaded and nothing is refused", nothing_is_refused },
	{ "[N9] set_shmem is refused on a hart", shmem_refused_on_a_hart },
	{ "set_shmem is refused on a CPU that comes online", shmem_refused_later },
	{ "[N9] sync_csr fails when KVM is loaded", sync_csr_fails },
	{ "[N9] sync_hfence fails when KVM is loaded", sync_hfence_fails },
	{ "[N9] probe_feature fails", probes_fail },
	{ "[N9] the memory is not let go of when KVM is unloaded", disable_refused },
	{ "[N9] the memory is not let go of when KVM cannot use it", disable_refused_at_load },
};

static void bring_online(void)
{
	host_cpu_online(CPU);
}

int main(void)
{
	sbi_after_case = bring_online;
	nacl_setup();
	kvm_module_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
