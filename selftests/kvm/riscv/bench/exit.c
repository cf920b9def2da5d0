// SPDX-License-Identifier: GPL-2.0
/*
 * What KVM does when a guest traps: emulation, redirection, memory.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "bench.h"
#include "sbi_call.h"

#define PAGE			4096UL
/* No memory is there. */
#define HOLE			(1UL << 32)
#define HOLE_GVA		0x40000000UL
/* Memory of which each use of the path takes a page; there are more pages than uses. */
#define MEMORY			(2UL << 32)
#define MEMORY_GVA		0x50000000UL
#define MEMORY_PAGES		4096
#define MEMORY_SLOT		5

/* siselect: the priorities of local interrupts, which KVM keeps. */
#define IPRIO0			0x30

#define SBI_EXT_EXPERIMENTAL	0x08000000

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

BENCH_BODY(load_word, "lw a0, 0(a0)");
BENCH_BODY(load_compressed, ".option push\n.option rvc\nc.lw a0, 0(a0)\n.option pop");
BENCH_BODY(store_word, "sw a1, 0(a0)");
BENCH_BODY(read_sireg, "csrr a0, 0x151");
BENCH_BODY(read_stopei, "csrr a0, 0x15c");
BENCH_BODY(wait, "wfi");
BENCH_BODY(fetch, "jalr t0, 0(a0)");
BENCH_BODY(hypervisor_csr, "csrr t1, 0x600");
BENCH_BODY(call, "ecall");
/* *a0 is the page; the next one is a1 bytes ahead. */
BENCH_BODY(touch, "ld t0, 0(a0)\nadd t1, t0, a1\nsd t1, 0(a0)\nlw t0, 0(t0)\nli a0, 0");

/* The page that the guest takes next. */
static unsigned long next_page;

static void map_hole(struct kvm_vm *vm, struct kvm_vcpu *vcpu)
{
	virt_pg_map(vm, HOLE_GVA, HOLE);
}

static void map_eventfd(struct kvm_vm *vm, struct kvm_vcpu *vcpu)
{
	struct kvm_ioeventfd ioeventfd = {
		.addr = HOLE,
		.len = 4,
		.fd = eventfd(0, EFD_NONBLOCK),
	};

	map_hole(vm, vcpu);
	vm_ioctl(vm, KVM_IOEVENTFD, &ioeventfd);
}

/* In the host's page tables already: what is measured is KVM's part. */
static void map_memory(struct kvm_vm *vm, struct kvm_vcpu *vcpu)
{
	next_page = MEMORY_GVA;
	sync_global_to_guest(vm, next_page);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, MEMORY, MEMORY_SLOT,
				    MEMORY_PAGES, 0);
	virt_map(vm, MEMORY_GVA, MEMORY, MEMORY_PAGES);
	memset(addr_gpa2hva(vm, MEMORY), 0, MEMORY_PAGES * PAGE);
}

static void handle_fetch(void)
{
	csr_write(CSR_STVEC, (unsigned long)back_to_link);
}

static void handle_illegal(void)
{
	csr_write(CSR_STVEC, (unsigned long)past_instruction);
}

static void select_iprio(void)
{
	asm volatile("csrw 0x150, %0" :: "r" (IPRIO0));
}

/* Pending, and enabled by itself, but not taken: sstatus.SIE is clear. */
static void make_pending(void)
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
	     .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO),
	PATH("MMIO c.lw to user space", load_compressed, VALUE, .registers = { HOLE_GVA },
	     .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO),
	PATH("MMIO sw to user space", store_word, HOLE_GVA, .registers = { HOLE_GVA, VALUE },
	     .prepare = map_hole, .exit_reason = KVM_EXIT_MMIO),
	PATH("MMIO sw to an eventfd", store_word, HOLE_GVA, .registers = { HOLE_GVA, VALUE },
	     .prepare = map_eventfd),
	PATH("CSR sireg in the kernel", read_sireg, 0,
	     .guest_prepare = select_iprio),
	PATH("CSR stopei to user space", read_stopei, VALUE, .exit_reason = KVM_EXIT_RISCV_CSR),
	PATH("WFI with a pending interrupt", wait, VALUE, .registers = { VALUE },
	     .guest_prepare = make_pending),
	PATH("redirect of an instruction access fault", fetch, HOLE_GVA, .registers = { HOLE_GVA },
	     .prepare = map_hole, .guest_prepare = handle_fetch),
	PATH("redirect of an illegal instruction", hypervisor_csr, VALUE, .registers = { VALUE },
	     .guest_prepare = handle_illegal),
	PATH("guest page fault", touch, 0, .registers = { (unsigned long)&next_page, PAGE },
	     .prepare = map_memory, .ticks = 100),
	PATH("ecall to user space", call, VALUE, .registers = { [7] = SBI_EXT_EXPERIMENTAL },
	     .exit_reason = KVM_EXIT_RISCV_SBI),
};

const struct bench_group bench_exit = { paths, ARRAY_SIZE(paths) };
