/* shapes.c - operators of an import that move values or count them, and compute nothing.
 *
 * Files carry little programs that compute shapes (Shape, Gather, Concat, Reshape). They are run here, on up to eight
 * whole numbers, with UNKNOWN standing for the batch. */
#include "onnx/import.h"
#include <math.h>
#include <string.h>

#define UNKNOWN INT64_MIN

/* --- whole numbers ------------------------------------------------------------------------------------------------ */

static bool give_numbers(onnx_importer *im, const onnx_node *n, const int64_t *v, int count, int axes) {
    onnx_data *y = onnx_find(im, n->out[0]);
    if (count < 0 || count > ONNX_MAX_AXES) return onnx_refuse(im, n, "over %d numbers of a shape", ONNX_MAX_AXES);
    if (!y) return true;
    y->numbers = true;
    y->count = count;
    y->axes = axes;
    memcpy(y->number, v, (size_t)count * sizeof *v);
    return true;
}

bool onnx_take_shape(onnx_importer *im, const onnx_node *n) {
    onnx_data *x = onnx_settled(im, n, 0);
    int64_t v[ONNX_MAX_AXES];
    if (!x) return false;
    int64_t ndim = x->layout.ndim, start = onnx_int(n, "start", 0), end = onnx_int(n, "end", ndim);
    if (start < 0) start += ndim;
    if (end < 0) end += ndim;
    if (start < 0 || end > ndim || start > end) return onnx_refuse(im, n, "axes outside the input's");
    for (int64_t i = start; i < end; i++)
        v[i - start] = x->layout.axis[i] == BATCH ? UNKNOWN : (int64_t)x->layout.dim[i];
    return give_numbers(im, n, v, (int)(end - start), 1);
}

/* A product within a shape; that of the batch and another number is not known. */
bool onnx_take_product(onnx_importer *im, const onnx_node *n) {
    int64_t a[ONNX_MAX_AXES], b[ONNX_MAX_AXES];
    int count = onnx_whole(im, n, 0, a), others = onnx_whole(im, n, 1, b);
    if (count != others || count < 0)
        return onnx_refuse(im, n, "a product of constants that are no shapes of one size");
    for (int i = 0; i < count; i++) {
        if (a[i] == UNKNOWN || b[i] == UNKNOWN) {
            if (a[i] != 1 && b[i] != 1) return onnx_refuse(im, n, "the batch's size is multiplied");
            a[i] = UNKNOWN;
        } else if (__builtin_mul_overflow(a[i], b[i], &a[i])) {
            return onnx_refuse(im, n, "sizes of over 63 bits");
        }
    }
    return give_numbers(im, n, a, count, onnx_input(im, n, 0)->axes);
}

/* Zeros of any shape: initial states. */
bool onnx_take_fill(onnx_importer *im, const onnx_node *n) {
    onnx_tensor t;
    float v = 0;
    if (onnx_tensor_of(&im->g, n, "value", &t) && (t.size != 1 || !onnx_floats(&t, &v) || v != 0))
        return onnx_refuse(im, n, "a constant other than zero");
    onnx_data *y = onnx_find(im, n->out[0]);
    if (y) y->zeros = true;
    return !base_failed(im->c);
}

bool onnx_take_expand(onnx_importer *im, const onnx_node *n) {
    onnx_data *y = onnx_find(im, n->out[0]);
    if (!onnx_is_zero(im, onnx_input(im, n, 0))) return onnx_refuse(im, n, "values other than constant zeros");
    if (y) y->zeros = true;
    return true;
}

/* --- rows of another shape ---------------------------------------------------------------------------------------- */

/* Value `source`, which holds the axes of l but the batch in order, as those of l: a row if it must be. Sizes of one
 * are left out. */
