/* table.c - layer tables as JSON, for model files.
 *
 * One object a layer, holding the fields that are not zero under the names of sori_layer, so a table read back is the
 * table written. Reading trusts nothing: unknown keys, wrong types and numbers out of range are named and refused;
 * whether the layers fit together is graph.c's to say. */
#include "nn/nn.h"
#include "nn/table.h"
#include <math.h>
#include <string.h>

static const char *const act_names[SORI_ACT_COUNT] = {
    "linear", "relu", "leaky_relu", "sigmoid", "tanh", "softmax", "elu", "gelu", "silu", "softplus", "hard_sigmoid",
    "relu6",
};
static const char *const padding_names[] = { "valid", "same", "explicit" };
static const char *const init_names[] = { "glorot_uniform", "glorot_normal", "he_uniform", "he_normal",
                                          "random_normal", "random_uniform", "orthogonal" };

typedef enum kind { INT, INT2, INT4, REAL, BOOL, ENUM, TEXT } kind;

/* The fields of a layer that a table stores; op and from are treated apart. */
static const struct field {
    const char *name;
    kind kind;
    size_t offset;
    const char *const *names;
    int count;
} fields[] = {
    { "name", TEXT, offsetof(sori_layer, name), NULL, 0 },
    { "units", INT, offsetof(sori_layer, units), NULL, 0 },
    { "filters", INT, offsetof(sori_layer, filters), NULL, 0 },
    { "kernel", INT2, offsetof(sori_layer, kernel), NULL, 0 },
    { "strides", INT2, offsetof(sori_layer, strides), NULL, 0 },
    { "dilation", INT2, offsetof(sori_layer, dilation), NULL, 0 },
    { "padding", ENUM, offsetof(sori_layer, padding), padding_names, BASE_COUNT(padding_names) },
    { "pad", INT4, offsetof(sori_layer, pad), NULL, 0 },
    { "act", ENUM, offsetof(sori_layer, act), act_names, BASE_COUNT(act_names) },
    { "alpha", REAL, offsetof(sori_layer, alpha), NULL, 0 },
    { "rate", REAL, offsetof(sori_layer, rate), NULL, 0 },
    { "l1", REAL, offsetof(sori_layer, l1), NULL, 0 },
    { "l2", REAL, offsetof(sori_layer, l2), NULL, 0 },
    { "no_bias", BOOL, offsetof(sori_layer, no_bias), NULL, 0 },
    { "kernel_init", ENUM, offsetof(sori_layer, kernel_init), init_names, BASE_COUNT(init_names) },
    { "momentum", REAL, offsetof(sori_layer, momentum), NULL, 0 },
    { "epsilon", REAL, offsetof(sori_layer, epsilon), NULL, 0 },
    { "shape", INT4, offsetof(sori_layer, shape), NULL, 0 },
    { "axis", INT, offsetof(sori_layer, axis), NULL, 0 },
    { "groups", INT, offsetof(sori_layer, groups), NULL, 0 },
    { "heads", INT, offsetof(sori_layer, heads), NULL, 0 },
    { "vocabulary", INT, offsetof(sori_layer, vocabulary), NULL, 0 },
    { "return_sequences", BOOL, offsetof(sori_layer, return_sequences), NULL, 0 },
    { "bidirectional", BOOL, offsetof(sori_layer, bidirectional), NULL, 0 },
    { "go_backwards", BOOL, offsetof(sori_layer, go_backwards), NULL, 0 },
    { "bilinear", BOOL, offsetof(sori_layer, bilinear), NULL, 0 },
    { "n_fft", INT, offsetof(sori_layer, n_fft), NULL, 0 },
    { "hop_length", INT, offsetof(sori_layer, hop_length), NULL, 0 },
    { "length", INT, offsetof(sori_layer, length), NULL, 0 },
    { "uncentered", BOOL, offsetof(sori_layer, uncentered), NULL, 0 },
    { "n_mels", INT, offsetof(sori_layer, n_mels), NULL, 0 },
    { "sr", REAL, offsetof(sori_layer, sr), NULL, 0 },
    { "fmin", REAL, offsetof(sori_layer, fmin), NULL, 0 },
    { "fmax", REAL, offsetof(sori_layer, fmax), NULL, 0 },
};

_Static_assert(sizeof(sori_act) == sizeof(int) && sizeof(sori_padding) == sizeof(int) &&
                   sizeof(sori_init) == sizeof(int),
               "enumerations are stored as int");

/* --- writing ------------------------------------------------------------ */

static json_t *ints_json(const int *v, int n) {
    json_t *a = json_array();
    for (int i = 0; i < n; i++) json_array_append_new(a, json_integer(v[i]));
    return a;
}

