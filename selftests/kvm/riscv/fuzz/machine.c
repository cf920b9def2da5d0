// SPDX-License-Identifier: GPL-2.0
/*
 * An episode on a machine: user space's side of each exit.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "vm.h"

/* How long a hart that has stopped may stay in KVM_RUN. */
#define STOPPED_NS		10000000
/* No episode takes so long. */
#define STUCK_SECONDS		30

struct worker {
	const struct episode *episode;
	enum module module;
	unsigned int lane;
	struct machine *machine;
	struct kvm_vcpu *vcpu;
	struct lane *shared;
	struct outcome *outcomes;
	struct dump *dump;
	timer_t timer;
	bool has_timer;
};

/* Set a lane's registers so that it goes on with the step at shared->at. */
static void lane_start(struct worker *worker)
{
	struct kvm_vcpu *vcpu = worker->vcpu;
	unsigned long gp;

	asm volatile("mv %0, gp" : "=r" (gp));
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(satp), worker->machine->satp);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.gp), gp);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.sp),
		     worker->machine->lanes[worker->lane].shared_gva + offsetof(struct lane, at));
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.a0),
		     worker->machine->lanes[worker->lane].shared_gva);
	vcpu_set_reg(vcpu, RISCV_CORE_REG(mode), KVM_RISCV_MODE_S);
	vcpu_set_reg(vcpu, RISCV_GENERAL_CSR_REG(stvec), lane_stvec());
	vcpu_set_reg(vcpu, RISCV_CORE_REG(regs.pc), (u64)lane_main);
}

static void do_nothing(int signal)
{
}

unsigned int machine_hart;

static sig_atomic_t stuck;

static void is_stuck(int signal)
{
	WRITE_ONCE(stuck, 1);
	/* In case it came before KVM_RUN. */
	alarm(1);
}

/* A signal for this thread, soon and then again: nothing else ends KVM_RUN of a hart that stops. */
static void arm(struct worker *worker, bool on)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec when = {};

	if (!worker->has_timer) {
		if (!on)
			return;
		event._sigev_un._tid = syscall(SYS_gettid);
		signal(SIGUSR1, do_nothing);
		TEST_ASSERT(!timer_create(CLOCK_MONOTONIC, &event, &worker->timer),
			    "timer_create failed");
		worker->has_timer = true;
	}
	if (on)
		when.it_value.tv_nsec = when.it_interval.tv_nsec = STOPPED_NS;
	timer_settime(worker->timer, 0, &when, NULL);
}

static void note(struct outcome *outcome, u32 reason, u64 a, u64 b, u64 c, u64 d)
{
	const u64 exit[] = { a, b, c, d };

	if (outcome->exits++) {
		/* One is usual. */
		outcome->exit[3] ^= mix(outcome->exit_reason + mix(outcome->exit[0]));
		d ^= outcome->exit[3];
	}
	outcome->exit_reason = reason;
	memcpy(outcome->exit, exit, sizeof(exit));
}

static void answer_mmio(struct outcome *outcome, const struct step *step, struct kvm_run *run)
{
	u64 data = 0;

	if (run->mmio.is_write)
		memcpy(&data, run->mmio.data, run->mmio.len);
	note(outcome, KVM_EXIT_MMIO, run->mmio.phys_addr, run->mmio.len,
	     run->mmio.is_write, data);
	if (!run->mmio.is_write)
		memcpy(run->mmio.data, &step->answer, sizeof(step->answer));
}

static void answer_sbi(struct outcome *outcome, const struct step *step, struct kvm_run *run)
{
	note(outcome, KVM_EXIT_RISCV_SBI, run->riscv_sbi.extension_id,
	     run->riscv_sbi.function_id,
	     hash(0, run->riscv_sbi.args, sizeof(run->riscv_sbi.args)),
	     run->riscv_sbi.ret[0] + mix(run->riscv_sbi.ret[1]));
	if (step->answer) {
		run->riscv_sbi.ret[0] = step->answer == 1 ? 0 : step->answer;
		run->riscv_sbi.ret[1] = step->answer;
	}
}

