// driver runs a model with ONNX Runtime and nothing in between, for comparison with the engine: the same library, functions,
// model and options.
//
//	driver LIBRARY MODEL THREADS SPIN INPUTS [NAME TYPE FILE BYTES RANK DIM...]... [NAME TYPE BYTES RANK DIM...]...
//
// The first INPUTS tensors are inputs and have their content in FILE, the others are outputs. For each line on stdin, which has
// a number of nanoseconds, it runs for that long and prints the nanoseconds of each run in one line.
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void **api;
static char **arg;

static void die(const char *what) {
	fprintf(stderr, "driver: %s\n", what);
	exit(1);
}

static void check(void *status) {
	if (status) die(((const char *(*)(void *))api[2])(status));
}

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long number(void) { return atol(*arg++); }

// tensor takes the next arguments.
static void *tensor(void *memory, const char **name, int input) {
	int64_t dims[8];
	void *value;
	*name = *arg++;
	int type = (int)number();
	const char *file = input ? *arg++ : NULL;
	size_t bytes = (size_t)number(), rank = (size_t)number();
	if (rank > 8) die("rank");
	for (size_t i = 0; i < rank; i++) dims[i] = number();
	void *data = aligned_alloc(64, (bytes + 63) / 64 * 64);
	if (input) {
		FILE *f = fopen(file, "rb");
		if (!f || fread(data, 1, bytes, f) != bytes) die("reading an input");
		fclose(f);
	}
	check(((void *(*)(void *, void *, size_t, int64_t *, size_t, int, void **))api[49])(memory, data, bytes, dims, rank, type, &value));
	return value;
}

int main(int argc, char **argv) {
	if (argc < 6) die("arguments");
	argv[argc] = NULL;
	arg = argv + 1;
	void *library = dlopen(*arg++, RTLD_NOW | RTLD_LOCAL);
	if (!library) die(dlerror());
	void **(*base)(void) = (void **(*)(void))dlsym(library, "OrtGetApiBase");
	api = ((void **(*)(uint32_t))base()[0])(23);
	if (!api) die("version");
	const char *model = *arg++;
	int threads = (int)number();
	const char *spin = *arg++;
	void *env, *options, *session, *memory, *binding;
	check(((void *(*)(int, const char *, void **))api[3])(3, "driver", &env));
	check(((void *(*)(void **))api[10])(&options));
	check(((void *(*)(void *, int))api[13])(options, 0));
	check(((void *(*)(void *, int))api[23])(options, 99));
	check(((void *(*)(void *, int))api[24])(options, threads));
	check(((void *(*)(void *, int))api[25])(options, 1));
	void *(*set)(void *, const char *, const char *) = (void *(*)(void *, const char *, const char *))api[130];
	check(set(options, "session.intra_op.allow_spinning", "1"));
	check(set(options, "session.intra_op.spin_duration_us", spin));
	check(((void *(*)(void *, const char *, void *, void **))api[7])(env, model, options, &session));
	check(((void *(*)(int, int, void **))api[69])(0, 0, &memory));
	check(((void *(*)(void *, void **))api[134])(session, &binding));
	for (long i = 0, inputs = number(); *arg; i++) {
		const char *name;
		void *value = tensor(memory, &name, i < inputs);
		check(((void *(*)(void *, const char *, void *))api[i < inputs ? 136 : 137])(binding, name, value));
	}
	void *(*run)(void *, void *, void *) = (void *(*)(void *, void *, void *))api[133];
	check(run(session, NULL, binding));
	for (long long limit; scanf("%lld", &limit) == 1;) {
		for (int64_t first = now(), at = first; at - first < limit;) {
			check(run(session, NULL, binding));
			int64_t end = now();
			printf("%lld ", (long long)(end - at));
			at = end;
		}
		printf("\n");
		fflush(stdout);
	}
	return 0;
}
