// SPDX-License-Identifier: GPL-2.0
/*
 * User space between an MMIO or CSR exit and the next KVM_RUN: what it may do,
 * and what it cannot do to anyone but its own guest. The run structure is its
 * memory; it can write there what it likes, at any time.
 *
 * What Linux 7.2.12 does instead with the C is said at each case that has an id.
 */
#include <errno.h>

#include "mmio_guest.h"

#define VALUE			0x8182838485868788
#define C_EBREAK		0x9002

/* stopei, which user space has where the VM has no AIA. */
#define CSR_OF_AIA		0x15c

/* Somewhere else for the guest to go on, with an ebreak every two bytes. */
#define ELSEWHERE		1024

static struct step_guest guest;

static u64 elsewhere(void)
{
	u16 ebreaks[16];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ebreaks); i++)
		ebreaks[i] = C_EBREAK;
	memcpy(addr_gva2hva(guest.vm, guest.code + ELSEWHERE), ebreaks, sizeof(ebreaks));
	return guest.code + ELSEWHERE;
}

static void set_pc(u64 pc)
{
	vcpu_set_reg(guest.vcpu, RISCV_CORE_REG(regs.pc), pc);
}

/* The next KVM_RUN ends at once, at @pc, with no register changed but x@changed. */
static void expect_at(const char *what, u64 pc, unsigned int changed, u64 value)
{
	enum step_end end = step_go_on(&guest);
	u64 is = step_pc(&guest);

	sbi_expect(end != STEP_ERROR && guest.vcpu->run->exit_reason == KVM_EXIT_DEBUG && is == pc,
		   "%s: %s, the pc 0x%lx; wanted 0x%lx", what, step_ended(&guest, end), is, pc);
	step_expect_registers(&guest, what, changed, value);
}

/* An exit to user space that it has not answered yet. */
struct pending {
	const char *name;
	u32 instruction;
	/* The register that is to change; 0 for none. */
	unsigned int changed;
	unsigned long value;
	u32 exit_reason;
};

enum which { LOAD, COMPRESSED_LOAD, STORE, COMPRESSED_STORE, CSR, NR_PENDING };

static struct pending pending[NR_PENDING];

/* Whether there are CSRs that user space has. */
static bool has_csr(void)
{
	return __vcpu_has_isa_ext(guest.vcpu, KVM_RISCV_ISA_EXT_SSAIA);
}

static void create(void)
{
	mmio_create(&guest);
	pending[LOAD] = (struct pending) {
		"lw", encode(memory_instruction("lw"), 12, 10, 0), 12,
		loaded(memory_instruction("lw"), VALUE), KVM_EXIT_MMIO,
	};
	pending[COMPRESSED_LOAD] = (struct pending) {
		"c.ld", encode(memory_instruction("c.ld"), 12, 10, 0), 12, VALUE, KVM_EXIT_MMIO,
	};
	/* With an offset that looks like the number of a register. */
	pending[STORE] = (struct pending) {
		"sd", encode(memory_instruction("sd"), 12, 10, 24), 0, 0, KVM_EXIT_MMIO,
	};
	pending[COMPRESSED_STORE] = (struct pending) {
		"c.sw", encode(memory_instruction("c.sw"), 12, 10, 8), 0, 0, KVM_EXIT_MMIO,
	};
	/* csrrw x12, stopei, x11 */
	pending[CSR] = (struct pending) {
		"csrrw", CSR_OF_AIA << 20 | 11 << 15 | 1 << 12 | 12 << 7 | 0x73, 12, VALUE,
		KVM_EXIT_RISCV_CSR,
	};
}

/* Up to an exit, to which the answer is in the run structure. */
static bool begin(enum which which)
{
	struct kvm_run *run = guest.vcpu->run;
	const struct pending *this = &pending[which];
	u64 value = VALUE;
	enum step_end end;

	step_patterns(&guest);
	guest.x[10] = mmio_gva(PAGE_MMIO);
	end = step(&guest, this->instruction);
	if (!sbi_expect(end == STEP_EXIT && run->exit_reason == this->exit_reason,
			"%s: %s", this->name, step_ended(&guest, end)))
		return false;

	if (which == CSR)
		run->riscv_csr.ret_value = value;
	else if (this->changed)
		memcpy(run->mmio.data, &value, sizeof(value));
	return true;
}