static bool give_reshaped(onnx_importer *im, const onnx_node *n, int source, onnx_layout *l) {
    sori_layer row = { .op = SORI_RESHAPE };
    int count = 0;
    if (source < 0) return false;
    for (int i = 0; i < l->ndim; i++) {
        if (l->axis[i] == BATCH) continue;
        l->axis[i] = ABSENT;
        if (l->dim[i] == 1) continue;
        if (count == 4) return onnx_refuse(im, n, "a sample of over 4 axes");
        row.shape[count++] = (int)l->dim[i];
        l->axis[i] = count;
    }
    if (!count) row.shape[count++] = 1;
    const nn_shape *s = onnx_shape(im, source);
    bool same = s->ndim == count;
    for (int i = 0; same && i < count; i++) same = s->dim[i] == (size_t)row.shape[i];
    bool ok = onnx_give(im, n, 0, same ? source : onnx_row(im, n, -1, row, source), l);
    onnx_data *y = onnx_find(im, n->out[0]);
    if (y) y->fresh = false;   /* rows that only look are no place for an activation */
    return ok;
}

/* The target shape v with the batch at place j: true if the sizes before and behind it stay the same. */
static bool fits_at(const onnx_layout *x, const int64_t *v, int count, int j, onnx_layout *y) {
    size_t before = 1, all = 1, known = 1, lead = 1;
    int batch = 0, open = -1;
    for (int i = 0; i < x->ndim; i++) {
        if (x->axis[i] == BATCH) batch = i, before = all;
        else all *= x->dim[i];
    }
    if (v[j] == 0 && j != batch) return false;
    *y = (onnx_layout){ .ndim = count };
    for (int i = 0; i < count; i++) {
        y->axis[i] = i == j ? BATCH : ABSENT;
        if (i == j) continue;
        if (v[i] == 0 && (i >= x->ndim || i == batch)) return false;
        if (v[i] == -1 && (open >= 0 || v[j] == -1)) return false;
        if (v[i] == -1) open = i;
        else if (v[i] < 0 || v[i] > (int64_t)NN_MAX_ELEMENTS) return false;
        else y->dim[i] = v[i] ? (size_t)v[i] : x->dim[i];
        if (v[i] != -1 && (base_mul_overflows(known, y->dim[i], &known) || known > all)) return false;
    }
    if (known == 0 || all % known) return false;
    if (open >= 0) y->dim[open] = all / known;
    for (int i = 0; i < j; i++) lead *= y->dim[i];
    return lead == before && (open >= 0 || known == all);
}

bool onnx_take_reshape(onnx_importer *im, const onnx_node *n) {
    int64_t v[ONNX_MAX_AXES];
    int count = n->n_in > 1 ? onnx_whole(im, n, 1, v) : onnx_ints(n, "shape", v, ONNX_MAX_AXES), at = -1;
    onnx_data *x = onnx_input(im, n, 0);
    onnx_layout y;
    if (x && x->numbers) return onnx_alias(im, n, x);
    if (!(x = onnx_settled(im, n, 0))) return false;
    if (count < 1) return onnx_refuse(im, n, "a shape that is not constant");
    for (int i = 0; i < count && onnx_int(n, "allowzero", 0); i++)
        if (v[i] == 0) return onnx_refuse(im, n, "a shape of no elements");
    for (int i = 0; i < count && at < 0; i++)
        if (v[i] == UNKNOWN) at = i;
    bool found = at >= 0 && fits_at(&x->layout, v, count, at, &y);
    for (int pass = 0; pass < 2 && at < 0 && !found; pass++)   /* 0 copies the batch: the surest sign of it */
        for (int j = 0; j < count && !found; j++)
            found = (v[j] == 0) == (pass == 0) && fits_at(&x->layout, v, count, j, &y);
    if (!found) return onnx_refuse(im, n, "a shape into which the samples do not go one by one");
    if (y.ndim == 2 && y.axis[0] == BATCH && x->layout.ndim > 2) return onnx_put_flat(im, n, x);
    int order[ONNX_MAX_AXES], all = onnx_plain_order(&x->layout, order);
    return give_reshaped(im, n, onnx_bring(im, n, x, order, all), &y);
}

/* Its reader may like it as it lies. */
bool onnx_put_flat(onnx_importer *im, const onnx_node *n, onnx_data *x) {
    if (!onnx_alias(im, n, x)) return false;
    onnx_data *y = onnx_find(im, n->out[0]);
    if (y) y->flat = true;
    if (y) y->fresh = false;
    return true;
}

