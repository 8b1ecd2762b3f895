package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterceptorChainTest {

    private final List<ServerInterceptor> interceptors = new ArrayList<>(List.of(
            new At(ChainOrder.THREADS),
            new At(ChainOrder.CALL_END),
            new At(ChainOrder.ERRORS),
            new At(ChainOrder.ENDLESS_CALLS),
            new At(ChainOrder.AUTHENTICATION),
            new At(ChainOrder.AUTHORIZATION)));

    @Test
    void othersMayStandBetweenTheRequired() {
        interceptors.add(2, new Other());

        assertThat(chain().names()).containsExactly("At", "At", "Other", "At", "At", "At", "At");
    }

    @Test
    void aMissingInterceptorStopsTheStart() {
        interceptors.remove(3);

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(this::chain)
                .withMessageContaining("ENDLESS_CALLS");
    }

    @Test
    void aWrongOrderStopsTheStart() {
        interceptors.add(interceptors.remove(1));

        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this::chain);
    }

    @Test
    void aRoomThatIsOffLeavesItsPositionsEmpty() {
        interceptors.remove(5);
        interceptors.remove(4);

        assertThat(chain("security").names()).hasSize(4);
    }

    private InterceptorChain chain(String... off) {
        return new InterceptorChain(
                interceptors,
                at -> at instanceof At declared ? declared.position() : null,
                room -> !List.of(off).contains(room));
    }

    private record At(int position) implements ServerInterceptor {

        @Override
        public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            return next.startCall(call, headers);
        }
    }

    private static final class Other implements ServerInterceptor {

        @Override
        public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
                ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
            return next.startCall(call, headers);
        }
    }
}
