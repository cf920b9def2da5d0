// SPDX-License-Identifier: GPL-2.0
/*
 * The traps of a guest, as its handler sees them: those that the hart gives to
 * it (hedeleg), and those that KVM does. The C of Linux 7.2 passes each case
 * whose name has no id.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "firmware_event.h"
#include "guest_trap.h"
#include "refusing_device.h"

/* Nothing is there. */
#define HOLE		(1UL << 36)
#define HOLE_VA		0x60000000UL

/* Memory in a slot of its own. */
#define SLOT		10
#define SLOT_GPA	(1UL << 35)
#define SLOT_VA		0x50000000UL

/* Two pages of memory, the second one at +0x1000. */
#define DATA_VA		0x58000000UL

static const unsigned long modes[] = { GUEST_VS, GUEST_VU };

static struct kvm_vcpu *vcpu;
static struct kvm_vm *vm;

static void create(void)
{
	vm = guest_create(&vcpu);
}

static u64 at(u64 gva, unsigned long mode)
{
	return gva + (mode == GUEST_VU ? GUEST_VU_OFFSET : 0);
}

/* The GPA at both of the addresses that at() gives. */
static void map_both(u64 gva, u64 gpa)
{
	guest_map(vm, at(gva, GUEST_VS), gpa, GUEST_VS);
	guest_map(vm, at(gva, GUEST_VU), gpa, GUEST_VU);
}

/* @insn in @mode, with @address in a0, traps. */
static bool expect_access_traps(unsigned long mode, u32 insn, u64 address, unsigned long cause)
{
	struct guest_state start = guest_at(vcpu, mode, insn);

	start.x[A0] = address;
	return guest_expect_trap(vcpu, &start, cause, address);
}

/* @insn in @mode traps, with itself in stval. */
static bool expect_insn_traps(unsigned long mode, u32 insn, unsigned long cause)
{
	struct guest_state start = guest_at(vcpu, mode, insn);

	if (guest_expect_trap(vcpu, &start, cause, insn))
		return true;
	sbi_expect(false, "it was the instruction 0x%x in mode %lu", insn, mode);
	return false;
}

/* A fetch in @mode traps. */
static bool expect_fetch_traps(unsigned long mode, u64 pc, unsigned long cause, u64 tval)
{
	struct guest_state start = guest_at_address(vcpu, mode, pc);

	return guest_expect_trap(vcpu, &start, cause, tval);
}

/* Of the statistics only these change, and not more than that. */
static const char * const counted[] = {
	"ecall_exit_stat", "wfi_exit_stat", "wrs_exit_stat", "mmio_exit_user", "mmio_exit_kernel",
	"csr_exit_user", "csr_exit_kernel", "signal_exits", "instr_illegal_exits",
	"load_misaligned_exits", "store_misaligned_exits", "load_access_exits",
	"store_access_exits",
};

static u64 counts[ARRAY_SIZE(counted)];

static void count(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counted); i++)
		counts[i] = sbi_stat(vcpu, counted[i]);
}

/* Since count(), @name went up by @more, and no other; NULL stands for none. */
static void expect_counted(const char *name, u64 more)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counted); i++)
		guest_expect_counted(vcpu, counted[i], counts[i],
				     name && !strcmp(name, counted[i]) ? more : 0);
}

/* Those that hedeleg leaves to the guest; KVM does not hear of them. */

static void illegal_instructions(void)
{
	static const u32 insns[] = {
		/* c.unimp, unimp (a write to cycle), custom-0, an M-mode CSR, no CSR */
		0x0000, 0xc0001073, INSN_CUSTOM_0, INSN_CSRR(A0, 0x300), INSN_CSRR(A0, 0x8ff),
	};
	unsigned int i, j;

	create();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		for (j = 0; j < ARRAY_SIZE(insns); j++) {
			count();
			expect_insn_traps(modes[i], insns[j], EXC_INST_ILLEGAL);
			expect_counted(NULL, 0);
		}
	}
}