/* The exit is answered: the guest goes on behind the instruction. */
static void expect_completed(enum which which)
{
	expect_at(pending[which].name, guest.behind, pending[which].changed,
		  pending[which].value);
}

/* How many of them this machine has. */
static unsigned int nr_pending(void)
{
	return has_csr() ? NR_PENDING : CSR;
}

static void completed(void)
{
	enum which which;

	create();
	for (which = 0; which < nr_pending(); which++) {
		if (begin(which))
			expect_completed(which);
	}
}

/* KVM_RUN that takes the answer and does not enter the guest, then one that does. */
static void completed_once(void)
{
	struct kvm_run *run;
	enum which which;

	create();
	run = guest.vcpu->run;
	for (which = 0; which < nr_pending(); which++) {
		if (!begin(which))
			return;
		run->immediate_exit = 1;
		sbi_expect(__vcpu_run(guest.vcpu) && errno == EINTR,
			   "KVM_RUN that is to end at once gave errno %d", errno);
		run->immediate_exit = 0;
		sbi_expect(step_pc(&guest) == guest.behind,
			   "%s: the pc is 0x%lx after the answer was taken", pending[which].name,
			   step_pc(&guest));

		memset(run->mmio.data, 0x77, sizeof(run->mmio.data));
		if (which == CSR)
			run->riscv_csr.ret_value = ~VALUE;
		expect_completed(which);
	}
}

/* As a VMM does that has all registers of a vCPU of its own, and puts them back. */
static void registers_put_back(void)
{
	enum which which;
	unsigned int i;

	create();
	for (which = 0; which < nr_pending(); which++) {
		if (!begin(which))
			return;
		for (i = 0; i < NR_X; i++)
			vcpu_set_reg(guest.vcpu, step_register(i),
				     vcpu_get_reg(guest.vcpu, step_register(i)));
		expect_completed(which);

		/* And others that it has changed. */
		if (!begin(which))
			return;
		guest.was[9] = 0x9999;
		vcpu_set_reg(guest.vcpu, step_register(9), 0x9999);
		vcpu_set_reg(guest.vcpu, step_register(12), pending[which].changed ? 0x1212 :
			     guest.was[12]);
		expect_completed(which);
	}
}

/* C: the access is completed, and the new pc moved on by the length of the old instruction. */
static void pc_set_elsewhere(void)
{
	enum which which;
	u64 to;

	create();
	to = elsewhere();
	for (which = 0; which < CSR; which++) {
		if (!begin(which))
			return;
		set_pc(to);
		expect_at(pending[which].name, to, 0, 0);
	}
}

static void pc_set_elsewhere_after_csr(void)
{
	u64 to;

	create();
	if (!has_csr())
		sbi_skip("the guest has no CSR that user space has");
	to = elsewhere();
	if (begin(CSR)) {
		set_pc(to);
		expect_at("csrrw", to, 0, 0);
	}
}

/* A vCPU that is reset begins at its first instruction. */
static void expect_reset(enum which which)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_INIT_RECEIVED };
	unsigned int i;
	u16 ebreaks[16];

	if (!begin(which))
		return;
	for (i = 0; i < ARRAY_SIZE(ebreaks); i++)
		ebreaks[i] = C_EBREAK;
	/* The pc is 0 after it, and there are no page tables. */
	memcpy(addr_gpa2hva(guest.vm, 0), ebreaks, sizeof(ebreaks));
	vcpu_mp_state_set(guest.vcpu, &state);
	memset(guest.was, 0, sizeof(guest.was));
	expect_at(pending[which].name, 0, 0, 0);
	kvm_vm_free(guest.vm);
}

