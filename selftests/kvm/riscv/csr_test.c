// SPDX-License-Identifier: GPL-2.0
/*
 * CSR instructions of a guest that the hart leaves to KVM: which CSRs there
 * are, what user space is asked, and who may.
 */
#include <errno.h>

#include "firmware_event.h"
#include "guest_trap.h"

#define CSR_SEED		0x015

/* Nothing is there. */
#define HOLE			(1UL << 36)
#define HOLE_VA			0x60000000UL

/* Values of siselect (AIA, 3.8): priorities of interrupts, and eidelivery. */
#define ISELECT_PRIORITIES	0x30
#define ISELECT_EIDELIVERY	0x70

#define VALUE			0x8123456789abcdef

static const unsigned long modes[] = { GUEST_VS, GUEST_VU };

static struct kvm_vcpu *vcpu;
static struct kvm_vm *vm;

static void create(void)
{
	vm = guest_create(&vcpu);
}

static bool has(unsigned long extension)
{
	return __vcpu_has_isa_ext(vcpu, extension);
}

static void create_with_aia(void)
{
	create();
	if (!has(KVM_RISCV_ISA_EXT_SSAIA))
		sbi_skip("no AIA on this host");
}

static void select_register(unsigned long number)
{
	struct guest_state start = guest_at(vcpu, GUEST_VS, INSN_CSRRW(X0, CSR_SISELECT, A1));

	start.x[A1] = number;
	guest_expect_value(vcpu, &start, 0);
}


/* The six instructions, and what they ask of the CSR; VALUE is in a1. */
static const struct {
	unsigned int funct3, source;
	unsigned long new_value, write_mask;
} forms[] = {
	/* csrrw, csrrs, csrrc */
	{ 1, A1, VALUE, -1UL },
	{ 2, A1, -1UL, VALUE },
	{ 3, A1, 0, VALUE },
	/* csrrwi, csrrsi, csrrci */
	{ 5, 0x15, 0x15, -1UL },
	{ 6, 0x15, -1UL, 0x15 },
	{ 7, 0x1f, 0, 0x1f },
	/* csrrw and csrrwi of zero */
	{ 1, X0, 0, -1UL },
	{ 5, 0, 0, -1UL },
	/* Those from here on do not write: the others of zero. */
	{ 2, X0, -1UL, 0 },
	{ 3, X0, 0, 0 },
	{ 6, 0, -1UL, 0 },
	{ 7, 0, 0, 0 },
};

#define WRITES		8

static u32 insn_of(unsigned int form, unsigned int rd, unsigned int csr)
{
	return INSN_I(csr, forms[form].source, forms[form].funct3, rd, 0x73);
}

static struct guest_state about_to(unsigned long mode, u32 insn)
{
	struct guest_state start = guest_at(vcpu, mode, insn);

	start.x[A1] = VALUE;
	return start;
}

static bool expect_illegal(unsigned long mode, u32 insn)
{
	struct guest_state start = about_to(mode, insn);

	if (guest_expect_trap(vcpu, &start, EXC_INST_ILLEGAL, insn))
		return true;
	sbi_expect(false, "it was the instruction 0x%x in mode %lu", insn, mode);
	return false;
}

static void expect_no_csr_exits(void)
{
	guest_expect_counted(vcpu, "csr_exit_user", 0, 0);
	guest_expect_counted(vcpu, "csr_exit_kernel", 0, 0);
}

/* KVM_RUN ends for @insn, with what it asks in the run structure. */
static bool expect_asks(const struct guest_state *start, u32 insn, unsigned long new_value,
			unsigned long write_mask)
{
	struct kvm_run *run = vcpu->run;
	struct guest_end end;

	/* What is not written is seen. */
	memset(&run->riscv_csr, 0x5a, sizeof(run->riscv_csr));
	end = guest_run(vcpu, start);
	if (!guest_expect_exit(&end, start, KVM_EXIT_RISCV_CSR)) {
		sbi_expect(false, "it was the instruction 0x%x in mode %lu", insn, start->mode);
		return false;
	}

	return sbi_expect(run->riscv_csr.csr_num == insn >> 20 &&
			  run->riscv_csr.new_value == new_value &&
			  run->riscv_csr.write_mask == write_mask && !run->riscv_csr.ret_value,
			  "instruction 0x%x: CSR 0x%lx, new value 0x%lx, mask 0x%lx, answer 0x%lx for user space; wanted 0x%x, 0x%lx, 0x%lx, 0",
			  insn, (unsigned long)run->riscv_csr.csr_num,
			  (unsigned long)run->riscv_csr.new_value,
			  (unsigned long)run->riscv_csr.write_mask,
			  (unsigned long)run->riscv_csr.ret_value, insn >> 20, new_value,
			  write_mask);
}