static json_t *field_json(const sori_layer *l, const struct field *f) {
    const char *at = (const char *)l + f->offset;
    const int *v = (const int *)at;
    double d;
    const char *s;
    switch (f->kind) {
    case INT: return *v ? json_integer(*v) : NULL;
    case INT2: return v[0] || v[1] ? ints_json(v, 2) : NULL;
    case INT4: return v[0] || v[1] || v[2] || v[3] ? ints_json(v, 4) : NULL;
    case REAL: memcpy(&d, at, sizeof d); return d != 0 ? json_real(d) : NULL;
    case BOOL: return *(const bool *)at ? json_true() : NULL;
    case ENUM: return *v ? json_string(f->names[*v]) : NULL;
    case TEXT: memcpy(&s, at, sizeof s); return s ? json_string(s) : NULL;
    }
    return NULL;
}

json_t *nn_layer_to_json(const nn_node *n) {
    json_t *o = json_object();
    json_object_set_new(o, "op", json_string(n->op->name));
    for (size_t i = 0; i < BASE_COUNT(fields); i++) {
        json_t *v = field_json(&n->layer, &fields[i]);
        if (v) json_object_set_new(o, fields[i].name, v);
    }
    if (n->layer.from[0]) {
        json_t *from = json_array();
        for (int i = 0; i < SORI_MAX_FROM && n->layer.from[i]; i++)
            json_array_append_new(from, json_string(n->layer.from[i]));
        json_object_set_new(o, "from", from);
    }
    return o;
}

/* --- reading ------------------------------------------------------------ */

static bool bad(sori_ctx *c, size_t row, const char *key) {
    sori_fail(c, SORI_EMODEL, "model: layer %zu has an unknown or wrong '%.40s'", row + 1, key);
    return false;
}

static bool read_ints(const json_t *j, int *v, size_t n) {
    if (!json_is_array(j) || json_array_size(j) != n) return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *e = json_array_get(j, i);
        if (!json_is_integer(e) || json_integer_value(e) < 0 || json_integer_value(e) > INT32_MAX) return false;
        v[i] = (int)json_integer_value(e);
    }
    return true;
}

static bool read_enum(const json_t *j, const struct field *f, int *v) {
    for (int i = 0; json_is_string(j) && i < f->count; i++)
        if (!strcmp(json_string_value(j), f->names[i])) {
            *v = i;
            return true;
        }
    return false;
}

static bool read_field(sori_ctx *c, const json_t *j, const struct field *f, sori_layer *l) {
    char *at = (char *)l + f->offset;
    const char *s;
    double d;
    switch (f->kind) {
    case INT:
        if (!json_is_integer(j) || json_integer_value(j) < 0 || json_integer_value(j) > INT32_MAX) return false;
        *(int *)at = (int)json_integer_value(j);
        return true;
    case INT2: return read_ints(j, (int *)at, 2);
    case INT4: return read_ints(j, (int *)at, 4);
    case REAL:
        if (!json_is_number(j)) return false;
        d = json_number_value(j);
        memcpy(at, &d, sizeof d);
        return isfinite(d);
    case BOOL:
        *(bool *)at = json_is_true(j);
        return json_is_boolean(j);
    case ENUM: return read_enum(j, f, (int *)at);
    case TEXT:
        s = json_is_string(j) ? base_intern(c, json_string_value(j)) : NULL;
        memcpy(at, &s, sizeof s);
        return s != NULL;
    }
    return false;
}

static bool read_op(const nn_kernels *k, const json_t *j, sori_op *op) {
    for (int i = 1; json_is_string(j) && i < SORI_OP_COUNT; i++)
        if (k->ops[i] && !strcmp(json_string_value(j), k->ops[i]->name)) {
            *op = (sori_op)i;
            return true;
        }
    return false;
}

static bool read_from(sori_ctx *c, const json_t *j, sori_layer *l) {
    if (!json_is_array(j) || json_array_size(j) > SORI_MAX_FROM) return false;
    for (size_t i = 0; i < json_array_size(j); i++) {
        const json_t *e = json_array_get(j, i);
        l->from[i] = json_is_string(e) ? base_intern(c, json_string_value(e)) : NULL;
        if (!l->from[i]) return false;
    }
    return true;
}

bool nn_layer_from_json(sori_ctx *c, json_t *o, size_t row, sori_layer *l) {
    const nn_kernels *k = nn_kernels_find(false, NULL);
    const char *key;
    json_t *v;
    *l = (sori_layer){ 0 };
    if (!json_is_object(o)) return bad(c, row, "object");
    json_object_foreach(o, key, v) {
        bool ok = false;
        if (!strcmp(key, "op")) ok = read_op(k, v, &l->op);
        else if (!strcmp(key, "from")) ok = read_from(c, v, l);
        else
            for (size_t i = 0; i < BASE_COUNT(fields) && !ok; i++)
                ok = !strcmp(key, fields[i].name) && read_field(c, v, &fields[i], l);
        if (!ok) return bad(c, row, key);
    }
    return l->op || bad(c, row, "op");
}
