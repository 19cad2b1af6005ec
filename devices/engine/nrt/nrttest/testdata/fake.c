// A stand-in for libnrt. It keeps the rules that the vendor's documentation states, as far as a program without a chip can: order
// of calls, cores, names and sizes of tensors. What a "NEFF" computes is in the file "fake" of its archive.
//
// Environment, read in every call:
//   FAKE_NRT_FAIL   function[@n]=status, separated by commas: from its n-th call on the function gives that status
//   FAKE_NRT_HANG   function[@n]: the n-th call does not return
//   FAKE_NRT_CRASH  function[@n]: the n-th call aborts the process
//   FAKE_NRT_LAZY   if it is not empty, executions succeed and compute nothing
//   FAKE_NRT_MEMORY bytes of a core; default 16 GiB
//   FAKE_NRT_HELPER program that computes what "helper" programs compute, over its standard input and output
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { MAX_TENSORS = 2048, MAX_FUNCTIONS = 32 };

typedef struct {
    char name[256];
    int32_t usage;
    uint64_t size;
    int32_t dtype;
    uint32_t *shape;
    uint32_t ndim;
} tensor_info;

typedef struct {
    uint64_t count;
    tensor_info entries[];
} tensor_info_array;

typedef struct {
    int32_t core;
    uint64_t size;
    char *data;
    int live;
} tensor;

typedef struct {
    int count;
    char *names[MAX_TENSORS];
    tensor *tensors[MAX_TENSORS];
} tensor_set;

typedef struct {
    int32_t core;
    tensor_info_array *info;
    int helper;      // 1: computed by the helper process
    int crash, hang; // what an execution does
    pid_t pid;
    int to, from;    // the helper's pipes
} model;

static int state; // 0 before, 1 started, 2 ended
static int live_tensors, live_sets, live_models, inits;
static int cores;
static uint64_t used;
static char visible[256];

int fake_live_tensors(void) { return live_tensors; }
int fake_live_sets(void) { return live_sets; }
int fake_live_models(void) { return live_models; }
int fake_inits(void) { return inits; }
int fake_started(void) { return state == 1; }
const char *fake_visible(void) { return visible; }

static const char *known[MAX_FUNCTIONS];
static int calls[MAX_FUNCTIONS];
static char last_plan[3][512];

static int count_call(const char *name) {
    int i = 0;
    while (i < MAX_FUNCTIONS && known[i] && strcmp(known[i], name)) i++;
    if (i == MAX_FUNCTIONS) abort();
    known[i] = name;
    return ++calls[i];
}

// planned finds name[@n][=value] in a plan; value is 1 where none is given, 0 where the call is not meant.
static int planned(const char *plan, const char *name, int n, int exact) {
    size_t len = strlen(name);
    for (const char *p = plan; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        if (strncmp(p, name, len) || (p[len] && !strchr("@=,", p[len]))) continue;
        const char *rest = p + len;
        int from = 1;
        if (*rest == '@') from = (int)strtol(rest + 1, (char **)&rest, 10);
        if (exact ? n != from : n < from) continue;
        return *rest == '=' ? atoi(rest + 1) : 1;
    }
    return 0;
}

static char counting; // held while calls are counted: executions come from several threads

// begin counts a call and does what the environment plans for it. A new plan counts from its beginning.
static int begin(const char *name) {
    const char *plans[3] = {getenv("FAKE_NRT_FAIL"), getenv("FAKE_NRT_HANG"), getenv("FAKE_NRT_CRASH")};
    while (__atomic_test_and_set(&counting, __ATOMIC_ACQUIRE))
        ;
    for (int i = 0; i < 3; i++) {
        const char *plan = plans[i] ? plans[i] : "";
        if (strncmp(last_plan[i], plan, sizeof last_plan[i] - 1)) {
            snprintf(last_plan[i], sizeof last_plan[i], "%s", plan);
            memset(calls, 0, sizeof calls);
        }
    }
    int n = count_call(name);
    __atomic_clear(&counting, __ATOMIC_RELEASE);
    if (planned(plans[1], name, n, 1))
        for (;;) pause();
    if (planned(plans[2], name, n, 1)) {
        fprintf(stderr, "fake libnrt: assertion failed in %s\n", name);
        abort();
    }
    return planned(plans[0], name, n, 0);
}

#define BEGIN()                         \
    do {                                \
        int planned_ = begin(__func__); \
        if (planned_) return planned_;  \
    } while (0)
#define RUNNING()                      \
    do {                               \
        if (state == 0) return 13;     \
        if (state == 2) return 14;     \
    } while (0)

#ifndef NO_VERSION
int nrt_get_version(uint64_t *v, size_t size) {
    BEGIN();
    if (size != 224) return 2;
    memset(v, 0, size);
    v[0] = 2, v[1] = 34, v[2] = 10;
    strcpy((char *)(v + 4), "fake");
    return 0;
}
#endif

int nrt_get_instance_info(char *info, size_t size) {
    BEGIN();
    if (size != 32) return 2;
    memset(info, 0, size);
    *(uint32_t *)info = 5;
    strcpy(info + 8, "NCv3");
    strcpy(info + 24, "B0");
    return 0;
}

