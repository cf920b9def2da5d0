// SPDX-License-Identifier: GPL-2.0
/*
 * Two VMs share a hart. Each loads from a device; the hart does not say by which instruction, so KVM
 * reads it from the guest's memory. It is the other VM's memory that it reads where that VM
 * has run in between and the hypervisor beneath has not been told of the change (SBI nested
 * acceleration). A delay between the exit and the read lets another VM run there now and then; not each
 * time, for KVM may well have the guest try again.
 */
#include <pthread.h>

#include "delay.h"
#include "guest_thread.h"
#include "mmio_guest.h"
#include "nacl_firmware.h"

#define ROUNDS		60
#define DELAY_US	2000
#define DELAY_ONE_IN	4

/* Each VM has another instruction at the same address, of another length, size and register. */
static const struct {
	u32 instruction, length, bytes, x;
} loads[] = {
	{ INSN_LD(A0, S0), 4, 8, A0 },
	{ INSN_LH(A3, S0), 4, 2, A3 },
	{ 0x4018 /* c.lw a4, 0(s0) */, 2, 4, A4 },
};

#define NR_VMS		ARRAY_SIZE(loads)

static struct {
	struct kvm_vcpu *vcpu;
	struct guest_state start;
	unsigned int wrong, right;
} vms[NR_VMS];

#define HOLE		(1UL << 36)
#define HOLE_VA		0x60000000UL

static void *run_loads(void *data)
{
	unsigned long number = (unsigned long)data;
	struct kvm_vcpu *vcpu = vms[number].vcpu;
	u64 value = 0x0102030405060708 + number;
	struct guest_state wanted;
	struct guest_end end;
	unsigned int i, x;

	pin_self_to_cpu(0);
	x = loads[number].x;
	for (i = 0; i < ROUNDS; i++) {
		end = guest_run(vcpu, &vms[number].start);
		if (end.error || end.exit_reason != KVM_EXIT_MMIO || vcpu->run->mmio.is_write ||
		    vcpu->run->mmio.phys_addr != HOLE ||
		    vcpu->run->mmio.len != loads[number].bytes) {
			if (!vms[number].wrong++)
				ksft_print_msg("VM %lu: exit reason %u, errno %d, %u bytes at 0x%llx, wanted %u; pc 0x%lx, scause 0x%lx\n",
					       number, end.exit_reason, end.error,
					       vcpu->run->mmio.len, vcpu->run->mmio.phys_addr,
					       loads[number].bytes, end.state.pc, end.state.scause);
			continue;
		}
		memcpy(vcpu->run->mmio.data, &value, sizeof(value));
		end = guest_resume(vcpu);
		wanted = vms[number].start;
		wanted.pc += loads[number].length;
		wanted.x[x] = loads[number].bytes == 8 ? value :
			      loads[number].bytes == 4 ? (u32)value : (u16)value;
		if (end.error || end.exit_reason != KVM_EXIT_DEBUG ||
		    !guest_expect_same("a load", &end.state, &wanted, 0)) {
			vms[number].wrong++;
			continue;
		}
		vms[number].right++;
	}
	return NULL;
}

static void each_reads_its_own(void)
{
	pthread_t threads[NR_VMS];
	unsigned long i;
	struct kvm_vm *vm;

	nacl_or_skip();
	nacl_set(NACL_NO_HTINST, 1);
	for (i = 0; i < NR_VMS; i++) {
		vm = guest_create(&vms[i].vcpu);
		guest_map(vm, HOLE_VA, HOLE, GUEST_VS);
		vms[i].start = guest_at(vms[i].vcpu, GUEST_VS, loads[i].instruction);
		vms[i].start.x[S0] = HOLE_VA;
	}
	delay_some_or_skip("kvm_riscv_vcpu_exit", DELAY_US, DELAY_ONE_IN);
	for (i = 0; i < NR_VMS; i++)
		sbi_expect(!pthread_create(&threads[i], NULL, run_loads, (void *)i), "no thread");
	for (i = 0; i < NR_VMS; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < NR_VMS; i++)
		sbi_expect(vms[i].right == ROUNDS, "VM %lu: %u of %u loads were right", i,
			   vms[i].right, ROUNDS);
}

static const struct sbi_case cases[] = {
	{ "[N2] VMs that share a hart and load from devices", each_reads_its_own },
};

int main(void)
{
	delay_setup();
	nacl_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
