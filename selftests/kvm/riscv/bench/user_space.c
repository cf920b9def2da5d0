// SPDX-License-Identifier: GPL-2.0
/*
 * What user space does, measured there: registers of the SBI's state, a vCPU that
 * is loaded and put, and one that is entered. The system call is in the figures.
 */
#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "bench.h"
#include "one_reg.h"
#include "sbi_call.h"

#define FEATURE(name)							\
	SBI_STATE_REG(KVM_REG_RISCV_SBI_FWFT, KVM_REG_RISCV_SBI_FWFT_REG(name))
#define STEAL(name)							\
	SBI_STATE_REG(KVM_REG_RISCV_SBI_STA, KVM_REG_RISCV_SBI_STA_REG(name))
#define EXTENSION(subtype, number)					\
	(KVM_REG_RISCV | KVM_REG_SIZE_U64 | KVM_REG_RISCV_SBI_EXT | (subtype) | (number))
#define TIME			EXTENSION(KVM_REG_RISCV_SBI_SINGLE, KVM_RISCV_SBI_EXT_TIME)
#define NONE			EXTENSION(KVM_REG_RISCV_SBI_SINGLE, 63)
#define ALL			EXTENSION(KVM_REG_RISCV_SBI_MULTI_EN, 0)
#define ALL_DISABLED		EXTENSION(KVM_REG_RISCV_SBI_MULTI_DIS, 0)

#define AREA			0x1000

/* Of SRST. */
#define SHUTDOWN		0
#define COLD_REBOOT		1
#define WARM_REBOOT		2
#define RESERVED_REASON		2

static struct kvm_vcpu *turns[2];
static unsigned int turn;

static void one_vcpu(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	turns[0] = turns[1] = vcpus[0];
}

/* Each has been in its guest on this CPU. */
static void enter_all(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(turns); i++) {
		turns[i] = list_is_singular(&vm->vcpus) ? vcpus[0] : vcpus[i];
		sbi_enter(turns[i]);
	}
}

/* A signal that only KVM_RUN lets in: it ends before the guest is entered, and stays pending. */
static void send_signal(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	struct {
		struct kvm_signal_mask mask;
		u8 none[8];
	} unblock = { .mask.len = sizeof(unblock.none) };
	sigset_t signals;
	unsigned int i;

	enter_all(vm, vcpus);
	for (i = 0; i < ARRAY_SIZE(turns); i++)
		vcpu_ioctl(turns[i], KVM_SET_SIGNAL_MASK, &unblock.mask);

	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR1, SIG_DFL);
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	TEST_ASSERT(!sigprocmask(SIG_BLOCK, &signals, NULL) && !raise(SIGUSR1), "no signal");
}

/* Zero, or an errno with a minus. */
static unsigned long one_reg(unsigned long request, const unsigned long registers[8])
{
	u64 value = registers[1];
	struct kvm_one_reg reg = { .id = registers[0], .addr = (u64)&value };

	return ioctl(turns[0]->fd, request, &reg) ? -errno : 0;
}

static unsigned long get_register(const unsigned long registers[8])
{
	return one_reg(KVM_GET_ONE_REG, registers);
}

static unsigned long set_register(const unsigned long registers[8])
{
	return one_reg(KVM_SET_ONE_REG, registers);
}

/* How it ended: an errno with a minus, or the exit reason. */
static unsigned long run(const unsigned long registers[8])
{
	struct kvm_vcpu *vcpu = turns[turn ^= 1];

	return ioctl(vcpu->fd, KVM_RUN, NULL) ? -errno : (int)vcpu->run->exit_reason;
}

/*
 * The guest suspends the system, and again where it resumes: a1 has been opaque then, and is this
 * physical address. Where user space refuses, C resumes it all the same (P1), else it goes on.
 */
extern char guest_suspend[];
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	"guest_suspend: li a0, 0\n"
	"mv a2, a1\n"
	"li a6, 0\n"
	"li a7, 0x53555350\n"
	"ecall\n"
	"mv a1, a2\n"
	"j guest_suspend\n"
	".option pop\n"
	".popsection");

static void prepare_suspend(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	one_vcpu(vm, vcpus);
	vcpu_set_reg(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_SUSP), 1);
	vcpu_arch_set_entry_point(vcpus[0], guest_suspend);
	vcpu_set_reg(vcpus[0], RISCV_CORE_REG(regs.a1), addr_gva2gpa(vm, (gva_t)guest_suspend));
}

