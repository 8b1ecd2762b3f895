package dev.greeter.server.socket;

import static dev.greeter.test.RawConnection.BIDI;
import static dev.greeter.test.RawConnection.DATA;
import static dev.greeter.test.RawConnection.END_STREAM;
import static dev.greeter.test.RawConnection.LOTS_OF_REQUESTS;
import static dev.greeter.test.RawConnection.SAY_HELLO;
import static dev.greeter.test.RawConnection.call;
import static dev.greeter.test.RawConnection.hello;
import static dev.greeter.test.RawConnection.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.proto.helloworld.GreeterGrpc;
import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import dev.greeter.test.EchoGreeter;
import dev.greeter.test.RawConnection;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The caller of a call that grpc-java ends by itself learns why. */
class StreamStatusTest {

    private static final byte[] HELLO = message(hello("Ada"));

    private LimitedServer server;
    private RawConnection connection;

    @BeforeEach
    void begin() throws Exception {
        server = LimitedServer.start(LimitedServer.properties(), builder -> builder.addService(new Service()));
        connection = RawConnection.open(server.port());
    }

    @AfterEach
    void othersAreStillServed() throws Exception {
        try {
            assertThat(connection.end(0)).isEqualTo("open");
        } finally {
            connection.close();
            server.close();
        }
    }

    @Test
    void ofAMessageAboveTheLimitAfterTheFirstReply() throws Exception {
        assertThat(answerAfterReply(0, message(0, 5_000_000, new byte[0]))).isEqualTo("RESOURCE_EXHAUSTED");
    }

    @Test
    void ofAMessageLongerThanCanBeAfterTheFirstReply() throws Exception {
        assertThat(answerAfterReply(0, message(0, -1, new byte[0]))).isEqualTo("RESOURCE_EXHAUSTED");
    }

    @Test
    void ofAMessageWithReservedFlagsAfterTheFirstReply() throws Exception {
        assertThat(answerAfterReply(0, message(2, 3, new byte[3]))).isEqualTo("INTERNAL");
    }

    @Test
    void ofACompressedMessageWithoutACompressorAfterTheFirstReply() throws Exception {
        assertThat(answerAfterReply(0, message(1, 3, new byte[3]))).isEqualTo("INTERNAL");
    }

    @Test
    void ofAMessageCutShortAfterTheFirstReply() throws Exception {
        assertThat(answerAfterReply(END_STREAM, message(0, 30, new byte[3]))).isEqualTo("INTERNAL");
    }

    @Test
    void ofAServiceThatCompletesWithoutItsReply() throws Exception {
        assertThat(connection.call(call(SAY_HELLO), HELLO)).isEqualTo("INTERNAL");
    }

    @Test
    void ofAServiceThatRepliesTwice() throws Exception {
        assertThat(connection.call(call(LOTS_OF_REQUESTS), HELLO)).isEqualTo("INTERNAL");
    }

    private String answerAfterReply(int flags, byte[] second) throws Exception {
        int stream = connection.start(call(BIDI));
        connection.frame(DATA, 0, stream, HELLO);
        connection.frame(DATA, flags, stream, second);
        connection.flush();
        return connection.answer(stream);
    }

    private static final class Service extends GreeterGrpc.GreeterImplBase {

        @Override
        public void sayHello(HelloRequest request, StreamObserver<HelloReply> replies) {
            replies.onCompleted();
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloStreamRequest(StreamObserver<HelloReply> replies) {
            replies.onNext(HelloReply.getDefaultInstance());
            replies.onNext(HelloReply.getDefaultInstance());
            return sayHelloBidiStream(replies);
        }

        @Override
        public StreamObserver<HelloRequest> sayHelloBidiStream(StreamObserver<HelloReply> replies) {
            return new EchoGreeter().sayHelloBidiStream(replies);
        }
    }
}
