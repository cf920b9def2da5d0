// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor beneath refuses to enter the guest: KVM_RUN says so, the vCPU is
 * what it was, and can be run again.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "guest_thread.h"
#include "htinst.h"
#include "nacl_firmware.h"

#define INSN_ADD	INSN_R(0, A1, A2, 0, A0, 0x33)

static struct kvm_vcpu *vcpu;
static struct kvm_vm *vm;

static void create(void)
{
	nacl_or_skip();
	vm = guest_create(&vcpu);
}

static bool expect_not_entered(const struct guest_end *end, long error)
{
	const struct kvm_run *run = vcpu->run;

	return sbi_expect(!end->error && end->exit_reason == KVM_EXIT_FAIL_ENTRY,
			  "error %ld: KVM_RUN ended with exit reason %u, errno %d; pc 0x%lx, ra 0x%lx, sp 0x%lx",
			  error, end->exit_reason, end->error, end->state.pc, end->state.x[RA],
			  end->state.x[SP]) &&
	       sbi_expect((long)run->fail_entry.hardware_entry_failure_reason == error,
			  "the reason is %ld, wanted %ld",
			  (long)run->fail_entry.hardware_entry_failure_reason, error);
}

static void other_errors(void)
{
	/* The specification's, and what no specification has. */
	static const long errors[] = { -1, -2, -3, -4, -5, -9, -13, -100, 1 };
	struct guest_state start;
	struct guest_end end;
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		start = guest_at(vcpu, i % 2 ? GUEST_VU : GUEST_VS, INSN_ADD);
		nacl_set(NACL_SRET_ERROR, errors[i]);
		nacl_set(NACL_SRET_FAIL_AT, 1);
		end = guest_run(vcpu, &start);
		nacl_set(NACL_SRET_FAIL_AT, 0);
		/* The SBI's errors are below 0: anything else is one without a name. */
		if (!expect_not_entered(&end, errors[i] < 0 ? errors[i] : -1))
			return;
		guest_expect_same("a guest that was not entered", &end.state, &start, 0);

		end = guest_resume(vcpu);
		guest_expect_passed(&end, &start, A0);
		sbi_expect(end.state.x[A0] == start.x[A1] + start.x[A2], "a0 is 0x%lx",
			   end.state.x[A0]);
	}
}

/* Over and over: KVM_RUN fails each time, and nothing comes of it. */
static void again_and_again(void)
{
	struct guest_state start;
	struct guest_end end;
	unsigned int i;

	create();
	start = guest_at(vcpu, GUEST_VS, INSN_ADD);
	nacl_set(NACL_SRET_ERROR, -9);
	nacl_set(NACL_SRET_FAIL_EVERY, 1);
	end = guest_run(vcpu, &start);
	for (i = 0; i < 1000 && expect_not_entered(&end, -9); i++)
		end = guest_resume(vcpu);
	guest_expect_same("a guest that was not entered", &end.state, &start, 0);
	nacl_set(NACL_SRET_FAIL_EVERY, 0);
	end = guest_resume(vcpu);
	guest_expect_passed(&end, &start, A0);
}

/* Counts from 0 to a1. */
extern char count_to_a1[], count_to_a1_end[];
asm(".pushsection .text\n"
	".balign 4\n"
	".option push\n"
	".option norvc\n"
	"count_to_a1: addi t0, t0, 1\n"
	"bne t0, a1, count_to_a1\n"
	"count_to_a1_end: ebreak\n"
	".option pop\n"
	".popsection");

