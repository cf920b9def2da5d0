// SPDX-License-Identifier: GPL-2.0
/*
 * The guest that is saved and restored.
 */
#include "firmware_event.h"
#include "one_reg.h"
#include "saved_guest.h"

#define SBI_EXT_HSM			0x48534d
#define HART_START			0
#define HART_GET_STATUS			2
#define HART_STOPPED			1

#define SBI_EXT_STA			0x535441
#define STA_SET_SHMEM			0

#define SBI_EXT_FWFT			0x46574654
#define FWFT_SET			0
#define FWFT_GET			1
#define FWFT_LOCK			1
#define MISALIGNED_EXC_DELEG		0
#define POINTER_MASKING_PMLEN		5
#define DENIED_LOCKED			(-14)

#define EVENT_SET_TIMER			0xf0005
#define CLEAR_VALUE_AUTO_START		6

#define FWFT_REG(name) \
	SBI_STATE_REG(KVM_REG_RISCV_SBI_FWFT, KVM_REG_RISCV_SBI_FWFT_REG(name))

#define ISELECT_PRIORITIES		0x30

/* What restoring takes, and a host that is busy with other things meanwhile. */
#define MAX_SECONDS_AWAY		120
/* The timer fires after 1/TIMER_PART of a second. */
#define TIMER_PART			4

#define SSI				BIT(IRQ_S_SOFT)
#define STI				BIT(IRQ_S_TIMER)
#define SEI				BIT(IRQ_S_EXT)

static struct saved_guest guest;

static struct saved_guest_steal_time __aligned(64) shared;

/* Another number for each generation, kind and place. */
static u64 pattern(u64 kind, u64 place)
{
	u64 x = (guest.generation << 32 | kind << 16 | place) * 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	return x ^ x >> 27;
}

static void look(const char *what, u64 number, u64 is, u64 wanted)
{
	unsigned int i;

	guest.checks++;
	if (is == wanted)
		return;
	if (guest.wrongs < SAVED_GUEST_WRONGS) {
		for (i = 0; what[i] && i < sizeof(guest.wrong[0].what) - 1; i++)
			guest.wrong[guest.wrongs].what[i] = what[i];
		guest.wrong[guest.wrongs].what[i] = 0;
		guest.wrong[guest.wrongs].number = number;
		guest.wrong[guest.wrongs].is = is;
		guest.wrong[guest.wrongs].wanted = wanted;
	}
	guest.wrongs++;
}

static void ask(enum saved_guest_asks what)
{
	guest.asks = what;
	guest_stop();
}

/*
 * Load all integer and floating-point registers, stop, and store what they are
 * when the guest goes on. sscratch has the address of it all meanwhile.
 */
void saved_guest_save_point(struct saved_guest_registers *registers);

/* Each: `insn` of every register there is, but of x31 (the address) and x0. */
asm(".macro saved_guest_x insn, at\n"
	".irp n,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
	"\\insn x\\n, (\\at + 8 * \\n)(x31)\n"
	".endr\n"
	".endm\n"
	".macro saved_guest_f insn, at\n"
	".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
	"\\insn f\\n, (\\at + 8 * \\n)(x31)\n"
	".endr\n"
	".irp n,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
	"\\insn f\\n, (\\at + 8 * \\n)(x31)\n"
	".endr\n"
	".endm\n"
	/* ra, sp, gp, tp and s0 to s11 are the caller's. */
	".macro saved_guest_kept insn\n"
	".irp n, 1, 2, 3, 4, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27\n"
	"\\insn x\\n, (1024 + 8 * \\n)(x31)\n"
	".endr\n"
	".endm\n"

	".pushsection .text\n"
	".balign 4\n"
	".option push\n"
	".option arch, +d\n"
	".option norvc\n"
	".globl saved_guest_save_point\n"
	"saved_guest_save_point:\n"
	"mv x31, a0\n"
	"saved_guest_kept sd\n"
	"csrw sscratch, x31\n"
	"ld t0, 1280(x31)\n"
	/*
	 * QEMU 10 does not mark the state dirty for the host where a guest writes fcsr: who is preempted
	 * behind that, and before a register is written, loses it.
	 */
	"1: csrw fcsr, t0\n"
	"saved_guest_f fld, 512\n"
	"csrr t1, fcsr\n"
	"bne t0, t1, 1b\n"
	"saved_guest_x ld, 0\n"
	"ld x31, (8 * 31)(x31)\n"
	"ebreak\n"
	"csrrw x31, sscratch, x31\n"
	"saved_guest_x sd, 256\n"
	"csrr t0, sscratch\n"
	"sd t0, (256 + 8 * 31)(x31)\n"
	"saved_guest_f fsd, 768\n"
	"csrr t0, fcsr\n"
	"sd t0, 1288(x31)\n"
	"saved_guest_kept ld\n"
	"ret\n"
	".option pop\n"
	".popsection");

