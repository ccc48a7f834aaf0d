package io.github.lorascope.curve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lorascope.LorascopeException;
import io.github.lorascope.json.Json;
import io.github.lorascope.json.JsonException;
import io.github.lorascope.json.JsonObject;
import io.github.lorascope.train.StepLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurvesTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    StepLog metrics = new StepLog(folder.resolve("metrics.jsonl"));
    StepLog gradients = new StepLog(folder.resolve("gradients.jsonl"));
    for (int step = 1; step <= 60; step++) {
      double wave = 0.01 * Math.sin(step * 2.4);
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("loss", (step <= 30 ? Math.log(2) : 0.2) + wave);
      line.put("accuracy", (step <= 30 ? 0.5 : 0.9) + wave);
      line.put("gradient_norm", step == 5 ? null : (Object) (1 + wave));
      if (step % 20 == 0) {
        line.put("eval_accuracy", step / 100.0);
      }
      metrics.append(step, line);
      gradients.append(
          step, Map.of("early", wave, "middle", wave, "late", wave, "norm", List.of(0, 1, step)));
    }
    Files.writeString(folder.resolve("provenance.json"), "{\"model\": \"tiny\", \"seed\": \"3\"}");
  }

  @Test
  void aRunsCurvesAreThoseOfItsFiles() {
    Curves curves = CurveAnalysis.of(folder, "gradients.norm[2]");
    assertEquals(
        List.of(
            "loss",
            "accuracy",
            "eval_accuracy",
            "gradient_norm",
            "gradients.early",
            "gradients.middle",
            "gradients.late",
            "gradients.norm[2]"),
        curves.series().stream().map(Curve::name).toList());
    assertEquals(Map.of("model", "tiny", "seed", "3"), curves.provenance());
    Curve loss = curves.get("loss").orElseThrow();
    assertEquals(1, loss.plateau().orElseThrow().from());
    assertEquals(30, loss.plateau().orElseThrow().to(), 2);
    assertEquals(List.of(31.0), loss.changePoints().stream().map(ChangePoint::step).toList());
    assertEquals(0.5, curves.get("accuracy").orElseThrow().plateau().orElseThrow().level());
    assertTrue(curves.get("gradients.late").orElseThrow().plateau().isEmpty());
    assertEquals(
        1, curves.get("gradients.norm[2]").orElseThrow().steepest().orElseThrow().slope(), 1e-12);
    assertTrue(curves.get("lens").isEmpty());
  }

  @Test
  void whatIsWrittenIsRead() {
    Curves curves = CurveAnalysis.of(folder);
    curves.write(folder);
    assertEquals(curves, Curves.read(folder));
    JsonObject json = Json.read(folder.resolve("curves.json"));
    assertEquals("tiny", json.object("provenance").string("model"));
    JsonObject loss = json.objects("series").get(0);
    assertEquals("loss", loss.string("name"));
    assertEquals(1, loss.object("plateau").integer("from"));
    assertEquals(loss.object("plateau").integer("to"), loss.object("plateau").integer("steps"));
    assertEquals(Math.log(2), loss.object("plateau").number("level"));
    JsonObject change = loss.objects("change_points").get(0);
    assertEquals(31, change.integer("step"));
    assertEquals(change.number("after") - change.number("before"), change.number("size"));
    assertTrue(loss.object("steepest").number("slope") < 0);
    assertTrue(json.objects("series").get(3).isNull("plateau"));
  }

  @Test
  void aSeriesHasItsGaps() {
    StepSeries norm = StepSeries.read(folder.resolve("metrics.jsonl"), "gradient_norm");
    assertEquals(60, norm.steps().length);
    assertTrue(Double.isNaN(norm.values()[4]));
    StepSeries accuracy = StepSeries.read(folder.resolve("metrics.jsonl"), "eval_accuracy");
    assertArrayEquals(new double[] {20, 40, 60}, accuracy.steps());
    assertArrayEquals(new double[] {0.2, 0.4, 0.6}, accuracy.values());
    StepSeries none = StepSeries.read(folder.resolve("gradients.jsonl"), "norm[3]");
    assertEquals(0, none.steps().length);
  }

  @Test
  void aRunWithoutTapsHasItsMetrics() throws IOException {
    Files.delete(folder.resolve("gradients.jsonl"));
    Files.delete(folder.resolve("provenance.json"));
    Curves curves = CurveAnalysis.of(folder);
    assertEquals(4, curves.series().size());
    assertEquals(Map.of(), curves.provenance());
  }

  private void refused(Class<? extends Exception> type, String part, String... more) {
    String message = assertThrows(type, () -> CurveAnalysis.of(folder, more)).getMessage();
    assertTrue(message.contains(part), message);
  }

  @Test
  void whatIsMissingOrNoSeriesIsSaid() throws IOException {
    refused(CurveException.class, "residual.jsonl does not exist", "residual.norm[0]");
    refused(CurveException.class, "has a north", "gradients.north");
    refused(JsonException.class, "norm has to be a number", "gradients.norm");
    refused(IllegalArgumentException.class, "no file and field", "late");
    refused(IllegalArgumentException.class, "no field", "gradients.norm[x]");
    Path twice = folder.resolve("probes.jsonl");
    Files.writeString(twice, "{\"step\": 1, \"layer\": 0}\n\n{\"step\": 1, \"layer\": 1}\n");
    refused(CurveException.class, "probes.jsonl is no series of layer", "probes.layer");
    Files.writeString(folder.resolve("metrics.jsonl"), "{\"step\": 1, \"lo");
    refused(LorascopeException.class, "metrics.jsonl line 1");
    Files.delete(folder.resolve("metrics.jsonl"));
    refused(CurveException.class, "metrics.jsonl does not exist");
  }
}
