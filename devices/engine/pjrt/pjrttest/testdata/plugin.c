// A PJRT plugin for tests. It keeps no arrays and computes nothing: it hands both over pipes to a helper process, which runs an
// interpreter of StableHLO, and keeps handles. The environment makes it misbehave; see pjrttest.go for the variables.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pjrt_c_api.h"

struct PJRT_Error { PJRT_Error_Code code; char message[512]; };
struct PJRT_Event { int unused; };
struct PJRT_DeviceDescription { int number, id; char kind[64], uuid[64]; PJRT_NamedValue attributes[1]; int attribute_count; };
struct PJRT_Device { struct PJRT_DeviceDescription description; };
struct PJRT_Client { int in, out; pid_t pid; int device_count; struct PJRT_Device device[16]; struct PJRT_Device* devices[16]; };
struct PJRT_Executable { uint64_t id, outputs, argument_bytes, result_bytes; int marked; };
enum { first_id = 7 };  // of the devices: neither their place nor their hardware id
struct PJRT_LoadedExecutable { struct PJRT_Executable of; };
struct PJRT_Buffer { uint64_t id, bytes; int rank; int64_t dims[8]; };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct PJRT_Client* current;

static const char* setting(const char* name, const char* otherwise) {
  char full[64];
  snprintf(full, sizeof full, "PJRTTEST_%s", name);
  const char* value = getenv(full);
  return value && *value ? value : otherwise;
}

// pick copies the item at a place of a list with commas, or the last one.
static void pick(char* to, size_t size, const char* list, int place) {
  const char* end;
  while ((end = strchr(list, ',')) && place-- > 0) list = end + 1;
  snprintf(to, size, "%.*s", end ? (int)(end - list) : (int)strlen(list), list);
}

static int fault(const char* name) { return strcmp(setting("FAULT", ""), name) == 0; }

static PJRT_Error* fail(PJRT_Error_Code code, const char* message) {
  struct PJRT_Error* e = calloc(1, sizeof *e);
  e->code = code;
  snprintf(e->message, sizeof e->message, "%s", message);
  return e;
}

// ---- talking to the helper: frames of a length (u64) and that many bytes; answers begin with a status byte, 0 or an error's code

static int write_all(int fd, const void* data, size_t n) {
  for (const char* at = data; n > 0;) {
    ssize_t done = write(fd, at, n);
    if (done <= 0) return -1;
    at += done;
    n -= (size_t)done;
  }
  return 0;
}

static int read_all(int fd, void* data, size_t n) {
  for (char* at = data; n > 0;) {
    ssize_t done = read(fd, at, n);
    if (done <= 0) return -1;
    at += done;
    n -= (size_t)done;
  }
  return 0;
}

// ask sends a request of two parts and reads the answer: up to size bytes of it go to answer. The caller holds the lock.
static PJRT_Error* ask(const void* head, size_t head_size, const void* body, size_t body_size, void* answer, size_t size) {
  uint64_t n = head_size + body_size;
  unsigned char status;
  if (!current || write_all(current->in, &n, sizeof n) || write_all(current->in, head, head_size) || write_all(current->in, body, body_size) ||
      read_all(current->out, &n, sizeof n) || read_all(current->out, &status, 1))
    return fail(PJRT_Error_Code_INTERNAL, "the helper is gone");
  n--;
  if (status) {
    char message[512] = {0};
    size_t keep = n < sizeof message - 1 ? n : sizeof message - 1;
    char* all = malloc(n + 1);
    int gone = read_all(current->out, all, n);
    memcpy(message, all, keep);
    free(all);
    return gone ? fail(PJRT_Error_Code_INTERNAL, "the helper is gone") : fail((PJRT_Error_Code)status, message);
  }
  if (n > size) return fail(PJRT_Error_Code_INTERNAL, "the helper's answer is too long");
  return read_all(current->out, answer, n) ? fail(PJRT_Error_Code_INTERNAL, "the helper is gone") : NULL;
}

// ---- errors, events, plugin