/* The guest asks for a reset of type s0 for reason s1. If that comes back it stops. */
extern char guest_reset[];
asm(".pushsection .text\n"
	".balign 16\n"
	".option push\n"
	".option norvc\n"
	"guest_reset: mv a0, s0\n"
	"mv a1, s1\n"
	"li a6, 0\n"
	"li a7, 0x53525354\n"
	"ecall\n"
	"ebreak\n"
	".option pop\n"
	".popsection");

/* The registers of the path are type and reason. */
static void prepare_reset(struct kvm_vm *vm, struct kvm_vcpu *vcpus[])
{
	one_vcpu(vm, vcpus);
	vcpu_arch_set_entry_point(vcpus[0], guest_reset);
	vcpu_set_reg(vcpus[0], RISCV_CORE_REG(regs.s0), bench_registers[0]);
	vcpu_set_reg(vcpus[0], RISCV_CORE_REG(regs.s1), bench_registers[1]);
}

static unsigned long run_and_answer(const unsigned long registers[8])
{
	unsigned long end = run(registers);

	turns[0]->run->riscv_sbi.ret[0] = SBI_SUCCESS;
	return end;
}

static unsigned long run_and_refuse(const unsigned long registers[8])
{
	unsigned long end = run(registers);

	turns[0]->run->riscv_sbi.ret[0] = SBI_ERR_DENIED;
	return end;
}

static unsigned long run_and_make_runnable(const unsigned long registers[8])
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	unsigned long end = run(registers);

	return ioctl(turns[0]->fd, KVM_SET_MP_STATE, &state) ? -errno : end;
}

/* The same from where the guest began. */
static unsigned long run_and_begin_anew(const unsigned long registers[8])
{
	unsigned long end = run_and_make_runnable(registers), pc = (unsigned long)guest_reset;
	struct kvm_one_reg reg = { .id = RISCV_CORE_REG(regs.pc), .addr = (u64)&pc };

	return ioctl(turns[0]->fd, KVM_SET_ONE_REG, &reg) ? -errno : end;
}

static unsigned long nothing(const unsigned long registers[8])
{
	return 0;
}

static const struct bench_body get = { get_register, nothing };
static const struct bench_body set = { set_register, nothing };
static const struct bench_body run_vcpu = { run, nothing };
static const struct bench_body suspend = { run_and_answer, nothing };
static const struct bench_body suspend_refused = { run_and_refuse, nothing };
static const struct bench_body reset = { run_and_make_runnable, nothing };
static const struct bench_body reset_anew = { run_and_begin_anew, nothing };

#define REGISTER_FIELDS(text, what, error, ...)				\
	.name = "ONE_REG " text, .body = &what, .in_user_space = true,		\
	.prepare = one_vcpu, .registers = { __VA_ARGS__ },			\
	.a0 = { [BENCH_C] = error, [BENCH_RUST] = error }
#define REGISTER(...)		{ REGISTER_FIELDS(__VA_ARGS__) }

/* Of a feature that the host has to be made to say it has; that is asked each time. */
#define DELEGATION(...)								\
	{ REGISTER_FIELDS(__VA_ARGS__), .delegates_misaligned = true }

#define RUN(text, beside, setup, result, ...) {						\
	.name = text, .body = &run_vcpu, .in_user_space = true, .others = beside,	\
	.prepare = setup, .a0 = { [BENCH_C] = result, [BENCH_RUST] = result }, __VA_ARGS__	\
}

/* A call that ends KVM_RUN, and what user space does about it. */
#define ENDING(text, what, setup, result) {						\
	.name = text, .body = &what, .in_user_space = true, .prepare = setup,		\
	.a0 = { [BENCH_C] = result, [BENCH_RUST] = result },				\
}

/* A reset of a VM with @beside more vCPUs, all of which it stops. */
#define RESET(text, what, beside, c, rust, type, reason) {			\
	.name = "SRST " text, .body = &what, .in_user_space = true,		\
	.others = beside, .prepare = prepare_reset, .registers = { type, reason },	\
	.a0 = { [BENCH_C] = c, [BENCH_RUST] = rust },				\
}
#define RESETS(text, beside, type)						\
	RESET(text, reset, beside, KVM_EXIT_SYSTEM_EVENT, KVM_EXIT_SYSTEM_EVENT, type, 0)