/* The answer is in @rd after that, and nothing else has changed. */
static bool expect_answered(const struct guest_state *start, unsigned int rd, unsigned long value)
{
	struct guest_end end = guest_resume(vcpu);

	return guest_expect_passed(&end, start, rd) &&
	       (!rd || sbi_expect(end.state.x[rd] == value, "x%u is 0x%lx, the answer was 0x%lx",
				  rd, end.state.x[rd], value));
}

/* @count forms on a CSR that user space has. */
static void expect_forwarded(unsigned long mode, unsigned int csr, unsigned int count)
{
	static const unsigned int registers[] = { A0, A1, X0, RA, SP, 31 };
	const unsigned long answer = 0xfedcba9876543210;
	struct guest_state start;
	unsigned int i, j;
	u64 before;
	u32 insn;

	for (i = 0; i < count; i++) {
		for (j = 0; j < ARRAY_SIZE(registers); j++) {
			insn = insn_of(i, registers[j], csr);
			start = about_to(mode, insn);
			before = sbi_stat(vcpu, "csr_exit_user");
			if (!expect_asks(&start, insn, forms[i].new_value, forms[i].write_mask))
				return;
			guest_expect_counted(vcpu, "csr_exit_user", before, 1);
			vcpu->run->riscv_csr.ret_value = answer;
			if (!expect_answered(&start, registers[j], answer))
				return;
			guest_expect_counted(vcpu, "csr_exit_user", before, 1);
		}
	}
	guest_expect_counted(vcpu, "csr_exit_kernel", 0, 0);
}

static void seed(void)
{
	unsigned int i;

	create();
	if (!has(KVM_RISCV_ISA_EXT_ZKR))
		sbi_skip("no Zkr on this host");
	/* It is one that must be written (Zkr, 4.1). */
	for (i = 0; i < ARRAY_SIZE(modes); i++)
		expect_forwarded(modes[i], CSR_SEED, WRITES);
}

static void stopei(void)
{
	create_with_aia();
	expect_forwarded(GUEST_VS, CSR_STOPEI, ARRAY_SIZE(forms));
}

static void sireg(void)
{
	create_with_aia();
	select_register(ISELECT_EIDELIVERY);
	expect_forwarded(GUEST_VS, CSR_SIREG, ARRAY_SIZE(forms));
}

static void no_answer(void)
{
	struct guest_state start;
	u32 insn;

	create_with_aia();
	insn = INSN_CSRRW(A0, CSR_STOPEI, A1);
	start = about_to(GUEST_VS, insn);
	if (expect_asks(&start, insn, VALUE, -1UL))
		expect_answered(&start, A0, 0);
}

/* KVM_RUN that takes the answer and does not enter the guest, then one that does. */
static void answered_once(void)
{
	struct guest_state start, state;
	struct kvm_run *run;
	u32 insn;

	create_with_aia();
	run = vcpu->run;
	insn = INSN_CSRRW(A0, CSR_STOPEI, A1);
	start = about_to(GUEST_VS, insn);
	if (!expect_asks(&start, insn, VALUE, -1UL))
		return;

	run->riscv_csr.ret_value = 7;
	run->immediate_exit = 1;
	sbi_expect(__vcpu_run(vcpu) && errno == EINTR,
		   "KVM_RUN that is to end at once gave errno %d", errno);
	run->immediate_exit = 0;
	state = guest_get(vcpu);
	sbi_expect(state.pc == start.pc + 4 && state.x[A0] == 7,
		   "the pc is 0x%lx and a0 0x%lx after the answer was taken, wanted 0x%lx, 7",
		   state.pc, state.x[A0], start.pc + 4);

	run->riscv_csr.ret_value = 8;
	expect_answered(&start, A0, 7);
}

/*
 * What is loaded into x0 goes nowhere. C keeps it, and takes it for the value
 * of x0 where it emulates the next instruction.
 */
static void zero_after_a_load(void)
{
	struct guest_state start;
	struct guest_end end;
	unsigned int i;
	u32 insn;

	create_with_aia();
	guest_map(vm, HOLE_VA, HOLE, GUEST_VS);
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		start = guest_at(vcpu, GUEST_VS, INSN_LD(X0, A0));
		start.x[A0] = HOLE_VA;
		end = guest_run(vcpu, &start);
		if (!guest_expect_exit(&end, &start, KVM_EXIT_MMIO))
			return;
		memset(vcpu->run->mmio.data, 0x77, sizeof(vcpu->run->mmio.data));
		end = guest_resume(vcpu);
		guest_expect_passed(&end, &start, 0);

		insn = insn_of(i, A0, CSR_STOPEI);
		start = about_to(GUEST_VS, insn);
		if (!expect_asks(&start, insn, forms[i].new_value, forms[i].write_mask))
			return;
	}
}