/* All harts have been stopped; the lane goes on behind its call. */
static void survive_reset(struct worker *worker, struct outcome *outcome, struct kvm_run *run)
{
	struct kvm_mp_state state;
	u64 stopped = 0;
	unsigned int i;

	for (i = 0; i < worker->episode->vcpus; i++) {
		vcpu_mp_state_get(worker->machine->vcpus[i], &state);
		stopped |= (u64)(state.mp_state == KVM_MP_STATE_STOPPED) << i;
	}
	note(outcome, KVM_EXIT_SYSTEM_EVENT, run->system_event.type, run->system_event.ndata,
	     run->system_event.data[0], stopped);
	set_mp_state(worker->vcpu, KVM_MP_STATE_RUNNABLE);
	vcpu_set_reg(worker->vcpu, RISCV_CORE_REG(regs.pc),
		     vcpu_get_reg(worker->vcpu, RISCV_CORE_REG(regs.pc)) + 4);
}

static void finish_exit(struct kvm_vcpu *vcpu)
{
	vcpu->run->immediate_exit = 1;
	__vcpu_run(vcpu);
	vcpu->run->immediate_exit = 0;
}

static void land(struct worker *worker, struct outcome *outcome)
{
	outcome->landed = true;
	outcome->a0 = vcpu_get_reg(worker->vcpu, RISCV_CORE_REG(regs.a0));
	outcome->a1 = vcpu_get_reg(worker->vcpu, RISCV_CORE_REG(regs.a1));
	finish_exit(worker->vcpu);
	worker->shared->at++;
	lane_start(worker);
}

/* Run the steps in shared, to their end. @indices: what they are in the episode. */
static void run_shared(struct worker *worker, const u32 indices[], bool stops)
{
	const struct step *steps = worker->episode->steps[worker->lane];
	struct kvm_run *run = worker->vcpu->run;
	struct kvm_mp_state state;

	worker->shared->at = 0;
	if (stops)
		arm(worker, true);
	for (;;) {
		int ret = __vcpu_run(worker->vcpu), error = ret ? errno : 0;
		u64 at = READ_ONCE(worker->shared->at);
		struct outcome *outcome;
		const struct step *step;

		if (!ret && run->exit_reason == KVM_EXIT_MMIO &&
		    run->mmio.phys_addr == DOORBELL_DONE)
			break;
		if (at >= worker->shared->count) {
			TEST_ASSERT(error == EINTR, "exit reason %u, errno %d behind the last step",
				    run->exit_reason, error);
			continue;
		}
		outcome = &worker->outcomes[indices[at]];
		step = &steps[indices[at]];
		if (error == EINTR) {
			if (READ_ONCE(stuck)) {
				report_step(stderr, step);
				TEST_FAIL("\nseed %lu, episode %lu: lane %u does not get past this, its step %u",
					  worker->episode->seed, worker->episode->number,
					  worker->lane, indices[at]);
			}
			vcpu_mp_state_get(worker->vcpu, &state);
			if (state.mp_state == KVM_MP_STATE_STOPPED) {
				note(outcome, KVM_EXIT_INTR, 0, 0, 0, 0);
				set_mp_state(worker->vcpu, KVM_MP_STATE_RUNNABLE);
			}
			continue;
		}
		if (error) {
			outcome->error = error;
			vcpu_set_reg(worker->vcpu, RISCV_CORE_REG(regs.pc),
				     vcpu_get_reg(worker->vcpu, RISCV_CORE_REG(regs.pc)) +
				     step_length(step));
			continue;
		}
		switch (run->exit_reason) {
		case KVM_EXIT_MMIO:
			if (run->mmio.phys_addr == DOORBELL_LANDED)
				land(worker, outcome);
			else
				answer_mmio(outcome, step, run);
			break;
		case KVM_EXIT_RISCV_SBI:
			answer_sbi(outcome, step, run);
			break;
		case KVM_EXIT_RISCV_CSR:
			note(outcome, KVM_EXIT_RISCV_CSR, run->riscv_csr.csr_num,
			     run->riscv_csr.new_value, run->riscv_csr.write_mask, 0);
			run->riscv_csr.ret_value = step->answer;
			break;
		case KVM_EXIT_SYSTEM_EVENT:
			survive_reset(worker, outcome, run);
			break;
		default:
			TEST_FAIL("exit reason %u of a step", run->exit_reason);
		}
	}
	if (stops)
		arm(worker, false);
}

