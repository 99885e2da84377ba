/* summary.c - the model as Keras 3 prints it, and a line of its progress bar. */
#include "nn/nn.h"
#include <math.h>
#include <string.h>

#define MAX_COLUMNS 4

/* Text that grows. */
typedef struct text {
    sori_ctx *c;
    char *p;
    size_t n, room;
} text;

static void put(text *t, const char *format, ...) SORI_PRINTF(2, 3);
static void put(text *t, const char *format, ...) {
    char piece[1024];
    va_list args;
    va_start(args, format);
    int n = base_vformat(piece, sizeof piece, format, args);
    va_end(args);
    size_t length = BASE_MIN((size_t)n, sizeof piece - 1);
    if (base_failed(t->c)) return;
    if (t->n + length + 1 > t->room) {
        size_t room = 2 * t->room + length + 1024;
        char *larger = base_grow(t->c, t->p, t->n, room, 1);
        if (!larger) return;
        t->p = larger;
        t->room = room;
    }
    memcpy(t->p + t->n, piece, length + 1);
    t->n += length;
}

static const char *finish(text *t) {
    const char *kept = base_failed(t->c) ? NULL : base_intern(t->c, t->p);
    base_free(t->c, t->p);
    return kept;
}

/* Characters, not bytes, of UTF-8. */
static int columns_of(const char *s) {
    int n = 0;
    for (; *s; s++) n += (*s & 0xC0) != 0x80;
    return n;
}

/* "1234567" -> "1,234,567" */
static const char *thousands(size_t v, char *out, size_t size) {
    char digits[32];
    int n = base_format(digits, sizeof digits, "%zu", v), k = 0;
    for (int i = 0; i < n && (size_t)k + 2 < size; i++) {
        if (i && (n - i) % 3 == 0) out[k++] = ',';
        out[k++] = digits[i];
    }
    out[k] = 0;
    return out;
}

static const char *bytes_text(double v, char *out, size_t size) {
    static const char *const units[] = { "B", "KB", "MB", "GB" };
    int u = 0;
    for (; v >= 1024 && u < 3; u++) v /= 1024;
    base_format(out, size, "%.2f %s", v, units[u]);
    return out;
}

typedef struct row { char cell[MAX_COLUMNS][160]; } row;

static size_t node_params(const nn_node *n) {
    size_t sum = 0;
    for (int k = 0; k < n->n_params; k++) sum += n->param[k].shape.size;
    return sum;
}

static row make_row(const sori_model *m, int i) {
    const nn_node *n = &m->nodes[i];
    row r = { 0 };
    base_format(r.cell[0], sizeof r.cell[0], "%s (%s)", n->name, n->op->title);
    nn_shape_text(&n->y, "None", r.cell[1], sizeof r.cell[1]);
    thousands(node_params(n), r.cell[2], sizeof r.cell[2]);
    for (int j = 0, at = 0; j < n->n_in && at < 140; j++) {
        const char *from = n->in[j] == 0 ? "input" : m->nodes[n->in[j] - 1].name;
        at += base_format(r.cell[3] + at, sizeof r.cell[3] - (size_t)at, j ? ", %.60s" : "%.60s", from);
    }
    return r;
}

static void put_rule(text *t, const int *width, int n, const char *marks[4]) {
    for (int k = 0; k < n; k++) {
        put(t, "%s", k ? marks[1] : marks[0]);
        for (int i = 0; i < width[k] + 2; i++) put(t, "%s", marks[3]);
    }
    put(t, "%s\n", marks[2]);
}

static void put_row(text *t, const row *r, const int *width, int n, const char *bar) {
    for (int k = 0; k < n; k++) {
        int gap = width[k] - columns_of(r->cell[k]);
        if (gap < 0) gap = 0;
        put(t, "%s %*s%s%*s ", bar, k == 2 ? gap : 0, "", r->cell[k], k == 2 ? 0 : gap, "");
    }
    put(t, "%s\n", bar);
}

/* A graph, as soon as a layer reads something else than the row above. */
static bool is_sequence(const sori_model *m) {
    for (int i = 0; i < m->n_nodes; i++)
        if (m->nodes[i].n_in != 1 || m->nodes[i].in[0] != i) return false;
    return true;
}

static void put_totals(text *t, const sori_model *m) {
    size_t all = sori_model_params(m, false), trained = sori_model_params(m, true);
    size_t value[3] = { all, trained, all - trained };
    static const char *const name[3] = { "Total", "Trainable", "Non-trainable" };
    char count[48], bytes[48];
    for (int i = 0; i < 3; i++)
        put(t, " %s params: %s (%s)\n", name[i], thousands(value[i], count, sizeof count),
            bytes_text((double)value[i] * (double)m->k->real_size, bytes, sizeof bytes));
}

