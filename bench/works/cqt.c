/* cqt.c - constant-Q transforms and chroma. */
#include "works.h"

static sori_array *cqt(const work_input *in) {
    return sori_cqt(in->c, in->y, &(sori_cqt_config){ .exact = in->exact });
}

static sori_array *vqt(const work_input *in) {
    return sori_vqt(in->c, in->y, &(sori_vqt_config){ .cqt.exact = in->exact });
}

static sori_array *chroma_stft(const work_input *in) {
    return sori_chroma_stft(in->c, in->y, &(sori_chroma_config){ .stft.exact = in->exact });
}

static sori_array *chroma_cqt(const work_input *in) {
    return sori_chroma_cqt(in->c, in->y, &(sori_chroma_cqt_config){ .exact = in->exact });
}

static sori_array *iirt(const work_input *in) { return sori_iirt(in->c, in->y, NULL); }

static sori_array *cqt_of(const work_input *in) { return sori_cqt(in->c, in->y, NULL); }
static sori_array *icqt(const work_input *in) {
    return sori_icqt(in->c, in->prepared, in->y.sr, &(sori_icqt_config){ .cqt.exact = in->exact }).y;
}

const work works_cqt[] = {
    { "cqt", cqt }, { "vqt", vqt }, { "chroma_stft", chroma_stft }, { "chroma_cqt", chroma_cqt },
    { "icqt", icqt, cqt_of }, { "iirt", iirt }, { NULL },
};