static void system_calls(void)
{
	struct guest_state start;

	create();
	count();
	start = guest_at(vcpu, GUEST_VU, INSN_ECALL);
	/* What would be an SBI call that ends KVM_RUN. */
	start.x[A7] = 0x08000000;
	guest_expect_trap(vcpu, &start, EXC_SYSCALL, 0);
	expect_counted(NULL, 0);
}

static void page_faults(void)
{
	unsigned int i;
	u64 other;

	create();
	guest_page(vm, DATA_VA);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		/* Not mapped, and mapped for the other mode. */
		other = at(DATA_VA, modes[!i]);
		count();
		expect_access_traps(modes[i], INSN_LD(A1, A0), HOLE_VA, EXC_LOAD_PAGE_FAULT);
		expect_access_traps(modes[i], INSN_LD(A1, A0), other, EXC_LOAD_PAGE_FAULT);
		expect_access_traps(modes[i], INSN_SD(A1, A0), HOLE_VA, EXC_STORE_PAGE_FAULT);
		expect_access_traps(modes[i], INSN_SD(A1, A0), other, EXC_STORE_PAGE_FAULT);
		expect_fetch_traps(modes[i], HOLE_VA, EXC_INST_PAGE_FAULT, HOLE_VA);
		expect_fetch_traps(modes[i], other, EXC_INST_PAGE_FAULT, other);
		expect_counted(NULL, 0);
	}
}

/* Those that KVM gives to the guest. */

static void fetch_from_a_hole(void)
{
	static const u64 offsets[] = { 0, 2, 0x7fe, 0xffe };
	unsigned int i, j;
	u64 pc;

	create();
	map_both(HOLE_VA, HOLE);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		count();
		for (j = 0; j < ARRAY_SIZE(offsets); j++) {
			pc = at(HOLE_VA, modes[i]) + offsets[j];
			expect_fetch_traps(modes[i], pc, EXC_INST_ACCESS, pc);
		}
		expect_counted(NULL, 0);
	}
}

static void fetch_without_translation(void)
{
	struct guest_state start;
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		start = guest_at_address(vcpu, modes[i], HOLE + 0x10);
		start.stvec = addr_gva2gpa(vm, (u64)guest_trap_handler);
		start.satp = 0;
		guest_expect_trap(vcpu, &start, EXC_INST_ACCESS, HOLE + 0x10);
	}
}

/* The first half of an instruction is in memory, the second is not. */
static void fetch_across_an_edge(void)
{
	unsigned int i;
	void *page;
	u64 pc;

	create();
	page = guest_page(vm, DATA_VA);
	*(u16 *)(page + 0xffe) = (u16)INSN_NOP;
	map_both(DATA_VA + 0x1000, HOLE);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		pc = at(DATA_VA, modes[i]) + 0xffe;
		expect_fetch_traps(modes[i], pc, EXC_INST_ACCESS, pc + 2);
	}

	/* One of two bytes does not go beyond. */
	*(u16 *)(page + 0xffe) = INSN_C_EBREAK;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct guest_state start = guest_at_address(vcpu, modes[i],
							    at(DATA_VA, modes[i]) + 0xffe);
		struct guest_end end = guest_run(vcpu, &start);

		guest_expect_exit(&end, &start, KVM_EXIT_DEBUG);
	}
}

/* Memory ends there, and it has been there and is gone. */
static void fetch_where_memory_was(void)
{
	unsigned int i;
	u64 pc;

	create();
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, 1, 0);
	map_both(SLOT_VA, SLOT_GPA);
	map_both(SLOT_VA + 0x1000, SLOT_GPA + 0x1000);
	*(u16 *)addr_gpa2hva(vm, SLOT_GPA + 0xffe) = INSN_C_NOP;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct guest_state start, from;
		struct guest_end end;

		/* It runs into the end: the nop is done, what is behind it traps. */
		pc = at(SLOT_VA, modes[i]) + 0xffe;
		start = guest_at_address(vcpu, modes[i], pc);
		from = start;
		from.pc = pc + 2;
		end = guest_run(vcpu, &start);
		guest_expect_trapped(&end, &from, EXC_INST_ACCESS, pc + 2);
	}

	vm_mem_region_delete(vm, SLOT);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		pc = at(SLOT_VA, modes[i]) + 0xffe;
		expect_fetch_traps(modes[i], pc, EXC_INST_ACCESS, pc);
	}
}

