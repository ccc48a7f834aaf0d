// Classification head, logits = h W^T, its gradient, and softmax cross-entropy.
// h [pairs, hidden], W [labels, hidden], logits [pairs, labels]; a handful of pairs and labels.
#include "common.cuh"

// A block a logit: gridDim (pairs, labels).
KERNEL head(
    const float* h, int h_stride, const float* w, int w_stride, float* logits, int logits_stride,
    int hidden) {
  h += (long long)blockIdx.x * h_stride;
  w += (long long)blockIdx.y * w_stride;
  float dot = 0;
  for (int c = threadIdx.x; c < hidden; c += blockDim.x) {
    dot += h[c] * w[c];
  }
  dot = block_sum(dot);
  if (threadIdx.x == 0) {
    logits[(long long)blockIdx.x * logits_stride + blockIdx.y] = dot;
  }
}

// dW += dLogits^T h: gridDim.x labels.
KERNEL head_backward_weight(
    const float* d, int d_stride, const float* h, int h_stride, float* dw, int dw_stride,
    int pairs, int hidden) {
  FOR_COLUMNS(c, hidden) {
    float sum = 0;
    for (long long pair = 0; pair < pairs; pair++) {
      sum += d[pair * d_stride + blockIdx.x] * h[pair * h_stride + c];
    }
    dw[(long long)blockIdx.x * dw_stride + c] += sum;
  }
}

// dh = dLogits W: gridDim.x pairs.
KERNEL head_backward_input(
    const float* d, int d_stride, const float* w, int w_stride, float* dh, int dh_stride,
    int labels, int hidden) {
  d += (long long)blockIdx.x * d_stride;
  FOR_COLUMNS(c, hidden) {
    float sum = 0;
    for (long long label = 0; label < labels; label++) {
      sum += d[label] * w[label * w_stride + c];
    }
    dh[(long long)blockIdx.x * dh_stride + c] = sum;
  }
}

// loss = log(sum_j exp(z_j)) - z_label of each pair, in nats, and, where d_logits is not null,
// its gradient times scale. A thread a pair, in double precision.
KERNEL cross_entropy(
    const float* logits, int logits_stride, const int* right, double scale, double* losses,
    float* d_logits, int d_stride, int pairs, int labels) {
  int pair = blockIdx.x * blockDim.x + threadIdx.x;
  if (pair >= pairs) {
    return;
  }
  const float* z = logits + (long long)pair * logits_stride;
  double largest = z[0];
  for (int label = 1; label < labels; label++) {
    // A NaN must not be passed over.
    largest = z[label] > largest || z[label] != z[label] ? z[label] : largest;
  }
  double sum = 0;
  for (int label = 0; label < labels; label++) {
    sum += exp(z[label] - largest);
  }
  double log_sum = largest + log(sum);
  losses[pair] = log_sum - z[right[pair]];
  if (d_logits != nullptr) {
    for (int label = 0; label < labels; label++) {
      double share = exp(z[label] - log_sum) - (label == right[pair] ? 1 : 0);
      d_logits[(long long)pair * d_stride + label] = (float)(scale * share);
    }
  }
}