static const struct bench_path paths[] = {
	ENDING("SUSP system_suspend to user space, which resumes", suspend, prepare_suspend,
	       KVM_EXIT_RISCV_SBI),
	ENDING("SUSP system_suspend to user space, which refuses", suspend_refused, prepare_suspend,
	       KVM_EXIT_RISCV_SBI),
	RESETS("shutdown to user space, which makes the hart runnable", 0, SHUTDOWN),
	RESETS("shutdown of 9 harts to user space, which makes it runnable", 8, SHUTDOWN),
	RESETS("shutdown of 65 harts to user space, which makes it runnable", 64, SHUTDOWN),
	RESETS("cold reboot to user space, which makes the hart runnable", 0, COLD_REBOOT),
	RESETS("warm reboot to user space, which makes the hart runnable", 0, WARM_REBOOT),
	/* C resets: Q2. */
	RESET("reserved reason, the hart made runnable, its pc set", reset_anew, 0,
	      KVM_EXIT_SYSTEM_EVENT, KVM_EXIT_DEBUG, SHUTDOWN, RESERVED_REASON),

	REGISTER("get of an SBI extension", get, 0, TIME),
	REGISTER("set of an SBI extension", set, 0, TIME, 1),
	REGISTER("get of no SBI extension", get, -ENOENT, NONE),
	REGISTER("get of all SBI extensions", get, 0, ALL),
	REGISTER("set of all SBI extensions", set, 0, ALL, -1UL),
	REGISTER("get of all disabled SBI extensions", get, 0, ALL_DISABLED),
	REGISTER("set of a disabled SBI extension", set, 0, ALL_DISABLED,
		 BIT(KVM_RISCV_SBI_EXT_VENDOR)),
	REGISTER("get of STA's address", get, 0, STEAL(shmem_lo)),
	REGISTER("set of STA's address", set, 0, STEAL(shmem_lo), AREA),
	REGISTER("set of STA's address that is not aligned", set, -EINVAL, STEAL(shmem_lo), 8),
	REGISTER("get of STA's upper address", get, 0, STEAL(shmem_hi)),
	REGISTER("set of STA's upper address to 0", set, 0, STEAL(shmem_hi), 0),
	REGISTER("set of STA's upper address to 1", set, -EINVAL, STEAL(shmem_hi), 1),
	REGISTER("get of an FWFT value", get, 0, FEATURE(pointer_masking.value)),
	REGISTER("set of an FWFT value", set, 0, FEATURE(pointer_masking.value), 7),
	REGISTER("set of an FWFT value that is none", set, -EINVAL,
		 FEATURE(pointer_masking.value), 8),
	REGISTER("get of whether a VM has an FWFT feature", get, 0,
		 FEATURE(pointer_masking.enable)),
	REGISTER("set of whether a VM has an FWFT feature", set, 0,
		 FEATURE(pointer_masking.enable), 1),
	REGISTER("get of an FWFT flag", get, 0, FEATURE(pointer_masking.flags)),
	REGISTER("set of an FWFT flag", set, 0, FEATURE(pointer_masking.flags), 1),
	DELEGATION("get of MISALIGNED_EXC_DELEG", get, 0, FEATURE(misaligned_deleg.value)),
	DELEGATION("set of MISALIGNED_EXC_DELEG to 0", set, 0, FEATURE(misaligned_deleg.value), 0),
	DELEGATION("set of MISALIGNED_EXC_DELEG to 1", set, 0, FEATURE(misaligned_deleg.value), 1),
	DELEGATION("set of MISALIGNED_EXC_DELEG to 2", set, -EINVAL,
		   FEATURE(misaligned_deleg.value), 2),

	RUN("load and put of a vCPU", 0, send_signal, -EINTR, .on_nacl = true),
	/* Not on NACL: a fence each time (K9), and no entry that makes them, fill the queue. */
	RUN("load and put of two vCPUs by turns", 1, send_signal, -EINTR),
	RUN("entry and exit", 0, enter_all, KVM_EXIT_DEBUG,
	    .on_nacl = true, .counted_on_nacl = true),
	RUN("entry and exit of two vCPUs by turns", 1, enter_all, KVM_EXIT_DEBUG,
	    .on_nacl = true, .counted_on_nacl = true),
};

const struct bench_group bench_user_space = { paths, ARRAY_SIZE(paths) };