static void misaligned(u32 insn, unsigned long cause, const char *statistic)
{
	struct guest_state start;
	struct guest_end end;
	unsigned int i;
	u64 address;

	create();
	guest_page(vm, DATA_VA);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		/* Around a multiple of 16 bytes, within which a hart may allow it (Zama16b). */
		address = at(DATA_VA, modes[i]) + 0x0e;
		start = guest_at(vcpu, modes[i], insn);
		start.x[A0] = address;
		end = guest_run(vcpu, &start);
		if (end.state.pc == start.pc + 4)
			sbi_skip("the hart does it");

		count();
		expect_access_traps(modes[i], insn, address, cause);
		expect_counted(statistic, 8);
	}
}

static void misaligned_load(void)
{
	misaligned(INSN_LR_W(A1, A0), EXC_LOAD_MISALIGNED, "load_misaligned_exits");
}

/* With one CPU QEMU 10 makes a load and a store of it: the load is misaligned first. */
static bool amo_is_one_access(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

static bool amo_can_be_misaligned(u64 address)
{
	struct guest_state start = guest_at(vcpu, GUEST_VS, INSN_AMOSWAP_D(A1, A2, A0));

	start.x[A0] = address;
	return amo_is_one_access() && guest_run(vcpu, &start).state.pc != start.pc + 4;
}

static void misaligned_store(void)
{
	if (!amo_is_one_access())
		sbi_skip("one CPU, which does not do AMOs in one");
	misaligned(INSN_AMOSWAP_D(A1, A2, A0), EXC_STORE_MISALIGNED, "store_misaligned_exits");
}

/* The device behind SLOT_VA. */
static void create_with_device(void)
{
	void *device = refusing_device_or_skip();

	create();
	vm_set_user_memory_region(vm, SLOT, 0, SLOT_GPA, vm->page_size, device);
	map_both(SLOT_VA, SLOT_GPA);
}

static void access_faults(void)
{
	static const struct {
		u32 insn;
		unsigned long cause;
		const char *name;
	} accesses[] = {
		{ INSN_LB(A1, A0), EXC_LOAD_ACCESS, "load_access_exits" },
		{ INSN_LH(A1, A0), EXC_LOAD_ACCESS, "load_access_exits" },
		{ INSN_SB(A1, A0), EXC_STORE_ACCESS, "store_access_exits" },
		{ INSN_SH(A1, A0), EXC_STORE_ACCESS, "store_access_exits" },
	};
	struct guest_state start;
	unsigned int i, j;
	u64 address;

	create_with_device();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		address = at(SLOT_VA, modes[i]);
		for (j = 0; j < ARRAY_SIZE(accesses); j++) {
			count();
			expect_access_traps(modes[i], accesses[j].insn, address,
					    accesses[j].cause);
			expect_counted(accesses[j].name, 8);
		}

		count();
		expect_fetch_traps(modes[i], address, EXC_INST_ACCESS, address);
		expect_counted(NULL, 0);

		/* What the device has is not refused. */
		start = guest_at(vcpu, modes[i], INSN_LW(A1, A0));
		start.x[A0] = address;
		guest_expect_value(vcpu, &start, A1);
		expect_counted(NULL, 0);
	}
}

/* The instructions that are virtual ones for the hart, and that no guest has. */