bool onnx_take_flatten(onnx_importer *im, const onnx_node *n) {
    onnx_data *x = onnx_settled(im, n, 0);
    if (!x) return false;
    if (onnx_int(n, "axis", 1) != 1 || x->layout.axis[0] != BATCH)
        return onnx_refuse(im, n, "flattened into other than [batch, rest]");
    return x->layout.ndim == 2 ? onnx_alias(im, n, x) : onnx_put_flat(im, n, x);
}

bool onnx_take_transpose(onnx_importer *im, const onnx_node *n) {
    int64_t perm[ONNX_MAX_AXES];
    onnx_data *x = onnx_settled(im, n, 0);
    unsigned seen = 0;
    if (!x) return false;
    onnx_layout y = { .ndim = x->layout.ndim };
    int count = onnx_ints(n, "perm", perm, ONNX_MAX_AXES);
    for (int i = 0; i < y.ndim; i++) {
        int axis = count ? onnx_axis(im, n, i < count ? perm[i] : INT64_MAX, y.ndim) : y.ndim - 1 - i;
        if (axis < 0) return false;
        seen |= 1u << axis;
        y.dim[i] = x->layout.dim[axis];
        y.axis[i] = x->layout.axis[axis];
    }
    if (seen + 1 != 1u << y.ndim) return onnx_refuse(im, n, "perm is no order of its axes");
    if (!onnx_alias(im, n, x)) return false;
    onnx_data *to = onnx_find(im, n->out[0]);
    if (to) to->layout = y;
    return true;
}

/* --- axes of size one --------------------------------------------------------------------------------------------- */

static int axes_of(onnx_importer *im, const onnx_node *n, int64_t *axes) {
    int count = onnx_ints(n, "axes", axes, ONNX_MAX_AXES);
    return count || n->n_in < 2 ? count : onnx_whole(im, n, 1, axes);
}

bool onnx_take_squeeze(onnx_importer *im, const onnx_node *n) {
    int64_t axes[ONNX_MAX_AXES];
    bool gone[ONNX_MAX_AXES] = { false };
    onnx_data *x = onnx_input(im, n, 0);
    if (x && x->numbers) return give_numbers(im, n, x->number, x->count, 0);
    if (!(x = onnx_settled(im, n, 0))) return false;
    int count = axes_of(im, n, axes);
    if (count < 0) return onnx_refuse(im, n, "axes that are not constant");
    for (int i = 0; i < count; i++) {
        int axis = onnx_axis(im, n, axes[i], x->layout.ndim);
        if (axis < 0) return false;
        if (x->layout.dim[axis] != 1) return onnx_refuse(im, n, "an axis of another size than 1, or the batch's");
        gone[axis] = true;
    }
    onnx_layout y = { 0 };
    for (int i = 0; i < x->layout.ndim; i++) {
        if (count ? gone[i] : x->layout.dim[i] == 1) continue;
        y.dim[y.ndim] = x->layout.dim[i];
        y.axis[y.ndim++] = x->layout.axis[i];
    }
    if (!onnx_alias(im, n, x)) return false;
    onnx_data *to = onnx_find(im, n->out[0]);
    if (to) to->layout = y;
    return true;
}

bool onnx_take_unsqueeze(onnx_importer *im, const onnx_node *n) {
    int64_t axes[ONNX_MAX_AXES];
    bool fresh[ONNX_MAX_AXES] = { false };
    onnx_data *x = onnx_input(im, n, 0);
    if (x && x->numbers) return give_numbers(im, n, x->number, x->count, 1);
    if (x && x->tensor && onnx_whole(im, n, 0, axes) == 1) return give_numbers(im, n, axes, 1, 1);
    if (!(x = onnx_settled(im, n, 0))) return false;
    int count = axes_of(im, n, axes), all = x->layout.ndim + count, from = 0;
    if (count < 1 || all > ONNX_MAX_AXES) return onnx_refuse(im, n, "axes that are not constant, or over 8");
    for (int i = 0; i < count; i++) {
        int axis = onnx_axis(im, n, axes[i], all);
        if (axis < 0) return false;
        if (fresh[axis]) return onnx_refuse(im, n, "an axis twice");
        fresh[axis] = true;
    }
    onnx_layout y = { .ndim = all };
    for (int i = 0; i < all; i++) {
        y.dim[i] = fresh[i] ? 1 : x->layout.dim[from];
        y.axis[i] = fresh[i] ? ABSENT : x->layout.axis[from++];
    }
    if (!onnx_alias(im, n, x)) return false;
    onnx_data *to = onnx_find(im, n->out[0]);
    if (to) to->layout = y;
    return true;
}

