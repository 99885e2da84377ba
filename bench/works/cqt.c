/* cqt.c - constant-Q transforms and chroma. */
#include "works.h"

static sori_array *cqt(const work_input *in) { return sori_cqt(in->c, in->y, &(sori_cqt_config){ .exact = in->exact }); }
static sori_array *vqt(const work_input *in) {
    return sori_vqt(in->c, in->y, &(sori_vqt_config){ .cqt.exact = in->exact });
}

const work works_cqt[] = {
    { "cqt", cqt }, { "vqt", vqt }, { NULL },
};
