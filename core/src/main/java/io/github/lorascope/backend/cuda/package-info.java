/**
 * The backend for NVIDIA GPUs: kernels of our own in CUDA C++, compiled for the GPU that is there
 * and kept on disk, and cuBLAS for large products. Everything it needs of a GPU is behind {@code
 * Device}.
 */
package io.github.lorascope.backend.cuda;
