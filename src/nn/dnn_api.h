/* nn/dnn_api.h - what oneDNN's C API says in one way in version 2 (operation descriptors) and in another in version 3,
 * for dnn.c: layouts, a convolution of them, the ReLU behind it. */
#ifndef NN_DNN_API_H
#define NN_DNN_API_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>

/* What a node's primitives do. */
typedef enum step {
    FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS,   /* the arithmetic */
    LOAD_FORWARD, LOAD_BACKWARD,                /* weights into oneDNN's orders */
    GIVE,                                       /* their gradient into ours */
    ROUND,                                      /* x to bfloat16 */
    STEPS
} step;

#if DNNL_VERSION_MAJOR >= 3
typedef dnnl_memory_desc_t layout;              /* owned */
typedef const_dnnl_memory_desc_t layout_of;     /* seen */

static dnnl_status_t layout_make(layout *l, int axes, const dnnl_dims_t dim, dnnl_data_type_t type,
                                 dnnl_format_tag_t order) {
    return dnnl_memory_desc_create_with_tag(l, axes, dim, type, order);
}
static void layout_free(layout *l) { if (*l) dnnl_memory_desc_destroy(*l); }
static layout_of see(const layout *l) { return *l; }

static dnnl_status_t append_relu(dnnl_post_ops_t list) {
    return dnnl_post_ops_append_eltwise(list, dnnl_eltwise_relu, 0, 0);
}
#else
typedef dnnl_memory_desc_t layout;
typedef const dnnl_memory_desc_t *layout_of;

static dnnl_status_t layout_make(layout *l, int axes, const dnnl_dims_t dim, dnnl_data_type_t type,
                                 dnnl_format_tag_t order) {
    return dnnl_memory_desc_init_by_tag(l, axes, dim, type, order);
}
static void layout_free(layout *l) { (void)l; }
static layout_of see(const layout *l) { return l; }

static dnnl_status_t append_relu(dnnl_post_ops_t list) {
    return dnnl_post_ops_append_eltwise(list, 1, dnnl_eltwise_relu, 0, 0);
}
#endif

/* A convolution of one sample in oneDNN's words; its dilation 0 is ours of 1. */
typedef struct convolution {
    layout x, y, bias, w;       /* w: in any order oneDNN likes */
    layout plain_x, plain_w;    /* ours: f32, w [kh, kw, c, filters] */
    dnnl_dims_t stride, dilation, before, after;
    bool has_bias, relu;
} convolution;

static dnnl_status_t describe(dnnl_primitive_desc_t *d, step what, const convolution *v, dnnl_engine_t engine,
                              dnnl_primitive_attr_t attr, dnnl_primitive_desc_t forward) {
    layout_of x = see(&v->x), w = see(&v->w), b = v->has_bias ? see(&v->bias) : NULL, y = see(&v->y);
#if DNNL_VERSION_MAJOR >= 3
    if (what == FORWARD)
        return dnnl_convolution_forward_primitive_desc_create(d, engine, dnnl_forward_training,
            dnnl_convolution_direct, x, w, b, y, v->stride, v->dilation, v->before, v->after, attr);
    if (what == BACKWARD_DATA)
        return dnnl_convolution_backward_data_primitive_desc_create(d, engine, dnnl_convolution_direct, x, w, y,
            v->stride, v->dilation, v->before, v->after, forward, attr);
    return dnnl_convolution_backward_weights_primitive_desc_create(d, engine, dnnl_convolution_direct, x, w, b, y,
        v->stride, v->dilation, v->before, v->after, forward, attr);
#else
    dnnl_convolution_desc_t o;
    dnnl_status_t status;
    if (what == FORWARD)
        status = dnnl_dilated_convolution_forward_desc_init(&o, dnnl_forward_training, dnnl_convolution_direct, x, w, b,
                                                            y, v->stride, v->dilation, v->before, v->after);
    else if (what == BACKWARD_DATA)
        status = dnnl_dilated_convolution_backward_data_desc_init(&o, dnnl_convolution_direct, x, w, y, v->stride,
                                                                  v->dilation, v->before, v->after);
    else
        status = dnnl_dilated_convolution_backward_weights_desc_init(&o, dnnl_convolution_direct, x, w, b, y, v->stride,
                                                                     v->dilation, v->before, v->after);
    return status ? status : dnnl_primitive_desc_create(d, &o, attr, engine, forward);
#endif
}

#endif
