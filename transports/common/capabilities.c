#include "transports/common/capabilities.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

bool capability_is_effective(enum capability capability)
{
    struct text status = {0};
    file_read("/proc/self/status", &status, NULL);
    const char *field = strstr(text_string(&status), "CapEff:");
    const unsigned long long effective = field ? strtoull(field + 7, NULL, 16) : 0;
    text_free(&status);
    return effective >> capability & 1;
}
