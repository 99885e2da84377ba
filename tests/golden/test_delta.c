/* Derivatives over time against librosa (scipy.signal.savgol_filter). */
#include "golden/golden.h"

static sori_array *run_delta(golden_call *g) {
    static const char *const modes[] = { "interp", "mirror", "constant", "nearest", "wrap" };
    sori_delta_config config = {
        .width = golden_int(g, "width"), .order = golden_int(g, "order"), .polyorder = golden_int(g, "polyorder"),
        .mode = (sori_delta_mode)golden_choice(g, "mode", modes, 5), .cval = golden_number(g, "cval"),
        .spacing = golden_number(g, "delta"),
    };
    assert_true(!golden_arg(g, "axis") || golden_int(g, "axis") == -1);
    return sori_delta(g->c, golden_array(g, "data"), &config);
}

int main(void) {
    static const golden_adapter adapters[] = { { "delta", run_delta } };
    return golden_main("delta", adapters, BASE_COUNT(adapters));
}
