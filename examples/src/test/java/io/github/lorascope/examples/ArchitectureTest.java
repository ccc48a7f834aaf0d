package io.github.lorascope.examples;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.github.lorascope.io.Folders;
import io.github.lorascope.rerank.Reranker;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.NetworkChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The architecture that the README draws, as rules over the compiled classes of all modules. */
@AnalyzeClasses(
    packages = "io.github.lorascope",
    importOptions = {ImportOption.DoNotIncludeTests.class, WithoutTestJars.class})
class ArchitectureTest {
  private static final String ROOT = "io.github.lorascope";

  /** The packages of each module; one that is in no list fails the test. */
  private static final Map<String, List<String>> MODULES =
      Map.of(
          "core",
          List.of(
              ROOT,
              in("json"),
              in("io"),
              in("tensor"),
              in("weights"),
              in("backend.."),
              in("gguf"),
              in("checkpoint.."),
              in("tokenizer"),
              in("prompt"),
              in("hub"),
              in("decoder.."),
              in("ranking"),
              in("rerank.."),
              in("trec"),
              in("metric"),
              in("integration..")),
          "lora",
          List.of(in("lora.."), in("train.."), in("data.."), in("onnx")),
          "instrument",
          List.of(in("report.."), in("tap.."), in("curve..")),
          "probes",
          List.of(in("probe.."), in("ablation..")),
          "examples",
          List.of(in("examples..")));

  /** Public for their neighbours alone; any version may change them. */
  private static final String[] INNER = allIn("backend.*", "gguf", "io", "json", "report.*");

  private static String in(String name) {
    return ROOT + "." + name;
  }

  private static String[] allIn(String... names) {
    return Arrays.stream(names).map(ArchitectureTest::in).toArray(String[]::new);
  }

  private static String[] packages(String module) {
    return MODULES.get(module).toArray(String[]::new);
  }

  /** Everything but the project's classes, and those of the project in some packages. */
  private static DescribedPredicate<JavaClass> foreignOrIn(String... packages) {
    return resideOutsideOfPackage(ROOT + "..").or(resideInAnyPackage(packages));
  }

