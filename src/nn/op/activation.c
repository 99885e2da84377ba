/* activation.c - an activation as a layer of its own: a copy, to which the engine applies .act as to any layer's
 * output.                                                                              keras.layers.Activation */

static bool activation_shape(sori_ctx *c, nn_node *n) {
    (void)c;
    n->y = n->x[0];
    n->cost = (double)n->x[0].size;
    return true;
}

static const nn_op activation_op = {
    .name = "activation", .title = "Activation", .min_in = 1, .max_in = 1,
    .shape = activation_shape, .forward = reshape_forward, .backward = reshape_backward,
};
