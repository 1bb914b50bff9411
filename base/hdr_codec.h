/* The compressed HdrHistogram V2 text form ("HISTFAAA..."): what other HDR tools read.
 *
 * Big-endian outer cookie and length, a zlib stream, inside it the V2 header (normalizing index
 * offset 0, conversion ratio 1.0) and ZigZag LEB128-64b9B counters; then base64. Overflow counts,
 * and the exact minimum and maximum, are not part of that form: keep them beside it. */
#ifndef IPCBENCH_BASE_HDR_CODEC_H
#define IPCBENCH_BASE_HDR_CODEC_H

struct error;
struct hdr;
struct text;

/* Appends the encoded histogram to `out`. EINVAL for counts over 2^63-1, ENOMEM. */
int hdr_encode(const struct hdr *hdr, struct text *out, struct error *error);

/* Initialises `hdr` from text; free it with hdr_free (also after a failure). Only offset 0 and
 * ratio 1.0 are read: what other values mean differs between readers. Minimum and maximum come back
 * as the bounds of their counters. Truncated, oversized, inconsistent or hostile input gives
 * EINVAL, also trailing bytes, and one line that names what is wrong; it never reads or allocates
 * out of bounds (at most 64 MiB of counters).
 */
int hdr_decode(const char *text, struct hdr *hdr, struct error *error);

#endif
