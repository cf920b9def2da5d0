// SPDX-License-Identifier: GPL-2.0
/*
 * A VMM that writes in the run structure all the time. It is its memory; it can
 * spoil its own guest by that and nothing else.
 */
#include <pthread.h>
#include <signal.h>

#include "mmio_guest.h"

#define SEED			0x8182838485868788

static struct step_guest attacked, checked;
static bool stop;

static u64 next(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Loads, stores and a CSR: all that the run structure is read for, at s0, without an end. */
extern char attacked_loop[], attacked_loop_end[], checked_loop[];
asm(".pushsection .text\n"
	".balign 4\n"
	"attacked_loop:\n"
	"ld t0, 0(s0)\n"
	"sd t0, 8(s0)\n"
	"lw a1, 4(s0)\n"
	"sw a1, 16(s0)\n"
	"lbu zero, 24(s0)\n"
	"sh zero, 32(s0)\n"
	".insn i 0x73, 1, t2, t1, 0x15c\n"
	"j attacked_loop\n"
	"attacked_loop_end:\n"
	".popsection");

/* What it loads at s0 goes into a sum, which it stores there, and in memory at s3. */
asm(".pushsection .text\n"
	".balign 4\n"
	"checked_loop:\n"
	"ld t0, 0(s0)\n"
	"mul t0, t0, s1\n"
	"add s2, s2, t0\n"
	"sd s2, 8(s0)\n"
	"sd s2, 0(s3)\n"
	"j checked_loop\n"
	".popsection");

#define S0			8
#define S1			9
#define S2			18
#define S3			19

#define RACE_SECONDS		2
#define KICKS_PER_SECOND	50

/* Rewrites every byte, over and over; the vCPU is in KVM_RUN most of the time. */
static void *rewrite(void *unused)
{
	static const u32 exit_reasons[] = {
		KVM_EXIT_MMIO, KVM_EXIT_RISCV_CSR, KVM_EXIT_MMIO, KVM_EXIT_RISCV_SBI,
	};
	struct kvm_run *run = attacked.vcpu->run;
	u64 state = SEED, *words = (u64 *)run;
	unsigned int i, round;

	for (round = 0; !READ_ONCE(stop); round++) {
		for (i = 0; i < getpagesize() / sizeof(u64); i++)
			/* In the first word is immediate_exit, its second byte. */
			WRITE_ONCE(words[i], next(&state) & (i ? -1UL : ~0xff00UL));
		for (i = 0; i < 64; i++) {
			WRITE_ONCE(run->exit_reason,
				   exit_reasons[next(&state) % ARRAY_SIZE(exit_reasons)]);
			WRITE_ONCE(run->mmio.len, i % 4 ? next(&state) : 0xffffffff);
			WRITE_ONCE(run->mmio.is_write, next(&state));
		}
		WRITE_ONCE(run->immediate_exit, !(round % 64));
	}
	WRITE_ONCE(run->immediate_exit, 1);
	return NULL;
}

/* Whatever KVM_RUN says, the vCPU goes on, or begins anew. */
static void *run_attacked(void *unused)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct kvm_vcpu *vcpu = attacked.vcpu;

	while (!READ_ONCE(stop)) {
		u64 pc = step_pc(&attacked);

		if (pc < (u64)attacked_loop || pc >= (u64)attacked_loop_end)
			vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.pc), (u64)attacked_loop);
		vcpu_mp_state_set(vcpu, &state);
		__vcpu_run(vcpu);
	}
	return NULL;
}

static void *run_checked(void *unused)
{
	struct kvm_run *run = checked.vcpu->run;
	const gpa_t gpa = mmio_gpa(mmio_gva(PAGE_MMIO));
	u64 *memory = mmio_ram(&checked, mmio_gva(PAGE_RAM));
	u64 state = SEED, sum = 0, value, stored;
	unsigned int rounds;
	enum step_end end;

	for (rounds = 0; !READ_ONCE(stop); rounds++) {
		end = step_go_on(&checked);
		if (!sbi_expect(end == STEP_EXIT && run->exit_reason == KVM_EXIT_MMIO &&
				!run->mmio.is_write && run->mmio.phys_addr == gpa &&
				run->mmio.len == 8, "the other VM: %s", step_ended(&checked, end)))
			return NULL;
		sbi_expect(READ_ONCE(*memory) == sum, "the other VM: its memory is 0x%lx, wanted 0x%lx",
			   *memory, sum);
		value = next(&state);
		memcpy(run->mmio.data, &value, sizeof(value));
		sum += value * checked.x[S1];

		end = step_go_on(&checked);
		if (!sbi_expect(end == STEP_EXIT && run->exit_reason == KVM_EXIT_MMIO &&
				run->mmio.is_write && run->mmio.phys_addr == gpa + 8 &&
				run->mmio.len == 8, "the other VM: %s", step_ended(&checked, end)))
			return NULL;
		memcpy(&stored, run->mmio.data, sizeof(stored));
		if (!sbi_expect(stored == sum, "the other VM: it stores 0x%lx, wanted 0x%lx",
				stored, sum))
			return NULL;
	}
	sbi_expect(rounds > 10, "the other VM: %u rounds only", rounds);
	ksft_print_msg("the other VM did %u rounds\n", rounds);
	return NULL;
}

static void begin_loop(struct step_guest *racer, char *loop)
{
	unsigned int i;

	mmio_create(racer);
	racer->x[S0] = mmio_gva(PAGE_MMIO);
	racer->x[S1] = 0x9e3779b97f4a7c15;
	racer->x[S2] = 0;
	racer->x[S3] = mmio_gva(PAGE_RAM);
	for (i = 1; i < NR_X; i++)
		vcpu_set_reg(racer->vcpu, step_register(i), racer->x[i]);
	vcpu_set_reg(racer->vcpu, RISCV_CORE_REG(regs.pc), (u64)loop);
}

static void nothing(int signal)
{
}

/*
 * KVM_RUN of the attacked vCPU may give whatever it likes. It comes to an end, the
 * kernel says nothing, and the other VM's results are right.
 */
static void rewritten_meanwhile(void)
{
	pthread_t threads[3];
	unsigned int i;
	u64 exits;

	begin_loop(&attacked, attacked_loop);
	begin_loop(&checked, checked_loop);
	signal(SIGUSR1, nothing);
	TEST_ASSERT(!pthread_create(&threads[0], NULL, run_attacked, NULL) &&
		    !pthread_create(&threads[1], NULL, rewrite, NULL) &&
		    !pthread_create(&threads[2], NULL, run_checked, NULL),
		    "pthread_create failed");

	/* It may have come to wait for an interrupt. */
	for (i = 0; i < RACE_SECONDS * KICKS_PER_SECOND; i++) {
		usleep(1000000 / KICKS_PER_SECOND);
		pthread_kill(threads[0], SIGUSR1);
	}
	WRITE_ONCE(stop, true);
	pthread_join(threads[1], NULL);
	while (pthread_tryjoin_np(threads[0], NULL)) {
		pthread_kill(threads[0], SIGUSR1);
		usleep(1000);
	}
	pthread_join(threads[2], NULL);

	kvm_get_stat(&attacked.vcpu->stats, "mmio_exit_user", &exits, 1);
	sbi_expect(exits > 10, "%lu MMIO exits only", exits);
	ksft_print_msg("%lu MMIO exits\n", exits);
}

static const struct sbi_case cases[] = {
	{ "the run structure is rewritten while the vCPU runs", rewritten_meanwhile },
};

int main(void)
{
	sbi_run_cases(cases, ARRAY_SIZE(cases));
}