static void hypervisor_instructions(void)
{
	static const u32 insns[] = {
		/* hlv.b, hlv.wu, hlv.d, hlvx.hu, hlvx.wu */
		INSN_R(0x30, 0, A0, 4, A1, 0x73), INSN_R(0x34, 1, A0, 4, A1, 0x73),
		INSN_R(0x36, 0, A0, 4, A1, 0x73), INSN_R(0x32, 3, A0, 4, A1, 0x73),
		INSN_R(0x34, 3, A0, 4, A1, 0x73),
		/* hsv.b, hsv.d, hfence.vvma, hfence.gvma */
		INSN_R(0x31, A1, A0, 4, 0, 0x73), INSN_R(0x37, A1, A0, 4, 0, 0x73),
		INSN_R(0x11, A1, A0, 0, 0, 0x73), INSN_R(0x31, A1, A0, 0, 0, 0x73),
	};
	unsigned int i, j;

	create();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		count();
		for (j = 0; j < ARRAY_SIZE(insns); j++)
			expect_insn_traps(modes[i], insns[j], EXC_INST_ILLEGAL);
		expect_counted(NULL, 0);
	}
}

static void supervisor_instructions(void)
{
	static const u32 insns[] = {
		/* sret, sfence.vma in three forms */
		INSN_SRET, INSN_R(0x09, 0, 0, 0, 0, 0x73), INSN_R(0x09, 0, A0, 0, 0, 0x73),
		INSN_R(0x09, A1, A0, 0, 0, 0x73),
	};
	unsigned int i;

	create();
	count();
	for (i = 0; i < ARRAY_SIZE(insns); i++)
		expect_insn_traps(GUEST_VU, insns[i], EXC_INST_ILLEGAL);
	expect_counted(NULL, 0);
}

/* A vectored stvec: interrupts enter elsewhere, exceptions at the base. */
static bool expect_base(const struct guest_state *start, unsigned long cause, unsigned long tval)
{
	struct guest_state vectored = *start;

	vectored.stvec |= 1;
	return guest_expect_trap(vcpu, &vectored, cause, tval);
}

/* Where hedeleg has the exception and no firmware is in between. */
static void vectored_by_the_hart(void)
{
	struct guest_state start;
	unsigned int i;

	create();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		start = guest_at_address(vcpu, modes[i], HOLE_VA);
		expect_base(&start, EXC_INST_PAGE_FAULT, HOLE_VA);
	}
	start = guest_at(vcpu, GUEST_VU, INSN_ECALL);
	expect_base(&start, EXC_SYSCALL, 0);
}

/*
 * C enters at the base with the mode in its lowest bit. A hart that has IALIGN
 * of 16 and keeps to the specification drops that bit when it is written to
 * sepc, and nothing is to be seen; QEMU 10.0 enters at the odd address.
 */
static void vectored_by_kvm(void)
{
	const u32 insn = INSN_CSRR(A0, CSR_HSTATUS);
	struct guest_state start;
	unsigned int i;

	create();
	start = guest_at(vcpu, GUEST_VS, INSN_CSRRW(A0, CSR_SEPC, A1));
	start.x[A1] = 1;
	guest_run(vcpu, &start);
	if (!(guest_get(vcpu).sepc & 1))
		sbi_skip("this hart has no bit 0 in sepc, in which the mode could be seen");

	map_both(HOLE_VA, HOLE);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		start = guest_at_address(vcpu, modes[i], at(HOLE_VA, modes[i]));
		expect_base(&start, EXC_INST_ACCESS, start.pc);
		start = guest_at(vcpu, modes[i], insn);
		expect_base(&start, EXC_INST_ILLEGAL, insn);
	}
}

/* Breakpoints. */

static void breakpoints_of_user_space(void)
{
	static const u32 insns[] = { INSN_EBREAK, INSN_C_EBREAK };
	struct guest_state start;
	struct guest_end end;
	unsigned int i, j;

	create();
	count();
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		for (j = 0; j < ARRAY_SIZE(insns); j++) {
			start = guest_at(vcpu, modes[i], insns[j]);
			end = guest_run(vcpu, &start);
			guest_expect_exit(&end, &start, KVM_EXIT_DEBUG);
		}
	}
	expect_counted(NULL, 0);
}

/* A handler without a breakpoint: a call that ends KVM_RUN. */
extern char guest_calling_handler[], guest_calling_handler_call[];
asm(".pushsection .text\n"
	".balign 64\n"
	"guest_calling_handler: lui a7, 0x8000\n"
	"guest_calling_handler_call: ecall\n"
	".popsection");