/* Also what a CSR instruction reads into x0, of what user space says. */
static void zero_after_an_answer(void)
{
	struct guest_state start;
	u32 insn;

	create_with_aia();
	insn = INSN_CSRRW(X0, CSR_STOPEI, A1);
	start = about_to(GUEST_VS, insn);
	if (!expect_asks(&start, insn, VALUE, -1UL))
		return;
	vcpu->run->riscv_csr.ret_value = VALUE;
	expect_answered(&start, X0, 0);

	insn = INSN_CSRR(A0, CSR_STOPEI);
	start = about_to(GUEST_VS, insn);
	expect_asks(&start, insn, -1UL, 0);
}

/* Those that KVM has itself. */

static unsigned long expect_emulated(unsigned long mode, u32 insn, unsigned int rd)
{
	struct guest_state start = about_to(mode, insn);
	u64 user = sbi_stat(vcpu, "csr_exit_user"), kernel = sbi_stat(vcpu, "csr_exit_kernel");
	unsigned long value = guest_expect_value(vcpu, &start, rd);

	guest_expect_counted(vcpu, "csr_exit_user", user, 0);
	guest_expect_counted(vcpu, "csr_exit_kernel", kernel, 1);
	return value;
}

static void expect_value(unsigned long is, unsigned long wanted, const char *what)
{
	sbi_expect(is == wanted, "%s is 0x%lx, wanted 0x%lx", what, is, wanted);
}

/*
 * The priorities of interrupts 0 to 7. Those of 1 and 5 can be set, a byte
 * each (hviprio1).
 */
static void priorities(void)
{
	const unsigned long can = 0x0000ff000000ff00;

	create_with_aia();
	select_register(ISELECT_PRIORITIES);
	expect_value(expect_emulated(GUEST_VS, INSN_CSRRW(A0, CSR_SIREG, A1), A0), 0, "what was there");
	expect_value(expect_emulated(GUEST_VS, INSN_CSRR(A0, CSR_SIREG), A0), VALUE & can,
		     "after csrrw");
	expect_emulated(GUEST_VS, INSN_CSRRC(X0, CSR_SIREG, A1), X0);
	expect_value(expect_emulated(GUEST_VS, INSN_CSRRC(A0, CSR_SIREG, X0), A0), 0, "after csrrc");
	expect_emulated(GUEST_VS, INSN_CSRRS(SP, CSR_SIREG, A1), SP);
	expect_value(expect_emulated(GUEST_VS, INSN_CSRRSI(A1, CSR_SIREG, 0), A1), VALUE & can,
		     "after csrrs");
	expect_emulated(GUEST_VS, INSN_CSRRW(X0, CSR_SIREG, X0), X0);
	expect_value(expect_emulated(GUEST_VS, INSN_CSRRCI(A0, CSR_SIREG, 0), A0), 0,
		     "after csrrw of zero");

	/* There is none of an odd number. */
	select_register(ISELECT_PRIORITIES + 1);
	expect_illegal(GUEST_VS, INSN_CSRR(A0, CSR_SIREG));
}

/* An IMSIC in the kernel that is not the hart's. */
static void create_with_imsic(void)
{
	u32 mode = KVM_DEV_RISCV_AIA_MODE_EMUL, sources = 0;
	u64 address = 0x28000000;
	int aia;

	create_with_aia();
	aia = kvm_create_device(vm, KVM_DEV_TYPE_RISCV_AIA);
	kvm_device_attr_set(aia, KVM_DEV_RISCV_AIA_GRP_CONFIG, KVM_DEV_RISCV_AIA_CONFIG_MODE,
			    &mode);
	kvm_device_attr_set(aia, KVM_DEV_RISCV_AIA_GRP_CONFIG, KVM_DEV_RISCV_AIA_CONFIG_SRCS,
			    &sources);
	kvm_device_attr_set(aia, KVM_DEV_RISCV_AIA_GRP_ADDR, KVM_DEV_RISCV_AIA_ADDR_IMSIC(0),
			    &address);
	kvm_device_attr_set(aia, KVM_DEV_RISCV_AIA_GRP_CTRL, KVM_DEV_RISCV_AIA_CTRL_INIT, NULL);
}

