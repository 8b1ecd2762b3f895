package dev.greeter.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.greeter.server.call.AccessLogTraceInterceptor;
import dev.greeter.server.call.CallEndInterceptor;
import dev.greeter.server.lifecycle.EndlessCallInterceptor;
import io.grpc.ServerInterceptor;
import java.util.List;
import org.junit.jupiter.api.Test;

class InterceptorChainTest {

    private static final List<Class<? extends ServerInterceptor>> REQUIRED =
            List.of(CallEndInterceptor.class, EndlessCallInterceptor.class);

    private final ServerInterceptor closed = new CallEndInterceptor();
    private final ServerInterceptor endless = new EndlessCallInterceptor();
    private final ServerInterceptor other = new AccessLogTraceInterceptor();

    @Test
    void othersMayStandBetweenTheRequired() {
        assertThat(new InterceptorChain(REQUIRED, List.of(closed, other, endless)).names())
                .containsExactly("CallEndInterceptor", "AccessLogTraceInterceptor", "EndlessCallInterceptor");
    }

    @Test
    void aMissingInterceptorStopsTheStart() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> new InterceptorChain(REQUIRED, List.of(closed, other)))
                .withMessageContaining("EndlessCallInterceptor");
    }

    @Test
    void aWrongOrderStopsTheStart() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> new InterceptorChain(REQUIRED, List.of(endless, closed)));
    }
}