static void breakpoints_of_the_guest(void)
{
	static const u32 insns[] = { INSN_EBREAK, INSN_C_EBREAK };
	struct kvm_guest_debug debug = {};
	struct guest_state start, wanted;
	struct guest_end end;
	unsigned int i, j;

	create();
	vcpu_guest_debug_set(vcpu, &debug);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		for (j = 0; j < ARRAY_SIZE(insns); j++) {
			start = guest_at(vcpu, modes[i], insns[j]);
			start.stvec = (unsigned long)guest_calling_handler;
			end = guest_run(vcpu, &start);

			wanted = start;
			wanted.pc = (unsigned long)guest_calling_handler_call;
			wanted.x[A7] = 0x8000000;
			wanted.mode = GUEST_VS;
			wanted.sepc = start.pc;
			wanted.scause = EXC_BREAKPOINT;
			/* It may be the address, or zero. */
			wanted.stval = end.state.stval ? start.pc : 0;
			wanted.sstatus &= ~(SR_SPP | SR_SPIE | SR_SIE);
			if (modes[i] == GUEST_VS)
				wanted.sstatus |= SR_SPP;
			if (start.sstatus & SR_SIE)
				wanted.sstatus |= SR_SPIE;
			guest_expect_exit(&end, &wanted, KVM_EXIT_RISCV_SBI);
		}
	}
}

/* Calls of the guest's kernel are KVM's. */
static void sbi_calls(void)
{
	struct guest_state start, wanted;
	struct guest_end end;

	create();
	count();
	start = guest_at(vcpu, GUEST_VS, INSN_ECALL);
	end = guest_run(vcpu, &start);
	wanted = start;
	wanted.pc += 4;
	wanted.x[A0] = SBI_ERR_NOT_SUPPORTED;
	wanted.x[A1] = 0;
	guest_expect_exit(&end, &wanted, KVM_EXIT_DEBUG);
	expect_counted(NULL, 0);
}

/* Guest page faults. */

static void memory(void)
{
	struct guest_state start;
	unsigned long value;
	unsigned int i;
	u64 address, *page;

	create();
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, 16, 0);
	page = addr_gpa2hva(vm, SLOT_GPA);
	for (i = 0; i < 16; i++) {
		map_both(SLOT_VA + i * 0x1000, SLOT_GPA + i * 0x1000);
		page[i * 512] = 0x0123456789abcdef + i;
	}

	/* Each page is touched for the first time, by each kind of access. */
	count();
	for (i = 0; i < 16; i++) {
		unsigned long mode = modes[i & 1];

		address = at(SLOT_VA, mode) + i * 0x1000;
		switch (i / 2 % 4) {
		case 0:
			start = guest_at(vcpu, mode, INSN_LD(A1, A0));
			start.x[A0] = address;
			value = guest_expect_value(vcpu, &start, A1);
			sbi_expect(value == 0x0123456789abcdef + i,
				   "page %u reads as 0x%lx", i, value);
			break;
		case 1:
			start = guest_at(vcpu, mode, INSN_SW(A1, A0));
			start.x[A0] = address;
			guest_expect_value(vcpu, &start, 0);
			sbi_expect(page[i * 512] == (0x0123456700000000 | (u32)start.x[A1]),
				   "page %u is 0x%lx after a store", i, page[i * 512]);
			break;
		case 2:
			start = guest_at(vcpu, mode, INSN_AMOSWAP_D(A1, A2, A0));
			start.x[A0] = address;
			value = guest_expect_value(vcpu, &start, A1);
			sbi_expect(value == 0x0123456789abcdef + i && page[i * 512] == start.x[A2],
				   "page %u: the swap gave 0x%lx and left 0x%lx", i, value,
				   page[i * 512]);
			break;
		case 3:
			*(u16 *)&page[i * 512] = INSN_C_NOP;
			*((u16 *)&page[i * 512] + 1) = INSN_C_EBREAK;
			start = guest_at_address(vcpu, mode, address);
			guest_expect_value(vcpu, &start, 0);
			break;
		}
	}
	expect_counted(NULL, 0);
}