static_assert(offsetof(struct saved_guest_registers, x_found) == 256, "as in the assembly");
static_assert(offsetof(struct saved_guest_registers, f) == 512, "as in the assembly");
static_assert(offsetof(struct saved_guest_registers, f_found) == 768, "as in the assembly");
static_assert(offsetof(struct saved_guest_registers, kept) == 1024, "as in the assembly");
static_assert(offsetof(struct saved_guest_registers, fcsr) == 1280, "as in the assembly");
static_assert(offsetof(struct saved_guest_registers, fcsr_found) == 1288, "as in the assembly");

/* Both use all of v0 to v31, and leave vl and vtype as the host of the assembly finds them. */
static void vector_load(const u8 *from)
{
	asm volatile(".option push\n.option arch, +v\n"
		"vsetvli t0, zero, e8, m8, ta, ma\n"
		"mv t1, %0\n"
		"vle8.v v0, (t1)\nadd t1, t1, t0\n"
		"vle8.v v8, (t1)\nadd t1, t1, t0\n"
		"vle8.v v16, (t1)\nadd t1, t1, t0\n"
		"vle8.v v24, (t1)\n"
		".option pop" :: "r" (from) : "t0", "t1", "memory");
}

static void vector_store(u8 *into)
{
	asm volatile(".option push\n.option arch, +v\n"
		"vsetvli t0, zero, e8, m8, ta, ma\n"
		"mv t1, %0\n"
		"vse8.v v0, (t1)\nadd t1, t1, t0\n"
		"vse8.v v8, (t1)\nadd t1, t1, t0\n"
		"vse8.v v16, (t1)\nadd t1, t1, t0\n"
		"vse8.v v24, (t1)\n"
		".option pop" :: "r" (into) : "t0", "t1", "memory");
}


static void vector_csrs(u64 into[4])
{
	into[0] = csr_read(CSR_VL);
	into[1] = csr_read(CSR_VTYPE);
	into[2] = csr_read(CSR_VLENB);
	into[3] = csr_read(CSR_VCSR);
}

static void prepare_vector(void)
{
	unsigned int i;

	for (i = 0; i < SAVED_GUEST_VECTOR; i++)
		guest.vector[i] = pattern(3, i);
	vector_load(guest.vector);
	/* Not what anything sets by itself: 3 elements of 16 bits in groups of 2. */
	asm volatile(".option push\n.option arch, +v\nvsetivli zero, 3, e16, m2, tu, mu\n.option pop");
	csr_write(CSR_VCSR, 1 + (guest.generation & 3) * 2);
	vector_csrs(guest.vector_csrs);
}

static void look_at_vector(void)
{
	u64 found[4], i;

	vector_csrs(found);
	for (i = 0; i < ARRAY_SIZE(found); i++)
		look("vl vtype vlenb vcsr", i, found[i], guest.vector_csrs[i]);
	vector_store(guest.vector_found);
	for (i = 0; i < 32 * guest.vector_csrs[2]; i++)
		look("byte of v0 to v31", i, guest.vector_found[i], guest.vector[i]);
}