static int parse_visible(void) {
    const char *v = getenv("NEURON_RT_VISIBLE_CORES");
    snprintf(visible, sizeof visible, "%s", v ? v : "");
    if (!v || !*v) return 4;
    int n = 0;
    for (const char *p = v; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        int from = atoi(p), to = from;
        const char *dash = strchr(p, '-'), *comma = strchr(p, ',');
        if (dash && (!comma || dash < comma)) to = atoi(dash + 1);
        n += to - from + 1;
    }
    return n;
}

int nrt_get_visible_vnc_count(uint32_t *n) {
    BEGIN();
    *n = (uint32_t)parse_visible();
    return 0;
}

int nrt_init(int32_t framework, const char *a, const char *b) {
    BEGIN();
    if (framework != 1 || *a || *b || state == 1) return 2;
    cores = parse_visible();
    state = 1;
    inits++;
    return 0;
}

void nrt_close(void) {
    begin(__func__);
    state = 2;
}

#ifndef NO_MEMORY
int nrt_get_vnc_memory_stats(uint32_t core, uint64_t *stats, size_t in, size_t *out) {
    BEGIN();
    RUNNING();
    if (in != 16 || core >= (uint32_t)cores) return 2;
    const char *m = getenv("FAKE_NRT_MEMORY");
    stats[0] = used;
    stats[1] = m ? strtoull(m, NULL, 10) : (uint64_t)16 << 30;
    *out = 16;
    return 0;
}
#endif

const char *nrt_get_status_as_str(int32_t s) {
    static char text[64];
    snprintf(text, sizeof text, "fake status %d", s);
    return text;
}

// member finds a file of the plain tar that follows the header.
static const char *member(const char *neff, size_t size, const char *name, size_t *len) {
    for (size_t at = 1024; at + 512 <= size;) {
        const char *h = neff + at;
        size_t n = strtoull(h + 124, NULL, 8);
        if (!*h || at + 512 + n > size) return NULL;
        if (!strcmp(h, name)) {
            *len = n;
            return h + 512;
        }
        at += 512 + (n + 511) / 512 * 512;
    }
    return NULL;
}

static int write_all(int fd, const void *b, size_t n) {
    for (const char *p = b; n;) {
        ssize_t k = write(fd, p, n);
        if (k <= 0) return 1;
        p += k, n -= (size_t)k;
    }
    return 0;
}

static int read_all(int fd, void *b, size_t n) {
    for (char *p = b; n;) {
        ssize_t k = read(fd, p, n);
        if (k <= 0) return 1;
        p += k, n -= (size_t)k;
    }
    return 0;
}

static int start_helper(model *m, const char *program, uint64_t len) {
    int in[2], out[2];
    char *path = getenv("FAKE_NRT_HELPER");
    if (!path || pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) return 1;
    posix_spawn_file_actions_t a;
    posix_spawn_file_actions_init(&a);
    posix_spawn_file_actions_adddup2(&a, in[0], 0);
    posix_spawn_file_actions_adddup2(&a, out[1], 1);
    char *argv[] = {path, "fake-nrt-helper", NULL};
    int failed = posix_spawn(&m->pid, path, &a, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&a);
    close(in[0]), close(out[1]);
    m->to = in[1], m->from = out[0];
    return failed || write_all(m->to, &len, 8) || write_all(m->to, program, len);
}

int nrt_load(const char *neff, size_t size, int32_t core, int32_t count, model **out) {
    BEGIN();
    RUNNING();
    if (count != -1 || core < 0) return 2;
    if (core >= cores) return 9;
    size_t len, program_len;
    const char *text = member(neff, size, "fake", &len);
    if (!text) return 10;
    char *copy = strndup(text, len), *line = copy;
    model *m = calloc(1, sizeof *m);
    m->core = core;
    m->info = calloc(1, sizeof(uint64_t) + MAX_TENSORS * sizeof(tensor_info));
    char usage[8], name[256];
    while (line && *line) {
        tensor_info *t = &m->info->entries[m->info->count];
        int used_chars = 0;
        if (!strncmp(line, "helper", 6)) m->helper = 1;
        if (!strncmp(line, "crash", 5)) m->crash = 1;
        if (!strncmp(line, "hang", 4)) m->hang = 1;
        if (sscanf(line, "tensor %7s %255s %d %lu %u%n", usage, name, &t->dtype, &t->size, &t->ndim, &used_chars) == 5) {
            strcpy(t->name, name);
            t->usage = strcmp(usage, "in") ? 1 : 0;
            t->shape = calloc(t->ndim + 1, 4);
            char *p = line + used_chars;
            for (uint32_t i = 0; i < t->ndim; i++) t->shape[i] = (uint32_t)strtoul(p, &p, 10);
            m->info->count++;
        }
        line = strchr(line, '\n');
        if (line) line++;
    }
    free(copy);
    if (m->helper) {
        const char *program = member(neff, size, "program", &program_len);
        if (!program || start_helper(m, program, program_len)) return 1;
    }
    live_models++;
    *out = m;
    return 0;
}