/* KVM_CHECK_EXTENSION does not know the capability. */
static void create_for_reset(void)
{
	create();
	if (__vm_enable_cap(guest.vm, KVM_CAP_RISCV_MP_STATE_RESET, 0))
		sbi_skip("KVM cannot reset a vCPU");
}

/* C: as where the pc is set elsewhere. */
static void reset(void)
{
	enum which which;

	for (which = 0; which < CSR; which++) {
		create_for_reset();
		expect_reset(which);
	}
}

static void reset_after_csr(void)
{
	create_for_reset();
	if (!has_csr())
		sbi_skip("the guest has no CSR that user space has");
	expect_reset(CSR);
}

/* C: what another life of the vCPU has begun is completed. */
static void reset_and_sent_back(void)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_INIT_RECEIVED };
	enum which which;
	enum step_end end;
	unsigned int i;
	u64 satp;

	for (which = 0; which < CSR; which++) {
		create_for_reset();
		satp = vcpu_get_reg(guest.vcpu, RISCV_GENERAL_CSR_REG(satp));
		if (!begin(which))
			return;
		vcpu_mp_state_set(guest.vcpu, &state);
		for (i = 1; i < NR_X; i++)
			vcpu_set_reg(guest.vcpu, step_register(i), guest.was[i]);
		vcpu_set_reg(guest.vcpu, RISCV_GENERAL_CSR_REG(satp), satp);
		vcpu_set_reg(guest.vcpu, RISCV_CORE_REG(mode), KVM_RISCV_MODE_S);
		set_pc(guest.pc);

		end = step_go_on(&guest);
		sbi_expect(end == STEP_EXIT && guest.vcpu->run->exit_reason == KVM_EXIT_MMIO,
			   "%s: %s; wanted the access once more", pending[which].name,
			   step_ended(&guest, end));
		sbi_expect(step_pc(&guest) == guest.pc, "%s: the pc is 0x%lx, wanted 0x%lx",
			   pending[which].name, step_pc(&guest), (unsigned long)guest.pc);
		step_expect_registers(&guest, pending[which].name, 0, 0);
		kvm_vm_free(guest.vm);
	}
}

/* User space forgets the exit, and the guest does it again. */
static void forgotten(void)
{
	struct kvm_run *run;
	enum which which;

	create();
	run = guest.vcpu->run;
	for (which = 0; which < nr_pending(); which++) {
		if (!begin(which))
			return;
		run->exit_reason = KVM_EXIT_UNKNOWN;
		memset(run->mmio.data, 0x77, sizeof(run->mmio.data));
		sbi_expect(step_go_on(&guest) == STEP_EXIT &&
			   run->exit_reason == pending[which].exit_reason,
			   "%s: exit reason %u the second time", pending[which].name,
			   run->exit_reason);
		sbi_expect(step_pc(&guest) == guest.pc, "%s: the pc is 0x%lx the second time",
			   pending[which].name, step_pc(&guest));

		if (which == CSR)
			run->riscv_csr.ret_value = pending[which].value;
		else if (pending[which].changed)
			memcpy(run->mmio.data, &(u64) { VALUE }, sizeof(u64));
		expect_completed(which);
	}
}

/*
 * An exit that user space forgot, because there is memory now, is forged later.
 * C: the old load is completed then.
 */
static void forgotten_and_forged(void)
{
	u64 to;

	create();
	to = elsewhere();
	if (!begin(LOAD))
		return;
	guest.vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	vm_userspace_mem_region_add(guest.vm, VM_MEM_SRC_ANONYMOUS, MMIO_HOLE, 10, 8, 0);
	expect_at("lw of memory", guest.behind, 12, 0);

	set_pc(to);
	guest.was[12] = 0;
	guest.vcpu->run->exit_reason = KVM_EXIT_MMIO;
	guest.vcpu->run->mmio.is_write = 0;
	expect_at("forged", to, 0, 0);
}

