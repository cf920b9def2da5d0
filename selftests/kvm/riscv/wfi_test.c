// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions of a guest that wait: WFI until an interrupt, WRS.NTO for a
 * while.
 */
#include <errno.h>

#include "guest_thread.h"

/* What waits is still waiting after that. */
#define WHILE_MS	200

static struct kvm_vcpu *vcpu;
static struct kvm_vm *vm;

static void create(void)
{
	vm = guest_create(&vcpu);
}

/* Which interrupts wake the vCPU; none of them is taken, as SIE is 0. */
static void enable(unsigned long interrupts)
{
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(sie), interrupts);
}

/* The external interrupt line of the vCPU. */
static void raise_line(bool high)
{
	u32 irq = high ? KVM_INTERRUPT_SET : KVM_INTERRUPT_UNSET;

	sbi_expect(!ioctl(vcpu->fd, KVM_INTERRUPT, &irq), "KVM_INTERRUPT: %s", strerror(errno));
}

/* The vCPU is in its instruction, which @name counts, and stays there. */
static bool expect_waits(const char *name, u64 before)
{
	unsigned long give_up = now_ms() + GUEST_THREAD_MS;

	while (sbi_stat(vcpu, name) == before && !guest_thread_done() && now_ms() < give_up)
		sleep_ms(1);
	sleep_ms(WHILE_MS);
	guest_expect_counted(vcpu, name, before, 1);
	return sbi_expect(!guest_thread_done(), "it did not wait: exit reason %u",
			  vcpu->run->exit_reason);
}

static struct guest_state before_wfi(void)
{
	return guest_at(vcpu, GUEST_VS, INSN_WFI);
}

/* With an interrupt pending that wakes it. */
static void pending(void)
{
	struct guest_state start;
	struct guest_end end;
	u64 before;

	create();
	raise_line(true);
	enable(BIT(IRQ_S_EXT));
	start = before_wfi();
	before = sbi_stat(vcpu, "wfi_exit_stat");
	guest_thread_begin(vcpu, &start);
	end = guest_thread_finish();
	guest_expect_passed(&end, &start, 0);
	guest_expect_counted(vcpu, "wfi_exit_stat", before, 1);
}

static void woken_by_an_interrupt(void)
{
	struct guest_state start;
	struct guest_end end;
	u64 before;

	create();
	enable(BIT(IRQ_S_EXT));
	start = before_wfi();
	before = sbi_stat(vcpu, "wfi_exit_stat");
	guest_thread_begin(vcpu, &start);
	expect_waits("wfi_exit_stat", before);
	raise_line(true);
	end = guest_thread_finish();
	guest_expect_passed(&end, &start, 0);
	guest_expect_counted(vcpu, "wfi_exit_stat", before, 1);
}

/* It waits, then takes the interrupt behind the instruction. */
static void interrupt_is_taken(void)
{
	struct guest_state start, behind;
	struct guest_end end;

	create();
	enable(BIT(IRQ_S_EXT));
	start = before_wfi();
	start.sstatus |= SR_SIE;
	guest_thread_begin(vcpu, &start);
	expect_waits("wfi_exit_stat", 0);
	raise_line(true);
	end = guest_thread_finish();

	behind = start;
	behind.pc += 4;
	guest_expect_trapped(&end, &behind, CAUSE_IRQ_FLAG | IRQ_S_EXT, 0);
}

/* One that is pending and not enabled does not wake it. */
static void disabled(void)
{
	struct guest_state start;
	struct guest_end end;

	create();
	raise_line(true);
	enable(BIT(IRQ_S_TIMER));
	start = before_wfi();
	guest_thread_begin(vcpu, &start);
	if (expect_waits("wfi_exit_stat", 0))
		guest_thread_interrupt();
	end = guest_thread_finish();
	sbi_expect(end.error == EINTR, "KVM_RUN ended with exit reason %u, errno %d",
		   end.exit_reason, end.error);
}

/* KVM_RUN ends, and the instruction is done. */
static void woken_by_a_signal(void)
{
	struct guest_state start, behind;
	struct guest_end end;
	u64 before;

	create();
	enable(BIT(IRQ_S_EXT));
	start = before_wfi();
	guest_thread_begin(vcpu, &start);
	before = sbi_stat(vcpu, "signal_exits");
	if (expect_waits("wfi_exit_stat", 0))
		guest_thread_interrupt();
	end = guest_thread_finish();
	sbi_expect(end.error == EINTR && end.exit_reason == KVM_EXIT_INTR,
		   "KVM_RUN ended with exit reason %u, errno %d; wanted KVM_EXIT_INTR, EINTR",
		   end.exit_reason, end.error);
	guest_expect_counted(vcpu, "signal_exits", before, 1);
	behind = start;
	behind.pc += 4;
	guest_expect_same("a signal", &end.state, &behind, 0);

	end = guest_resume(vcpu);
	guest_expect_exit(&end, &behind, KVM_EXIT_DEBUG);
	guest_expect_counted(vcpu, "wfi_exit_stat", 0, 1);
}

/* VU has no WFI. C waits where the hart leaves it to KVM. */
static void wfi_of_a_user(void)
{
	struct guest_state start;
	struct guest_end end;

	create();
	enable(BIT(IRQ_S_EXT));
	start = guest_at(vcpu, GUEST_VU, INSN_WFI);
	guest_thread_begin(vcpu, &start);
	sleep_ms(WHILE_MS);
	/* So that it ends in any case. */
	raise_line(true);
	end = guest_thread_finish();
	guest_expect_counted(vcpu, "wfi_exit_stat", 0, 0);
	if (!guest_expect_trapped(&end, &start, EXC_INST_ILLEGAL, INSN_WFI))
		return;

	/* VU takes an interrupt whatever SIE is. */
	raise_line(false);
	enable(0);
	guest_expect_trap(vcpu, &start, EXC_INST_ILLEGAL, INSN_WFI);
	guest_expect_counted(vcpu, "wfi_exit_stat", 0, 0);
}

/* WRS.NTO is done after a while, in VU too. */
static void wait_on_reservation_set(void)
{
	static const unsigned long modes[] = { GUEST_VS, GUEST_VU };
	struct guest_state start;
	unsigned int i;
	u64 before;

	create();
	if (!__vcpu_has_isa_ext(vcpu, KVM_RISCV_ISA_EXT_ZAWRS))
		sbi_skip("no Zawrs on this host");
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		before = sbi_stat(vcpu, "wrs_exit_stat");
		start = guest_at(vcpu, modes[i], INSN_WRS_NTO);
		guest_expect_value(vcpu, &start, 0);
		guest_expect_counted(vcpu, "wrs_exit_stat", before, 1);

		/* The one with a short timeout is the hart's. */
		start = guest_at(vcpu, modes[i], INSN_WRS_STO);
		guest_expect_value(vcpu, &start, 0);
		guest_expect_counted(vcpu, "wrs_exit_stat", before, 1);
	}
	guest_expect_counted(vcpu, "wfi_exit_stat", 0, 0);
}

static const struct sbi_case cases[] = {
	{ "WFI does not wait where an interrupt is pending", pending },
	{ "WFI waits for an interrupt", woken_by_an_interrupt },
	{ "WFI waits for an interrupt, which is taken behind it", interrupt_is_taken },
	{ "WFI does not wait for an interrupt that is not enabled", disabled },
	{ "a signal ends WFI", woken_by_a_signal },
	{ "[X6] WFI is illegal in VU", wfi_of_a_user },
	{ "WRS.NTO goes on by itself, in VS and VU", wait_on_reservation_set },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
