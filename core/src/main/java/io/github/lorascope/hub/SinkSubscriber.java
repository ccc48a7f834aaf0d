package io.github.lorascope.hub;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicLong;

/** Hands a body to a sink as it comes, and ends the transfer where the sink refuses it. */
final class SinkSubscriber implements BodySubscriber<Void> {
  private static final int OK = 200;
  private static final int PARTIAL = 206;

  private final ByteSink sink;
  private final AtomicLong received;
  private final CompletableFuture<Void> body = new CompletableFuture<>();
  private Subscription subscription;

  private SinkSubscriber(ByteSink sink, AtomicLong received) {
    this.sink = sink;
    this.received = received;
  }

  /** Begins a body; that of any other answer than 200 and 206 is not read, however long. */
  static SinkSubscriber of(ResponseInfo answer, ByteSink sink, AtomicLong received) {
    SinkSubscriber subscriber = new SinkSubscriber(sink, received);
    if (answer.statusCode() != OK && answer.statusCode() != PARTIAL) {
      subscriber.body.complete(null);
      return subscriber;
    }
    try {
      sink.begin(answer);
    } catch (IOException | RuntimeException e) {
      subscriber.body.completeExceptionally(e);
    }
    return subscriber;
  }

  @Override
  public CompletionStage<Void> getBody() {
    return body;
  }

  @Override
  public void onSubscribe(Subscription begun) {
    subscription = begun;
    if (body.isDone()) {
      subscription.cancel();
    } else {
      subscription.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    try {
      for (ByteBuffer buffer : buffers) {
        received.addAndGet(buffer.remaining());
        sink.write(buffer);
      }
      subscription.request(1);
    } catch (IOException | RuntimeException e) {
      subscription.cancel();
      body.completeExceptionally(e);
    }
  }

  @Override
  public void onError(Throwable failure) {
    body.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    body.complete(null);
  }
}