static void forge(struct kvm_run *run, u32 exit_reason, u8 is_write)
{
	memset(&run->mmio, 0x77, sizeof(run->mmio));
	run->exit_reason = exit_reason;
	run->mmio.len = 0xffffffff;
	run->mmio.is_write = is_write;
}

/* The vCPU has never run; its first instruction is at @to. */
static void forged_at_first(u32 exit_reason, u8 is_write)
{
	unsigned int i;
	u64 to;

	create();
	to = elsewhere();
	for (i = 1; i < NR_X; i++) {
		guest.was[i] = guest.x[i];
		vcpu_set_reg(guest.vcpu, step_register(i), guest.x[i]);
	}
	set_pc(to);
	forge(guest.vcpu->run, exit_reason, is_write);
	expect_at("forged", to, 0, 0);
}

/* C: KVM_RUN fails with EOPNOTSUPP. */
static void forged_load_at_first(void)
{
	forged_at_first(KVM_EXIT_MMIO, 0);
}

static void forged_store_at_first(void)
{
	forged_at_first(KVM_EXIT_MMIO, 1);
}

/* C: the guest begins two bytes behind its first instruction. */
static void forged_csr_at_first(void)
{
	forged_at_first(KVM_EXIT_RISCV_CSR, 0);
}

/* All exit reasons that there are, and some that there are not. None is pending. */
static void forged_later(void)
{
	struct kvm_run *run;
	enum which which;
	unsigned int i;
	u64 to;

	create();
	to = elsewhere();
	run = guest.vcpu->run;
	for (which = 0; which < nr_pending(); which++) {
		if (begin(which))
			expect_completed(which);
	}
	for (i = 1; i < NR_X; i++)
		guest.was[i] = guest.known[i];

	for (i = 0; i < 4 * 64; i++) {
		u32 exit_reason = i / 4;

		/*
		 * What comes of an SBI exit is not of this test; and of a CSR's where
		 * there never was one, forged_csr_at_first() is.
		 */
		if (exit_reason == KVM_EXIT_RISCV_SBI ||
		    (exit_reason == KVM_EXIT_RISCV_CSR && !has_csr()))
			continue;
		set_pc(to);
		forge(run, exit_reason | (i & 2 ? 0x80000000 : 0), i & 1);
		expect_at("forged", to, 0, 0);
	}
}

/* An MMIO exit that is said to be a CSR's: nothing is completed, the guest does it again. */
static void expect_other_exit(enum which which, u32 exit_reason)
{
	struct kvm_run *run = guest.vcpu->run;

	if (!begin(which))
		return;
	run->exit_reason = exit_reason;
	run->mmio.is_write = 0;
	sbi_expect(step_go_on(&guest) == STEP_EXIT &&
		   run->exit_reason == pending[which].exit_reason &&
		   step_pc(&guest) == guest.pc,
		   "%s as exit reason %u: errno %d, exit reason %u, the pc is 0x%lx, wanted 0x%lx",
		   pending[which].name, exit_reason, guest.run_errno, run->exit_reason,
		   step_pc(&guest), guest.pc);
	step_expect_registers(&guest, pending[which].name, 0, 0);
}

/* C: the pc moves by two bytes. */
static void mmio_as_csr(void)
{
	enum which which;

	for (which = 0; which < CSR; which++) {
		create();
		expect_other_exit(which, KVM_EXIT_RISCV_CSR);
		kvm_vm_free(guest.vm);
	}
}

/* C: KVM_RUN fails with EOPNOTSUPP. */
static void csr_as_mmio(void)
{
	create();
	if (!has_csr())
		sbi_skip("the guest has no CSR that user space has");
	expect_other_exit(CSR, KVM_EXIT_MMIO);
}