static void put_step(struct worker *worker, unsigned int slot, const struct step *step)
{
	struct guest_step *guest = &worker->shared->slots[slot].step;

	memcpy(guest->x, step->x, sizeof(guest->x));
	guest->peek = step->peek;
	guest->flags = step->flags;
	if (step->flags & STEP_FETCH)
		guest->pc = step->x[0];
	else if (step->insn == ECALL && !(step->flags & STEP_USER))
		guest->pc = (u64)lane_ecall;
	else
		guest->pc = machine_put_code(worker->machine, worker->lane, slot, step);
}

static void take_result(struct worker *worker, unsigned int slot, struct outcome *outcome)
{
	const struct lane_slot *at = &worker->shared->slots[slot];
	const struct guest_result *result = &at->result;

	if (outcome->landed)
		return;
	outcome->a0 = result->a0;
	outcome->a1 = result->a1;
	outcome->cause = result->cause;
	/* A breakpoint says where it is. */
	outcome->tval = result->cause == EXC_BREAKPOINT ? 0 : result->tval;
	outcome->offset = result->pc - at->step.pc;
	outcome->pending = result->pending;
	outcome->others = result->others;
	outcome->peek = result->peek;
}

/* The harts that nobody runs are as they were; so are the tables of events. */
static void tidy(struct worker *worker)
{
	struct kvm_mp_state state;
	unsigned int i;

	for (i = worker->episode->lanes; i < worker->episode->vcpus; i++) {
		vcpu_mp_state_get(worker->machine->vcpus[i], &state);
		if (state.mp_state != KVM_MP_STATE_STOPPED)
			set_mp_state(worker->machine->vcpus[i], KVM_MP_STATE_STOPPED);
	}
	if (worker->episode->lanes == 1)
		fill_events(worker->machine->vm);
}

static bool is_timer(u64 id)
{
	return (id & KVM_REG_RISCV_TYPE_MASK) == KVM_REG_RISCV_TIMER;
}

/* The registers of the guest's own program: each step has looked at them. */
static bool is_core(u64 id)
{
	return (id & KVM_REG_RISCV_TYPE_MASK) == KVM_REG_RISCV_CORE;
}

static void dump_registers(struct worker *worker)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(worker->vcpu);
	struct dump *dump = worker->dump;
	u64 i, value[64], id, size, *sum;

	for (i = 0; i < list->n; i++) {
		id = list->reg[i];
		size = 1UL << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
		dump->registers = mix(dump->registers + id);
		if (is_timer(id) || is_core(id) || size > sizeof(value))
			continue;
		memset(value, 0, sizeof(value));
		if (__vcpu_get_reg(worker->vcpu, id, value))
			value[0] = errno;
		sum = &dump->registers;
		if ((id & KVM_REG_RISCV_TYPE_MASK) == KVM_REG_RISCV_SBI_STATE)
			sum = (id & KVM_REG_RISCV_SUBTYPE_MASK) == KVM_REG_RISCV_SBI_STA ?
			      &dump->steal_time : &dump->features;
		/* Software interrupts of others, and overflows, come when they come. */
		if (id == RISCV_GENERAL_CSR_REG(sip))
			value[0] = 0;
		*sum = hash(*sum, value, 8 * ((size + 7) / 8));
	}
	free(list);
}

static void dump_memory(struct worker *worker)
{
	struct kvm_vm *vm = worker->machine->vm;

	worker->dump->memory = hash(0, addr_gpa2hva(vm, PLAIN_PAGE), MEMORY_END - PLAIN_PAGE);
	worker->dump->memory = hash(worker->dump->memory, addr_gpa2hva(vm, READ_ONLY),
				    READ_ONLY_PAGES * 4096);
}

/* Nothing of the last step is left in the CSRs that are dumped. */
static const struct step last_step = {
	.insn = ECALL, .x = { [7] = SBI_EXT_BASE },
};

