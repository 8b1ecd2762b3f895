package dev.greeter.server.web;

import java.io.IOException;
import net.devh.boot.grpc.server.event.GrpcServerStartedEvent;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/** A service for the web, and its port, which a server without sockets does not open. */
@TestConfiguration
class WebServices {

    @Bean
    @GrpcService(interceptors = WebGreeter.class)
    WebGreeter greeter() {
        return new WebGreeter();
    }

    @Bean
    Opening opening(WebServer web) {
        return new Opening(web);
    }

    record Opening(WebServer web) {

        @EventListener
        void started(GrpcServerStartedEvent event) throws IOException {
            if (event.getPort() == -1) {
                web.started(new GrpcServerStartedEvent(event.getSource(), event.getServer(), "127.0.0.1", 0));
            }
        }
    }
}
