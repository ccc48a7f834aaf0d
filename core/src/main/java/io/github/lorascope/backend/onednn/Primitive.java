package io.github.lorascope.backend.onednn;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_set_data_handle;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_create;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_primitive_execute;
import static org.bytedeco.dnnl.global.dnnl.dnnl_reorder_primitive_desc_create;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.javacpp.Pointer;

/**
 * A compiled operation of oneDNN. Where its operands lie is said at each call. Used by one thread
 * at a time.
 */
final class Primitive implements AutoCloseable {
  private static final Pointer NOWHERE = new Address();

  private final dnnl_primitive primitive = new dnnl_primitive();
  private final dnnl_memory[] operands;
  private final long[] places;
  private final Address place = new Address();
  private final dnnl_exec_arg_t arguments;

  /** Compiles a description, which it takes over. */
  Primitive(
      dnnl_engine engine,
      dnnl_primitive_desc description,
      int[] arguments,
      dnnl_memory_desc... layouts) {
    try {
      OneDnnLibrary.check(dnnl_primitive_create(primitive, description), "compiling");
    } finally {
      dnnl_primitive_desc_destroy(description);
    }
    this.operands = new dnnl_memory[layouts.length];
    this.places = new long[layouts.length];
    this.arguments =
        new dnnl_exec_arg_t(
            Pointer.malloc((long) layouts.length * new dnnl_exec_arg_t((Pointer) null).sizeof()));
    for (int i = 0; i < layouts.length; i++) {
      operands[i] = new dnnl_memory();
      OneDnnLibrary.check(
          dnnl_memory_create(operands[i], layouts[i], engine, NOWHERE), "making an operand");
      this.arguments.position(i).arg(arguments[i]).memory(operands[i]);
    }
    this.arguments.position(0);
  }

  /** Compiles a copy from one layout and type to another. */
  static Primitive reorder(dnnl_engine engine, dnnl_memory_desc from, dnnl_memory_desc to) {
    dnnl_primitive_desc description = new dnnl_primitive_desc();
    OneDnnLibrary.check(
        dnnl_reorder_primitive_desc_create(description, from, engine, to, engine, null),
        "describing a change of layout");
    return new Primitive(engine, description, new int[] {DNNL_ARG_SRC, DNNL_ARG_DST}, from, to);
  }

  /** Runs it on operands at the given addresses, in the order that they were described. */
  void run(dnnl_stream stream, long... addresses) {
    for (int i = 0; i < addresses.length; i++) {
      if (places[i] != addresses[i]) { // scratch memory lies where it lay
        OneDnnLibrary.check(
            dnnl_memory_set_data_handle(operands[i], place.at(addresses[i])), "placing an operand");
        places[i] = addresses[i];
      }
    }
    OneDnnLibrary.check(
        dnnl_primitive_execute(primitive, stream, operands.length, arguments), "computing");
  }

  @Override
  public void close() {
    for (dnnl_memory operand : operands) {
      dnnl_memory_destroy(operand);
    }
    dnnl_primitive_destroy(primitive);
    Pointer.free(arguments);
  }
}