/* All that can be read at any time; what is expected to change is elsewhere. */
static void csrs(u64 into[SAVED_GUEST_CSRS])
{
	into[0] = csr_read(CSR_SSTATUS) & ~(SR_FS | SR_VS | SR_SD);
	into[1] = csr_read(CSR_SIE);
	into[2] = csr_read(CSR_STVEC);
	into[3] = csr_read(CSR_SCOUNTEREN);
	into[4] = csr_read(CSR_SENVCFG);
	into[5] = csr_read(CSR_SEPC);
	into[6] = csr_read(CSR_SCAUSE);
	into[7] = csr_read(CSR_STVAL);
	into[8] = csr_read(CSR_SATP);
	into[9] = guest.has & HAS_AIA ? csr_read(CSR_SISELECT) : 0;
}

static const u32 probed[SAVED_GUEST_PROBES] = {
	SBI_EXT_TIME, SBI_EXT_IPI, SBI_EXT_RFENCE, SBI_EXT_SRST, SBI_EXT_HSM, 0x504d55 /* PMU */,
	0x4442434e /* DBCN */, 0x53555350 /* SUSP */, SBI_EXT_STA, SBI_EXT_FWFT,
	0x43505043 /* CPPC */, 0x4d505859 /* MPXY */,
};

static u64 probe(unsigned int i)
{
	return guest_sbi_call(SBI_EXT_BASE, SBI_EXT_BASE_PROBE_EXT, probed[i], 0).value;
}

static void call(const char *what, int extension, int function, u64 arg0, u64 arg1, u64 arg2)
{
	look(what, function, sbi_ecall(extension, function, arg0, arg1, arg2, 0, 0, 0).error, 0);
}

/* With Sstc by the CSR: the C loses a deadline that came by a call now and then (T1). */
static void set_deadline(u64 deadline)
{
	if (guest.has & HAS_SSTC)
		csr_write(CSR_STIMECMP, deadline);
	else
		call("set_timer", SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, deadline, 0, 0);
}

/* Once and for all generations. */
static void prepare_once(void)
{
	struct sbiret got;

	if (guest.has & HAS_MASKING) {
		/* Whichever of the two lengths the hart has. */
		got = sbi_ecall(SBI_EXT_FWFT, FWFT_SET, POINTER_MASKING_PMLEN, 7, FWFT_LOCK, 0, 0, 0);
		if (got.error)
			call("FWFT set", SBI_EXT_FWFT, FWFT_SET, POINTER_MASKING_PMLEN, 16, FWFT_LOCK);
		got = sbi_ecall(SBI_EXT_FWFT, FWFT_GET, POINTER_MASKING_PMLEN, 0, 0, 0, 0, 0);
		look("FWFT get", 0, got.error, 0);
		look("PMLEN is not 0", 0, !got.value, 0);
		guest.masking = got.value;
	}
	if (guest.has & HAS_MISALIGNED)
		call("FWFT set", SBI_EXT_FWFT, FWFT_SET, MISALIGNED_EXC_DELEG, 1, 0);
	if (guest.has & HAS_STA) {
		call("STA set_shmem", SBI_EXT_STA, STA_SET_SHMEM, guest.sta_gpa, 0, 0);
		ask(ASKS_STEAL);
		look("there is steal time", 0, !READ_ONCE(shared.steal), 0);
	}
}