/* The guest has run for a while: its registers are its own, not those of the last KVM_RUN. */
static void the_nth(void)
{
	const unsigned long wanted = 1UL << 30;
	struct guest_state start;
	struct guest_end end;
	unsigned int fails = 0;

	create();
	start = guest_at_address(vcpu, GUEST_VS, (u64)count_to_a1);
	start.x[T0] = 0;
	start.x[A1] = wanted;
	nacl_set(NACL_SRET_ERROR, -9);
	nacl_set(NACL_SRET_FAIL_EVERY, 10);
	end = guest_run(vcpu, &start);
	while (end.exit_reason == KVM_EXIT_FAIL_ENTRY && !end.error && fails++ < 20) {
		if (!expect_not_entered(&end, -9))
			return;
		sbi_expect(end.state.pc == (u64)count_to_a1 || end.state.pc == (u64)count_to_a1 + 4,
			   "the pc is 0x%lx, not in 0x%lx ...", end.state.pc, (u64)count_to_a1);
		start.pc = end.state.pc;
		guest_expect_same("a guest that was not entered", &end.state, &start, T0);
		/* The rest does not matter. */
		if (fails == 20) {
			nacl_set(NACL_SRET_FAIL_EVERY, 0);
			vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.t0), wanted - 100);
		}
		end = guest_resume(vcpu);
	}
	sbi_expect(fails > 3, "%u entries failed only", fails);
	start.pc = (u64)count_to_a1_end;
	sbi_expect(!end.error && end.exit_reason == KVM_EXIT_DEBUG && end.state.x[T0] == wanted,
		   "the guest does not end: exit reason %u, errno %d, t0 0x%lx", end.exit_reason,
		   end.error, end.state.x[T0]);
	guest_expect_same("the guest", &end.state, &start, T0);
}

/* A second vCPU of the same VM, on the other hart, does not notice. */
static void another_vm(void)
{
	struct guest_state start, start_2;
	struct kvm_vcpu *vcpu_2;
	struct guest_end end;
	unsigned int i;

	create();
	guest_create(&vcpu_2);
	start = guest_at(vcpu, GUEST_VS, INSN_ADD);
	start_2 = guest_at(vcpu_2, GUEST_VS, INSN_ADD);
	for (i = 0; i < 50; i++) {
		nacl_set(NACL_SRET_ERROR, -9);
		nacl_set(NACL_SRET_FAIL_AT, 1);
		end = guest_run(vcpu, &start);
		nacl_set(NACL_SRET_FAIL_AT, 0);
		if (!expect_not_entered(&end, -9))
			return;
		guest_expect_value(vcpu_2, &start_2, A0);
		guest_expect_same("a guest that was not entered", &end.state, &start, 0);
		end = guest_resume(vcpu);
		if (!guest_expect_passed(&end, &start, A0))
			return;
	}
}

#define HOLE		(1UL << 36)
#define HOLE_VA		0x60000000UL

/*
 * KVM cannot read the guest's memory while SYNC_CSR fails, for the tables there may be
 * another vCPU's. The guest waits, a signal ends KVM_RUN, and when the hypervisor
 * thinks better of it the guest goes on.
 */
static void sync_csr_fails_later(void)
{
	struct guest_state start;
	struct guest_end end;

	create();
	guest_map(vm, HOLE_VA, HOLE, GUEST_VS);
	start = guest_at(vcpu, GUEST_VS, INSN_LD(A0, A1));
	start.x[A1] = HOLE_VA;
	nacl_set(NACL_NO_HTINST, 1);
	nacl_set(NACL_CSR_ERROR, -9);
	guest_thread_begin(vcpu, &start);
	sleep_ms(300);
	sbi_expect(!guest_thread_done(), "KVM_RUN ended although the instruction cannot be read");
	guest_thread_interrupt();
	end = guest_thread_finish();
	sbi_expect(end.error == EINTR, "a signal: exit reason %u, errno %d", end.exit_reason,
		   end.error);
	guest_expect_same("a guest that waits", &end.state, &start, 0);

	nacl_set(NACL_CSR_ERROR, 0);
	end = guest_resume(vcpu);
	if (!guest_expect_exit(&end, &start, KVM_EXIT_MMIO))
		return;
	sbi_expect(vcpu->run->mmio.phys_addr == HOLE && vcpu->run->mmio.len == 8,
		   "an access of %u bytes at 0x%llx", vcpu->run->mmio.len,
		   vcpu->run->mmio.phys_addr);
}

static const struct sbi_case cases[] = {
	{ "[N3] errors of sync_sret: the vCPU is as before and goes on", other_errors },
	{ "[N3] sync_sret fails a thousand times", again_and_again },
	{ "[N3] each tenth sync_sret of a running guest fails", the_nth, 20 },
	{ "[N3] another VM runs between a failed entry and the next", another_vm },
	{ "[N2] no instruction is read while sync_csr fails", sync_csr_fails_later, 20 },
};

int main(void)
{
	nacl_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
