// A libnvidia-ml.so.1 for tests. What is defined at compile time chooses the driver that it plays:
//   INIT_CODE=n     starting fails with n
//   OLD             lacks what old drivers lack
//   LOST=n          answers every field with n
//   NOT_SUPPORTED   answers 3 to every question that a GPU may refuse
// Like the real one it must be started before anything else; here a breach aborts.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int ret;
struct dev { int gpu, slice; };
static struct dev gpus[2] = {{0, -1}, {1, -1}};
static struct dev parts[2] = {{1, 0}, {1, 3}};
static int started;

static void guard(void) { if (!started) abort(); }
#define GUARD guard()
#ifdef NOT_SUPPORTED
#define OPTIONAL do { GUARD; return 3; } while (0)
#else
#define OPTIONAL GUARD
#endif
static ret give(char *out, unsigned n, const char *s) {
	if (strlen(s) + 1 > n) return 7;
	strcpy(out, s);
	return 0;
}

#ifndef INIT_CODE
#define INIT_CODE 0
#endif
ret nvmlInit_v2(void) { if (INIT_CODE == 0) started++; return INIT_CODE; }
static void leak(void);
ret nvmlShutdown(void) { GUARD; leak(); started--; return 0; }
const char *nvmlErrorString(ret r) { (void)r; return "text of the fake"; }
ret nvmlSystemGetDriverVersion(char *s, unsigned n) { GUARD; return give(s, n, "580.105.08"); }
ret nvmlDeviceGetHandleByIndex_v2(unsigned i, struct dev **d) { GUARD; if (i > 1) return 2; *d = &gpus[i]; return 0; }
ret nvmlDeviceGetMemoryInfo(struct dev *d, uint64_t *m) { (void)d; OPTIONAL; m[0] = 80ull << 30; m[1] = 78ull << 30; m[2] = 2ull << 30; return 0; }
ret nvmlDeviceGetPowerUsage(struct dev *d, unsigned *mw) { OPTIONAL; if (d->slice >= 0) return 3; *mw = 200000; return 0; }
ret nvmlDeviceGetTemperature(struct dev *d, int sensor, unsigned *t) { (void)d; (void)sensor; OPTIONAL; *t = 41; return 0; }
ret nvmlDeviceGetClockInfo(struct dev *d, int kind, unsigned *mhz) { (void)d; OPTIONAL; *mhz = kind == 1 ? 1755 : 2619; return 0; }
ret nvmlDeviceGetMaxClockInfo(struct dev *d, int kind, unsigned *mhz) { (void)d; OPTIONAL; *mhz = kind == 1 ? 1980 : 2619; return 0; }
ret nvmlDeviceGetUtilizationRates(struct dev *d, unsigned *u) { OPTIONAL; if (d->slice >= 0) return 3; u[0] = 97; u[1] = 40; return 0; }
ret nvmlDeviceGetCudaComputeCapability(struct dev *d, int *major, int *minor) { OPTIONAL; *major = d->gpu ? 8 : 9; *minor = 0; return 0; }
ret nvmlDeviceGetEccMode(struct dev *d, unsigned *now, unsigned *later) { (void)d; OPTIONAL; *now = 1; *later = 1; return 0; }
ret nvmlDeviceGetPersistenceMode(struct dev *d, unsigned *on) { (void)d; OPTIONAL; *on = 1; return 0; }
ret nvmlDeviceGetComputeMode(struct dev *d, unsigned *mode) { (void)d; OPTIONAL; *mode = 0; return 0; }
ret nvmlDeviceGetEnforcedPowerLimit(struct dev *d, unsigned *mw) { (void)d; OPTIONAL; *mw = 650000; return 0; }
ret nvmlDeviceGetPowerManagementDefaultLimit(struct dev *d, unsigned *mw) { (void)d; OPTIONAL; *mw = 700000; return 0; }
ret nvmlDeviceGetPowerManagementLimitConstraints(struct dev *d, unsigned *lo, unsigned *hi) { (void)d; OPTIONAL; *lo = 200000; *hi = 700000; return 0; }
ret nvmlDeviceGetCurrPcieLinkGeneration(struct dev *d, unsigned *n) { (void)d; OPTIONAL; *n = 1; return 0; }
ret nvmlDeviceGetMaxPcieLinkGeneration(struct dev *d, unsigned *n) { (void)d; OPTIONAL; *n = 5; return 0; }
ret nvmlDeviceGetCurrPcieLinkWidth(struct dev *d, unsigned *n) { (void)d; OPTIONAL; *n = 8; return 0; }
ret nvmlDeviceGetMaxPcieLinkWidth(struct dev *d, unsigned *n) { (void)d; OPTIONAL; *n = 16; return 0; }