const char *sori_summary(sori_model *m) {
    if (!m || base_failed(m->c)) return NULL;
    text t = { .c = m->c };
    static const row head = { { "Layer (type)", "Output Shape", "Param #", "Connected to" } };
    int width[MAX_COLUMNS] = { 31, 22, 13, 18 }, n = is_sequence(m) ? 3 : 4;   /* Keras's at 80 columns */
    for (int i = 0; i < m->n_nodes; i++) {
        row r = make_row(m, i);
        for (int k = 0; k < n; k++) width[k] = BASE_MAX(width[k], columns_of(r.cell[k]));
    }
    put(&t, "Model: \"%s\"\n", n == 3 ? "sequential" : "functional");
    put_rule(&t, width, n, (const char *[]){ "┏", "┳", "┓", "━" });
    put_row(&t, &head, width, n, "┃");
    put_rule(&t, width, n, (const char *[]){ "┡", "╇", "┩", "━" });
    for (int i = 0; i < m->n_nodes; i++) {
        row r = make_row(m, i);
        put_row(&t, &r, width, n, "│");
        bool last = i == m->n_nodes - 1;
        if (last) put_rule(&t, width, n, (const char *[]){ "└", "┴", "┘", "─" });
        else put_rule(&t, width, n, (const char *[]){ "├", "┼", "┤", "─" });
    }
    put_totals(&t, m);
    return finish(&t);
}

/* Names come from model files: quotes, backslashes and control characters are escaped. */
static void put_json_string(text *t, const char *s) {
    put(t, "\"");
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') put(t, "\\%c", *s);
        else if ((unsigned char)*s < 0x20) put(t, "\\u%04x", (unsigned)*s);
        else put(t, "%c", *s);
    }
    put(t, "\"");
}

const char *sori_summary_json(sori_model *m) {
    if (!m || base_failed(m->c)) return NULL;
    text t = { .c = m->c };
    put(&t, "{\"layers\": [");
    for (int i = 0; i < m->n_nodes; i++) {
        const nn_node *n = &m->nodes[i];
        put(&t, "%s\n  {\"name\": ", i ? "," : "");
        put_json_string(&t, n->name);
        put(&t, ", \"type\": \"%s\", \"output_shape\": [null", n->op->title);
        for (int k = 0; k < n->y.ndim; k++) put(&t, ", %zu", n->y.dim[k]);
        put(&t, "], \"params\": %zu, \"inputs\": [", node_params(n));
        for (int j = 0; j < n->n_in; j++) {
            if (j) put(&t, ", ");
            put_json_string(&t, n->in[j] == 0 ? "input" : m->nodes[n->in[j] - 1].name);
        }
        put(&t, "]}");
    }
    size_t all = sori_model_params(m, false), trained = sori_model_params(m, true);
    put(&t, "],\n \"total_params\": %zu, \"trainable_params\": %zu, \"non_trainable_params\": %zu}\n", all, trained,
        all - trained);
    return finish(&t);
}

/* --- progress ------------------------------------------------------------ */

#define BAR 20   /* characters, as Keras 3 */

/* Keras: four decimals, or scientific below 1e-3. */
static int put_value(char *out, size_t size, const char *name, double v) {
    if (isnan(v)) return base_format(out, size, "%s", "");
    return base_format(out, size, fabs(v) > 1e-3 ? " - %s: %.4f" : " - %s: %.4e", name, v);
}

static int put_time(char *out, size_t size, const sori_logs *l) {
    double step = l->step ? l->seconds / l->step : 0;
    int n = base_format(out, size, " %.0fs", l->seconds);
    if (step >= 1) return n + base_format(out + n, size - (size_t)n, " %.0fs/step", step);
    if (step >= 1e-3) return n + base_format(out + n, size - (size_t)n, " %.0fms/step", step * 1e3);
    return n + base_format(out + n, size - (size_t)n, " %.0fus/step", step * 1e6);
}

int sori_progress_text(const sori_logs *l, char *out, size_t size) {
    char line[512];
    int n = base_format(line, sizeof line, "%u/%u ", l->step, l->steps);
    int full = l->steps ? (int)((uint64_t)BAR * l->step / l->steps) : BAR;
    for (int i = 0; i < BAR; i++) n += base_format(line + n, sizeof line - (size_t)n, i < full ? "━" : "╶");
    n += put_time(line + n, sizeof line - (size_t)n, l);
    n += put_value(line + n, sizeof line - (size_t)n, "accuracy", l->accuracy);
    n += put_value(line + n, sizeof line - (size_t)n, "loss", l->loss);
    n += put_value(line + n, sizeof line - (size_t)n, "val_accuracy", l->val_accuracy);
    n += put_value(line + n, sizeof line - (size_t)n, "val_loss", l->val_loss);
    return base_format(out, size, "%s", line);
}