static void prepare(void)
{
	unsigned int i;

	/* The vectors first: from here on nothing uses them. */
	csr_set(CSR_SSTATUS, SR_FS_INITIAL);
	if (guest.has & HAS_VECTOR) {
		csr_set(CSR_SSTATUS, SR_VS_INITIAL);
		prepare_vector();
	}

	for (i = 0; i < 32; i++) {
		guest.registers.x[i] = pattern(1, i);
		guest.registers.f[i] = pattern(2, i);
	}
	guest.registers.fcsr = 0x15 ^ (guest.generation & 7) << 5;
	/* A rounding mode of 5 or more is none. */
	if (guest.registers.fcsr >> 5 > 4)
		guest.registers.fcsr &= 0x1f;

	call("an IPI to hart 2", SBI_EXT_IPI, SBI_EXT_IPI_SEND_IPI, 1, 2, 0);
	csr_set(CSR_SIP, SSI);
	csr_write(CSR_SIE, SSI | STI | (guest.generation & 1 ? SEI : 0));
	guest.deadline = csr_read(CSR_TIME) + guest.frequency / TIMER_PART;
	set_deadline(guest.deadline);

	csr_clear(CSR_SSTATUS, SR_SIE | SR_SPIE | SR_SPP | SR_SUM);
	csr_set(CSR_SSTATUS, guest.generation & 1 ? SR_SUM | SR_SPP : SR_SPIE | SR_SUM);
	csr_write(CSR_SCOUNTEREN, 2 | (guest.generation & 5));
	/* CBIE, CBCFE and CBZE, as far as they are there. */
	csr_write(CSR_SENVCFG, guest.generation & 1 ? 0xd0 : 0x40);
	csr_write(CSR_SEPC, pattern(4, 0) & 0x7ffffffffc);
	csr_write(CSR_SCAUSE, pattern(4, 1) & 0x1f);
	csr_write(CSR_STVAL, pattern(4, 2) & 0x7fffffffff);
	if (guest.has & HAS_AIA) {
		csr_write(CSR_SISELECT, ISELECT_PRIORITIES);
		csr_write(CSR_SIREG, pattern(4, 3));
		guest.priorities = csr_read(CSR_SIREG);
	}
	csrs(guest.csrs);
	guest.sip = csr_read(CSR_SIP) & ~STI;
	look("sip", 0, guest.sip, SSI);

	for (i = 0; i < ARRAY_SIZE(probed); i++)
		guest.probes[i] = probe(i);
	guest.asks = ASKS_SAVE;
	guest.time = csr_read(CSR_TIME);
}

/* True if the timer can be waited for. */
static bool look_at_time(void)
{
	u64 pending = csr_read(CSR_SIP) & STI, now = csr_read(CSR_TIME), wrongs = guest.wrongs;

	look("time has gone on", 0, now - guest.time <= guest.frequency * MAX_SECONDS_AWAY, 1);
	look("the timer is not early", 0, pending && now < guest.deadline, 0);
	return wrongs == guest.wrongs;
}

static void look_at_interrupts(void)
{
	u64 now;

	guest.timer = 0;
	guest.soft = 0;
	csr_set(CSR_SSTATUS, SR_SIE);
	while (!READ_ONCE(guest.timer))
		asm volatile("wfi");
	now = csr_read(CSR_TIME);
	csr_clear(CSR_SSTATUS, SR_SIE);
	look("timer interrupts", 0, guest.timer, 1);
	look("the timer has fired too early", 0, now < guest.deadline, 0);
	look("software interrupts", 0, guest.soft, 1);
}

static void look_at_sbi(void)
{
	struct sbiret got;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probed); i++)
		look("a probe", probed[i], probe(i), guest.probes[i]);

	if (guest.has & HAS_MASKING) {
		got = sbi_ecall(SBI_EXT_FWFT, FWFT_GET, POINTER_MASKING_PMLEN, 0, 0, 0, 0, 0);
		look("PMLEN", 0, got.error ?: got.value, guest.masking);
		got = sbi_ecall(SBI_EXT_FWFT, FWFT_SET, POINTER_MASKING_PMLEN, 0, 0, 0, 0, 0);
		look("PMLEN is locked", 0, got.error, DENIED_LOCKED);
	}
	if (guest.has & HAS_MISALIGNED) {
		got = sbi_ecall(SBI_EXT_FWFT, FWFT_GET, MISALIGNED_EXC_DELEG, 0, 0, 0, 0, 0);
		look("MISALIGNED_EXC_DELEG", 0, got.error ?: got.value, 1);
	}
	if (guest.has & HAS_STA) {
		look("steal time has not gone back", 0, READ_ONCE(shared.steal) < guest.steal, 0);
		look("steal time is written", 0,
		     (s32)(READ_ONCE(shared.sequence) - (u32)guest.sequence) > 0, 1);
	}
	if (guest.has & HAS_PMU) {
		/* Counters are not saved, so they are to be had. */
		got = sbi_ecall(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_CFG_MATCH, 0, -1UL >> 32,
				CLEAR_VALUE_AUTO_START, EVENT_SET_TIMER, 0, 0);
		look("a counter of SET_TIMER", 0, got.error, 0);
		if (!got.error) {
			call("set_timer", SBI_EXT_TIME, SBI_EXT_TIME_SET_TIMER, guest.deadline, 0, 0);
			look("SET_TIMER", 0, sbi_ecall(SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_FW_READ,
						       got.value, 0, 0, 0, 0, 0).value, 1);
			call("counter_stop", SBI_EXT_PMU, SBI_EXT_PMU_COUNTER_STOP, got.value, 1, 1);
		}
	}

	got = guest_sbi_call(SBI_EXT_HSM, HART_GET_STATUS, 1, 0);
	look("hart 1 is stopped", 0, got.error ?: got.value, HART_STOPPED);
	call("hart_start", SBI_EXT_HSM, HART_START, 1, guest.start_gpa, START_OPAQUE);
	ask(ASKS_HART_1);
}

