// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of a machine, made once, and its VM and vCPUs, made for each episode.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "guest_trap.h"
#include "vm.h"

#define CODE_BYTES		8
#define CODE_PAGES		(LANE_STEPS * CODE_BYTES / 4096 + 1)
#define C_EBREAK		0x9002

void set_mp_state(struct kvm_vcpu *vcpu, u32 mp_state)
{
	struct kvm_mp_state state = { .mp_state = mp_state };

	vcpu_mp_state_set(vcpu, &state);
}

/* The page table entry of a page. */
static u64 *pte_of(struct kvm_vm *vm, gva_t gva)
{
	unsigned int level = vm->mmu.pgtable_levels;
	u64 table = vm->mmu.pgd, *pte = NULL;

	while (level-- > 0) {
		pte = addr_gpa2hva(vm, table);
		pte += gva >> (PGTBL_PAGE_SIZE_SHIFT + 9 * level) & 511;
		table = (*pte & PGTBL_PTE_ADDR_MASK) >> PGTBL_PTE_ADDR_SHIFT
			<< PGTBL_PAGE_SIZE_SHIFT;
	}
	return pte;
}

static void map(struct kvm_vm *vm, u64 gpa, unsigned int pages)
{
	for (; pages; pages--, gpa += 4096) {
		virt_pg_map(vm, gpa, gpa);
		virt_pg_map(vm, gpa + USER_OFFSET, gpa);
		*pte_of(vm, gpa + USER_OFFSET) |= PGTBL_PTE_USER_MASK;
	}
}

u32 odd_event(unsigned int entry)
{
	/* No event, firmware events of platforms, raw events with a code. */
	static const u32 odd[] = {
		0x00000, 0xf0016, 0xf0020, 0x20001, 0x30005, 0xfffff, 0x30001, 0xf0100,
	};

	return odd[entry - EVENT_GOOD];
}

/* For event_get_info: what may be, then what is none, then what is reserved. */
void fill_events(struct kvm_vm *vm)
{
	u64 *entry = addr_gpa2hva(vm, EVENT_PAGE);
	unsigned int i;

	for (i = 0; i < EVENT_ENTRIES; i++, entry += 2) {
		if (i < 10)
			entry[0] = i + 1;
		else if (i < 32)
			entry[0] = 0xf0000 + i - 10;
		else if (i < EVENT_GOOD)
			entry[0] = 0x10000 + (i - 32);
		else if (i < EVENT_ODD)
			entry[0] = odd_event(i);
		else
			entry[0] = 0x100000U << (i - EVENT_ODD);
		entry[1] = 0;
	}
}

static void fill_memory(struct kvm_vm *vm)
{
	u64 *words = addr_gpa2hva(vm, PLAIN_PAGE);
	unsigned int i;
	u16 *nops;

	memset(addr_gpa2hva(vm, MEMORY), 0, MEMORY_PAGES * 4096);
	for (i = 0; i < 0x1000 / 8; i++)
		words[i] = mix(i + 1);
	nops = addr_gpa2hva(vm, LANDING_PAGE);
	for (i = 0; i < LANDING_SLED / 2; i++)
		nops[i] = INSN_C_NOP;
	memcpy(nops + i, lane_landing, lane_landing_end - lane_landing);
	fill_events(vm);
}

static void make_lane(struct kvm_vm *vm, struct lane_memory *lane)
{
	unsigned int i;

	lane->shared_gva = vm_alloc_pages(vm, sizeof(struct lane) / 4096 + 1);
	lane->shared = addr_gva2hva(vm, lane->shared_gva);
	lane->code_gva = vm_alloc_pages(vm, CODE_PAGES);
	lane->code = addr_gva2hva(vm, lane->code_gva);
	for (i = 0; i < CODE_PAGES; i++) {
		gva_t user = lane->code_gva + i * 4096 + USER_OFFSET;

		virt_pg_map(vm, user, addr_gva2gpa(vm, lane->code_gva + i * 4096));
		*pte_of(vm, user) |= PGTBL_PTE_USER_MASK;
	}
}

/* All that is the same for each VM. */
static struct machine *make(void)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	struct kvm_vcpu *vcpu;
	unsigned int i;

	TEST_ASSERT(machine, "no memory");
	machine->vm = vm_create_with_one_vcpu(&vcpu, lane_main);
	machine->satp = vcpu_get_reg(vcpu, RISCV_GENERAL_CSR_REG(satp));
	vm_userspace_mem_region_add(machine->vm, VM_MEM_SRC_ANONYMOUS, MEMORY, 1, MEMORY_PAGES, 0);
	vm_userspace_mem_region_add(machine->vm, VM_MEM_SRC_ANONYMOUS, READ_ONLY, 2,
				    READ_ONLY_PAGES, KVM_MEM_READONLY);
	map(machine->vm, MEMORY, MEMORY_PAGES);
	map(machine->vm, READ_ONLY, READ_ONLY_PAGES);
	map(machine->vm, HOLE, HOLE_PAGES);
	map(machine->vm, DOORBELL, 1);
	for (i = 0; i < MAX_LANES; i++)
		make_lane(machine->vm, &machine->lanes[i]);
	kvm_vm_release(machine->vm);
	return machine;
}

static void add_vcpu(struct machine *machine, const struct episode *episode, unsigned int index)
{
	struct kvm_vcpu *vcpu = vm_vcpu_recreate(machine->vm, episode->ids[index]);
	unsigned int i;

	machine->vcpus[index] = vcpu;
	set_mp_state(vcpu, index < episode->lanes ? KVM_MP_STATE_RUNNABLE : KVM_MP_STATE_STOPPED);
	for (i = 0; i < KVM_RISCV_SBI_EXT_MAX; i++) {
		u64 bit = 1UL << i;

		if ((episode->enabled | episode->disabled) & bit)
			__vcpu_set_reg(vcpu, RISCV_SBI_EXT_REG(i), !!(episode->enabled & bit));
	}
}

struct machine *machine_begin(const struct episode *episode)
{
	static struct machine *machine;
	struct kvm_ioeventfd ioeventfd = { .addr = EVENT_FD, .len = 4 };
	unsigned int i;

	if (!machine)
		machine = make();
	kvm_vm_restart(machine->vm);
	for (i = 0; i < MAX_LANES; i++)
		memset(machine->lanes[i].shared, 0, sizeof(struct lane));
	for (i = 0; i < episode->vcpus; i++)
		add_vcpu(machine, episode, i);
	fill_memory(machine->vm);

	ioeventfd.fd = eventfd(0, EFD_NONBLOCK);
	TEST_ASSERT(ioeventfd.fd >= 0, "eventfd failed");
	vm_ioctl(machine->vm, KVM_IOEVENTFD, &ioeventfd);
	/* The VM has the file as long as it is there. */
	close(ioeventfd.fd);
	return machine;
}

void machine_end(struct machine *machine)
{
	kvm_vm_release(machine->vm);
}

u64 machine_put_code(struct machine *machine, unsigned int lane, unsigned int slot,
		     const struct step *step)
{
	struct lane_memory *memory = &machine->lanes[lane];
	u64 offset = slot * CODE_BYTES;
	u8 *code = memory->code + offset;
	u16 ebreak = C_EBREAK;

	memcpy(code, &step->insn, step_length(step));
	memcpy(code + step_length(step), &ebreak, sizeof(ebreak));
	return memory->code_gva + offset + (step->flags & STEP_USER ? USER_OFFSET : 0);
}