ret nvmlDeviceGetName(struct dev *d, char *s, unsigned n) {
	GUARD;
	if (d->slice == 0) return give(s, n, "NVIDIA A100-SXM4-40GB MIG 1g.5gb");
	if (d->slice == 3) return give(s, n, "NVIDIA A100-SXM4-40GB MIG 3g.20gb");
	return give(s, n, d->gpu ? "NVIDIA A100-SXM4-40GB" : "NVIDIA H100 80GB HBM3");
}
ret nvmlDeviceGetUUID(struct dev *d, char *s, unsigned n) {
	GUARD;
	if (d->slice == 0) return give(s, n, "MIG-aaaa");
	if (d->slice == 3) return give(s, n, "MIG-dddd");
	return give(s, n, d->gpu ? "GPU-1111" : "GPU-0000");
}

// Two processes compute on the whole GPU, one of which also draws; on a slice one computes, and nothing may be asked of those
// that draw. The older form of an entry ends after the memory.
struct user { unsigned pid; uint64_t used; unsigned gi, ci; };
struct user1 { unsigned pid; uint64_t used; };
#define LIST(pids, wanted) do { \
	unsigned room = *n; \
	*n = wanted; \
	if (room < *n) return 7; \
	for (unsigned i = 0; i < *n; i++) out[i].pid = pids + i; \
	return 0; \
} while (0)
#ifdef OLD
ret nvmlDeviceGetComputeRunningProcesses(struct dev *d, unsigned *n, struct user1 *out) { (void)d; OPTIONAL; LIST(100, 3); }
#else
ret nvmlDeviceGetComputeRunningProcesses_v3(struct dev *d, unsigned *n, struct user *out) { OPTIONAL; LIST(100, (d->slice < 0 ? 2 : 1)); }
ret nvmlDeviceGetGraphicsRunningProcesses_v3(struct dev *d, unsigned *n, struct user *out) { OPTIONAL; if (d->slice >= 0) return 3; LIST(101, 2); }
#endif

struct pci { char legacy[16]; unsigned domain, bus, device, id, subsystem; char bus_id[32]; };
#ifdef OLD
ret nvmlDeviceGetCount_v2(unsigned *n) { GUARD; *n = 1; return 0; }
// The older form's structure ends before the long address.
ret nvmlDeviceGetPciInfo_v2(struct dev *d, struct pci *p) { (void)d; GUARD; p->domain = 0; p->bus = 0x1e; p->device = 2; return 0; }
ret nvmlDeviceGetCurrentClocksThrottleReasons(struct dev *d, uint64_t *mask) { (void)d; GUARD; *mask = 0x5; return 0; }
#else
ret nvmlDeviceGetCount_v2(unsigned *n) { GUARD; *n = 2; return 0; }
ret nvmlSystemGetCudaDriverVersion(int *v) { GUARD; *v = 13000; return 0; }
ret nvmlDeviceGetPciInfo_v3(struct dev *d, struct pci *p) {
	OPTIONAL;
	p->domain = 0; p->bus = 0x18 + d->gpu; p->device = 0;
	strcpy(p->bus_id, "00000000:18:00.0");
	return 0;
}
ret nvmlDeviceGetNumGpuCores(struct dev *d, unsigned *n) { OPTIONAL; *n = d->gpu ? 6912 : 16896; return 0; }
ret nvmlDeviceGetArchitecture(struct dev *d, unsigned *n) { OPTIONAL; *n = d->gpu ? 7 : 9; return 0; }
ret nvmlDeviceGetTotalEnergyConsumption(struct dev *d, uint64_t *mj) { static uint64_t e = 5000; OPTIONAL; if (d->slice >= 0) return 3; *mj = e += 1500; return 0; }
ret nvmlDeviceGetCurrentClocksEventReasons(struct dev *d, uint64_t *mask) { (void)d; OPTIONAL; *mask = 0x24; return 0; }

struct memory2 { unsigned version; uint64_t total, reserved, free, used; };
ret nvmlDeviceGetMemoryInfo_v2(struct dev *d, struct memory2 *m) {
	OPTIONAL;
	if (m->version != (sizeof *m | 2u << 24)) return 25;
	m->total = d->slice == 0 ? 5ull << 30 : d->slice == 3 ? 20ull << 30 : d->gpu ? 40ull << 30 : 80ull << 30;
	m->used = 1ull << 30;
	return 0;
}

