package dev.greeterbench;

import dev.greeter.proto.helloworld.HelloReply;
import dev.greeter.proto.helloworld.HelloRequest;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerResponse;

/** The service of {@link HelloService} on the gRPC server of Vert.x, on its event loop. */
public final class VertxServer {

    private static final ServiceName GREETER = ServiceName.create("helloworld.Greeter");

    private VertxServer() {}

    /** @param args the port */
    public static void main(String[] args) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        GrpcServer greeter = GrpcServer.server(vertx);
        greeter.callHandler(
                method("SayHello"),
                request -> request.handler(hello -> request.response().end(HelloService.reply(hello.getName()))));
        greeter.callHandler(
                method("SayHelloStreamReply"),
                request -> request.handler(hello -> {
                    GrpcServerResponse<HelloRequest, HelloReply> replies = request.response();
                    for (String[] greeting : HelloService.GREETINGS) {
                        replies.write(HelloService.reply(greeting, hello.getName()));
                    }
                    replies.end();
                }));
        greeter.callHandler(method("SayHelloStreamRequest"), request -> {
            StringBuilder names = new StringBuilder();
            request.handler(hello -> names.append(names.isEmpty() ? "" : ", ").append(hello.getName()));
            request.endHandler(ended -> request.response().end(HelloService.reply(names.toString())));
        });
        greeter.callHandler(method("SayHelloBidiStream"), request -> {
            request.handler(hello -> request.response().write(HelloService.reply(hello.getName())));
            request.endHandler(ended -> request.response().end());
        });
        vertx.createHttpServer()
                .requestHandler(greeter)
                .listen(Integer.parseInt(args[0]))
                .await();
    }

    private static ServiceMethod<HelloRequest, HelloReply> method(String name) {
        return ServiceMethod.server(
                GREETER,
                name,
                GrpcMessageEncoder.encoder(),
                GrpcMessageDecoder.decoder(HelloRequest.getDefaultInstance()));
    }
}
