#include "tests/proof/chance.h"

#include <math.h>

double chance_of(size_t seen, size_t count, double share)
{
    const double n = (double)count;
    double below = 0;
    for (size_t k = 0; k < seen; ++k) {
        const double x = (double)k;
        below += exp(lgamma(n + 1) - lgamma(x + 1) - lgamma(n - x + 1) + x * log(share) +
                     (n - x) * log1p(-share));
    }
    return 1 - below;
}
