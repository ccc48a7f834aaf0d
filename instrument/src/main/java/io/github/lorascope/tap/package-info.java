/**
 * Taps: what can be seen inside a model and its training, and what records it. A tap is a listener;
 * one that is not attached costs nothing, and none changes a number that is computed.
 *
 * <table>
 * <caption>The tap points</caption>
 * <tr><th>point</th><th>what is seen</th><th>shape</th><th>where</th></tr>
 * <tr><td>residual stream</td><td>the states into the first layer (0) and out of layer N - 1 (N),
 *   before the final norm</td><td>[tokens, hidden]</td><td>{@link
 *   io.github.lorascope.decoder.LayerListener#residual}</td></tr>
 * <tr><td>attention</td><td>rotated queries and keys of a layer, which the weights are computed
 *   from</td><td>[tokens, heads x head dimension]</td><td>{@link
 *   io.github.lorascope.decoder.LayerListener#attention}</td></tr>
 * <tr><td>final states</td><td>the states after the final norm</td><td>[tokens, hidden]</td><td>{@link
 *   io.github.lorascope.decoder.LayerListener#normalized}</td></tr>
 * <tr><td>residual gradient</td><td>the gradient of the residual stream behind N layers, of each
 *   pass</td><td>[tokens, hidden]; behind the last layer [sequences, hidden]</td><td>{@link
 *   io.github.lorascope.train.TrainingListener#residualGradient}</td></tr>
 * <tr><td>adapter gradient</td><td>the gradient of A, B and the head, added up over a step's
 *   passes</td><td>[1, parameters]</td><td>{@link
 *   io.github.lorascope.train.TrainingListener#gradient}</td></tr>
 * <tr><td>clipped adapter gradient</td><td>the same as the optimizer takes it</td><td>[1,
 *   parameters]</td><td>{@link io.github.lorascope.train.TrainingListener#clipped}</td></tr>
 * <tr><td>update</td><td>A, B and the head after the optimizer's step</td><td>[1,
 *   parameters]</td><td>{@link io.github.lorascope.train.TrainingListener#updated}</td></tr>
 * </table>
 *
 * <p>The first three are computed by {@link io.github.lorascope.decoder.Decoder#observe}, apart
 * from training and scoring; the others belong to a training. A buffer of all parameters is seen as
 * matrices with {@link
 * io.github.lorascope.lora.LoraAdapter#view(io.github.lorascope.tensor.Tensor)}.
 */
package io.github.lorascope.tap;