static void verify(void)
{
	bool has_time = look_at_time();
	u64 found[SAVED_GUEST_CSRS], i;

	csrs(found);
	for (i = 0; i < ARRAY_SIZE(found); i++)
		look("a CSR", i, found[i], guest.csrs[i]);
	look("sip", 0, csr_read(CSR_SIP) & ~STI, guest.sip);
	if (guest.has & HAS_AIA)
		look("priorities", 0, csr_read(CSR_SIREG), guest.priorities);
	for (i = 1; i < 32; i++)
		look("x", i, guest.registers.x_found[i], guest.registers.x[i]);
	for (i = 0; i < 32; i++)
		look("f", i, guest.registers.f_found[i], guest.registers.f[i]);
	look("fcsr", 0, guest.registers.fcsr_found, guest.registers.fcsr);
	if (guest.has & HAS_VECTOR)
		look_at_vector();
	if (has_time)
		look_at_interrupts();
	look_at_sbi();
}

static void on_vcpu_0(void)
{
	guest.generation = 1;
	prepare_once();
	for (;; guest.generation++) {
		prepare();
		saved_guest_save_point(&guest.registers);
		verify();
	}
}

/* Both interrupts are made pending while it is stopped. */
static void on_vcpu_2(void)
{
	for (;;) {
		csr_write(CSR_SIE, SSI | SEI);
		ask(ASKS_SAVE);
		look("sip of hart 2", 0, csr_read(CSR_SIP), SSI | SEI);
		guest.soft = 0;
		guest.external = 0;
		csr_set(CSR_SSTATUS, SR_SIE);
		asm volatile("nop");
		csr_clear(CSR_SSTATUS, SR_SIE);
		look("software interrupts", 2, guest.soft, 1);
		look("external interrupts", 2, guest.external, 1);
		look("disabled STA", 2, guest_sbi_call(SBI_EXT_STA, STA_SET_SHMEM, -1UL, -1UL).error,
		     SBI_ERR_NOT_SUPPORTED);
		look("disabled FWFT", 2, guest_sbi_call(SBI_EXT_FWFT, FWFT_GET, 0, 0).error,
		     SBI_ERR_NOT_SUPPORTED);
	}
}

static void on_interrupt(struct pt_regs *regs)
{
	switch (regs->cause & ~CAUSE_IRQ_FLAG) {
	case IRQ_S_SOFT:
		guest.soft++;
		csr_clear(CSR_SIP, SSI);
		break;
	case IRQ_S_TIMER:
		guest.timer++;
		/* It stays pending until there is another deadline. */
		set_deadline(-1UL);
		break;
	case IRQ_S_EXT:
		guest.external++;
		csr_clear(CSR_SIE, SEI);
		break;
	default:
		look("the cause of an interrupt", 0, regs->cause, 0);
	}
}

/* Other than it is by default, where it is there. */
static void toggle(struct kvm_vcpu *vcpu, u64 id)
{
	u64 value;

	if (!one_reg_get(vcpu, id, &value))
		one_reg_set(vcpu, id, !value);
}