/* Everything of an exit but its answer. */
static void forged_fields(void)
{
	static const u32 lengths[] = { 0, 1, 2, 3, 4, 5, 8, 9, 16, 0x7fffffff, 0xffffffff };
	struct kvm_run *run;
	enum which which;
	unsigned int i;

	create();
	run = guest.vcpu->run;
	for (which = 0; which < nr_pending(); which++) {
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			if (!begin(which))
				return;
			if (which == CSR) {
				run->riscv_csr.csr_num = lengths[i];
				run->riscv_csr.new_value = ~run->riscv_csr.new_value;
				run->riscv_csr.write_mask = lengths[i];
			} else {
				run->mmio.len = lengths[i];
				run->mmio.phys_addr = ~run->mmio.phys_addr;
			}
			expect_completed(which);
		}
	}
}

/* C: what user space says decides: the load changes no register. */
static void load_as_store(void)
{
	enum which which;

	create();
	for (which = LOAD; which <= COMPRESSED_LOAD; which++) {
		if (!begin(which))
			return;
		guest.vcpu->run->mmio.is_write = 1;
		expect_completed(which);
	}
}

/* C: the register whose number is in the store's offset is loaded. */
static void store_as_load(void)
{
	enum which which;

	create();
	htinst_or_skip(MMIO_TRAPS, 0, 0);
	for (which = STORE; which <= COMPRESSED_STORE; which++) {
		if (!begin(which))
			return;
		guest.vcpu->run->mmio.is_write = 0;
		expect_completed(which);
	}
}

/* In C the others are those of whatever was there before. */
static void only_what_is_stored(void)
{
	static const char *const names[] = { "sb", "sh", "sw", "c.sw", "sd" };
	u64 data, wanted;
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const struct memory_instruction *instruction = memory_instruction(names[i]);
		struct kvm_run *run = guest.vcpu->run;
		enum step_end end;

		step_patterns(&guest);
		guest.x[10] = mmio_gva(PAGE_MMIO);
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
		end = step(&guest, encode(instruction, 12, 10, 0));
		if (!mmio_expect_exit(&guest, names[i], end, true, mmio_gpa(guest.x[10]),
				      instruction->bytes))
			return;
		memcpy(&data, run->mmio.data, sizeof(data));
		wanted = stored(instruction, guest.x[12]);
		sbi_expect(data == wanted, "%s: user space sees 0x%lx; wanted 0x%lx", names[i], data,
			   wanted);
		expect_at(names[i], guest.behind, 0, 0);
	}
}

static const struct sbi_case cases[] = {
	{ "an access is completed by the next KVM_RUN", completed },
	{ "an access is completed once, also where KVM_RUN ends at once", completed_once },
	{ "an access is completed where user space has put registers back", registers_put_back },
	{ "[X11] a pc that user space sets before that is where the guest goes on",
	  pc_set_elsewhere },
	{ "[X11] a pc that user space sets after a CSR exit is where the guest goes on",
	  pc_set_elsewhere_after_csr },
	{ "[X11] a vCPU that is reset after an MMIO exit begins at its first instruction", reset },
	{ "[X11] a vCPU that is reset after a CSR exit begins at its first instruction",
	  reset_after_csr },
	{ "[X11] a vCPU that is reset and sent to where its access was open makes it again",
	  reset_and_sent_back },
	{ "an access whose exit is forgotten is made again", forgotten },
	{ "[X11] an access whose exit is forgotten is not completed later", forgotten_and_forged },
	{ "[X11] a load forged before the first KVM_RUN", forged_load_at_first },
	{ "a store forged before the first KVM_RUN", forged_store_at_first },
	{ "[X11] a CSR access forged before the first KVM_RUN", forged_csr_at_first },
	{ "exits forged where none is pending", forged_later },
	{ "[X11] an MMIO exit forged to be a CSR's", mmio_as_csr },
	{ "[X11] a CSR exit forged to be MMIO", csr_as_mmio },
	{ "[X11] of a store user space sees the bytes that are stored and no others",
	  only_what_is_stored },
	{ "lengths, addresses and CSR numbers forged", forged_fields },
	{ "[X11] a load forged to be a store", load_as_store },
	{ "[X11] a store forged to be a load", store_as_load },
};

int main(void)
{
	htinst_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
