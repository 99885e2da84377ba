/* tables.c - the models of the zoo. To add one: a table and a row at the end.
 *
 *   maxcnn   three blocks of convolution, batch norm, ReLU; the maximum over time, for every frequency by itself
 *   melcnn   four such blocks, then mean and maximum over the whole image
 *   bandcnn  four such blocks, then mean and maximum over time, for every eighth of the frequencies by itself
 *   crnn     convolutions, then a recurrent layer over time: Choi et al., "Convolutional recurrent neural networks for
 *            music classification", ICASSP 2017
 *   cnn      three blocks of convolution, max pooling, batch norm; dense 64, dropout 0.3
 *   lstm     two recurrent layers over the frames, dense 64, dropout 0.3
 *   mlp      flatten, 512-256-64, dropout 0.3, L2 0.001: the classic first classifier
 *   m5       convolutions on the waveform: Dai et al., "Very deep convolutional neural networks for raw waveforms",
 *            ICASSP 2017, table 1
 *   mlp_sum  2-5-1: learns to add two numbers, the lesson's first network
 *
 * Layers with weights are called what a PyTorch module would call them. Where batch norm follows, a convolution has no
 * bias: the mean would take it away. Models that were first written for PyTorch have its batch norm (epsilon 1e-5,
 * a tenth of the batch's statistics a step), those for Keras Keras's. */
#include "model/tables.h"

#define BATCH_NORM(label) { .op = SORI_BATCHNORM, .name = (label), .act = SORI_RELU, .momentum = 0.9, .epsilon = 1e-5 }
#define CONVOLUTION(label, width) \
    { .op = SORI_CONV2D, .name = (label), .filters = (width), .kernel = { 3, 3 }, .padding = SORI_SAME, \
      .no_bias = true, .kernel_init = SORI_HE_NORMAL }
#define OUTPUT(label) { .op = SORI_DENSE, .name = (label), .units = MODEL_CLASSES, .act = SORI_SOFTMAX }

/* --- images: [bins, frames, 1] ------------------------------------------------------------ */

#define MAXCNN_NORM(label) { .op = SORI_BATCHNORM, .name = (label), .act = SORI_RELU, .momentum = 0.9 }

static const sori_layer maxcnn[] = {
    CONVOLUTION("conv1", 16), MAXCNN_NORM("bn1"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv2", 32), MAXCNN_NORM("bn2"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv3", 64), MAXCNN_NORM("bn3"),
    { .op = SORI_MAXPOOL2D, .kernel = { 1, MODEL_WIDTH } },
    { .op = SORI_FLATTEN },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    OUTPUT("fc"),
    { 0 }
};

