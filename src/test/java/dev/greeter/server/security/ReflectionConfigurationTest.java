package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.greeter.test.ReplyRecorder;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The services and types that reflection describes. */
class ReflectionConfigurationTest {

    private static final List<String> DETAILS = List.of(
            "ErrorInfo",
            "BadRequest",
            "RetryInfo",
            "LocalizedMessage",
            "ResourceInfo",
            "PreconditionFailure",
            "Status");

    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        ReflectionAutoConfiguration reflection = new ReflectionAutoConfiguration();
        server = InProcessServerBuilder.forName(getClass().getName())
                .addService(reflection.reflection())
                .addService(reflection.reflectionV1Alpha())
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(getClass().getName()).build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    @Test
    void theDetailsOfErrorsAreDescribedInBothVersions() throws InvalidProtocolBufferException {
        for (String detail : DETAILS) {
            String symbol = "google.rpc." + detail;
            assertThat(messages(ask(symbol).getFileDescriptorResponse().getFileDescriptorProtoList()))
                    .as(symbol)
                    .contains(detail);
            assertThat(messages(askV1Alpha(symbol).getFileDescriptorResponse().getFileDescriptorProtoList()))
                    .as(symbol)
                    .contains(detail);
        }
    }

    @Test
    void onlyWhatIsServedIsListed() {
        ServerReflectionResponse services =
                answer(ServerReflectionRequest.newBuilder().setListServices("").build());

        assertThat(services.getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .containsExactlyInAnyOrder(
                        "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection");
    }

    private static List<String> messages(List<ByteString> files) throws InvalidProtocolBufferException {
        return FileDescriptorProto.parseFrom(files.get(0)).getMessageTypeList().stream()
                .map(message -> message.getName())
                .toList();
    }

    private ServerReflectionResponse ask(String symbol) {
        return answer(ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol(symbol)
                .build());
    }

    private ServerReflectionResponse answer(ServerReflectionRequest request) {
        ReplyRecorder<ServerReflectionResponse> replies = new ReplyRecorder<>();
        StreamObserver<ServerReflectionRequest> requests =
                ServerReflectionGrpc.newStub(channel).serverReflectionInfo(replies);
        requests.onNext(request);
        requests.onCompleted();
        return replies.all().get(0);
    }

    private io.grpc.reflection.v1alpha.ServerReflectionResponse askV1Alpha(String symbol) {
        ReplyRecorder<io.grpc.reflection.v1alpha.ServerReflectionResponse> replies = new ReplyRecorder<>();
        StreamObserver<io.grpc.reflection.v1alpha.ServerReflectionRequest> requests =
                io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(channel).serverReflectionInfo(replies);
        requests.onNext(io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol(symbol)
                .build());
        requests.onCompleted();
        return replies.all().get(0);
    }
}
