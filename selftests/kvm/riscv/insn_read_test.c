// SPDX-License-Identifier: GPL-2.0
/*
 * Where the hart does not say which instruction trapped (htinst is 0), KVM reads
 * it from the guest's memory, as the guest would fetch it. By then the guest may
 * have changed its page tables: here the host does, in a delay between the trap
 * and the read. What the guest gets is what its own fetch would give.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "delay.h"
#include "guest_thread.h"
#include "htinst.h"
#include "refusing_device.h"

/* Nothing is there. */
#define HOLE		(1UL << 36)
#define HOLE_VA		0x60000000UL

#define DEVICE_SLOT	10
#define DEVICE		(1UL << 35)
#define DEVICE_VA	0x58000000UL

/* The instruction is in its own pages: at the start of the first, or across both. */
#define CODE_VA		0x50000000UL
#define ACROSS		(CODE_VA + 0xffe)

#define DELAY_MS	40

static const unsigned long modes[] = { GUEST_VS, GUEST_VU };

static struct kvm_vcpu *vcpu;
static struct kvm_vm *vm;
/* The PTEs of both pages, for VS and VU, and what is in the pages. */
static u64 *ptes[2][2];
static void *pages;

static u64 at(u64 gva, unsigned long mode)
{
	return gva + (mode == GUEST_VU ? GUEST_VU_OFFSET : 0);
}

static void create(void)
{
	/* A vCPU that is scheduled out in the delay may have the guest try again instead. */
	const struct sched_param priority = { .sched_priority = 1 };
	unsigned int i, j;
	u64 gpa;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		sbi_skip("one CPU: nothing else runs while it is delayed");
	sbi_expect(!sched_setscheduler(0, SCHED_FIFO, &priority), "SCHED_FIFO: %s",
		   strerror(errno));

	vm = guest_create(&vcpu);
	gpa = vm_phy_pages_alloc(vm, 2, 2 * vm->page_size, vm->memslots[MEM_REGION_DATA]);
	pages = addr_gpa2hva(vm, gpa);
	for (i = 0; i < 2; i++) {
		guest_map(vm, at(HOLE_VA, modes[i]), HOLE, modes[i]);
		for (j = 0; j < 2; j++)
			ptes[i][j] = guest_map(vm, at(CODE_VA, modes[i]) + j * 0x1000,
					       gpa + j * 0x1000, modes[i]);
	}
}

static u64 pte_of(u64 gpa)
{
	return gpa >> 12 << PGTBL_PTE_ADDR_SHIFT;
}

/* The same PTE with another address in it. */
static u64 pte_for(u64 pte, u64 gpa)
{
	return (pte & ~PGTBL_PTE_ADDR_MASK) | pte_of(gpa);
}

static struct guest_state about_to(unsigned long mode, u64 gva, u32 insn)
{
	struct guest_state start = guest_at_address(vcpu, mode, at(gva, mode));
	u16 code[] = { insn, insn >> 16, INSN_C_EBREAK };

	memcpy(pages + (gva - CODE_VA), code, sizeof(code));
	start.x[A0] = at(HOLE_VA, mode);
	return start;
}

/* The change comes in time: so long before KVM_RUN ends, of the delay. */
#define MARGIN_MS	10
#define TRIES		5

/* How many traps have had their htinst changed: the latest of them is at the delay. */
static unsigned long trapped(void)
{
	static int fd = -1;
	char text[32] = "";

	if (fd < 0)
		fd = open("/sys/module/kvm_trap/parameters/changed", O_RDONLY);
	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	return strtoul(text, NULL, 10);
}

/* A word of the host's memory, a PTE or the instruction, and what it becomes. */
struct change {
	u64 *what, to;
};

#define MAX_CHANGES	2

/* One try; false if it may have been changed too late. */
static bool try_with_changes(const struct guest_state *start, const struct change changes[],
			     unsigned int count, struct guest_end *end)
{
	unsigned long give_up = now_ms() + GUEST_THREAD_MS, when;
	u64 before[MAX_CHANGES];
	unsigned int i;

	for (i = 0; i < count; i++)
		before[i] = *changes[i].what;

	/* The later probe comes first: a trap that was changed is at the delay. */
	delay_or_skip("kvm_riscv_vcpu_exit", DELAY_MS * 1000);
	htinst_or_skip(BIT(EXC_LOAD_GUEST_PAGE_FAULT) | BIT(EXC_STORE_GUEST_PAGE_FAULT), 0, 0);
	/* So that its memory is there: a fault would wait for the CPU with the delay. */
	trapped();

	guest_thread_begin(vcpu, start);
	while (!trapped() && !guest_thread_done() && now_ms() < give_up)
		;
	for (i = 0; i < count; i++)
		WRITE_ONCE(*changes[i].what, changes[i].to);
	when = now_ms();
	*end = guest_thread_finish();
	for (i = 0; i < count; i++)
		WRITE_ONCE(*changes[i].what, before[i]);
	return guest_thread_ended_ms() - when >= MARGIN_MS;
}

/* A run from @start, with changes between the trap and the read. */
static struct guest_end run_with_changes(const struct guest_state *start,
					 const struct change changes[], unsigned int count)
{
	struct guest_end end;
	unsigned int i;

	/* Once before, so that there are no other traps on the way. */
	end = guest_run(vcpu, start);
	guest_expect_exit(&end, start, KVM_EXIT_MMIO);

	for (i = 0; i < TRIES; i++) {
		if (try_with_changes(start, changes, count, &end))
			return end;
	}
	sbi_expect(false, "it was changed too late %u times", TRIES);
	return end;
}

static struct guest_end run_with_change(const struct guest_state *start, u64 *what, u64 to)
{
	const struct change change = { what, to };

