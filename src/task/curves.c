/* curves.c - training as a picture: loss and accuracy over epochs, training and validation in one colour. */
#include "task/task.h"
#include <math.h>

typedef double get_value(const sori_logs *l);
static double loss_of(const sori_logs *l) { return l->loss; }
static double val_loss_of(const sori_logs *l) { return l->val_loss; }
static double accuracy_of(const sori_logs *l) { return l->accuracy; }
static double val_accuracy_of(const sori_logs *l) { return l->val_accuracy; }
static double rate_of(const sori_logs *l) { return l->learning_rate; }

/* val NULL: there is one curve. */
static void put_curve(sori_ctx *c, const sori_model *m, sori_plot *plot, const char *name, get_value *train,
                      get_value *val, sori_opt top) {
    size_t n;
    const sori_logs *h = sori_history(m, &n);
    double *y = base_alloc(c, 3 * n, sizeof *y);
    for (size_t i = 0; y && i < n; i++) {
        y[i] = h[i].epoch + 1;
        y[n + i] = train(&h[i]);
        y[2 * n + i] = val ? val(&h[i]) : NAN;
    }
    const sori_series series[2] = {
        { .label = val ? "training" : NULL, .x = y, .y = y ? y + n : NULL, .n = n, .color = 1 },
        { .label = "validation", .x = y, .y = y ? y + 2 * n : NULL, .n = n, .color = 1, .dashed = true }
    };
    if (y)
        sori_plot_curves(plot, series, val ? 2 : 1,
                         &(sori_curves_config){ .title = name, .x_label = "Epoch", .y_max = top });
    base_free(c, y);
}

void task_put_curves(sori_ctx *c, const sori_model *m, sori_plot *plot, bool rate) {
    put_curve(c, m, plot, "Loss", loss_of, val_loss_of, (sori_opt){ 0 });
    put_curve(c, m, plot, "Accuracy", accuracy_of, val_accuracy_of, SORI_VALUE(1));
    if (rate) put_curve(c, m, plot, "Learning rate", rate_of, NULL, (sori_opt){ 0 });
}