static const sori_layer melcnn[] = {
    CONVOLUTION("conv1", 16), BATCH_NORM("bn1"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv2", 32), BATCH_NORM("bn2"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv3", 64), BATCH_NORM("bn3"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv4", 64), BATCH_NORM("bn4"),
    { .op = SORI_GLOBAL_AVGPOOL2D, .name = "mean", .from = { "bn4" } },
    { .op = SORI_GLOBAL_MAXPOOL2D, .name = "max", .from = { "bn4" } },
    { .op = SORI_CONCAT, .from = { "mean", "max" } },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    OUTPUT("fc"),
    { 0 }
};

static const sori_layer bandcnn[] = {
    CONVOLUTION("conv1", 16), MAXCNN_NORM("bn1"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv2", 32), MAXCNN_NORM("bn2"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv3", 64), MAXCNN_NORM("bn3"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv4", 64), MAXCNN_NORM("bn4"),
    { .op = SORI_MAXPOOL2D, .name = "max", .from = { "bn4" }, .kernel = { 1, MODEL_WIDTH } },
    { .op = SORI_AVGPOOL2D, .name = "mean", .from = { "bn4" }, .kernel = { 1, MODEL_WIDTH } },
    { .op = SORI_CONCAT, .from = { "mean", "max" } },
    { .op = SORI_FLATTEN },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    OUTPUT("fc"),
    { 0 }
};

static const sori_layer crnn[] = {
    CONVOLUTION("conv1", 32), BATCH_NORM("bn1"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv2", 64), BATCH_NORM("bn2"),
    { .op = SORI_MAXPOOL2D },
    CONVOLUTION("conv3", 64), BATCH_NORM("bn3"),
    { .op = SORI_MAXPOOL2D, .kernel = { 4, 1 } },
    { .op = SORI_PERMUTE, .shape = { 2, 1, 3 } },
    { .op = SORI_RESHAPE, .shape = { MODEL_FIRST, MODEL_REST } },
    { .op = SORI_GRU, .name = "gru", .units = 32, .bidirectional = true },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    OUTPUT("fc"),
    { 0 }
};

static const sori_layer cnn[] = {
    { .op = SORI_CONV2D, .name = "conv1", .filters = 32, .kernel = { 3, 3 }, .act = SORI_RELU },
    { .op = SORI_MAXPOOL2D, .kernel = { 3, 3 }, .strides = { 2, 2 }, .padding = SORI_SAME },
    { .op = SORI_BATCHNORM, .name = "bn1" },
    { .op = SORI_CONV2D, .name = "conv2", .filters = 32, .kernel = { 3, 3 }, .act = SORI_RELU },
    { .op = SORI_MAXPOOL2D, .kernel = { 3, 3 }, .strides = { 2, 2 }, .padding = SORI_SAME },
    { .op = SORI_BATCHNORM, .name = "bn2" },
    { .op = SORI_CONV2D, .name = "conv3", .filters = 32, .kernel = { 2, 2 }, .act = SORI_RELU },
    { .op = SORI_MAXPOOL2D, .kernel = { 2, 2 }, .strides = { 2, 2 }, .padding = SORI_SAME },
    { .op = SORI_BATCHNORM, .name = "bn3" },
    { .op = SORI_FLATTEN },
    { .op = SORI_DENSE, .name = "fc1", .units = 64, .act = SORI_RELU },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    OUTPUT("fc2"),
    { 0 }
};

/* --- frames one after the other: [frames, features] ------------------------------------------------------------ */

/* When the input is an image, zoo.c turns it first. */
static const sori_layer lstm[] = {
    { .op = SORI_LSTM, .name = "lstm1", .units = 64, .return_sequences = true },
    { .op = SORI_LSTM, .name = "lstm2", .units = 64 },
    { .op = SORI_DENSE, .name = "fc1", .units = 64, .act = SORI_RELU },
    { .op = SORI_DROPOUT, .rate = 0.3 },
    OUTPUT("fc2"),
    { 0 }
};

/* --- anything ------------------------------------------------------------ */

#define MLP_LAYER(label, n) { .op = SORI_DENSE, .name = (label), .units = (n), .act = SORI_RELU, .l2 = 0.001 }

static const sori_layer mlp[] = {
    { .op = SORI_FLATTEN },
    MLP_LAYER("fc1", 512),
    { .op = SORI_DROPOUT, .rate = 0.3 },
    MLP_LAYER("fc2", 256),
    { .op = SORI_DROPOUT, .rate = 0.3 },
    MLP_LAYER("fc3", 64),
    { .op = SORI_DROPOUT, .rate = 0.3 },
    OUTPUT("fc4"),
    { 0 }
};

static const sori_layer mlp_sum[] = {
    { .op = SORI_DENSE, .name = "fc1", .units = 5, .act = SORI_SIGMOID },
    { .op = SORI_DENSE, .name = "fc2", .units = 1, .act = SORI_SIGMOID },
    { 0 }
};

/* --- waveforms: [samples, 1] ------------------------------------------------------------ */

#define M5_CONVOLUTION(label, width, taps, step) \
    { .op = SORI_CONV1D, .name = (label), .filters = (width), .kernel = { (taps) }, .strides = { (step) }, \
      .padding = SORI_SAME, .no_bias = true }

static const sori_layer m5[] = {
    M5_CONVOLUTION("conv1", 128, 80, 4), BATCH_NORM("bn1"),
    { .op = SORI_MAXPOOL1D, .kernel = { 4 } },
    M5_CONVOLUTION("conv2", 128, 3, 1), BATCH_NORM("bn2"),
    { .op = SORI_MAXPOOL1D, .kernel = { 4 } },
    M5_CONVOLUTION("conv3", 256, 3, 1), BATCH_NORM("bn3"),
    { .op = SORI_MAXPOOL1D, .kernel = { 4 } },
    M5_CONVOLUTION("conv4", 512, 3, 1), BATCH_NORM("bn4"),
    { .op = SORI_MAXPOOL1D, .kernel = { 4 } },
    { .op = SORI_GLOBAL_AVGPOOL1D },
    OUTPUT("fc"),
    { 0 }
};

/* --- all of them ------------------------------------------------------------ */

const model_entry model_entries[] = {
    { { "maxcnn", "three 3x3 convolutions with batch norm, maximum over time", "mel", { { 64, 80, 1 } } }, maxcnn },
    { { "melcnn", "four 3x3 convolutions with batch norm, mean and maximum", "mel", { { 64, 80, 1 } } }, melcnn },
    { { "bandcnn", "four 3x3 convolutions with batch norm, mean and maximum over time", "mel", { { 64, 200, 1 } } },
      bandcnn },
    { { "crnn", "three convolutions, a bidirectional GRU over time", "mel", { { 64, 80, 1 } } }, crnn },
    { { "cnn", "three convolutions with max pooling and batch norm, dense 64", "mfcc", { { 130, 13, 1 } } }, cnn },
    { { "lstm", "two LSTM layers of 64 over time, dense 64", "mfcc", { { 130, 13 } } }, lstm },
    { { "mlp", "flatten, dense 512-256-64 with dropout", "mfcc", { { 130, 13, 1 } } }, mlp },
    { { "m5", "four 1-D convolutions on the waveform, end to end", "waveform", { { 8000, 1 } } }, m5 },
    { { "mlp_sum", "2-5-1 with sigmoids: adds two numbers", NULL, { { 2 } } }, mlp_sum },
    { { NULL, NULL, NULL, { { 0 } } }, NULL },
};
