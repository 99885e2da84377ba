/* synth_out.c - where made sound goes. */
#include "synth.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool synth_choose_out(cli *k, synth_out *o, bool may_be_folder) {
    static const char *const endings[] = { ".wav", ".flac" };
    int ending = 0;
    *o = (synth_out){ .path = cli_text(k, "out"), .save = { .subtype = (sori_subtype)cli_choice(k, "subtype") } };
    if (!o->path) {
        cli_usage(k, "--out is missing: a .wav or .flac%s", may_be_folder ? ", or a folder" : "");
        return false;
    }
    while (ending < 2 && !cli_ends_in(o->path, endings[ending])) ending++;
    o->folder = ending == 2 || cli_is_folder(o->path);
    if (o->folder && !may_be_folder) {
        cli_usage(k, "--out %s: must end in .wav or .flac", o->path);
        return false;
    }
    if (o->folder) ending = cli_choice(k, "format");
    o->ending = endings[ending];
    if (!o->folder && cli_given(k, "format") && cli_choice(k, "format") != ending)
        cli_usage(k, "--format %s: but --out ends in %s", cli_text(k, "format"), o->ending);
    else if (ending == 1 && o->save.subtype == SORI_FLOAT) cli_usage(k, "FLAC holds no float samples");
    else return true;
    return false;
}

/* "003_Bb_maj7.wav": numbered, so that none takes the place of another, and without what folders are made of. */
char *synth_path(const synth_out *o, size_t i, const char *text) {
    if (!o->folder) return cli_printf("%s", o->path);
    char *name = cli_printf("%s", text);
    for (char *s = name; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("#-+.", *s)) *s = '_';
    char *path = cli_printf("%s/%03zu_%.40s%s", o->path, i, name, o->ending);
    free(name);
    return path;
}
