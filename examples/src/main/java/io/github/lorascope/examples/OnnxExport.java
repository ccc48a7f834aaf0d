package io.github.lorascope.examples;

import io.github.lorascope.decoder.Decoder;
import io.github.lorascope.decoder.LoadOptions;
import io.github.lorascope.decoder.Quantization;
import io.github.lorascope.lora.LoraAdapter;
import io.github.lorascope.onnx.OnnxForm;
import io.github.lorascope.rerank.Reranker;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes a trained reranker as an ONNX model. */
@Command(
    name = "OnnxExport",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes a trained reranker as an ONNX model that asks for the logits of A and B, with its"
          + " tokenizer beside it.",
      "Inputs are int64 input_ids and attention_mask [batch, sequence], padded on the right; the output"
          + " is logits [batch, 2]."
    })
public final class OnnxExport implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Hugging Face folder, GGUF file or hub name (org/name) of the base model (default: the"
              + " bundled one).")
  private String model;

  @Option(
      names = "--quantization",
      paramLabel = "FORM",
      defaultValue = "stored",
      converter = ComputeOptions.QuantizationName.class,
      description =
          "Form of the frozen linear layers in training, which the adapter fits: stored, f32, bf16,"
              + " nf4 or nf4-double (default: ${DEFAULT-VALUE}).")
  private Quantization quantization;

  @Option(
      names = "--form",
      paramLabel = "f32|nf4",
      defaultValue = "f32",
      description =
          "Form of the linear layers in the ONNX model; nf4 needs ONNX Runtime's MatMulBnb4 and keeps"
              + " the adapter apart (default: ${DEFAULT-VALUE}).")
  private OnnxForm form;

  @Option(
      names = "--adapter-apart",
      description = "Keep the adapter's matrices beside the weights instead of merging them.")
  private boolean apart;

  @Mixin private AnswerOptions answers;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The folder to write; must not exist, or be empty.")
  private Path out;

  /** For picocli. */
  public OnnxExport() {}

  /**
   * Runs the program.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    Main.run(new OnnxExport(), arguments);
  }

  @Override
  public Integer call() {
    // Nothing is computed, and the reference backend copies no weight.
    LoadOptions load = LoadOptions.defaults().with(quantization).withBackend("reference");
    try (Decoder decoder = Decoder.load(ModelOptions.orBundled(model), load);
        LoraAdapter adapter = answers.load(decoder);
        Reranker reranker = answers.reranker(decoder, adapter)) {
      return export(reranker);
    }
  }

  private int export(Reranker reranker) {
    io.github.lorascope.onnx.OnnxExport export =
        io.github.lorascope.onnx.OnnxExport.of(reranker)
            .form(form)
            .listen(ProgressLine.share("writing " + out));
    if (apart) {
      export.adapterApart();
    }
    StopOnInterrupt hook = StopOnInterrupt.of(export::stop);
    try {
      if (export.write(out)) {
        System.out.println("model: " + out.resolve("model.onnx"));
        return 0;
      }
      System.err.println("stopped; nothing is written");
      return 1;
    } finally {
      hook.end();
    }
  }
}
