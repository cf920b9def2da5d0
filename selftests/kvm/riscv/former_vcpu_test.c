// SPDX-License-Identifier: GPL-2.0
/*
 * A vCPU that comes back to the CPU it left, where no other has run since, finds
 * its CSRs there, and KVM does not load them again. If the CPU has been offline
 * meanwhile they are not there any more.
 */
#include <errno.h>
#include <string.h>

#include "guest_trap.h"
#include "host_cpu.h"

#define CPU		1

/* The guest's CSRs, none of them what a hart has by itself. */
#define SIE		(BIT(IRQ_S_SOFT) | BIT(IRQ_S_TIMER) | BIT(IRQ_S_EXT))
#define SSCRATCH	0x1234567890abcdef
#define SEPC		0x5a5a5a5a5a5a
#define SCAUSE		0x5b
#define STVAL		0x5c5c5c5c5c5c

static struct kvm_vcpu *vcpu;
static struct kvm_vm *vm;

static void bring_online(void)
{
	host_cpu_online(CPU);
}

static void create(void)
{
	static const u32 ids[] = { 0 };

	host_cpu_or_skip(CPU);
	vm = sbi_vm_create(&vcpu, ids, 1);
	pin_self_to_cpu(CPU);
}

/* The vCPU parks on its CPU, which goes offline and comes back. */
static void park(void)
{
	pin_self_to_cpu(0);
	sbi_expect(host_cpu_offline(CPU), "CPU %d stays online: %s", CPU, strerror(errno));
	sbi_expect(host_cpu_online(CPU), "CPU %d stays offline: %s", CPU, strerror(errno));
	pin_self_to_cpu(CPU);
}

/* Behind the ebreak that it is at. A core register: the CSRs are not touched by user space. */
static void go_on(void)
{
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.pc), vcpu_get_reg(vcpu, RISCV_CORE_REG(regs.pc)) + 4);
	sbi_run_on(vcpu);
}

static struct {
	unsigned long sie, sscratch, sepc, scause, stval, stvec, satp;
} before, after;

static __always_inline void read_csrs(typeof(before) *csrs)
{
	csrs->sie = csr_read(CSR_SIE);
	csrs->sscratch = csr_read(CSR_SSCRATCH);
	csrs->sepc = csr_read(CSR_SEPC);
	csrs->scause = csr_read(CSR_SCAUSE);
	csrs->stval = csr_read(CSR_STVAL);
	csrs->stvec = csr_read(CSR_STVEC);
	csrs->satp = csr_read(CSR_SATP);
}

static void guest_csrs(void)
{
	csr_write(CSR_SIE, SIE);
	csr_write(CSR_SSCRATCH, SSCRATCH);
	csr_write(CSR_SEPC, SEPC);
	csr_write(CSR_SCAUSE, SCAUSE);
	csr_write(CSR_STVAL, STVAL);
	read_csrs(&before);
	guest_stop();
	read_csrs(&after);
	guest_stop();
}

static void csrs_are_there(void)
{
	create();
	sbi_run_guest(vcpu, guest_csrs, 0, 0);
	park();
	go_on();

	sync_global_from_guest(vm, before);
	sync_global_from_guest(vm, after);
#define EXPECT(csr) \
	sbi_expect(after.csr == before.csr, #csr " is 0x%lx, was 0x%lx", after.csr, before.csr)
	EXPECT(sie);
	EXPECT(sscratch);
	EXPECT(sepc);
	EXPECT(scause);
	EXPECT(stval);
	EXPECT(stvec);
	EXPECT(satp);
}

static unsigned long interrupts;

static void count_interrupt(struct pt_regs *regs)
{
	interrupts++;
	csr_clear(CSR_SIE, BIT(IRQ_S_SOFT));
}

static void guest_interrupt(void)
{
	csr_write(CSR_SIE, BIT(IRQ_S_SOFT));
	local_irq_enable();
	guest_stop();
	csr_set(CSR_SIP, BIT(IRQ_S_SOFT));
	guest_stop();
}

static void interrupt_comes(void)
{
	create();
	vm_install_interrupt_handler(vm, count_interrupt);
	sbi_run_guest(vcpu, guest_interrupt, 0, 0);
	park();
	go_on();
	sync_global_from_guest(vm, interrupts);
	sbi_expect(interrupts == 1, "%lu interrupts, wanted 1", interrupts);
}

static unsigned long traps;

static void count_trap(struct pt_regs *regs)
{
	traps++;
	regs->epc += 4;
}

static void guest_traps(void)
{
	guest_stop();
	/* custom-0: no such instruction. */
	asm volatile(".balign 4\n.word 0x0000000b");
	guest_stop();
}

static void trap_is_the_guests(void)
{
	create();
	vm_install_exception_handler(vm, EXC_INST_ILLEGAL, count_trap);
	sbi_run_guest(vcpu, guest_traps, 0, 0);
	park();
	go_on();
	sync_global_from_guest(vm, traps);
	sbi_expect(traps == 1, "%lu illegal instructions, wanted 1", traps);
}

static const struct sbi_case cases[] = {
	{ "[N7] CSRs of a vCPU whose CPU was offline meanwhile", csrs_are_there },
	{ "[N7] an interrupt of a vCPU whose CPU was offline meanwhile", interrupt_comes },
	{ "an exception of a vCPU whose CPU was offline meanwhile", trap_is_the_guests },
};

int main(void)
{
	sbi_after_case = bring_online;
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
