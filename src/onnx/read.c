/* read.c - the messages of an ONNX file, checked and counted before memory is asked for.
 *
 * The file is read whole. Each message is walked twice: to count what is in it, then to note where it lies; numbers
 * stay in the file's bytes until somebody needs them. Messages within messages are known by their place, so a file
 * cannot make the reader go deeper than there are kinds of them. */
#include "onnx/read.h"
#include <string.h>

static bool damaged(const onnx_graph *g, const char *what) {
    sori_fail(g->c, SORI_EFORMAT, "%s: not an ONNX file, or damaged: %s", g->path, what);
    return false;
}

static bool unfit(const onnx_graph *g, const char *what) {
    sori_fail(g->c, SORI_EMODEL, "%s: %s", g->path, what);
    return false;
}

static onnx_text text_of(const base_proto_field *f) { return (onnx_text){ (const char *)f->data, f->size }; }

int onnx_text_order(onnx_text a, onnx_text b) {
    int order = BASE_MIN(a.n, b.n) ? memcmp(a.s, b.s, BASE_MIN(a.n, b.n)) : 0;
    return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

bool onnx_text_is(onnx_text t, const char *s) { return onnx_text_order(t, (onnx_text){ s, strlen(s) }) == 0; }

/* --- numbers, packed or one a field ------------------------------------------------------------------------------- */

/* Bytes of a raw number of that type, 0 for types that are not read. */
static size_t width_of(int type) {
    switch (type) {
    case TYPE_FLOAT: case TYPE_INT32: return 4;
    case TYPE_DOUBLE: case TYPE_INT64: return 8;
    case TYPE_BOOL: return 1;
    default: return 0;
    }
}

/* The next number of a packed field, or of raw bytes, as bits. */
static bool next_bits(base_proto_reader *r, size_t width, uint64_t *bits) {
    if (!width) return base_proto_next_varint(r, bits);
    if ((size_t)(r->end - r->at) < width) return false;
    *bits = 0;
    for (size_t i = 0; i < width; i++) *bits |= (uint64_t)*r->at++ << (8 * i);
    return true;
}

/* In fields of their own numbers are varints but for real ones. */
static size_t packed_width(const onnx_tensor *t) {
    bool fixed = t->field == TENSOR_RAW || t->type == TYPE_FLOAT || t->type == TYPE_DOUBLE;
    return fixed ? width_of(t->type) : 0;
}

/* All numbers of a tensor, to put(i, bits); how many there are, at most `most`. */
static size_t each_number(const onnx_tensor *t, size_t most, void (*put)(void *out, size_t i, uint64_t bits),
                          void *out) {
    base_proto_reader r = base_proto_within(&t->message);
    base_proto_field f;
    size_t n = 0;
    while (n < most && base_proto_next(&r, &f)) {
        if (f.number != t->field) continue;
        base_proto_reader packed = base_proto_within(&f);
        uint64_t bits = f.value;
        if (f.wire != BASE_PROTO_BYTES) {
            if (put) put(out, n, bits);
            n++;
            continue;
        }
        while (n < most && next_bits(&packed, packed_width(t), &bits)) {
            if (put) put(out, n, bits);
            n++;
        }
    }
    return n;
}

static double real_of(int type, uint64_t bits) {
    uint32_t low = (uint32_t)bits;
    float single;
    double wide;
    memcpy(&single, &low, sizeof single);
    memcpy(&wide, &bits, sizeof wide);
    return type == TYPE_FLOAT ? (double)single : wide;
}

static void put_float(void *out, size_t i, uint64_t bits) { ((float *)out)[i] = (float)real_of(TYPE_FLOAT, bits); }
static void put_double(void *out, size_t i, uint64_t bits) { ((float *)out)[i] = (float)real_of(TYPE_DOUBLE, bits); }
static void put_int64(void *out, size_t i, uint64_t bits) { ((int64_t *)out)[i] = (int64_t)bits; }
static void put_int32(void *out, size_t i, uint64_t bits) { ((int64_t *)out)[i] = (int32_t)(uint32_t)bits; }
static void put_whole(void *out, size_t i, uint64_t bits) { ((float *)out)[i] = (float)(int64_t)bits; }
static void put_narrow(void *out, size_t i, uint64_t bits) { ((float *)out)[i] = (float)(int32_t)(uint32_t)bits; }

bool onnx_floats(const onnx_tensor *t, float *out) {
    switch (t->type) {
    case TYPE_FLOAT: return each_number(t, t->size, put_float, out) == t->size;
    case TYPE_DOUBLE: return each_number(t, t->size, put_double, out) == t->size;
    case TYPE_INT64: return each_number(t, t->size, put_whole, out) == t->size;
    case TYPE_INT32: case TYPE_BOOL: return each_number(t, t->size, put_narrow, out) == t->size;
    default: return false;
    }
}

bool onnx_int64s(const onnx_tensor *t, int64_t *out) {
    if (t->type == TYPE_INT64) return each_number(t, t->size, put_int64, out) == t->size;
    bool narrow = t->type == TYPE_INT32 || t->type == TYPE_BOOL;
    return narrow && each_number(t, t->size, put_int32, out) == t->size;
}

/* --- tensors ------------------------------------------------------------------------------------------------------ */

static bool add_dim(const onnx_graph *g, onnx_tensor *t, uint64_t dim) {
    if (t->ndim == ONNX_MAX_AXES) return unfit(g, "a tensor has over 8 axes");
    if (dim > NN_MAX_ELEMENTS || base_mul_overflows(t->size, (size_t)dim, &t->size) || t->size > NN_MAX_ELEMENTS)
        return damaged(g, "a tensor of over 2^31 elements");
    t->dim[t->ndim++] = (size_t)dim;
    return true;
}

/* The shape says how many numbers there must be. Types that are not read are found out when they are asked for. */
static bool check_size(const onnx_graph *g, const onnx_tensor *t) {
    if (!width_of(t->type)) return true;
    size_t n = each_number(t, SIZE_MAX, NULL, NULL);
    return n == t->size || damaged(g, "a tensor's numbers are not as many as its shape says");
}

static bool read_tensor(const onnx_graph *g, const base_proto_field *message, onnx_tensor *t) {
    base_proto_reader r = base_proto_within(message);
    base_proto_field f;
    *t = (onnx_tensor){ .size = 1, .message = *message };
    while (base_proto_next(&r, &f)) {
        if (f.number == TENSOR_NAME) t->name = text_of(&f);
        if (f.number == TENSOR_TYPE) t->type = (int)BASE_MIN(f.value, (uint64_t)1000);
        if (f.number == TENSOR_LOCATION && f.value) return unfit(g, "its weights lie in another file");
        if (f.number == TENSOR_RAW || f.number == TENSOR_FLOATS || f.number == TENSOR_INT32S ||
            f.number == TENSOR_INT64S || f.number == TENSOR_DOUBLES)
            t->field = f.number;
        if (f.number != TENSOR_DIMS) continue;
        base_proto_reader packed = base_proto_within(&f);
        uint64_t dim = f.value;
        if (f.wire != BASE_PROTO_BYTES && !add_dim(g, t, dim)) return false;
        while (f.wire == BASE_PROTO_BYTES && base_proto_next_varint(&packed, &dim))
            if (!add_dim(g, t, dim)) return false;
    }
    return r.bad ? damaged(g, "a tensor") : check_size(g, t);
}

/* --- attributes --------------------------------------------------------------------------------------------------- */

/* The message of an attribute by name. */
static bool find_attr(const onnx_node *n, const char *name, base_proto_field *attr) {
    base_proto_reader r = base_proto_within(&n->message);
    base_proto_field f;
    while (base_proto_next(&r, attr)) {
        if (attr->number != NODE_ATTRIBUTE || attr->wire != BASE_PROTO_BYTES) continue;
        base_proto_reader in = base_proto_within(attr);
        while (base_proto_next(&in, &f))
            if (f.number == ATTR_NAME && onnx_text_is(text_of(&f), name)) return true;
    }
    return false;
}

/* A field of an attribute. */
static bool find_in_attr(const onnx_node *n, const char *name, uint32_t number, base_proto_field *f) {
    base_proto_field attr;
    if (!find_attr(n, name, &attr)) return false;
    base_proto_reader r = base_proto_within(&attr);
    while (base_proto_next(&r, f))
        if (f->number == number) return true;
    return false;
}

bool onnx_has(const onnx_node *n, const char *name) {
    base_proto_field attr;
    return find_attr(n, name, &attr);
}

int64_t onnx_int(const onnx_node *n, const char *name, int64_t standard) {
    base_proto_field f;
    return find_in_attr(n, name, ATTR_I, &f) ? (int64_t)f.value : standard;
}

double onnx_float(const onnx_node *n, const char *name, double standard) {
    base_proto_field f;
    return find_in_attr(n, name, ATTR_F, &f) ? real_of(TYPE_FLOAT, f.value) : standard;
}

onnx_text onnx_string(const onnx_node *n, const char *name, const char *standard) {
    base_proto_field f;
    return find_in_attr(n, name, ATTR_S, &f) ? text_of(&f) : (onnx_text){ standard, strlen(standard) };
}

int onnx_ints(const onnx_node *n, const char *name, int64_t *v, int most) {
    base_proto_field attr;
    if (!find_attr(n, name, &attr)) return 0;
    onnx_tensor t = { .type = TYPE_INT64, .message = attr, .field = ATTR_INTS };
    return (int)each_number(&t, (size_t)most, put_int64, v);
}

bool onnx_tensor_of(const onnx_graph *g, const onnx_node *n, const char *name, onnx_tensor *t) {
    base_proto_field f;
    return find_in_attr(n, name, ATTR_T, &f) && f.wire == BASE_PROTO_BYTES && read_tensor(g, &f, t);
}

/* --- nodes -------------------------------------------------------------------------------------------------------- */

static bool read_node(const onnx_graph *g, const base_proto_field *message, onnx_node *n) {
    base_proto_reader r = base_proto_within(message);
    base_proto_field f;
    *n = (onnx_node){ .message = *message };
    while (base_proto_next(&r, &f)) {
        onnx_text t = text_of(&f);
        if (f.number == NODE_NAME) n->name = t;
        if (f.number == NODE_OP) n->op = t;
        if (f.number == NODE_DOMAIN) n->domain = t;
        if (f.number == NODE_INPUT && n->n_in == ONNX_MAX_IN) return unfit(g, "a node has over 16 inputs");
        if (f.number == NODE_INPUT) n->in[n->n_in++] = t;
        if (f.number == NODE_OUTPUT && n->n_out == ONNX_MAX_OUT) return unfit(g, "a node has over 4 outputs");
        if (f.number == NODE_OUTPUT) n->out[n->n_out++] = t;
    }
    return !r.bad || damaged(g, "a node");
}

/* A Constant's tensor, under the name of its output. The short forms hold their numbers in the attribute itself. */
static bool read_constant(const onnx_graph *g, const onnx_node *n, onnx_tensor *t) {
    static const struct { const char *name; int type; uint32_t field; } forms[] = {
        { "value_int", TYPE_INT64, ATTR_I }, { "value_ints", TYPE_INT64, ATTR_INTS },
        { "value_float", TYPE_FLOAT, ATTR_F }, { "value_floats", TYPE_FLOAT, ATTR_FLOATS },
    };
    base_proto_field f;
    bool found = find_in_attr(n, "value", ATTR_T, &f) && f.wire == BASE_PROTO_BYTES;
    if (found && !read_tensor(g, &f, t)) return false;
    for (size_t i = 0; !found && i < BASE_COUNT(forms); i++) {
        if (!find_attr(n, forms[i].name, &f)) continue;
        *t = (onnx_tensor){ .type = forms[i].type, .message = f, .field = forms[i].field };
        t->ndim = forms[i].field == ATTR_INTS || forms[i].field == ATTR_FLOATS;
        t->size = t->dim[0] = each_number(t, SIZE_MAX, NULL, NULL);
        found = t->ndim || t->size == 1;
    }
    if (n->n_out) t->name = n->out[0];
    return found || unfit(g, "a Constant is neither numbers nor a tensor of them");
}

/* --- inputs and outputs ------------------------------------------------------------------------------------------- */

/* The first field of that number within f, into f itself. */
static bool enter(base_proto_field *f, uint32_t number) {
    base_proto_reader r = base_proto_within(f);
    base_proto_field in;
    while (base_proto_next(&r, &in))
        if (in.number == number && in.wire == BASE_PROTO_BYTES) {
            *f = in;
            return true;
        }
    return false;
}

static bool read_port(const onnx_graph *g, const base_proto_field *message, onnx_port *port) {
    base_proto_field f = *message, dim;
    *port = (onnx_port){ 0 };
    if (enter(&f, VALUE_NAME)) port->name = text_of(&f);
    f = *message;
    if (!enter(&f, VALUE_TYPE) || !enter(&f, TYPE_TENSOR) || !enter(&f, TENSOR_SHAPE)) return true;
    base_proto_reader r = base_proto_within(&f);
    while (base_proto_next(&r, &dim)) {
        if (dim.number != SHAPE_DIM || dim.wire != BASE_PROTO_BYTES) continue;
        if (port->ndim == ONNX_MAX_AXES) return unfit(g, "an input has over 8 axes");
        base_proto_reader in = base_proto_within(&dim);
        while (base_proto_next(&in, &f))
            if (f.number == DIM_VALUE && f.value <= NN_MAX_ELEMENTS) port->dim[port->ndim] = (size_t)f.value;
        port->ndim++;
    }
    return !r.bad || damaged(g, "a shape");
}

/* --- the graph ---------------------------------------------------------------------------------------------------- */

static bool is_constant(const onnx_node *n) { return onnx_text_is(n->op, "Constant"); }

/* What lies in the graph, each into its list. */
static bool read_parts(onnx_graph *g, const base_proto_field *graph) {
    base_proto_reader r = base_proto_within(graph);
    base_proto_field f;
    while (base_proto_next(&r, &f)) {
        if (f.wire != BASE_PROTO_BYTES) continue;
        bool ok = true;
        if (f.number == GRAPH_INITIALIZER) ok = read_tensor(g, &f, &g->tensors[g->n_tensors++]);
        if (f.number == GRAPH_INPUT) ok = read_port(g, &f, &g->inputs[g->n_inputs++]);
        if (f.number == GRAPH_OUTPUT) ok = read_port(g, &f, &g->outputs[g->n_outputs++]);
        if (f.number == GRAPH_NODE) {
            onnx_node *n = &g->nodes[g->n_nodes];
            ok = read_node(g, &f, n);
            if (ok && is_constant(n)) ok = read_constant(g, n, &g->tensors[g->n_tensors++]);
            else g->n_nodes++;
        }
        if (!ok) return false;
    }
    return true;
}

static bool count_parts(const onnx_graph *g, const base_proto_field *graph, size_t count[16]) {
    base_proto_reader r = base_proto_within(graph);
    base_proto_field f;
    while (base_proto_next(&r, &f))
        if (f.number < 16 && f.wire == BASE_PROTO_BYTES) count[f.number]++;
    if (r.bad) return damaged(g, "the graph");
    if (count[GRAPH_NODE] + count[GRAPH_INITIALIZER] + count[GRAPH_INPUT] + count[GRAPH_OUTPUT] > ONNX_MAX_NODES)
        return unfit(g, "over 16384 nodes and tensors");
    return true;
}

static bool read_graph(onnx_graph *g, const base_proto_field *graph) {
    size_t count[16] = { 0 };
    if (!count_parts(g, graph, count)) return false;
    size_t tensors = count[GRAPH_INITIALIZER] + count[GRAPH_NODE];
    g->nodes = base_alloc(g->c, count[GRAPH_NODE] + 1, sizeof *g->nodes);
    g->tensors = base_alloc(g->c, tensors + 1, sizeof *g->tensors);
    g->inputs = base_alloc(g->c, count[GRAPH_INPUT] + 1, sizeof *g->inputs);
    g->outputs = base_alloc(g->c, count[GRAPH_OUTPUT] + 1, sizeof *g->outputs);
    return !base_failed(g->c) && read_parts(g, graph);
}

/* Files of old versions list the initializers among the inputs. */
static void drop_initialized_inputs(onnx_graph *g) {
    int kept = 0;
    for (int i = 0; i < g->n_inputs; i++) {
        bool given = false;
        for (int k = 0; k < g->n_tensors && !given; k++)
            given = !onnx_text_order(g->inputs[i].name, g->tensors[k].name);
        if (!given) g->inputs[kept++] = g->inputs[i];
    }
    g->n_inputs = kept;
}

static void read_opset(onnx_graph *g, const base_proto_field *message) {
    base_proto_reader r = base_proto_within(message);
    base_proto_field f;
    bool ours = true;
    int64_t version = 0;
    while (base_proto_next(&r, &f)) {
        if (f.number == OPSET_DOMAIN) ours = f.size == 0 || onnx_text_is(text_of(&f), "ai.onnx");
        if (f.number == OPSET_VERSION) version = (int64_t)f.value;
    }
    if (ours) g->opset = version;
}

bool onnx_read(sori_ctx *c, const char *path, onnx_graph *g) {
    *g = (onnx_graph){ .c = c, .path = path };
    size_t n = 0;
    if (base_failed(c)) return false;
    g->bytes = base_read_file(c, path, ONNX_MAX_BYTES, &n);
    if (!g->bytes) return false;
    base_proto_reader r = { .at = (const uint8_t *)g->bytes, .end = (const uint8_t *)g->bytes + n };
    base_proto_field f, graph = { 0 };
    while (base_proto_next(&r, &f)) {
        if (f.number == MODEL_OPSET && f.wire == BASE_PROTO_BYTES) read_opset(g, &f);
        if (f.number == MODEL_GRAPH && f.wire == BASE_PROTO_BYTES) graph = f;
    }
    if (r.bad || !graph.data) return damaged(g, "no graph");
    if (g->opset < 7) return unfit(g, "it is of an operator set before 7, of 2018");
    if (!read_graph(g, &graph)) return false;
    drop_initialized_inputs(g);
    return true;
}

void onnx_graph_free(onnx_graph *g) {
    base_free(g->c, g->outputs);
    base_free(g->c, g->inputs);
    base_free(g->c, g->tensors);
    base_free(g->c, g->nodes);
    base_free(g->c, g->bytes);
}
