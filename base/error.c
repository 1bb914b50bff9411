#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct error_entry {
    int code;
    const char *name;
};

/* Our own table: musl has no strerrorname_np. Of two names for one number, the one strace shows. */
#define ENTRY(name)                                                                                \
    {                                                                                              \
        name, #name                                                                                \
    }
static const struct error_entry error_entries[] = {
    ENTRY(EPERM),
    ENTRY(ENOENT),
    ENTRY(ESRCH),
    ENTRY(EINTR),
    ENTRY(EIO),
    ENTRY(ENXIO),
    ENTRY(E2BIG),
    ENTRY(ENOEXEC),
    ENTRY(EBADF),
    ENTRY(ECHILD),
    ENTRY(EAGAIN),
    ENTRY(ENOMEM),
    ENTRY(EACCES),
    ENTRY(EFAULT),
    ENTRY(ENOTBLK),
    ENTRY(EBUSY),
    ENTRY(EEXIST),
    ENTRY(EXDEV),
    ENTRY(ENODEV),
    ENTRY(ENOTDIR),
    ENTRY(EISDIR),
    ENTRY(EINVAL),
    ENTRY(ENFILE),
    ENTRY(EMFILE),
    ENTRY(ENOTTY),
    ENTRY(ETXTBSY),
    ENTRY(EFBIG),
    ENTRY(ENOSPC),
    ENTRY(ESPIPE),
    ENTRY(EROFS),
    ENTRY(EMLINK),
    ENTRY(EPIPE),
    ENTRY(EDOM),
    ENTRY(ERANGE),
    ENTRY(EDEADLK),
    ENTRY(ENAMETOOLONG),
    ENTRY(ENOLCK),
    ENTRY(ENOSYS),
    ENTRY(ENOTEMPTY),
    ENTRY(ELOOP),
    ENTRY(ENOMSG),
    ENTRY(EIDRM),
    ENTRY(ENOSTR),
    ENTRY(ENODATA),
    ENTRY(ETIME),
    ENTRY(ENOSR),
    ENTRY(ENOLINK),
    ENTRY(EPROTO),
    ENTRY(EBADMSG),
    ENTRY(EOVERFLOW),
    ENTRY(EILSEQ),
    ENTRY(EUSERS),
    ENTRY(ENOTSOCK),
    ENTRY(EDESTADDRREQ),
    ENTRY(EMSGSIZE),
    ENTRY(EPROTOTYPE),
    ENTRY(ENOPROTOOPT),
    ENTRY(EPROTONOSUPPORT),
    ENTRY(ESOCKTNOSUPPORT),
    ENTRY(EOPNOTSUPP),
    ENTRY(EPFNOSUPPORT),
    ENTRY(EAFNOSUPPORT),
    ENTRY(EADDRINUSE),
    ENTRY(EADDRNOTAVAIL),
    ENTRY(ENETDOWN),
    ENTRY(ENETUNREACH),
    ENTRY(ENETRESET),
    ENTRY(ECONNABORTED),
    ENTRY(ECONNRESET),
    ENTRY(ENOBUFS),
    ENTRY(EISCONN),
    ENTRY(ENOTCONN),
    ENTRY(ESHUTDOWN),
    ENTRY(ETOOMANYREFS),
    ENTRY(ETIMEDOUT),
    ENTRY(ECONNREFUSED),
    ENTRY(EHOSTDOWN),
    ENTRY(EHOSTUNREACH),
    ENTRY(EALREADY),
    ENTRY(EINPROGRESS),
    ENTRY(ESTALE),
    ENTRY(EDQUOT),
    ENTRY(ECANCELED),
    ENTRY(ENOKEY),
    ENTRY(EKEYEXPIRED),
    ENTRY(EKEYREVOKED),
    ENTRY(EKEYREJECTED),
    ENTRY(EOWNERDEAD),
    ENTRY(ENOTRECOVERABLE),
    ENTRY(EHWPOISON),
};
#undef ENTRY

const char *error_name(int code)
{
    static _Thread_local char unknown[24];

    for (size_t i = 0; i < sizeof error_entries / sizeof error_entries[0]; i++) {
        if (error_entries[i].code == code)
            return error_entries[i].name;
    }
    (void)snprintf(unknown, sizeof unknown, "errno %d", code);
    return unknown;
}

/* A cut must not leave half a UTF-8 character: messages end up in JSON. */
static void drop_half_character(char *text)
{
    size_t lead = strlen(text);

    while (lead > 0 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead == 0)
        return;
    const unsigned char first = (unsigned char)text[lead - 1];
    const size_t needed = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (strlen(text + lead - 1) < needed)
        text[lead - 1] = '\0';
}

__attribute__((format(printf, 3, 0))) static void format_cut(char *buffer, size_t bytes,
                                                             const char *format, va_list arguments)
{
    const int length = vsnprintf(buffer, bytes, format, arguments);

    if (length < 0)
        buffer[0] = '\0';
    else if ((size_t)length >= bytes)
        drop_half_character(buffer);
}

/* All of them format into a copy first: the arguments may point into the error itself. */
static void error_set(struct error *error, int code, const char *message, const char *knob)
{
    struct error set = {.code = code, .unavailable = knob != NULL};

    (void)snprintf(set.message, sizeof set.message, "%s", message);
    if (knob && snprintf(set.knob, sizeof set.knob, "%s", knob) >= (int)sizeof set.knob)
        drop_half_character(set.knob);
    *error = set;
}

int error_system(struct error *error, int code, const char *format, ...)
{
    if (!error)
        return -code;

    /* The system's answer is kept whole; what does not fit is cut from what was tried. */
    char answer[128];
    (void)snprintf(answer, sizeof answer, ": %s (%s)", strerror(code), error_name(code));
    drop_half_character(answer);
    char message[ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    format_cut(message, sizeof message - strlen(answer), format, arguments);
    va_end(arguments);
    strcat(message, answer);
    error_set(error, code, message, NULL);
    return -code;
}

int error_plain(struct error *error, const char *format, ...)
{
    if (!error)
        return -EINVAL;

    char message[ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    format_cut(message, sizeof message, format, arguments);
    va_end(arguments);
    error_set(error, EINVAL, message, NULL);
    return -EINVAL;
}

int error_unavailable(struct error *error, const char *knob, const char *format, ...)
{
    if (!error)
        return -ENOTSUP;

    char message[ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    format_cut(message, sizeof message, format, arguments);
    va_end(arguments);
    error_set(error, ENOTSUP, message, knob ? knob : "");
    return -ENOTSUP;
}

void error_prefix(struct error *error, const char *format, ...)
{
    if (!error)
        return;

    char message[ERROR_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    format_cut(message, sizeof message, format, arguments);
    va_end(arguments);
    const size_t length = strlen(message);
    const int tail = snprintf(message + length, sizeof message - length, "%s", error->message);
    if (tail >= (int)(sizeof message - length))
        drop_half_character(message);
    memcpy(error->message, message, sizeof message);
}