static void error_destroy(PJRT_Error_Destroy_Args* a) { free(a->error); }
static void error_message(PJRT_Error_Message_Args* a) { a->message = a->error->message; a->message_size = strlen(a->error->message); }
static PJRT_Error* error_code(PJRT_Error_GetCode_Args* a) { a->code = a->error->code; return NULL; }
static PJRT_Event* event(void) { return calloc(1, sizeof(struct PJRT_Event)); }
static PJRT_Error* event_destroy(PJRT_Event_Destroy_Args* a) { free(a->event); return NULL; }
static PJRT_Error* event_await(PJRT_Event_Await_Args* a) { return a->event ? NULL : fail(PJRT_Error_Code_INTERNAL, "no event"); }
static PJRT_Error* plugin_initialize(PJRT_Plugin_Initialize_Args* a) { (void)a; return NULL; }
static PJRT_Error* plugin_attributes(PJRT_Plugin_Attributes_Args* a) { a->attributes = NULL; a->num_attributes = 0; return NULL; }

// ---- client and devices

static PJRT_Error* start(struct PJRT_Client* c) {
  int down[2], up[2];
  const char* helper = setting("HELPER", "");
  if (pipe(down) || pipe(up)) return fail(PJRT_Error_Code_INTERNAL, "no pipes");
  c->pid = fork();
  if (c->pid == 0) {
    dup2(down[0], 0);
    dup2(up[1], 1);
    for (int fd = 3; fd < 1024; fd++) close(fd);
    setenv("PJRTTEST_SERVE", "1", 1);
    execl(helper, helper, (char*)NULL);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  c->in = down[1];
  c->out = up[0];
  return c->pid < 0 ? fail(PJRT_Error_Code_INTERNAL, "no helper") : NULL;
}

static PJRT_Error* client_create(PJRT_Client_Create_Args* a) {
  if (fault("client")) return fail(PJRT_Error_Code_INTERNAL, "the driver is confused");
  if (fault("client-exhausted")) return fail(PJRT_Error_Code_RESOURCE_EXHAUSTED, "no memory for a context");
  struct PJRT_Client* c = calloc(1, sizeof *c);
  c->device_count = atoi(setting("DEVICES", "1"));
  for (int i = 0; i < c->device_count; i++) {
    struct PJRT_DeviceDescription* d = &c->device[i].description;
    d->number = i + atoi(setting("FIRST", "0"));
    d->id = first_id + i;
    pick(d->kind, sizeof d->kind, setting("KIND", "cpu"), i);
    pick(d->uuid, sizeof d->uuid, setting("UUID", ""), i);
    if (*d->uuid) {
      d->attribute_count = 1;
      d->attributes[0] = (PJRT_NamedValue){.struct_size = PJRT_NamedValue_STRUCT_SIZE, .name = "uuid", .name_size = 4,
          .type = PJRT_NamedValue_kString, .string_value = d->uuid, .value_size = strlen(d->uuid)};
    }
    c->devices[i] = &c->device[i];
  }
  pthread_mutex_lock(&lock);
  PJRT_Error* e = current ? fail(PJRT_Error_Code_INTERNAL, "there is a client already") : start(c);
  if (!e) current = c;
  pthread_mutex_unlock(&lock);
  a->client = c;
  return e;
}

static PJRT_Error* client_destroy(PJRT_Client_Destroy_Args* a) {
  pthread_mutex_lock(&lock);
  close(a->client->in);
  close(a->client->out);
  waitpid(a->client->pid, NULL, 0);
  current = NULL;
  pthread_mutex_unlock(&lock);
  free(a->client);
  return NULL;
}

static PJRT_Error* platform_name(PJRT_Client_PlatformName_Args* a) {
  a->platform_name = setting("PLATFORM", "cpu");
  a->platform_name_size = strlen(a->platform_name);
  return NULL;
}

static PJRT_Error* platform_version(PJRT_Client_PlatformVersion_Args* a) {
  a->platform_version = "fake\n  1.0";
  a->platform_version_size = strlen(a->platform_version);
  return NULL;
}

static PJRT_Error* process_index(PJRT_Client_ProcessIndex_Args* a) { a->process_index = 0; return NULL; }

static PJRT_Error* addressable_devices(PJRT_Client_AddressableDevices_Args* a) {
  a->addressable_devices = a->client->devices;
  a->num_addressable_devices = (size_t)a->client->device_count;
  return NULL;
}

static PJRT_Error* get_description(PJRT_Device_GetDescription_Args* a) { a->device_description = &a->device->description; return NULL; }
static PJRT_Error* is_addressable(PJRT_Device_IsAddressable_Args* a) { a->is_addressable = true; return NULL; }
static PJRT_Error* hardware_id(PJRT_Device_LocalHardwareId_Args* a) { a->local_hardware_id = a->device->description.number; return NULL; }

static PJRT_Error* device_id(PJRT_DeviceDescription_Id_Args* a) { a->id = a->device_description->id; return NULL; }

static PJRT_Error* default_assignment(PJRT_Client_DefaultDeviceAssignment_Args* a) {
  int n = a->num_replicas * a->num_partitions;
  if (n > a->client->device_count) return fail(PJRT_Error_Code_INVALID_ARGUMENT, "there are not so many devices");
  for (int i = 0; i < n; i++) a->default_assignment[i] = first_id + i;
  return NULL;
}

static PJRT_Error* device_kind(PJRT_DeviceDescription_Kind_Args* a) {
  a->device_kind = a->device_description->kind;
  a->device_kind_size = strlen(a->device_kind);
  return NULL;
}

static PJRT_Error* device_attributes(PJRT_DeviceDescription_Attributes_Args* a) {
  if (fault("attributes")) return fail(PJRT_Error_Code_UNIMPLEMENTED, "no attributes");
  a->attributes = a->device_description->attributes;
  a->num_attributes = (size_t)a->device_description->attribute_count;
  return NULL;
}

// ---- programs

// here does the fault at its place, in the programs that PJRTTEST_WHERE names.
static PJRT_Error* here(const char* place, int marked) {
  char name[64];
  const char* how = setting("FAULT", "");
  snprintf(name, sizeof name, "%s-", place);
  if (!marked || strncmp(how, name, strlen(name)) != 0) return NULL;
  how += strlen(name);
  if (!strcmp(how, "fails")) return fail(PJRT_Error_Code_INTERNAL, "the compiler met something it did not expect");
  if (!strcmp(how, "exhausted")) return fail(PJRT_Error_Code_RESOURCE_EXHAUSTED, "Out of memory while trying to allocate 8589934592 bytes.");
  if (!strcmp(how, "crashes")) { fprintf(stderr, "Check failed: the sky is up\n"); abort(); }
  if (!strcmp(how, "hangs")) for (;;) pause();
  return NULL;
}

static PJRT_Error* compile(PJRT_Client_Compile_Args* a) {
  const char* where = setting("WHERE", "");
  int marked = memmem(a->program->code, a->program->code_size, where, strlen(where)) != NULL;
  PJRT_Error* e = here("compile", marked);
  if (e) return e;
  const char* option = setting("REFUSES", "");
  if (*option && memmem(a->compile_options, a->compile_options_size, option, strlen(option))) {
    char message[128];
    snprintf(message, sizeof message, "No such compile option: '%s'", option);
    return fail(PJRT_Error_Code_INVALID_ARGUMENT, message);
  }
  const char* wanted = setting("WANTS", "");
  if (!memmem(a->compile_options, a->compile_options_size, wanted, strlen(wanted)))
    return fail(PJRT_Error_Code_INVALID_ARGUMENT, "an option is missing");
  struct { uint64_t id, outputs, argument_bytes, result_bytes; } answer;
  size_t head_size = 9 + a->compile_options_size;
  char* head = malloc(head_size);
  uint64_t options_size = a->compile_options_size;
  head[0] = 'c';
  memcpy(head + 1, &options_size, 8);
  memcpy(head + 9, a->compile_options, a->compile_options_size);
  pthread_mutex_lock(&lock);
  e = ask(head, head_size, a->program->code, a->program->code_size, &answer, sizeof answer);
  pthread_mutex_unlock(&lock);
  free(head);
  if (e) return e;
  struct PJRT_LoadedExecutable* x = calloc(1, sizeof *x);
  x->of = (struct PJRT_Executable){answer.id, answer.outputs, answer.argument_bytes, answer.result_bytes, marked};
  a->executable = x;
  return NULL;
}

static PJRT_Error* get_executable(PJRT_LoadedExecutable_GetExecutable_Args* a) {
  a->executable = malloc(sizeof *a->executable);
  *a->executable = a->loaded_executable->of;
  return NULL;
}

static PJRT_Error* executable_destroy(PJRT_Executable_Destroy_Args* a) { free(a->executable); return NULL; }
static PJRT_Error* executable_name(PJRT_Executable_Name_Args* a) { a->executable_name = "fake"; a->executable_name_size = 4; return NULL; }
static PJRT_Error* num_outputs(PJRT_Executable_NumOutputs_Args* a) { a->num_outputs = a->executable->outputs; return NULL; }

static PJRT_Error* memory_stats(PJRT_Executable_GetCompiledMemoryStats_Args* a) {
  a->argument_size_in_bytes = (int64_t)a->executable->argument_bytes;
  a->output_size_in_bytes = (int64_t)a->executable->result_bytes;
  a->temp_size_in_bytes = atoll(setting("WORKSPACE", "0"));
  return NULL;
}

static PJRT_Error* loaded_destroy(PJRT_LoadedExecutable_Destroy_Args* a) {
  struct { char op; uint64_t id; } __attribute__((packed)) request = {'x', a->executable->of.id};
  pthread_mutex_lock(&lock);
  PJRT_Error* e = ask(&request, sizeof request, "", 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  free(a->executable);
  return e;
}

static PJRT_Error* execute(PJRT_LoadedExecutable_Execute_Args* a) {
  PJRT_Error* e = here("execute", a->executable->of.marked);
  if (e) return e;
  size_t total = a->num_devices * a->num_args;
  size_t words = 5 + total + a->options->num_non_donatable_input_indices, at = 0;
  uint64_t* request = calloc(words, 8);
  request[at++] = a->executable->of.id;
  request[at++] = a->execute_device ? (uint64_t)a->execute_device->description.id : 0;
  request[at++] = a->num_devices;
  request[at++] = a->num_args;
  for (size_t d = 0; d < a->num_devices; d++)
    for (size_t i = 0; i < a->num_args; i++) request[at++] = a->argument_lists[d][i] ? a->argument_lists[d][i]->id : 0;
  request[at++] = a->options->num_non_donatable_input_indices;
  for (size_t i = 0; i < a->options->num_non_donatable_input_indices; i++) request[at++] = (uint64_t)a->options->non_donatable_input_indices[i];
  size_t count = a->executable->of.outputs, all = count * a->num_devices;
  struct result { uint64_t id, bytes, rank; int64_t dims[8]; }* results = calloc(all + 1, sizeof *results);
  pthread_mutex_lock(&lock);
  e = ask("e", 1, request, words * 8, results, (all + 1) * sizeof *results);
  pthread_mutex_unlock(&lock);
  free(request);
  for (size_t i = 0; !e && i < all; i++) {
    struct PJRT_Buffer* b = calloc(1, sizeof *b);
    b->id = results[i].id;
    b->bytes = results[i].bytes;
    b->rank = (int)results[i].rank;
    memcpy(b->dims, results[i].dims, sizeof b->dims);
    a->output_lists[i / count][i % count] = b;
  }
  free(results);
  for (size_t d = 0; !e && a->device_complete_events && d < a->num_devices; d++) a->device_complete_events[d] = event();
  return e;
}

// ---- buffers

static PJRT_Error* from_host(PJRT_Client_BufferFromHostBuffer_Args* a) {
  if (fault("upload-exhausted")) return fail(PJRT_Error_Code_RESOURCE_EXHAUSTED, "no memory for a buffer");
  static const int width[] = {0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 2, 8, 16, 1, 1};
  if (a->type <= 0 || a->type > PJRT_Buffer_Type_F8E4M3FN || a->num_dims > 8) return fail(PJRT_Error_Code_INVALID_ARGUMENT, "an array of an odd kind");
  struct PJRT_Buffer* b = calloc(1, sizeof *b);
  b->rank = (int)a->num_dims;
  b->bytes = (uint64_t)width[a->type];
  for (size_t i = 0; i < a->num_dims; i++) b->bytes *= (uint64_t)(b->dims[i] = a->dims[i]);
  struct { char op; uint64_t device; } __attribute__((packed)) request = {'u', a->device ? (uint64_t)a->device->description.id : first_id};
  pthread_mutex_lock(&lock);
  PJRT_Error* e = ask(&request, sizeof request, a->data, b->bytes, &b->id, sizeof b->id);
  pthread_mutex_unlock(&lock);
  if (e) { free(b); return e; }
  a->buffer = b;
  a->done_with_host_buffer = event();
  return NULL;
}

static PJRT_Error* to_host(PJRT_Buffer_ToHostBuffer_Args* a) {
  if (!a->dst) { a->dst_size = a->src->bytes; return NULL; }
  if (a->dst_size < a->src->bytes) return fail(PJRT_Error_Code_INVALID_ARGUMENT, "too little room");
  struct { char op; uint64_t id; } __attribute__((packed)) request = {'d', a->src->id};
  pthread_mutex_lock(&lock);
  PJRT_Error* e = ask(&request, sizeof request, "", 0, a->dst, a->dst_size);
  pthread_mutex_unlock(&lock);
  if (!e) a->event = event();
  return e;
}

static PJRT_Error* dimensions(PJRT_Buffer_Dimensions_Args* a) { a->dims = a->buffer->dims; a->num_dims = (size_t)a->buffer->rank; return NULL; }

static PJRT_Error* buffer_destroy(PJRT_Buffer_Destroy_Args* a) {
  struct { char op; uint64_t id; } __attribute__((packed)) request = {'f', a->buffer->id};
  pthread_mutex_lock(&lock);
  PJRT_Error* e = ask(&request, sizeof request, "", 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  free(a->buffer);
  return e;
}

const PJRT_Api* GetPjrtApi(void) {
  static PJRT_Api api;
  memset(&api, 0, sizeof api);
  api.struct_size = (size_t)atoll(setting("SIZE", "0"));
  if (!api.struct_size) api.struct_size = PJRT_Api_STRUCT_SIZE;
  api.pjrt_api_version.struct_size = PJRT_Api_Version_STRUCT_SIZE;
  api.pjrt_api_version.major_version = atoi(setting("MAJOR", "0"));
  api.pjrt_api_version.minor_version = atoi(setting("MINOR", "104"));
  api.PJRT_Error_Destroy = error_destroy;
  api.PJRT_Error_Message = error_message;
  api.PJRT_Error_GetCode = error_code;
  api.PJRT_Plugin_Initialize = plugin_initialize;
  api.PJRT_Plugin_Attributes = plugin_attributes;
  api.PJRT_Event_Destroy = event_destroy;
  api.PJRT_Event_Await = event_await;
  api.PJRT_Client_Create = client_create;
  api.PJRT_Client_Destroy = client_destroy;
  api.PJRT_Client_PlatformName = platform_name;
  api.PJRT_Client_PlatformVersion = platform_version;
  api.PJRT_Client_ProcessIndex = process_index;
  api.PJRT_Client_AddressableDevices = addressable_devices;
  api.PJRT_Client_Compile = compile;
  api.PJRT_Client_BufferFromHostBuffer = from_host;
  api.PJRT_Client_DefaultDeviceAssignment = default_assignment;
  api.PJRT_DeviceDescription_Id = device_id;
  api.PJRT_DeviceDescription_Attributes = device_attributes;
  api.PJRT_DeviceDescription_Kind = device_kind;
  api.PJRT_Device_GetDescription = get_description;
  api.PJRT_Device_IsAddressable = is_addressable;
  api.PJRT_Device_LocalHardwareId = hardware_id;
  api.PJRT_Executable_Destroy = executable_destroy;
  api.PJRT_Executable_Name = executable_name;
  api.PJRT_Executable_NumOutputs = num_outputs;
  api.PJRT_Executable_GetCompiledMemoryStats = memory_stats;
  api.PJRT_LoadedExecutable_Destroy = loaded_destroy;
  api.PJRT_LoadedExecutable_GetExecutable = get_executable;
  api.PJRT_LoadedExecutable_Execute = execute;
  api.PJRT_Buffer_Destroy = buffer_destroy;
  api.PJRT_Buffer_Dimensions = dimensions;
  api.PJRT_Buffer_ToHostBuffer = to_host;
  int missing = atoi(setting("MISSING", "-1"));
  if (missing >= 0) ((void**)&api.PJRT_Error_Destroy)[missing] = NULL;
  if (fault("load-crashes")) abort();
  return &api;
}
