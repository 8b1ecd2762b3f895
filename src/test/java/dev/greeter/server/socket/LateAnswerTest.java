package dev.greeter.server.socket;

import static dev.greeter.test.RawConnection.BIDI;
import static dev.greeter.test.RawConnection.DATA;
import static dev.greeter.test.RawConnection.call;
import static dev.greeter.test.RawConnection.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.EchoGreeter;
import dev.greeter.test.RawConnection;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A service that answers a call before it learns that the transport has ended it. */
class LateAnswerTest {

    @Test
    void affectsNoOtherCallOfTheConnection() throws Exception {
        BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
        Service service = new Service();
        try (LimitedServer server = LimitedServer.start(
                        LimitedServer.properties(),
                        builder -> builder.executor(tasks::add).addService(service));
                RawConnection connection = RawConnection.open(server.port())) {
            int stream = connection.start(call(BIDI));
            connection.flush();
            while (service.replies == null) {
                Objects.requireNonNull(tasks.poll(10, TimeUnit.SECONDS)).run();
            }
            connection.frame(DATA, 0, stream, message(0, 5_000_000, new byte[0]));
            connection.flush();
            assertThat(connection.answer(stream)).isEqualTo("RESOURCE_EXHAUSTED");

            Objects.requireNonNull(service.replies).onNext(HelloReply.getDefaultInstance());

            assertThat(connection.end(1_000)).isEqualTo("open");
        }
    }

    private static final class Service extends GreeterGrpc.GreeterImplBase {

        private @Nullable StreamObserver<HelloReply> replies;

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            this.replies = replies;
            return new EchoGreeter().sayHelloBidiStream(replies);
        }
    }
}