/* What the host's own page tables do not allow ends KVM_RUN, and nothing else. */
static void memory_that_is_not_there(void)
{
	static const u32 insns[] = { INSN_LD(A1, A0), INSN_SD(A1, A0), INSN_AMOSWAP_D(A1, A2, A0) };
	struct guest_state start;
	struct guest_end end;
	unsigned int i, j;
	void *page;

	create();
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, 1, 0);
	page = addr_gpa2hva(vm, SLOT_GPA);
	*(u16 *)page = INSN_C_NOP;
	*(u16 *)(page + 2) = INSN_C_EBREAK;
	map_both(SLOT_VA, SLOT_GPA);

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		for (j = 0; j <= ARRAY_SIZE(insns); j++) {
			mprotect(page, 4096, PROT_NONE);
			if (j < ARRAY_SIZE(insns))
				start = guest_at(vcpu, modes[i], insns[j]);
			else
				start = guest_at_address(vcpu, modes[i], at(SLOT_VA, modes[i]));
			start.x[A0] = at(SLOT_VA, modes[i]) + 8;
			end = guest_run(vcpu, &start);
			sbi_expect(end.error == EFAULT && end.exit_reason == KVM_EXIT_UNKNOWN,
				   "KVM_RUN ended with errno %d, exit reason %u; wanted EFAULT",
				   end.error, end.exit_reason);
			guest_expect_same("EFAULT", &end.state, &start, 0);

			/* And then it is there. */
			mprotect(page, 4096, PROT_READ | PROT_WRITE);
			end = guest_resume(vcpu);
			guest_expect_passed(&end, &start, A1);
		}
	}

	/* A store to what may only be read. */
	mprotect(page, 4096, PROT_READ);
	start = guest_at(vcpu, GUEST_VS, INSN_LD(A1, A0));
	start.x[A0] = SLOT_VA;
	guest_expect_value(vcpu, &start, A1);
	start = guest_at(vcpu, GUEST_VS, INSN_SD(A1, A0));
	start.x[A0] = SLOT_VA;
	end = guest_run(vcpu, &start);
	sbi_expect(end.error == EFAULT, "KVM_RUN ended with errno %d, exit reason %u; wanted EFAULT",
		   end.error, end.exit_reason);
}

/* How many lines the kernel has logged of a KVM_RUN that failed, since the last call. */
static unsigned int logged_errors(int kmsg)
{
	char line[1024];
	unsigned int count = 0;
	ssize_t length;

	for (;;) {
		length = read(kmsg, line, sizeof(line) - 1);
		/* EPIPE: some have been overwritten, the next read gives those that are left. */
		if (length < 0 && errno == EPIPE)
			continue;
		if (length <= 0)
			return count;
		line[length] = 0;
		count += !!strstr(line, "VCPU exit error");
	}
}

/* What user space can repeat as often as it likes does not fill the log. C logs each. */
static void errors_are_not_repeated(void)
{
	const unsigned int times = 60, at_most = 20;
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	struct guest_state start;
	struct guest_end end;
	unsigned int i, lines;

	create();
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, SLOT_GPA, SLOT, 1, 0);
	map_both(SLOT_VA, SLOT_GPA);
	mprotect(addr_gpa2hva(vm, SLOT_GPA), 4096, PROT_NONE);

	start = guest_at_address(vcpu, GUEST_VS, SLOT_VA);
	logged_errors(kmsg);
	for (i = 0; i < times; i++) {
		end = guest_run(vcpu, &start);
		if (!sbi_expect(end.error == EFAULT, "KVM_RUN ended with errno %d", end.error))
			break;
	}
	lines = logged_errors(kmsg);
	sbi_expect(lines <= at_most, "%u lines for %u errors, wanted %u at most", lines, times,
		   at_most);
}

