package dev.greeter.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.greeter.test.WholeApplication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

/** A management server with a port of its own. */
class ManagementServerTest {

    @Test
    void isOpenToItsHost() throws Exception {
        try (ConfigurableApplicationContext application = WholeApplication.start("--management.server.port=0")) {
            String port = application.getEnvironment().getRequiredProperty("local.management.port");
            URI metrics = URI.create("http://127.0.0.1:" + port + "/actuator/prometheus");
            HttpRequest request = HttpRequest.newBuilder(metrics).build();
            assertThat(HttpClient.newHttpClient()
                            .send(request, BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
        }
    }
}
