// SPDX-License-Identifier: GPL-2.0
/*
 * What KVM does when a guest traps: emulation, redirection, memory.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "call.h"
#include "guest_step.h"
#include "pmu_call.h"
#include "refusing_device.h"

#define PAGE			4096UL
/* No memory is there. */
#define HOLE			(1UL << 32)
#define HOLE_GVA		0x40000000UL
#define IMSIC			(HOLE + (1UL << 24))
/* What the APLIC there says of its state, as an lw has it. */
#define DOMAINCFG		-0x7ffffffc
/* Memory of which each use of the path takes a page; there are more pages than uses. */
#define MEMORY			(2UL << 32)
#define MEMORY_GVA		0x50000000UL
#define MEMORY_PAGES		4096
#define MEMORY_SLOT		5
/* Across 16 bytes, within which a hart may allow it (Zama16b). */
#define MISALIGNED		(MEMORY_GVA + 14)

/* siselect: the priorities of local interrupts, which KVM keeps. */
#define IPRIO0			0x30

/* A trap handler that goes on at t0. */
static __attribute__((naked)) __aligned(4) void back_to_link(void)
{
	asm("csrw sepc, t0\n"
	    "sret");
}

/* One that goes on after the instruction. */
static __attribute__((naked)) __aligned(4) void past_instruction(void)
{
	asm("csrr t0, sepc\n"
	    "addi t0, t0, 4\n"
	    "csrw sepc, t0\n"
	    "sret");
}

/* One of an ecall of VU-mode. */
static __attribute__((naked)) __aligned(4) void back_from_user(void)
{
	asm("li t0, 0x100\n"
	    "csrs sstatus, t0\n"
	    "csrw sepc, t2\n"
	    "sret");
}

BENCH_BODY(load_word, "lw a0, 0(a0)");
BENCH_BODY(load_compressed, ".option push\n.option rvc\nc.lw a0, 0(a0)\n.option pop");
BENCH_BODY(load_byte, "lbu a0, 0(a0)");
BENCH_BODY(load_double, "ld a0, 0(a0)");
BENCH_BODY(store_word, "sw a1, 0(a0)");
BENCH_BODY(store_compressed, ".option push\n.option rvc\nc.sw a1, 0(a0)\n.option pop");
BENCH_BODY(store_byte, "sb a1, 0(a0)");
BENCH_BODY(load_reserved, "lr.w a1, (a0)");
BENCH_BODY(refused_load, "lb a1, 0(a0)");
BENCH_BODY(read_cycle, "csrr t1, cycle");
BENCH_BODY(read_sireg, "csrr a0, 0x151");
BENCH_BODY(read_stopei, "csrr a0, 0x15c");
BENCH_BODY(write_sireg, "csrw 0x151, a1");
/* It has to be written as well. */
BENCH_BODY(read_seed, "csrrw a0, 0x015, zero");
BENCH_BODY(wait, "wfi");
BENCH_BODY(wait_on_reservation, ".word 0x00d00073");
BENCH_BODY(fetch, "jalr t0, 0(a0)");
BENCH_BODY(hypervisor_csr, "csrr t1, 0x600");
/* *a0 is the page; the next one is a1 bytes ahead. */
#define TAKE_PAGE		"ld t0, 0(a0)\nadd t1, t0, a1\nsd t1, 0(a0)\n"
BENCH_BODY(touch_by_load, TAKE_PAGE "lw t0, 0(t0)\nli a0, 0");
BENCH_BODY(touch_by_store, TAKE_PAGE "sw t0, 0(t0)\nli a0, 0");
BENCH_BODY(touch_by_fetch, TAKE_PAGE "jalr t3, 0(t0)\nli a0, 0");
/* What is at the beginning of each page for that: jr t3. */
#define INSN_BACK		0x000e0067

/* To VU-mode, to a0 or to a1 there, whose ecall leads to back_from_user(). */
#define TO_USER(address)							\
	"li t0, 0x100\ncsrc sstatus, t0\ncsrw sepc, " address "\nla t2, 1f\nsret\n1:"
BENCH_BODIES(in_user_mode, TO_USER("a0"), TO_USER("a1"));
#define INSN_CSRR_CYCLE		0xc0002373
#define INSN_ECALL		0x00000073

/* The page that the guest takes next. */
static unsigned long next_page;