/* Firmware events that count traps (SBI v3.0, chapter 11). */
static void firmware_counters(void)
{
	static const struct {
		unsigned int event;
		const char *name;
		u32 insn;
		unsigned long cause;
		u64 address;
		unsigned long wanted;
	} events[] = {
		{ SBI_PMU_FW_MISALIGNED_LOAD, "MISALIGNED_LOAD", INSN_LR_D(A1, A0),
		  EXC_LOAD_MISALIGNED, DATA_VA + 0x0e, 8 },
		{ SBI_PMU_FW_ACCESS_LOAD, "ACCESS_LOAD", INSN_LH(A1, A0),
		  EXC_LOAD_ACCESS, SLOT_VA, 8 },
		{ SBI_PMU_FW_ACCESS_STORE, "ACCESS_STORE", INSN_SH(A1, A0),
		  EXC_STORE_ACCESS, SLOT_VA, 8 },
		/* The guest has these to itself. */
		{ SBI_PMU_FW_ILLEGAL_INSN, "ILLEGAL_INSN", INSN_CUSTOM_0,
		  EXC_INST_ILLEGAL, INSN_CUSTOM_0, 0 },
		/* The last one: not each hart has it. */
		{ SBI_PMU_FW_MISALIGNED_STORE, "MISALIGNED_STORE", INSN_AMOSWAP_D(A1, A2, A0),
		  EXC_STORE_MISALIGNED, DATA_VA + 0x0e, 8 },
	};
	unsigned long counters[ARRAY_SIZE(events)], before[ARRAY_SIZE(events)];
	unsigned long more, wanted;
	unsigned int i, j, count;

	create_with_device();
	firmware_events_or_skip(vcpu);
	guest_page(vm, DATA_VA);
	count = ARRAY_SIZE(events) - !amo_can_be_misaligned(DATA_VA + 0x0e);

	for (i = 0; i < count; i++)
		counters[i] = firmware_event_count(vcpu, events[i].event);

	for (i = 0; i < count; i++) {
		for (j = 0; j < count; j++)
			before[j] = firmware_event_read(vcpu, counters[j]);
		expect_access_traps(GUEST_VS, events[i].insn, events[i].address, events[i].cause);
		for (j = 0; j < count; j++) {
			more = firmware_event_read(vcpu, counters[j]) - before[j];
			wanted = i == j ? events[i].wanted : 0;
			sbi_expect(more == wanted, "%s went up by %lu for %s, wanted %lu",
				   events[j].name, more, events[i].name, wanted);
		}
	}
}

static const struct sbi_case cases[] = {
	{ "an illegal instruction is the guest's own", illegal_instructions },
	{ "an ecall from VU is the guest's own", system_calls },
	{ "a page fault of the guest's page tables is its own", page_faults },
	{ "an ecall from VS is an SBI call", sbi_calls },
	{ "a fetch from where nothing is, is an instruction access fault", fetch_from_a_hole },
	{ "the same without translation", fetch_without_translation },
	{ "the same of the second half of an instruction only", fetch_across_an_edge },
	{ "the same behind the end of a slot, and where one was", fetch_where_memory_was },
	{ "a misaligned LR is a load address misaligned exception", misaligned_load },
	{ "a misaligned AMO is a store/AMO address misaligned exception", misaligned_store },
	{ "what a device refuses is an access fault", access_faults },
	{ "an instruction of the hypervisor extension is illegal", hypervisor_instructions },
	{ "an instruction of the supervisor is illegal in VU", supervisor_instructions },
	{ "an exception that the hart delivers enters at the base of a vectored stvec",
	  vectored_by_the_hart },
	{ "[X4] an exception that KVM delivers enters at the base of a vectored stvec",
	  vectored_by_kvm },
	{ "a breakpoint ends KVM_RUN where user space debugs", breakpoints_of_user_space },
	{ "a breakpoint is the guest's own where user space does not", breakpoints_of_the_guest },
	{ "memory is there for a load, a store, an AMO and a fetch", memory },
	{ "memory that the host does not give is EFAULT of KVM_RUN", memory_that_is_not_there },
	{ "[X4] errors of KVM_RUN do not fill the kernel's log", errors_are_not_repeated },
	{ "the firmware events of traps count", firmware_counters,
	  .conforms = REQUIREMENTS("PMU.FW_traps") },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
