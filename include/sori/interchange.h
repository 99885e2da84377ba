/* sori/interchange.h - networks to and from other programs: ONNX.
 *
 *     sori_export_onnx(m, "digits.onnx");                       for onnxruntime, TensorRT, a browser
 *     sori_model *m = sori_import_onnx(c, "from_torch.onnx");   from PyTorch, Keras, scikit-learn
 *
 * PyTorch's state dicts are read by sori_load_pt (sori/array.h), weights alone by sori_load_safetensors. */
#ifndef SORI_INTERCHANGE_H
#define SORI_INTERCHANGE_H

#include <sori/nn.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The network as it predicts (without dropout), as an ONNX file of opset 17. The input "input" and the output,
 * named after the last layer, are sori's, [N, height, width, channel] with N free; Transpose stands only where an
 * operator wants channels first. The same model gives the same bytes.
 *   err  SORI_EUNSUP layers without an ONNX operator, all named; SORI_EINVAL a model of over 2 GB; SORI_EIO
 *   cost a copy of the weights
 * https://onnx.ai/onnx/operators */
SORI_API sori_status sori_export_onnx(sori_model *m, const char *path);

/* A model from an ONNX file with one input and one output, of operators that the layers cover. Networks with channels
 * first (PyTorch's) become channels last: an input [N, c, h, w] is fed as [n, h, w, c], and so is an image that comes
 * out; weights are permuted to fit. Activations and biases join the layer before them. What was trained goes on from
 * there: sori_compile keeps the weights.
 *   err  SORI_EMODEL operators that sori has not, all listed with their nodes, a use of one that it has not, shapes
 *        that do not fit; SORI_EFORMAT not an ONNX file, or damaged; SORI_EIO
 *   cost two copies of the weights */
SORI_API sori_model *sori_import_onnx(sori_ctx *c, const char *path);

#ifdef __cplusplus
}
#endif
#endif