struct field { unsigned id, scope; int64_t time, latency; unsigned kind, code; unsigned char value[8]; };
// What is undefined of a value is set to ones, so that a wrong width shows.
static void say(struct field *f, unsigned kind, uint64_t v) {
	f->code = 0;
	f->kind = kind;
	memset(f->value, 0xff, sizeof f->value);
	memcpy(f->value, &v, kind == 1 ? 4 : kind == 6 ? 2 : 8);
}
ret nvmlDeviceGetFieldValues(struct dev *d, int n, struct field *f) {
	static uint64_t energy = 5000;
	GUARD;
	for (int i = 0; i < n; i++) {
		f[i].code = 3;
#ifdef LOST
		f[i].code = LOST;
#elif !defined NOT_SUPPORTED
		if (d->slice >= 0) continue;
		switch (f[i].id) {
		case 74: say(&f[i], 3, 1500000000ull); break;
		case 75: say(&f[i], 3, 7000000000ull); break;
		case 82: say(&f[i], 1, 66); break;
		case 83: say(&f[i], 3, energy += 1500); break;
		case 138: if (f[i].scope == 0xffffffffu) say(&f[i], 3, 10); break;
		case 139: if (f[i].scope == 0xffffffffu) say(&f[i], 3, 20); break;
		case 144: say(&f[i], 1, 0); break;
		case 164: if (f[i].scope < 4) say(&f[i], 1, f[i].scope < 3 ? 26562 : 0); break;
		case 185: say(&f[i], 1, 300000); break;
		case 186: say(&f[i], 1, 321500); break;
		case 187: say(&f[i], 1, 200000); break;
		case 188: say(&f[i], 1, 700000); break;
		case 189: say(&f[i], 1, 700000); break;
		case 190: say(&f[i], 1, 650000); break;
		case 192: say(&f[i], 1, 660000); break;
		case 197: say(&f[i], 3, 1ull << 40); break;
		case 198: say(&f[i], 3, 1ull << 41); break;
		case 269: say(&f[i], 3, 250000000ull); break;
		}
#endif
	}
	return 0;
}
ret nvmlDeviceGetTotalEccErrors(struct dev *d, int type, int counter, uint64_t *n) { (void)d; OPTIONAL; *n = type == 1 && counter == 0 ? 2 : 99; return 0; }
struct fabric { unsigned char uuid[16]; int status; unsigned clique; unsigned char state; };
ret nvmlDeviceGetGpuFabricInfo(struct dev *d, struct fabric *f) { (void)d; OPTIONAL; memset(f->uuid, 'u', 16); f->state = 3; return 0; }

// Two errors wait for whoever has registered, then none.
struct set { int registered, left; };
struct event { struct dev *d; uint64_t type, data; unsigned gi, ci; };
static int sets;
ret nvmlEventSetCreate(struct set **s) { OPTIONAL; *s = calloc(1, sizeof **s); sets++; return 0; }
ret nvmlEventSetFree(struct set *s) { GUARD; free(s); sets--; return 0; }
ret nvmlDeviceRegisterEvents(struct dev *d, uint64_t types, struct set *s) {
	GUARD;
	if (types != 8 || d->slice >= 0) return 2;
	s->registered = 1;
	s->left = d->gpu ? 0 : 2;
	return 0;
}
ret nvmlEventSetWait_v2(struct set *s, struct event *e, unsigned ms) {
	GUARD;
	if (!s->registered || ms != 0) abort();
	if (s->left == 0) return 10;
	e->data = s->left-- == 2 ? 79 : 48;
	e->type = 8;
	return 0;
}

// Activity: the tenth of the metric's number times the samples between.
struct sample { int n; };
struct metric { unsigned id; int code; double value; char *names[3]; };
struct metrics { unsigned version, n; struct sample *first, *second; struct metric metrics[210]; };
static int samples;
ret nvmlGpmQueryDeviceSupport(struct dev *d, unsigned *s) { OPTIONAL; if (s[0] != 1) return 25; s[1] = d->gpu == 0; return 0; }
ret nvmlGpmSampleAlloc(struct sample **s) { GUARD; *s = calloc(1, sizeof **s); samples++; return 0; }
ret nvmlGpmSampleFree(struct sample *s) { GUARD; free(s); samples--; return 0; }
ret nvmlGpmSampleGet(struct dev *d, struct sample *s) { static int n; (void)d; GUARD; s->n = ++n; return 0; }
ret nvmlGpmMetricsGet(struct metrics *m) {
	GUARD;
	if (m->version != 1 || m->n != 3) return 2;
	for (unsigned i = 0; i < m->n; i++) {
		m->metrics[i].code = m->metrics[i].id == 10 ? 3 : 0;
		m->metrics[i].value = (m->second->n - m->first->n) * 10.0 * m->metrics[i].id;
	}
	return 0;
}

ret nvmlDeviceGetMigMode(struct dev *d, unsigned *now, unsigned *later) { OPTIONAL; if (d->slice >= 0) return 2; *now = *later = d->gpu; return 0; }
ret nvmlDeviceGetMaxMigDeviceCount(struct dev *d, unsigned *n) { OPTIONAL; *n = d->gpu ? 7 : 0; return 0; }
ret nvmlDeviceGetMigDeviceHandleByIndex(struct dev *d, unsigned i, struct dev **out) {
	OPTIONAL;
	for (int k = 0; k < 2; k++)
		if (d->gpu == 1 && parts[k].slice == (int)i) { *out = &parts[k]; return 0; }
	return 6;
}
struct attributes { unsigned multiprocessors, rest[7]; uint64_t memory_mb; };
ret nvmlDeviceGetAttributes_v2(struct dev *d, struct attributes *a) { OPTIONAL; if (d->slice < 0) return 3; a->multiprocessors = d->slice ? 42 : 14; return 0; }
// What was not given back aborts.
static void leak(void) { if (sets || samples) abort(); }
#endif
#ifdef OLD
static void leak(void) {}
#endif