/* --- side by side ------------------------------------------------------------------------------------------------- */

/* Numbers of shapes, one behind the other; false if an input is none. */
static bool join_numbers(onnx_importer *im, const onnx_node *n, int64_t *v, int *count) {
    *count = 0;
    for (int i = 0; i < n->n_in; i++) {
        int64_t some[ONNX_MAX_AXES];
        int more = onnx_whole(im, n, i, some);
        if (more < 0 || *count + more > ONNX_MAX_AXES) return false;
        memcpy(v + *count, some, (size_t)more * sizeof *v);
        *count += more;
    }
    return true;
}

bool onnx_take_concat(onnx_importer *im, const onnx_node *n) {
    int64_t v[ONNX_MAX_AXES];
    int order[ONNX_MAX_AXES], count = 0, sofar = -1, place = -1;
    if (join_numbers(im, n, v, &count)) return give_numbers(im, n, v, count, 1);
    onnx_data *x = onnx_settled(im, n, 0);
    int axis = x ? onnx_axis(im, n, onnx_int(n, "axis", 0), x->layout.ndim) : -1;
    if (axis < 0) return false;
    count = onnx_order(&x->layout, -1, order);
    if (x->layout.axis[axis] == ABSENT) order[count++] = axis;
    onnx_layout y = onnx_lies(&x->layout, order, count), other = y;
    for (int k = 0; k < count; k++)
        if (order[k] == axis) place = k + 1;
    for (int i = 0; i < n->n_in; i++) {
        if (!(x = onnx_settled(im, n, i))) return false;
        other.dim[axis] = x->layout.ndim == y.ndim ? x->layout.dim[axis] : 0;
        if (memcmp(other.dim, x->layout.dim, sizeof other.dim)) return onnx_refuse(im, n, "inputs of different shapes");
        int from[2] = { sofar, onnx_bring(im, n, x, order, count) };
        sori_layer l = { .op = SORI_CONCAT, .axis = place < count ? place : 0 };
        sofar = i == 0 ? from[1] : onnx_row_of(im, n, l, from, 2);
        if (sofar < 0) return false;
        if (i > 0) y.dim[axis] += x->layout.dim[axis];
    }
    return onnx_give(im, n, 0, sofar, &y);
}

/* --- parts, and zeros around -------------------------------------------------------------------------------------- */

/* x with v's numbers cut off before and behind each axis (or, below zero, zeros put there), as an image or as time: the
 * axes changed first, all others as channels. */
static bool put_border(onnx_importer *im, const onnx_node *n, onnx_data *x, int64_t v[][2], onnx_layout *y) {
    int order[ONNX_MAX_AXES], lies[ONNX_MAX_AXES], count = 0;
    int all = onnx_order(&x->layout, -1, lies);
    sori_layer around = { 0 };
    size_t rest = 1;
    *y = x->layout;
    for (int i = 0; i < y->ndim; i++) {
        if (!v[i][0] && !v[i][1]) continue;
        if (count == 2 || y->axis[i] == BATCH) return onnx_refuse(im, n, "over two axes, or along the batch");
        sori_op op = v[i][0] + v[i][1] > 0 ? SORI_CROPPING : SORI_ZERO_PADDING;
        for (int k = 0; k < 2; k++) {
            if ((around.op && around.op != op) || (op == SORI_CROPPING) != (v[i][k] >= 0 && v[i][0] + v[i][1] > 0))
                return onnx_refuse(im, n, "cut off and padded at once");
            if (v[i][k] > 65536 || v[i][k] < -65536) return onnx_refuse(im, n, "over 65536 at a border");
            around.pad[2 * count + k] = (int)(v[i][k] < 0 ? -v[i][k] : v[i][k]);
        }
        around.op = op;
        order[count++] = i;
        y->dim[i] = (size_t)((int64_t)y->dim[i] - v[i][0] - v[i][1]);
    }
    if (!count) return onnx_alias(im, n, x);
    int moved = count;
    for (int k = 0; k < all; k++) {
        bool is_moved = lies[k] == order[0] || (moved > 1 && lies[k] == order[1]);
        if (is_moved) continue;
        rest *= x->layout.dim[lies[k]];
        order[count++] = lies[k];
    }
    int source = onnx_bring(im, n, x, order, count);
    sori_layer flat = { .op = SORI_RESHAPE }, back = { .op = SORI_RESHAPE };
    for (int k = 0; k < moved; k++) flat.shape[k] = (int)x->layout.dim[order[k]];
    flat.shape[moved] = (int)rest;
    for (int k = 0; k < count; k++) back.shape[k] = (int)y->dim[order[k]];
    if (count != moved + 1) source = onnx_row(im, n, -1, flat, source);
    source = onnx_row(im, n, -1, around, source);
    if (count != moved + 1) source = onnx_row(im, n, -1, back, source);
    *y = onnx_lies(y, order, count);
    return onnx_give(im, n, 0, source, y);
}