	return run_with_changes(start, &change, 1);
}

static const u32 insns[] = { INSN_LD(A1, A0), INSN_SW(A1, A0) };

static void unmapped(void)
{
	struct guest_state start;
	struct guest_end end;
	unsigned int i, j;

	create();
	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2; j++) {
			start = about_to(modes[i], CODE_VA, insns[j]);
			end = run_with_change(&start, ptes[i][0], 0);
			guest_expect_trapped(&end, &start, EXC_INST_PAGE_FAULT, start.pc);
		}
	}
}

static void half_unmapped(void)
{
	struct guest_state start;
	struct guest_end end;
	unsigned int i, j;

	create();
	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2; j++) {
			start = about_to(modes[i], ACROSS, insns[j]);
			end = run_with_change(&start, ptes[i][1], 0);
			guest_expect_trapped(&end, &start, EXC_INST_PAGE_FAULT, start.pc + 2);
			end = run_with_change(&start, ptes[i][0], 0);
			guest_expect_trapped(&end, &start, EXC_INST_PAGE_FAULT, start.pc);
		}
	}
}

/*
 * X1: the first fault is the one that counts. After it the C goes on where the register with what
 * was read has both its lowest bits set by chance, and takes the second fault.
 */
static void both_halves_unmapped(void)
{
	struct guest_state start;
	struct guest_end end;
	unsigned int i, j;

	create();
	for (i = 0; i < 2; i++) {
		const struct change changes[] = { { ptes[i][0], 0 }, { ptes[i][1], 0 } };

		for (j = 0; j < 2; j++) {
			start = about_to(modes[i], ACROSS, insns[j]);
			end = run_with_changes(&start, changes, 2);
			guest_expect_trapped(&end, &start, EXC_INST_PAGE_FAULT, start.pc);
		}
	}
}

static void not_executable(void)
{
	struct guest_state start;
	struct guest_end end;
	unsigned int i;

	create();
	for (i = 0; i < 2; i++) {
		start = about_to(modes[i], CODE_VA, insns[i]);
		end = run_with_change(&start, ptes[i][0],
				      *ptes[i][0] & ~PGTBL_PTE_EXECUTE_MASK);
		guest_expect_trapped(&end, &start, EXC_INST_PAGE_FAULT, start.pc);
	}
}

static void refused(void)
{
	void *device = refusing_device_or_skip();
	struct guest_state start;
	struct guest_end end;
	unsigned int i;

	create();
	vm_set_user_memory_region(vm, DEVICE_SLOT, 0, DEVICE, vm->page_size, device);
	guest_map(vm, DEVICE_VA, DEVICE, GUEST_VS);
	start = guest_at(vcpu, GUEST_VS, INSN_LW(A1, A0));
	start.x[A0] = DEVICE_VA;
	guest_expect_value(vcpu, &start, A1);

	for (i = 0; i < 2; i++) {
		start = about_to(modes[i], CODE_VA, insns[i]);
		end = run_with_change(&start, ptes[i][0], pte_for(*ptes[i][0], DEVICE));
		guest_expect_trapped(&end, &start, EXC_INST_ACCESS, start.pc);
	}
}

/*
 * What the instruction would have done is not known any more: the guest executes what is there now.
 * C fails KVM_RUN.
 */
static void overwritten(void)
{
	static const u32 others[] = { INSN_NOP, INSN_C_NOP | INSN_C_NOP << 16 };
	const u64 behind = (u64)INSN_C_EBREAK << 32;
	struct guest_state start;
	struct guest_end end;
	unsigned int i, j, k;

	create();
	for (i = 0; i < 2; i++) {
		for (j = 0; j < 2; j++) {
			for (k = 0; k < ARRAY_SIZE(others); k++) {
				start = about_to(modes[i], CODE_VA, insns[j]);
				end = run_with_change(&start, pages, others[k] | behind);
				guest_expect_passed(&end, &start, 0);
			}

			/* A store where a load was, and the other way round. */
			start = about_to(modes[i], CODE_VA, insns[j]);
			end = run_with_change(&start, pages, insns[!j] | behind);
			guest_expect_exit(&end, &start, KVM_EXIT_MMIO);
			sbi_expect(vcpu->run->mmio.is_write == !j, "it was a %s",
				   vcpu->run->mmio.is_write ? "store" : "load");
		}
	}
}

/* One that KVM does not emulate may have been the one: an access fault. C fails KVM_RUN. */
static void overwritten_by_another_access(void)
{
	static const unsigned long causes[] = { EXC_LOAD_ACCESS, EXC_STORE_ACCESS };
	const u64 behind = (u64)INSN_C_EBREAK << 32;
	struct guest_state start;
	struct guest_end end;
	unsigned int i;

	create();
	for (i = 0; i < 2; i++) {
		start = about_to(GUEST_VS, CODE_VA, insns[i]);
		end = run_with_change(&start, pages, INSN_AMOADD_W(A1, A1, A0) | behind);
		guest_expect_trapped(&end, &start, causes[i], start.x[A0]);
	}
}

static const struct sbi_case cases[] = {
	{ "an instruction that is no longer mapped is an instruction page fault", unmapped },
	{ "the same where its second half is not", half_unmapped },
	{ "the same where neither of its halves is", both_halves_unmapped },
	{ "the same where it is no longer executable", not_executable },
	{ "an instruction that a device refuses is an instruction access fault", refused },
	{ "[X10] an instruction that is written over meanwhile is executed as it is then",
	  overwritten },
	{ "[X10] an access that is written over by another is an access fault",
	  overwritten_by_another_access },
};

int main(void)
{
	delay_setup();
	htinst_setup();
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
