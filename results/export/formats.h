/* The writers that results/export.c puts into its table, one file each; nobody else calls them. */
#ifndef IPCBENCH_RESULTS_EXPORT_FORMATS_H
#define IPCBENCH_RESULTS_EXPORT_FORMATS_H

struct error;
struct export_source;
struct text;

typedef int export_writer(const struct export_source *source, struct text *out,
                          struct error *error);

export_writer export_bmf;
export_writer export_csv;
export_writer export_gbench;
export_writer export_gha_bigger;
export_writer export_gha_smaller;
export_writer export_gobench;
export_writer export_hgrm;
export_writer export_hlog;
export_writer export_md;
export_writer export_otava;
export_writer export_prom;

#endif