  private static ArchRule confined(String library, String... names) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(allIn(names))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(library);
  }

  private static ArchCondition<JavaClass> lieInTheModuleOfTheirPackage() {
    return new ArchCondition<>("lie in the module of their package") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        String module = SourceTree.module(type);
        boolean fits =
            MODULES.getOrDefault(module, List.of()).stream()
                .anyMatch(p -> PackageMatcher.of(p).matches(type.getPackageName()));
        events.add(
            new SimpleConditionEvent(
                type, fits, type.getName() + " is in " + module + ", whose packages are others"));
      }
    };
  }

  private static ArchCondition<JavaCodeUnit> haveNoInnerTypes() {
    DescribedPredicate<JavaClass> inner = resideInAnyPackage(INNER);
    return new ArchCondition<>("have no type of an inner package in their signature") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        boolean fits =
            !inner.test(unit.getRawReturnType())
                && unit.getRawParameterTypes().stream().noneMatch(inner);
        events.add(
            new SimpleConditionEvent(
                unit, fits, unit.getFullName() + " has a type of an inner package"));
      }
    };
  }

  @ArchTest
  static final ArchRule modulesPointOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage(ROOT + "..")
          .withOptionalLayers(true)
          .layer("core")
          .definedBy(packages("core"))
          .layer("lora")
          .definedBy(packages("lora"))
          .layer("instrument")
          .definedBy(packages("instrument"))
          .layer("probes")
          .definedBy(packages("probes"))
          .layer("examples")
          .definedBy(packages("examples"))
          .whereLayer("lora")
          .mayOnlyBeAccessedByLayers("instrument", "probes", "examples")
          .whereLayer("instrument")
          .mayOnlyBeAccessedByLayers("probes", "examples")
          .whereLayer("probes")
          .mayOnlyBeAccessedByLayers("examples")
          .whereLayer("examples")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule packagesAreNotSplitBetweenModules =
      classes().should(lieInTheModuleOfTheirPackage());

  /** A rule over a module whose classes were not found would hold whatever they do. */
  @ArchTest
  static void everyModuleWithSourcesIsChecked(JavaClasses classes) throws IOException {
    Set<String> found =
        classes.stream().map(SourceTree::module).collect(Collectors.toUnmodifiableSet());
    assertEquals(SourceTree.modulesWithClasses(MODULES.keySet()), found);
  }

  @ArchTest
  static void everyPackageIsDescribed(JavaClasses classes) throws IOException {
    assertEquals(List.of(), SourceTree.foldersWithoutPackageInfo(MODULES.keySet()));
  }

  @ArchTest
  static final ArchRule whatUsersCallHasNoInnerTypes =
      codeUnits()
          .that()
          .arePublic()
          .and()
          .areDeclaredInClassesThat()
          .arePublic()
          .and()
          .areDeclaredInClassesThat()
          .resideOutsideOfPackages(INNER)
          .and()
          .areDeclaredInClassesThat()
          .resideOutsideOfPackage(in("examples.."))
          .should(haveNoInnerTypes());

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule theRootKnowsNothing =
      classes().that().resideInAPackage(ROOT).should().onlyDependOnClassesThat(foreignOrIn(ROOT));

  @ArchTest
  static final ArchRule jsonKnowsTheRootAlone =
      classes()
          .that()
          .resideInAPackage(in("json"))
          .should()
          .onlyDependOnClassesThat(foreignOrIn(ROOT, in("json")));

  @ArchTest
  static final ArchRule ioKnowsTheRootAlone =
      classes()
          .that()
          .resideInAPackage(in("io"))
          .should()
          .onlyDependOnClassesThat(foreignOrIn(ROOT, in("io")));

  @ArchTest
  static final ArchRule theHubKnowsFilesAndJsonAlone =
      classes()
          .that()
          .resideInAPackage(in("hub"))
          .should()
          .onlyDependOnClassesThat(foreignOrIn(ROOT, in("hub"), in("io"), in("json")));

  /** All else takes paths. */
  @ArchTest
  static final ArchRule namesOfTheHubAreForTheDecoderAndTheExamples =
      noClasses()
          .that()
          .resideOutsideOfPackages(allIn("hub", "decoder", "examples.."))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(in("hub"));

  /** What is computed goes nowhere else. */
  @ArchTest
  static final ArchRule onlyTheHubIsAskedOverTheNetwork = confined("java.net.http..", "hub");

  /** Nor by an older way; a resource of the class path is found as a URL, which stays closed. */
  @ArchTest
  static final ArchRule onlyTheHubOpensConnections =
      noClasses()
          .that()
          .resideOutsideOfPackage(in("hub"))
          .should()
          .dependOnClassesThat(
              assignableTo(Socket.class)
                  .or(assignableTo(ServerSocket.class))
                  .or(assignableTo(DatagramSocket.class))
                  .or(assignableTo(NetworkChannel.class))
                  .or(assignableTo(URLConnection.class))
                  .or(resideInAnyPackage("javax.net..")))
          .orShould()
          .accessTargetWhere(
              targetOwner(type(URL.class))
                  .and(
                      JavaAccess.Predicates.target(
                          nameMatching("openStream|openConnection|getContent"))));

  @ArchTest
  static final ArchRule tensorsAndWeightsKnowNoBackend =
      noClasses()
          .that()
          .resideInAnyPackage(allIn("tensor", "weights", "gguf"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(allIn("backend..", "checkpoint..", "decoder..", "rerank.."));

  @ArchTest
  static final ArchRule theBackendInterfaceKnowsTensorsAndWeightsAlone =
      classes()
          .that()
          .resideInAPackage(in("backend"))
          .should()
          .onlyDependOnClassesThat(foreignOrIn(ROOT, in("backend"), in("tensor"), in("weights")));

  @ArchTest
  static final ArchRule backendsDoNotKnowEachOther =
      slices().matching(in("backend.(*)..")).should().notDependOnEachOther();

  @ArchTest
  static final ArchRule backendsDoNotKnowWhatTheyCompute =
      noClasses()
          .that()
          .resideInAPackage(in("backend.."))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              allIn(
                  "checkpoint..",
                  "tokenizer..",
                  "prompt..",
                  "decoder..",
                  "rerank..",
                  "trec..",
                  "metric.."));

  @ArchTest
  static final ArchRule rankingsKnowNeitherTextsNorModels =
      classes()
          .that()
          .resideInAPackage(in("ranking"))
          .should()
          .onlyDependOnClassesThat(foreignOrIn(ROOT, in("ranking"), in("metric")));

  @ArchTest
  static final ArchRule checkpointsKnowNoBackend =
      noClasses()
          .that()
          .resideInAPackage(in("checkpoint.."))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(allIn("backend..", "decoder..", "rerank.."));

  @ArchTest
  static final ArchRule theTokenizerStandsAlone =
      noClasses()
          .that()
          .resideInAPackage(in("tokenizer.."))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              allIn("tensor..", "weights..", "backend..", "checkpoint..", "decoder..", "rerank.."));

  @ArchTest static final ArchRule djlOnlyInTheTokenizer = confined("ai.djl..", "tokenizer");

  /** The probes call the LAPACK under ND4J, whose own triangular solvers are broken or slow. */
  @ArchTest
  static final ArchRule javaCppOnlyInOneDnnAndTheProbes =
      confined("org.bytedeco..", "backend.onednn..", "backend.cuda..", "probe..");

  @ArchTest static final ArchRule jnaOnlyInOneDnn = confined("com.sun.jna..", "backend.onednn..");

  /** Exporting must not need what running needs. */
  @ArchTest
  static final ArchRule onnxRuntimeOnlyInOnnxSession =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(in("onnx.OnnxSession"))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.onnxruntime..");

  @ArchTest static final ArchRule protobufOnlyInOnnx = confined("com.google.protobuf..", "onnx");

  @ArchTest static final ArchRule nd4jOnlyInTheProbes = confined("org.nd4j..", "probe..");

  @ArchTest
  static final ArchRule luceneOnlyInItsIntegration =
      confined("org.apache.lucene..", "integration.lucene", "examples..");

  @ArchTest
  static final ArchRule langChain4jOnlyInItsIntegration =
      confined("dev.langchain4j..", "integration.langchain4j", "examples..");

  @ArchTest
  static final ArchRule springOnlyInItsIntegration =
      confined("org.springframework..", "integration.springai", "examples..");

  /** Who leaves the libraries of the integrations out must not miss them elsewhere. */
  @ArchTest
  static final ArchRule onlyExamplesKnowTheIntegrations =
      noClasses()
          .that()
          .resideOutsideOfPackages(allIn("integration..", "examples.."))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(in("integration.."));

  @ArchTest
  static final ArchRule integrationsDoNotKnowEachOther =
      slices().matching(in("integration.(*)..")).should().notDependOnEachOther();

  @ArchTest
  static final ArchRule integrationsKnowTheRerankingAlone =
      classes()
          .that()
          .resideInAPackage(in("integration.."))
          .should()
          .onlyDependOnClassesThat(foreignOrIn(ROOT, in("rerank"), in("integration..")));

  @ArchTest
  static final ArchRule integrationsTakeAnyScorer =
      noClasses()
          .that()
          .resideInAPackage(in("integration.."))
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Reranker.class);

  @ArchTest static final ArchRule picocliOnlyInTheExamples = confined("picocli..", "examples..");

  @ArchTest
  static final ArchRule jacksonOnlyWhereFilesAreJson =
      confined(
          "com.fasterxml.jackson..",
          "json",
          "checkpoint..",
          "tokenizer",
          "prompt",
          "lora..",
          "train..",
          "report..",
          "curve..");

  @ArchTest
  static final ArchRule classesAreNamedForWhatTheyAre =
      noClasses().should().haveNameMatching(".*(Utils?|Manager|Helpers?)(\\$.*)?");

  @ArchTest
  static final ArchRule onlyExamplesEndTheProcess =
      noClasses()
          .that()
          .resideOutsideOfPackage(in("examples.."))
          .should()
          .callMethod(System.class, "exit", int.class);

  @ArchTest
  static final ArchRule stackTracesAreNotPrinted =
      noClasses().should().callMethodWhere(target(name("printStackTrace")));

  /** Which refuses a link to a folder before Java 17.0.14. */
  @ArchTest
  static final ArchRule foldersAreMadeInOnePlace =
      noClasses()
          .that()
          .doNotBelongToAnyOf(Folders.class)
          .should()
          .callMethodWhere(target(name("createDirectories")));

  @ArchTest
  static final ArchRule loggingIsSlf4j =
      noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging");
}