static void imsic_in_the_kernel(void)
{
	create_with_imsic();
	expect_value(expect_emulated(GUEST_VS, INSN_CSRR(A0, CSR_STOPEI), A0), 0, "stopei");

	select_register(ISELECT_EIDELIVERY);
	expect_value(expect_emulated(GUEST_VS, INSN_CSRRSI(A0, CSR_SIREG, 1), A0), 0,
		     "eidelivery");
	expect_value(expect_emulated(GUEST_VS, INSN_CSRRCI(A0, CSR_SIREG, 1), A0), 1,
		     "eidelivery, set,");
	expect_value(expect_emulated(GUEST_VS, INSN_CSRR(A0, CSR_SIREG), A0), 0,
		     "eidelivery, cleared,");
}

/* Who may: a CSR's number says in its bits 9:8 from which privilege on (2.1). */

static void expect_all_illegal(unsigned long mode, unsigned int csr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		if (!expect_illegal(mode, insn_of(i, A0, csr)))
			return;
	}
}

static void supervisor_csrs(void)
{
	static const unsigned int csrs[] = {
		CSR_SSTATUS, CSR_SIE, CSR_STVEC, CSR_SCOUNTEREN, CSR_SENVCFG, CSR_SSCRATCH,
		CSR_SEPC, CSR_SCAUSE, CSR_STVAL, CSR_SIP, CSR_STIMECMP, CSR_SATP, CSR_SISELECT,
		CSR_STOPI,
	};
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(csrs); i++)
		expect_all_illegal(GUEST_VU, csrs[i]);
	expect_no_csr_exits();
}

/* C emulates it, or asks user space to. */
static void supervisor_csrs_of_user_space(void)
{
	create_with_aia();
	expect_all_illegal(GUEST_VU, CSR_STOPEI);
	select_register(ISELECT_EIDELIVERY);
	expect_all_illegal(GUEST_VU, CSR_SIREG);
	expect_no_csr_exits();
}

static void supervisor_csrs_of_the_kernel(void)
{
	create_with_imsic();
	expect_all_illegal(GUEST_VU, CSR_STOPEI);
	select_register(ISELECT_EIDELIVERY);
	expect_all_illegal(GUEST_VU, CSR_SIREG);
	select_register(ISELECT_PRIORITIES);
	expect_all_illegal(GUEST_VU, CSR_SIREG);
	expect_no_csr_exits();
}

static void hypervisor_csrs(void)
{
	static const unsigned int csrs[] = {
		CSR_VSSTATUS, CSR_VSIE, CSR_VSTVEC, CSR_VSSCRATCH, CSR_VSEPC, CSR_VSCAUSE,
		CSR_VSTVAL, CSR_VSIP, CSR_VSATP, CSR_VSTIMECMP, CSR_VSISELECT, CSR_VSIREG,
		CSR_VSTOPEI, CSR_HSTATUS, CSR_HEDELEG, CSR_HIDELEG, CSR_HIE, CSR_HTIMEDELTA,
		CSR_HCOUNTEREN, CSR_HGEIE, CSR_HVICTL, CSR_HENVCFG, CSR_HTVAL, CSR_HIP,
		CSR_HVIP, CSR_HTINST, CSR_HGATP, CSR_HGEIP,
	};
	unsigned int i, j;

	create();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		for (j = 0; j < ARRAY_SIZE(csrs); j++)
			expect_all_illegal(modes[i], csrs[j]);
	}
	expect_no_csr_exits();
}

/* Counters. */

static bool has_pmu(void)
{
	return __vcpu_has_sbi_ext(vcpu, KVM_RISCV_SBI_EXT_PMU) && firmware_events_compiled_in();
}

/* A vCPU with a counter that runs, if there is a PMU: the number of its CSR. */
static unsigned int create_with_counter(void)
{
	struct sbi_outcome counter;
	unsigned long all;

	create();
	/* Without one, cycle and instret are zero. */
	if (!has_pmu())
		return CSR_CYCLE;

	counter = sbi_call(vcpu, SBI_EXT_PMU, SBI_EXT_PMU_NUM_COUNTERS);
	all = counter.value < 64 ? (1UL << counter.value) - 1 : -1UL;
	counter = sbi_call(vcpu, SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, all, 0,
			   SBI_PMU_HW_CPU_CYCLES);
	sbi_expect(counter.returned && !counter.error && counter.value < 32,
		   "no counter for cycles: %ld, 0x%lx", counter.error, counter.value);
	sbi_expect_call(vcpu, SBI_SUCCESS, SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_START,
			counter.value, 1, 0, 0);
	return CSR_CYCLE + counter.value;
}

