package dev.greeterbench.plain;

import dev.greeterbench.HelloService;
import net.devh.boot.grpc.server.service.GrpcService;

/** The one service. */
@GrpcService
class PlainGreeter extends HelloService {}
