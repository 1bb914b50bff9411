#define _GNU_SOURCE 1
#include "bench/plugin_load.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"
#include "harness/plugin.h"
#include "harness/transport_check.h"

/* --- which file it is ---------------------------------------------------------------------------- */

static int read_checksum(int fd, struct run_plugin *identity, struct error *error)
{
    unsigned char buffer[1 << 16];
    uLong checksum = crc32(0, NULL, 0);
    ssize_t bytes;
    while ((bytes = read(fd, buffer, sizeof(buffer))) != 0) {
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes < 0)
            return error_system(error, errno, "read");
        checksum = crc32(checksum, buffer, (uInt)bytes);
        identity->file_bytes += (uint64_t)bytes;
    }
    snprintf(identity->crc32, sizeof(identity->crc32), "%08lx", checksum);
    return 0;
}

static int identify(const char *path, struct run_plugin *identity, struct error *error)
{
    struct stat status;
    identity->path = realpath(path, NULL);
    const int fd = identity->path ? open(identity->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (fd < 0 || fstat(fd, &status)) {
        const int reason = errno;
        if (fd >= 0)
            close(fd);
        return error_system(error, reason, "cannot be opened");
    }
    const int failure = S_ISREG(status.st_mode) ? read_checksum(fd, identity, error)
                                                : error_plain(error, "it is no file");
    close(fd);
    return failure;
}

/* The linker's name for what it made, which debuggers and `file` show too. */
static void read_build_id(const char *notes, size_t bytes, struct run_plugin *identity)
{
    const size_t align = 4;
    while (bytes >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) header;
        memcpy(&header, notes, sizeof(header));
        const size_t name_bytes = (header.n_namesz + align - 1) / align * align;
        const size_t text_bytes = (header.n_descsz + align - 1) / align * align;
        if (bytes - sizeof(header) < name_bytes + text_bytes)
            return;
        const char *const name = notes + sizeof(header);
        const char *const id = name + name_bytes;
        if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == sizeof("GNU") &&
            !memcmp(name, "GNU", sizeof("GNU")) &&
            2 * (size_t)header.n_descsz < sizeof(identity->build_id)) {
            for (size_t at = 0; at < header.n_descsz; ++at)
                snprintf(identity->build_id + 2 * at, 3, "%02x", (unsigned char)id[at]);
            return;
        }
        notes += sizeof(header) + name_bytes + text_bytes;
        bytes -= sizeof(header) + name_bytes + text_bytes;
    }
}

struct note_search {
    uintptr_t address; /* of something in the shared object */
    struct run_plugin *identity;
};

static int visit_object(struct dl_phdr_info *object, size_t bytes, void *context)
{
    const struct note_search *const search = context;
    bool is_wanted = false;
    (void)bytes;
    for (size_t index = 0; index < object->dlpi_phnum; ++index) {
        const ElfW(Phdr) *const part = &object->dlpi_phdr[index];
        const uintptr_t begin = object->dlpi_addr + part->p_vaddr;
        is_wanted |= part->p_type == PT_LOAD && search->address >= begin &&
                     search->address - begin < part->p_memsz;
    }
    for (size_t index = 0; is_wanted && index < object->dlpi_phnum; ++index) {
        const ElfW(Phdr) *const part = &object->dlpi_phdr[index];
        if (part->p_type == PT_NOTE && !search->identity->build_id[0])
            read_build_id((const char *)(object->dlpi_addr + part->p_vaddr), part->p_memsz,
                          search->identity);
    }
    return is_wanted;
}

/* --- does it fit? -------------------------------------------------------------------------------- */

struct size_name {
    const char *name;
    size_t offset;
};
#define SIZE_OF(word)                                                                              \
    {                                                                                              \
#word, offsetof(struct plugin_sizes, word##_bytes)                                         \
    }
static const struct size_name sizes[] = {
    SIZE_OF(transport), SIZE_OF(channel),  SIZE_OF(option_spec),  SIZE_OF(options),
    SIZE_OF(loop_set),  SIZE_OF(loop_run), SIZE_OF(memory_loops), SIZE_OF(error),
};

static uint32_t size_at(const struct plugin_sizes *all, const struct size_name *one)
{
    uint32_t bytes;
    memcpy(&bytes, (const char *)all + one->offset, sizeof(bytes));
    return bytes;
}

static int check_abi(const struct plugin *plugin, struct error *error)
{
    static const char advice[] = "build it with the headers of this ipcbench";
    static const struct plugin_sizes ours = PLUGIN_SIZES;
    if (plugin->abi != TRANSPORT_ABI)
        return error_plain(error, "it has ABI %u, this ipcbench has %d: %s", plugin->abi,
                           TRANSPORT_ABI, advice);
    if (plugin->plugin_bytes != sizeof(*plugin))
        return error_plain(error, "its struct plugin has %u bytes, ours has %zu: %s",
                           plugin->plugin_bytes, sizeof(*plugin), advice);
    for (size_t index = 0; index < sizeof(sizes) / sizeof(sizes[0]); ++index) {
        const uint32_t theirs = size_at(&plugin->sizes, &sizes[index]);
        if (theirs != size_at(&ours, &sizes[index]))
            return error_plain(error, "its struct %s has %u bytes, ours has %u: %s",
                               sizes[index].name, theirs, size_at(&ours, &sizes[index]), advice);
    }
    return plugin->transport ? transport_check(plugin->transport, error)
                             : error_plain(error, "it names no transport");
}

/* --- loading ------------------------------------------------------------------------------------- */

/* What the dynamic linker says, without the path, which the caller puts in front. */
static const char *linker_message(const char *path)
{
    const char *const message = dlerror();
    const size_t length = strlen(path);
    if (!message)
        return "no reason was given";
    return !strncmp(message, path, length) && message[length] == ':'
               ? message + length + 1 + strspn(message + length + 1, " ")
               : message;
}

static int open_object(struct plugin_file *plugin, struct error *error)
{
    plugin->handle = dlopen(plugin->identity.path, RTLD_NOW | RTLD_LOCAL);
    if (!plugin->handle)
        return error_plain(error, "cannot be loaded: %s", linker_message(plugin->identity.path));
    const struct plugin *const found = dlsym(plugin->handle, PLUGIN_SYMBOL);
    if (!found)
        return error_plain(error, "no symbol " PLUGIN_SYMBOL " in it: a plug-in has a line "
                                  "IPCBENCH_PLUGIN(...)");
    struct note_search search = {(uintptr_t)found, &plugin->identity};
    dl_iterate_phdr(visit_object, &search);
    const int failure = check_abi(found, error);
    plugin->transport = failure ? NULL : found->transport;
    return failure;
}

int plugin_load(const char *path, struct plugin_file *plugin, struct error *error)
{
    *plugin = (struct plugin_file){0};
    if (!strchr(path, '/'))
        return error_plain(error, "%s: a path with a slash is needed, such as ./%s", path, path);
    int failure = identify(path, &plugin->identity, error);
    if (!failure)
        failure = open_object(plugin, error);
    if (failure) {
        error_prefix(error, "%s: ", path);
        plugin_unload(plugin);
    }
    return failure;
}

void plugin_unload(struct plugin_file *plugin)
{
    if (plugin->handle)
        dlclose(plugin->handle);
    free(plugin->identity.path);
    *plugin = (struct plugin_file){0};
}
