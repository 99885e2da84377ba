/* attention.c - self-attention in ONNX's operators, which have no one for it.
 *
 *   Q, K, V   MatMul, Add, Reshape to [..., t, heads, units], Transpose: Q and V [..., heads, t, units], K turned
 *   y         Softmax(Q K / sqrt(units)) V, Transpose and Reshape back, MatMul, Add
 */
#include "onnx/onnx.h"
#include <math.h>

enum { QUERY, KEY, VALUE, OUTPUT };

/* x W + b of projection i, as "layer/of". */
static onnx_name project(onnx_exporter *e, const nn_node *n, int i, const char *x, const char *of) {
    bool bias = !n->layer.no_bias;
    int k = bias ? 2 * i : i;
    const nn_shape *w = &n->param[k].shape;
    size_t in = i == OUTPUT ? w->dim[0] * w->dim[1] : w->dim[0];
    size_t flat[2] = { in, w->size / in };
    char part[32];
    base_format(part, sizeof part, "%s_product", of);
    onnx_name sum = onnx_part(n, of), product = bias ? onnx_part(n, part) : sum;
    if (i == OUTPUT) sum = onnx_out(n, LAST);
    if (i == OUTPUT && !bias) product = sum;
    const char *kernel = onnx_weight_as(e, n, k, 2, flat, (int[]){ 0, 1 });
    onnx_put(&e->w, "MatMul", ONNX_IN(x, kernel), product.s, NULL);
    if (bias) {
        const char *b = onnx_weight_as(e, n, k + 1, 1, flat + 1, (int[]){ 0 });
        onnx_put(&e->w, "Add", ONNX_IN(product.s, b), sum.s, NULL);
    }
    return sum;
}

/* Axes of [N, ..., t, heads, units] with the last three in another order. */
static onnx_attr order(int axes, int a, int b, int c) {
    onnx_attr perm = { "perm", ATTR_IS_INTS, .n = axes };
    for (int i = 0; i < axes - 3; i++) perm.ints[i] = i;
    perm.ints[axes - 3] = axes - 3 + a;
    perm.ints[axes - 2] = axes - 3 + b;
    perm.ints[axes - 1] = axes - 3 + c;
    return perm;
}

/* A projection in heads. */
static onnx_name put_heads(onnx_exporter *e, const nn_node *n, int i, const char *x, const char *shape) {
    static const char *const of[] = { "query", "key", "value" },
                      *const split[] = { "query_split", "key_split", "value_split" },
                      *const heads[] = { "query_heads", "key_heads", "value_heads" };
    onnx_name all = project(e, n, i, x, of[i]), apart = onnx_part(n, split[i]), y = onnx_part(n, heads[i]);
    int axes = n->x[0].ndim + 2;
    onnx_attr perm = i == KEY ? order(axes, 1, 2, 0) : order(axes, 1, 0, 2);
    onnx_put(&e->w, "Reshape", ONNX_IN(all.s, shape), apart.s, NULL);
    onnx_put(&e->w, "Transpose", ONNX_IN(apart.s), y.s, ONNX_ATTRS(perm));
    return y;
}

/* The sample's sizes before the channels, then those given. */
static const char *put_shape(onnx_exporter *e, const nn_node *n, const char *name, int64_t a, int64_t b) {
    int64_t to[6] = { -1 };
    int count = n->x[0].ndim;
    for (int i = 0; i < count - 1; i++) to[i + 1] = (int64_t)n->x[0].dim[i];
    to[count++] = a;
    if (b) to[count++] = b;
    onnx_put_ints(&e->w, name, (size_t)count, to);
    return name;
}

int onnx_put_attention(onnx_exporter *e, const nn_node *n) {
    int64_t heads = n->layer.heads, units = n->layer.units;
    onnx_name split = onnx_part(n, "heads"), join = onnx_part(n, "whole"), root = onnx_part(n, "root");
    onnx_name raw = onnx_part(n, "products"), scores = onnx_part(n, "scores"), shares = onnx_part(n, "shares");
    onnx_name seen = onnx_part(n, "seen"), turned = onnx_part(n, "turned"), flat = onnx_part(n, "flat");
    const char *x = onnx_in(e, n, 0, LAST), *shape = put_shape(e, n, split.s, heads, units);
    onnx_name q = put_heads(e, n, QUERY, x, shape), k = put_heads(e, n, KEY, x, shape);
    onnx_name v = put_heads(e, n, VALUE, x, shape);
    onnx_put(&e->w, "MatMul", ONNX_IN(q.s, k.s), raw.s, NULL);
    onnx_put(&e->w, "Mul", ONNX_IN(raw.s, onnx_scalar(e, root.s, 1 / sqrt((double)units))), scores.s, NULL);
    onnx_put(&e->w, "Softmax", ONNX_IN(scores.s), shares.s, ONNX_ATTRS(ONNX_INT("axis", -1)));
    onnx_put(&e->w, "MatMul", ONNX_IN(shares.s, v.s), seen.s, NULL);
    onnx_put(&e->w, "Transpose", ONNX_IN(seen.s), turned.s, ONNX_ATTRS(order(n->x[0].ndim + 2, 1, 0, 2)));
    onnx_put(&e->w, "Reshape", ONNX_IN(turned.s, put_shape(e, n, join.s, heads * units, 0)), flat.s, NULL);
    project(e, n, OUTPUT, flat.s, "result");
    return LAST;
}
