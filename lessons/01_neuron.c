/* Lesson 1: one neuron.
 *
 * A neuron weighs its inputs, adds them up and squashes the sum into 0..1 with the sigmoid. That is all there is to
 * it: everything later is many of these, and a way to find the weights.
 *
 *     sigmoid(sum of input * weight) -> activation
 */
#include <math.h>
#include <stdio.h>

static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

static double neuron(const double *input, const double *weight, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += input[i] * weight[i];
    return sigmoid(sum);
}

int main(void) {
    const double input[3] = { 0.5, 0.3, 0.2 };
    const double weight[3] = { 0.4, 0.7, 0.2 };

    printf("inputs      0.5  0.3  0.2\n");
    printf("weights     0.4  0.7  0.2\n");
    printf("sum         %.4f\n", 0.5 * 0.4 + 0.3 * 0.7 + 0.2 * 0.2);
    printf("activation  %.4f\n", neuron(input, weight, 3));

    printf("\nThe sigmoid squashes: what does a larger sum do?\n");
    for (int x = -6; x <= 6; x += 2) {
        printf("  sigmoid(%2d) = %.4f  ", x, sigmoid(x));
        for (int i = 0; i < (int)lround(40 * sigmoid(x)); i++) putchar('#');
        putchar('\n');
    }
    return 0;
}