/* start and end as files have them: from the end if below 0, and no further than there is. */
static int64_t clamp(int64_t at, int64_t size) {
    if (at < 0) at = at < -size ? 0 : at + size;
    return at > size ? size : at;
}

/* Starts, ends, axes and steps: inputs since opset 10. How many, -1 if they are not constant. */
static int slice_of(onnx_importer *im, const onnx_node *n, int64_t v[4][ONNX_MAX_AXES]) {
    static const char *const names[] = { "starts", "ends", "axes" };
    int count[4] = { 0 };
    for (int k = 0; k < 4; k++) {
        if (n->n_in > 1) count[k] = onnx_input(im, n, k + 1) ? onnx_whole(im, n, k + 1, v[k]) : 0;
        else count[k] = k < 3 ? onnx_ints(n, names[k], v[k], ONNX_MAX_AXES) : 0;
        for (int i = 0; k > 1 && !count[k] && i < ONNX_MAX_AXES; i++) v[k][i] = k == 2 ? i : 1;
        if (count[k] < 0 || (count[k] && count[k] != count[0])) return -1;
    }
    return count[1] == count[0] ? count[0] : -1;
}

bool onnx_take_slice(onnx_importer *im, const onnx_node *n) {
    int64_t v[4][ONNX_MAX_AXES], border[ONNX_MAX_AXES][2] = { { 0 } };
    int count = slice_of(im, n, v);
    onnx_data *x = onnx_input(im, n, 0);
    onnx_layout y;
    if (x && x->zeros) return onnx_alias(im, n, x);
    if (count < 1) return onnx_refuse(im, n, "bounds that are not constant");
    for (int i = 0; i < count; i++)
        if (v[3][i] != 1) return onnx_refuse(im, n, "steps of %lld", (long long)v[3][i]);
    if (x && x->numbers) {
        int64_t start = clamp(v[0][0], x->count), end = clamp(v[1][0], x->count);
        return give_numbers(im, n, x->number + start, (int)BASE_MAX(end - start, (int64_t)0), 1);
    }
    if (!(x = onnx_settled(im, n, 0))) return false;
    for (int i = 0; i < count; i++) {
        int axis = onnx_axis(im, n, v[2][i], x->layout.ndim);
        if (axis < 0) return false;
        int64_t size = (int64_t)x->layout.dim[axis];
        bool whole = v[0][i] == 0 && v[1][i] > (int64_t)NN_MAX_ELEMENTS;
        if (whole) continue;
        border[axis][0] = clamp(v[0][i], size);
        border[axis][1] = size - clamp(v[1][i], size);
        if (border[axis][0] + border[axis][1] >= size) return onnx_refuse(im, n, "a slice of nothing, or of the batch");
    }
    return put_border(im, n, x, border, &y);
}

