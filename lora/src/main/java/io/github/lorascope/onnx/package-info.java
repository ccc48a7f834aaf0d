/**
 * A reranker as an ONNX model: {@link io.github.lorascope.onnx.OnnxExport} writes one, {@link
 * io.github.lorascope.onnx.OnnxReranker} runs it through ONNX Runtime, which only running needs.
 */
package io.github.lorascope.onnx;