/*
 * A lane stays on its hart: what it maps and unmaps is not the other's business then,
 * and lanes run at the same time.
 */
static void pin(const struct worker *worker)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((machine_hart + worker->lane) % get_nprocs(), &set);
	TEST_ASSERT(!sched_setaffinity(0, sizeof(set), &set), "no hart %u", machine_hart);
}

static void *run_lane(void *data)
{
	struct worker *worker = data;
	const struct episode *episode = worker->episode;
	const struct step *steps = episode->steps[worker->lane];
	u32 count = episode->count[worker->lane], next = 0, indices[LANE_STEPS], i, slots;
	bool stops;

	pin(worker);
	lane_start(worker);
	while (next < count) {
		stops = false;
		slots = 0;
		for (i = 0; i < LANE_STEPS && next < count; i++, next++) {
			if (steps[next].rust_only && worker->module == MODULE_C)
				continue;
			stops |= steps[next].flags & STEP_STOPS;
			put_step(worker, slots, &steps[next]);
			indices[slots++] = next;
		}
		worker->shared->count = slots;
		run_shared(worker, indices, stops);
		for (i = 0; i < slots; i++)
			take_result(worker, i, &worker->outcomes[indices[i]]);
		if (!worker->lane)
			tidy(worker);
	}
	put_step(worker, 0, &last_step);
	worker->shared->count = 1;
	run_shared(worker, (const u32[]) { 0 }, false);
	finish_exit(worker->vcpu);
	dump_registers(worker);
	if (worker->has_timer)
		timer_delete(worker->timer);
	return NULL;
}

void machine_run(const struct episode *episode, enum module module,
		 struct outcome *outcomes[MAX_LANES], struct dump dumps[MAX_LANES])
{
	struct worker workers[MAX_LANES] = {};
	struct machine *machine = machine_begin(episode);
	pthread_t threads[MAX_LANES];
	unsigned int i;

	signal(SIGALRM, is_stuck);
	alarm(STUCK_SECONDS);
	for (i = 0; i < episode->lanes; i++) {
		struct worker *worker = &workers[i];

		memset(outcomes[i], 0, sizeof(outcomes[i][0]) * episode->count[i]);
		memset(&dumps[i], 0, sizeof(dumps[i]));
		worker->episode = episode;
		worker->module = module;
		worker->lane = i;
		worker->machine = machine;
		worker->vcpu = machine->vcpus[i];
		worker->shared = machine->lanes[i].shared;
		worker->outcomes = outcomes[i];
		worker->dump = &dumps[i];
	}
	for (i = 1; i < episode->lanes; i++)
		TEST_ASSERT(!pthread_create(&threads[i], NULL, run_lane, &workers[i]), "no thread");
	run_lane(&workers[0]);
	for (i = 1; i < episode->lanes; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < episode->lanes; i++)
		dump_memory(&workers[i]);
	alarm(0);
	machine_end(machine);
}

struct pmu_shape machine_pmu(void)
{
	struct episode *episode = calloc(1, sizeof(*episode));
	struct outcome outcomes[MAX_COUNTERS + 1];
	struct outcome *lanes[MAX_LANES] = { outcomes };
	struct dump dumps[MAX_LANES];
	struct pmu_shape shape = {};
	unsigned int i;

	TEST_ASSERT(episode, "no memory");
	episode->vcpus = episode->lanes = 1;
	episode->count[0] = MAX_COUNTERS + 1;
	for (i = 0; i <= MAX_COUNTERS; i++) {
		struct step *step = &episode->steps[0][i];

		step->insn = ECALL;
		step->x[7] = SBI_EXT_PMU;
		step->x[6] = i ? SBI_EXT_PMU_COUNTER_GET_INFO : SBI_EXT_PMU_NUM_COUNTERS;
		step->x[0] = i - 1;
	}
	machine_run(episode, MODULE_RUST, lanes, dumps);
	free(episode);
	if (outcomes[0].a0)
		return shape;
	shape.all = outcomes[0].a1;
	while (shape.hardware < shape.all && !(outcomes[shape.hardware + 1].a1 >> 63))
		shape.hardware++;
	return shape;
}