bool onnx_take_pad(onnx_importer *im, const onnx_node *n) {
    int64_t v[2 * ONNX_MAX_AXES], axes[ONNX_MAX_AXES], border[ONNX_MAX_AXES][2] = { { 0 } };
    onnx_tensor all = { 0 };
    double value = onnx_float(n, "value", 0);
    onnx_layout y;
    onnx_data *x = onnx_settled(im, n, 0);
    if (!x) return false;
    for (int i = 0; i < ONNX_MAX_AXES; i++) axes[i] = i;
    int count = onnx_ints(n, "pads", v, 2 * ONNX_MAX_AXES);
    const onnx_data *pads = onnx_input(im, n, 1);
    if (pads && pads->tensor) all = *pads->tensor;
    if (pads && pads->numbers) count = onnx_whole(im, n, 1, v);
    else if (all.size && all.size <= 2 * ONNX_MAX_AXES && onnx_int64s(&all, v)) count = (int)all.size;
    if (onnx_input(im, n, 2)) onnx_number(im, n, 2, &value);
    int given = onnx_input(im, n, 3) ? onnx_whole(im, n, 3, axes) : x->layout.ndim;
    if (!onnx_text_is(onnx_string(n, "mode", "constant"), "constant") || value != 0)
        return onnx_refuse(im, n, "padding with other than zeros");
    if (count < 1 || count != 2 * given) return onnx_refuse(im, n, "pads that are not constant, or not two an axis");
    for (int i = 0; i < given; i++) {
        int axis = onnx_axis(im, n, axes[i], x->layout.ndim);
        if (axis < 0) return false;
        for (int k = 0; k < 2; k++) {
            if (v[i + k * given] > 65536 || v[i + k * given] < -65536) return onnx_refuse(im, n, "over 65536 zeros");
            border[axis][k] = -v[i + k * given];
        }
        if (border[axis][0] + border[axis][1] >= (int64_t)x->layout.dim[axis] && border[axis][0] + border[axis][1] > 0)
            return onnx_refuse(im, n, "nothing is left of an axis");
    }
    return put_border(im, n, x, border, &y);
}

/* --- by number ---------------------------------------------------------------------------------------------------- */

/* A table looked up by the input. */
static bool take_embedding(onnx_importer *im, const onnx_node *n) {
    int ndim = 0, order[ONNX_MAX_AXES];
    size_t dim[ONNX_MAX_AXES];
    onnx_data *x = onnx_settled(im, n, 1);
    float *table = x ? onnx_constant(im, n, 0, &ndim, dim) : NULL;
    if (!table) return false;
    if (ndim != 2 || onnx_int(n, "axis", 0) || x->layout.ndim == ONNX_MAX_AXES) {
        base_free(im->c, table);
        return onnx_refuse(im, n, "a table of %d axes, must be 2", ndim);
    }
    int count = onnx_plain_order(&x->layout, order), last = x->layout.ndim;
    sori_layer l = { .op = SORI_EMBEDDING, .vocabulary = (int)dim[0], .units = (int)dim[1] };
    int row = onnx_row(im, n, 0, l, onnx_bring(im, n, x, order, count));
    onnx_layout y = onnx_lies(&x->layout, order, count);
    y.dim[last] = dim[1];
    y.axis[last] = count ? count + 1 : 2;
    y.ndim++;
    return onnx_set(im, row, "embeddings", table, dim[0] * dim[1]) && onnx_give(im, n, 0, row, &y);
}

/* One place along an axis, which is gone then. */
static bool take_place(onnx_importer *im, const onnx_node *n, onnx_data *x, int64_t at) {
    int64_t border[ONNX_MAX_AXES][2] = { { 0 } };
    onnx_layout y = { 0 };
    int axis = onnx_axis(im, n, onnx_int(n, "axis", 0), x->layout.ndim);
    if (axis < 0) return false;
    int64_t size = (int64_t)x->layout.dim[axis];
    if (at < -size || at >= size) return onnx_refuse(im, n, "number %lld of %lld", (long long)at, (long long)size);
    border[axis][0] = at < 0 ? at + size : at;
    border[axis][1] = size - 1 - border[axis][0];
    if (!put_border(im, n, x, border, &y)) return false;
    onnx_data *to = onnx_find(im, n->out[0]);
    for (int i = axis; to && i < to->layout.ndim - 1; i++) {
        to->layout.dim[i] = to->layout.dim[i + 1];
        to->layout.axis[i] = to->layout.axis[i + 1];
    }
    if (to) to->layout.ndim--;
    return true;
}