static void disable(struct kvm_vcpu *vcpu, u64 id)
{
	u64 value;

	if (!one_reg_get(vcpu, id, &value) && value)
		one_reg_set_gives(vcpu, id, 0, 0);
}

static struct saved_guest *host_of(struct kvm_vm *vm)
{
	return addr_gva2hva(vm, (gva_t)&guest);
}

gpa_t saved_guest_gpa(struct kvm_vm *vm)
{
	return addr_gva2gpa(vm, (gva_t)&guest);
}

struct kvm_vm *saved_guest_create(struct kvm_vcpu *vcpus[])
{
	struct kvm_mp_state stopped = { .mp_state = KVM_MP_STATE_STOPPED };
	static const u32 ids[SAVED_GUEST_VCPUS] = { 0, 1, 2 };
	struct saved_guest *host;
	struct kvm_vm *vm;
	u64 value;

	vm = sbi_vm_create(vcpus, ids, SAVED_GUEST_VCPUS);
	vcpu_init_vector_tables(vcpus[0]);
	vcpu_init_vector_tables(vcpus[2]);
	vm_install_interrupt_handler(vm, on_interrupt);
	vcpu_arch_set_entry_point(vcpus[0], on_vcpu_0);
	vcpu_arch_set_entry_point(vcpus[2], on_vcpu_2);
	vcpu_mp_state_set(vcpus[1], &stopped);

	toggle(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_DBCN));
	toggle(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_SUSP));
	toggle(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_SRST));
	toggle(vcpus[0], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_MPXY));
	toggle(vcpus[1], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_IPI));
	disable(vcpus[2], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_STA));
	disable(vcpus[2], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_FWFT));
	disable(vcpus[2], RISCV_SBI_EXT_REG(KVM_RISCV_SBI_EXT_PMU));
	disable(vcpus[2], RISCV_ISA_EXT_REG(KVM_RISCV_ISA_EXT_ZICBOZ));
	disable(vcpus[2], RISCV_ISA_EXT_REG(KVM_RISCV_ISA_EXT_ZICBOM));
	disable(vcpus[2], RISCV_ISA_EXT_REG(KVM_RISCV_ISA_EXT_SVPBMT));

	/* Far from what the clock of any host says: a time that is not restored is noticed. */
	value = vcpu_get_reg(vcpus[0], RISCV_TIMER_REG(time));
	vcpu_set_reg(vcpus[0], RISCV_TIMER_REG(time), value + (1UL << 42));

	host = host_of(vm);
	host->frequency = vcpu_get_reg(vcpus[0], RISCV_TIMER_REG(frequency));
	host->start_gpa = addr_gva2gpa(vm, (gva_t)sbi_guest_back);
	host->sta_gpa = addr_gva2gpa(vm, (gva_t)&shared);
	if (__vcpu_has_isa_ext(vcpus[0], KVM_RISCV_ISA_EXT_V))
		host->has |= HAS_VECTOR;
	if (__vcpu_has_isa_ext(vcpus[0], KVM_RISCV_ISA_EXT_SSAIA))
		host->has |= HAS_AIA;
	if (__vcpu_has_isa_ext(vcpus[0], KVM_RISCV_ISA_EXT_SSTC))
		host->has |= HAS_SSTC;
	if (__vcpu_has_sbi_ext(vcpus[0], KVM_RISCV_SBI_EXT_STA))
		host->has |= HAS_STA;
	/* KVM offers no events where the host's CPU has no Sscofpmf, whatever the register says. */
	if (__vcpu_has_isa_ext(vcpus[0], KVM_RISCV_ISA_EXT_SSCOFPMF) &&
	    firmware_events_compiled_in())
		host->has |= HAS_PMU;
	if (!one_reg_get(vcpus[0], FWFT_REG(pointer_masking.value), &value))
		host->has |= HAS_MASKING;
	if (!one_reg_get(vcpus[0], FWFT_REG(misaligned_deleg.value), &value))
		host->has |= HAS_MISALIGNED;
	return vm;
}