static void map_hole(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	virt_pg_map(vm, HOLE_GVA, HOLE);
}

static void map_eventfd(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	struct kvm_ioeventfd ioeventfd = {
		.addr = HOLE,
		.len = 4,
		.fd = eventfd(0, EFD_NONBLOCK),
	};

	map_hole(vm, vcpus);
	vm_ioctl(vm, KVM_IOEVENTFD, &ioeventfd);
}

/* In the host's page tables already: what is measured is KVM's part. */
static void map_memory(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	next_page = MEMORY_GVA;
	sync_global_to_guest(vm, next_page);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY, MEMORY_SLOT,
				    MEMORY_PAGES, 0);
	virt_map(vm, MEMORY_GVA, MEMORY, MEMORY_PAGES);
	memset(addr_gpa2hva(vm, MEMORY), 0, MEMORY_PAGES * PAGE);
}

static void map_code(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	unsigned int i;

	map_memory(vm, vcpus);
	for (i = 0; i < MEMORY_PAGES; i++)
		*(u32 *)addr_gpa2hva(vm, MEMORY + i * PAGE) = INSN_BACK;
}

/* VU-mode's: an instruction and an ecall, and an ecall alone. */
static void map_user_code(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	u32 *code;

	map_memory(vm, vcpus);
	*step_pte(vm, MEMORY_GVA, 0) |= PGTBL_PTE_USER_MASK;
	code = addr_gpa2hva(vm, MEMORY);
	code[0] = INSN_CSRR_CYCLE;
	code[1] = INSN_ECALL;
	code[2] = INSN_ECALL;
}

static void set(int device, u32 group, u64 attribute, u64 value)
{
	kvm_device_attr_set(device, group, attribute, &value);
}

/* A device that the kernel has: its register domaincfg is where the hole begins. */
static void map_aplic(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	int device = kvm_create_device(vm, KVM_DEV_TYPE_RISCV_AIA);

	set(device, KVM_DEV_RISCV_AIA_GRP_CONFIG, KVM_DEV_RISCV_AIA_CONFIG_MODE,
	    KVM_DEV_RISCV_AIA_MODE_EMUL);
	set(device, KVM_DEV_RISCV_AIA_GRP_CONFIG, KVM_DEV_RISCV_AIA_CONFIG_SRCS, 32);
	set(device, KVM_DEV_RISCV_AIA_GRP_ADDR, KVM_DEV_RISCV_AIA_ADDR_APLIC, HOLE);
	set(device, KVM_DEV_RISCV_AIA_GRP_ADDR, KVM_DEV_RISCV_AIA_ADDR_IMSIC(0), IMSIC);
	kvm_device_attr_set(device, KVM_DEV_RISCV_AIA_GRP_CTRL, KVM_DEV_RISCV_AIA_CTRL_INIT, NULL);
	/* The VM has it to its end, and would be kept by this. */
	close(device);
	map_hole(vm, vcpus);
}

/* What it refuses is an access fault. */
static void map_device(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	vm_set_user_memory_region(vm, MEMORY_SLOT, 0, MEMORY, vm->page_size,
				  refusing_device_or_skip());
	virt_pg_map(vm, MEMORY_GVA, MEMORY);
}

static void count_cycles(void)
{
	guest_sbi_call(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH,
		       COUNTER_CYCLE, 1, CFG_AUTO_START, EVENT_CYCLES);
}

static void handle_fetch(void)
{
	csr_write(CSR_STVEC, (unsigned long)back_to_link);
}

static void count_cycles_in_user_mode(void)
{
	count_cycles();
	csr_write(CSR_SCOUNTEREN, -1UL);
	csr_write(CSR_STVEC, (unsigned long)back_from_user);
}

void guest_skip_faults(void)
{
	csr_write(CSR_STVEC, (unsigned long)past_instruction);
}

static void select_iprio(void)
{
	asm volatile("csrw 0x150, %0" :: "r" (IPRIO0));
}

void guest_make_pending(void)
{
	csr_set(CSR_SIE, BIT(IRQ_S_SOFT));
	csr_set(CSR_SIP, BIT(IRQ_S_SOFT));
}

#define VALUE		0x5a

#define PATH(text, what, result, ...) {						\
	.name = text, .body = &what,						\
	.a0 = { [BENCH_C] = result, [BENCH_RUST] = result }, __VA_ARGS__	\
}