bool onnx_take_gather(onnx_importer *im, const onnx_node *n) {
    int64_t v[ONNX_MAX_AXES], all[ONNX_MAX_AXES];
    const onnx_data *from = onnx_input(im, n, 0), *index = onnx_input(im, n, 1);
    if (from && onnx_is_constant(from) && index && index->there) return take_embedding(im, n);
    int count = onnx_whole(im, n, 1, v), size = onnx_whole(im, n, 0, all);
    if (count < 1) return onnx_refuse(im, n, "places that are not constant");
    bool one = index->tensor ? index->tensor->ndim == 0 : index->axes == 0;
    if (size < 0) {
        onnx_data *x = onnx_settled(im, n, 0);
        if (x && !one) return onnx_refuse(im, n, "several places");
        return x && take_place(im, n, x, v[0]);
    }
    for (int i = 0; i < count; i++) {
        if (v[i] < -size || v[i] >= size) return onnx_refuse(im, n, "number %lld of %d", (long long)v[i], size);
        v[i] = all[v[i] < 0 ? v[i] + size : v[i]];
    }
    return give_numbers(im, n, v, count, !one);
}

/* --- larger images ------------------------------------------------------------------------------------------------ */

/* How many times larger ONNX's axis i becomes; 0: not a whole number, or not known. */
static int times(onnx_importer *im, const onnx_node *n, const onnx_data *x, int i) {
    int at = n->n_in > 2 ? 2 : 1, ndim;
    size_t dim[ONNX_MAX_AXES];
    int64_t sizes[ONNX_MAX_AXES];
    float *scale = NULL;
    double v = 0;
    const onnx_data *given = onnx_input(im, n, at);
    if (given && given->tensor && given->tensor->size == (size_t)x->layout.ndim)
        scale = onnx_constant(im, n, at, &ndim, dim);
    if (scale) v = (double)scale[i];
    else if (n->n_in > 3 && onnx_whole(im, n, 3, sizes) == x->layout.ndim && x->layout.dim[i])
        v = (double)sizes[i] / (double)x->layout.dim[i];
    base_free(im->c, scale);
    return v >= 1 && v <= 65536 && v == floor(v) ? (int)v : 0;
}

bool onnx_take_resize(onnx_importer *im, const onnx_node *n) {
    onnx_data *x = onnx_settled(im, n, 0);
    if (!x) return false;
    onnx_text mode = onnx_string(n, "mode", "nearest");
    onnx_text places = onnx_string(n, "coordinate_transformation_mode", "half_pixel");
    onnx_text nearest = onnx_string(n, "nearest_mode", "round_prefer_floor");
    bool half = onnx_text_is(places, "half_pixel") || onnx_text_is(places, "pytorch_half_pixel");
    bool linear = onnx_text_is(mode, "linear"), floored = onnx_text_is(nearest, "floor");
    bool plain = onnx_text_is(mode, "nearest") && (floored ? onnx_text_is(places, "asymmetric") : half);
    if (!(linear && half) && !plain) return onnx_refuse(im, n, "a way of resizing that sori has not");
    sori_layer l = { .op = SORI_UPSAMPLING, .bilinear = linear };
    int order[ONNX_MAX_AXES], count = 0, ndim = x->layout.ndim;
    if (ndim < 3 || ndim > 4) return onnx_refuse(im, n, "%d axes, must be 3 or 4", ndim);
    for (int i = 2; i < ndim; i++) {
        l.kernel[count] = times(im, n, x, i);
        if (!l.kernel[count]) return onnx_refuse(im, n, "sizes that are not whole multiples of the input's");
        order[count++] = i;
    }
    order[count++] = 1;
    int row = onnx_row(im, n, -1, l, onnx_bring(im, n, x, order, count));
    onnx_layout y = onnx_lies(&x->layout, order, count);
    for (int i = 2; i < ndim; i++) y.dim[i] *= (size_t)l.kernel[i - 2];
    return onnx_give(im, n, 0, row, &y);
}