int nrt_unload(model *m) {
    BEGIN();
    RUNNING();
    if (m->helper) {
        close(m->to), close(m->from);
        waitpid(m->pid, NULL, 0);
    }
    for (uint64_t i = 0; i < m->info->count; i++) free(m->info->entries[i].shape);
    free(m->info);
    free(m);
    live_models--;
    return 0;
}

int nrt_get_model_tensor_info(model *m, tensor_info_array **out) {
    BEGIN();
    RUNNING();
    *out = m->info;
    return 0;
}

int nrt_free_model_tensor_info(tensor_info_array *a) {
    BEGIN();
    return a ? 0 : 2;
}

int nrt_tensor_allocate(int32_t placement, int32_t core, size_t size, const char *name, tensor **out) {
    BEGIN();
    RUNNING();
    if (placement != 0 || core < 0 || core >= cores || !name) return 2;
    tensor *t = calloc(1, sizeof *t);
    t->core = core, t->size = size, t->live = 1;
    t->data = malloc(size + 1);
    memset(t->data, 0xff, size); // NaN, for those who read what they did not write
    live_tensors++;
    used += size;
    *out = t;
    return 0;
}

void nrt_tensor_free(tensor **t) {
    begin(__func__);
    if (!(*t)->live) abort();
    (*t)->live = 0;
    used -= (*t)->size;
    free((*t)->data);
    (*t)->data = NULL; // the handle stays, so that its use shows
    live_tensors--;
    *t = NULL;
}

int nrt_tensor_write(tensor *t, const void *buf, size_t offset, size_t size) {
    BEGIN();
    RUNNING();
    if (!t->live) return 3;
    if (offset + size > t->size) return 2;
    memcpy(t->data + offset, buf, size);
    return 0;
}

int nrt_tensor_read(const tensor *t, void *buf, size_t offset, size_t size) {
    BEGIN();
    RUNNING();
    if (!t->live) return 3;
    if (offset + size > t->size) return 2;
    memcpy(buf, t->data + offset, size);
    return 0;
}

int nrt_allocate_tensor_set(tensor_set **out) {
    BEGIN();
    RUNNING();
    *out = calloc(1, sizeof **out);
    live_sets++;
    return 0;
}

void nrt_destroy_tensor_set(tensor_set **s) {
    begin(__func__);
    for (int i = 0; i < (*s)->count; i++) {
        if (!(*s)->tensors[i]->live) abort(); // tensors outlive their sets
        free((*s)->names[i]);
    }
    free(*s);
    *s = NULL;
    live_sets--;
}

int nrt_add_tensor_to_tensor_set(tensor_set *s, const char *name, tensor *t) {
    BEGIN();
    RUNNING();
    if (!t->live) return 3;
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->names[i], name)) {
            s->tensors[i] = t;
            return 0;
        }
    s->names[s->count] = strdup(name);
    s->tensors[s->count++] = t;
    return 0;
}

static tensor *bound(const tensor_set *s, const char *name) {
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->names[i], name)) return s->tensors[i];
    return NULL;
}

#ifndef NO_EXECUTE
int nrt_execute(model *m, const tensor_set *in, tensor_set *out) {
    BEGIN();
    RUNNING();
    if (m->crash) {
        fprintf(stderr, "fake libnrt: assertion failed in the program\n");
        abort();
    }
    while (m->hang) pause();
    tensor *first = NULL;
    int wanted[2] = {0, 0};
    for (uint64_t i = 0; i < m->info->count; i++) {
        tensor_info *t = &m->info->entries[i];
        tensor *b = bound(t->usage ? out : in, t->name);
        wanted[t->usage]++;
        if (!b || b->size != t->size) return 1002;
        if (!b->live) return 3;
        if (b->core != m->core) return 2;
        if (!t->usage && !first) first = b;
        for (int k = 0; t->usage && k < in->count; k++)
            if (in->tensors[k] == b) return 2; // written while it is read
    }
    const char *lazy = getenv("FAKE_NRT_LAZY");
    if (lazy && *lazy) return 0;
    if (wanted[0] != in->count || wanted[1] != out->count) return 1002;
    if (m->helper) {
        for (uint64_t i = 0; i < m->info->count; i++)
            if (!m->info->entries[i].usage) {
                tensor *b = bound(in, m->info->entries[i].name);
                if (write_all(m->to, &b->size, 8) || write_all(m->to, b->data, b->size)) return 1;
            }
        for (uint64_t i = 0; i < m->info->count; i++)
            if (m->info->entries[i].usage) {
                tensor *b = bound(out, m->info->entries[i].name);
                uint64_t n;
                if (read_all(m->from, &n, 8) || n != b->size || read_all(m->from, b->data, n)) return 1004;
            }
        return 0;
    }
    for (uint64_t i = 0; i < m->info->count; i++) { // every output is 2x+1 of the first input, again and again
        if (!m->info->entries[i].usage) continue;
        tensor *b = bound(out, m->info->entries[i].name);
        float *x = (float *)first->data, *y = (float *)b->data;
        for (uint64_t k = 0; k < b->size / 4; k++) y[k] = 2 * x[k % (first->size / 4)] + 1;
    }
    return 0;
}
#endif
