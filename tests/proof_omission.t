#!/usr/bin/env bash
# Coordinated omission: a stalled receiver must show in response time (tests/proof/omission.c). TAP.
cd "$(dirname "$0")/.." || exit 1
exec "${BUILD:-build}/tests/proof/omission"