static void set_scounteren(unsigned long mask)
{
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(scounteren), mask);
}

static unsigned long bit_of(unsigned int csr)
{
	return 1UL << (csr - CSR_CYCLE);
}

static void counters(void)
{
	unsigned int csr = create_with_counter(), i;
	unsigned long first, second;

	for (i = WRITES; i < ARRAY_SIZE(forms); i++) {
		/* VS has no need of the bit. */
		set_scounteren(0);
		first = expect_emulated(GUEST_VS, insn_of(i, A0, csr), A0);
		set_scounteren(bit_of(csr));
		second = expect_emulated(GUEST_VU, insn_of(i, A0, csr), A0);
		sbi_expect(second >= first && second < 1UL << 60,
			   "the counter goes from 0x%lx to 0x%lx", first, second);
	}

	/* None of them can be written. */
	for (i = 0; i < WRITES; i++) {
		expect_illegal(GUEST_VS, insn_of(i, A0, csr));
		expect_illegal(GUEST_VU, insn_of(i, A0, csr));
	}
}

static void other_counters(void)
{
	unsigned int csr, counter = create_with_counter();
	bool pmu = has_pmu();
	u64 before;

	set_scounteren(-1UL);
	before = sbi_stat(vcpu, "csr_exit_kernel");
	for (csr = CSR_CYCLE; csr < CSR_CYCLE + 32; csr++) {
		/* time is the hart's. */
		if (csr == counter || csr == CSR_TIME || (csr == CSR_INSTRET && !pmu))
			continue;
		expect_illegal(GUEST_VS, INSN_CSRR(A0, csr));
		expect_illegal(GUEST_VU, INSN_CSRR(A0, csr));
	}
	guest_expect_counted(vcpu, "csr_exit_kernel", before, 0);
}

/* C gives the value. */
static void counters_of_the_supervisor(void)
{
	unsigned int csr = create_with_counter();
	u64 before = sbi_stat(vcpu, "csr_exit_kernel");

	set_scounteren(0);
	expect_illegal(GUEST_VU, INSN_CSRR(A0, csr));
	set_scounteren(~bit_of(csr));
	expect_illegal(GUEST_VU, INSN_CSRR(A0, csr));
	guest_expect_counted(vcpu, "csr_exit_kernel", before, 0);
}

static void time_of_the_supervisor(void)
{
	struct guest_state start;
	unsigned long first, second;

	create();
	set_scounteren(0);
	start = about_to(GUEST_VS, INSN_CSRR(A0, CSR_TIME));
	first = guest_expect_value(vcpu, &start, A0);
	expect_illegal(GUEST_VU, INSN_CSRR(A0, CSR_TIME));
	set_scounteren(bit_of(CSR_TIME));
	start = about_to(GUEST_VU, INSN_CSRR(A0, CSR_TIME));
	second = guest_expect_value(vcpu, &start, A0);
	sbi_expect(second > first, "time goes from 0x%lx to 0x%lx", first, second);
	set_scounteren(~bit_of(CSR_TIME));
	expect_illegal(GUEST_VU, INSN_CSRR(A0, CSR_TIME));
	expect_no_csr_exits();
}

static const struct sbi_case cases[] = {
	{ "seed is what user space says", seed },
	{ "stopei is what user space says, without an interrupt controller in the kernel", stopei },
	{ "sireg is what user space says, without an interrupt controller in the kernel", sireg },
	{ "a CSR is 0 where user space does not answer", no_answer },
	{ "an answer is taken once", answered_once },
	{ "[X5] x0 is 0 in a CSR instruction after a load into it", zero_after_a_load },
	{ "x0 is 0 in a CSR instruction after an answer into it", zero_after_an_answer },
	{ "sireg is KVM's where it selects the priorities of interrupts", priorities },
	{ "stopei and sireg are those of an IMSIC in the kernel", imsic_in_the_kernel },
	{ "a CSR of the supervisor is illegal in VU", supervisor_csrs },
	{ "[X6] one that user space has is illegal in VU", supervisor_csrs_of_user_space },
	{ "[X6] one that KVM has is illegal in VU", supervisor_csrs_of_the_kernel },
	{ "a CSR of the hypervisor is illegal", hypervisor_csrs },
	{ "a counter can be read in VS, and in VU if scounteren has its bit", counters },
	{ "a counter that does not run is illegal", other_counters },
	{ "[X6] a counter is illegal in VU if scounteren has not its bit",
	  counters_of_the_supervisor },
	{ "time is illegal in VU if scounteren has not its bit", time_of_the_supervisor },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