static const struct bench_path paths[] = {
	PATH("MMIO lw to user space", load_word, VALUE, .registers = { HOLE_GVA },
	     .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO,
	     .on_nacl = true, .counted_on_nacl = true),
	PATH("MMIO c.lw to user space", load_compressed, VALUE, .registers = { HOLE_GVA },
	     .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO),
	PATH("MMIO sw to user space", store_word, HOLE_GVA, .registers = { HOLE_GVA, VALUE },
	     .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO),
	PATH("MMIO c.sw to user space", store_compressed, HOLE_GVA,
	     .registers = { HOLE_GVA, VALUE }, .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO),
	PATH("MMIO lbu to user space", load_byte, VALUE, .registers = { HOLE_GVA },
	     .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO),
	PATH("MMIO ld to user space", load_double, VALUE, .registers = { HOLE_GVA },
	     .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO),
	PATH("MMIO sw to an eventfd", store_word, HOLE_GVA, .registers = { HOLE_GVA, VALUE },
	     .prepare = map_eventfd),
	PATH("MMIO lw from a device in the kernel", load_word, DOMAINCFG,
	     .registers = { HOLE_GVA }, .prepare = map_aplic),
	PATH("MMIO sw to a device in the kernel", store_word, HOLE_GVA,
	     .registers = { HOLE_GVA, 0 }, .prepare = map_aplic),
	PATH("CSR sireg in the kernel", read_sireg, 0,
	     .guest_prepare = select_iprio),
	PATH("CSR sireg in the kernel, written", write_sireg, VALUE, .registers = { VALUE },
	     .guest_prepare = select_iprio),
	PATH("CSR seed to user space", read_seed, VALUE, .exit_reason = KVM_EXIT_RISCV_CSR),
	PATH("CSR stopei to user space", read_stopei, VALUE, .exit_reason = KVM_EXIT_RISCV_CSR),
	PATH("CSR cycle in the kernel", read_cycle, VALUE, .registers = { VALUE },
	     .guest_prepare = count_cycles, .ticks = 100),
	PATH("CSR cycle in the kernel, from VU-mode", in_user_mode, MEMORY_GVA,
	     .registers = { MEMORY_GVA, MEMORY_GVA + 8 }, .prepare = map_user_code,
	     .guest_prepare = count_cycles_in_user_mode, .ticks = 100),
	PATH("CSR cycle that is not configured", read_cycle, VALUE, .registers = { VALUE },
	     .guest_prepare = guest_skip_faults),
	PATH("WFI with a pending interrupt", wait, VALUE, .registers = { VALUE },
	     .guest_prepare = guest_make_pending, .on_nacl = true),
	PATH("WRS.NTO", wait_on_reservation, VALUE, .registers = { VALUE }),
	PATH("redirect of an instruction access fault", fetch, HOLE_GVA, .registers = { HOLE_GVA },
	     .prepare = map_hole, .guest_prepare = handle_fetch),
	PATH("redirect of an illegal instruction", hypervisor_csr, VALUE, .registers = { VALUE },
	     .guest_prepare = guest_skip_faults, .on_nacl = true),
	PATH("redirect of a load access fault", refused_load, MEMORY_GVA,
	     .registers = { MEMORY_GVA }, .prepare = map_device, .guest_prepare = guest_skip_faults),
	PATH("redirect of a store access fault", store_byte, MEMORY_GVA,
	     .registers = { MEMORY_GVA }, .prepare = map_device, .guest_prepare = guest_skip_faults),
	PATH("redirect of a misaligned load", load_reserved, MISALIGNED,
	     .registers = { MISALIGNED }, .prepare = map_memory, .guest_prepare = guest_skip_faults),
	/* QEMU looks at the alignment of a store or AMO only without -icount. */
	PATH("guest page fault of a load", touch_by_load, 0,
	     .registers = { (unsigned long)&next_page, PAGE },
	     .prepare = map_memory, .ticks = 100),
	PATH("guest page fault of a store", touch_by_store, 0,
	     .registers = { (unsigned long)&next_page, PAGE },
	     .prepare = map_memory, .ticks = 100),
	PATH("guest page fault of a fetch", touch_by_fetch, 0,
	     .registers = { (unsigned long)&next_page, PAGE },
	     .prepare = map_code, .ticks = 100),
};

const struct bench_group bench_exit = { paths, ARRAY_SIZE(paths) };
