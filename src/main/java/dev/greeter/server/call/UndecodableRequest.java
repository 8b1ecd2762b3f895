package dev.greeter.server.call;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Stands for a request message that cannot be decoded, until the {@link CallEndInterceptor} ends the call. A marshaller
 * cannot refuse a call: whatever it throws, grpc-java answers UNKNOWN and logs a stack trace.
 *
 * @param status the status for the caller
 */
record UndecodableRequest(Status status) {

    /** Returns the service with a marshaller for the requests of each method that returns this instead of throwing. */
    static ServerServiceDefinition tolerate(ServerServiceDefinition service) {
        ServiceDescriptor descriptor = service.getServiceDescriptor();
        ServiceDescriptor.Builder tolerantDescriptor = ServiceDescriptor.newBuilder(descriptor.getName())
                .setSchemaDescriptor(descriptor.getSchemaDescriptor());
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
        for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
            ServerMethodDefinition<?, ?> tolerant = tolerate(method);
            tolerantDescriptor.addMethod(tolerant.getMethodDescriptor());
            methods.add(tolerant);
        }
        ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(tolerantDescriptor.build());
        methods.forEach(definition::addMethod);
        return definition.build();
    }

    private static <ReqT, RespT> ServerMethodDefinition<ReqT, RespT> tolerate(
            ServerMethodDefinition<ReqT, RespT> method) {
        MethodDescriptor<ReqT, RespT> descriptor = method.getMethodDescriptor();
        return ServerMethodDefinition.create(
                descriptor.toBuilder()
                        .setRequestMarshaller(new TolerantMarshaller<>(descriptor.getRequestMarshaller()))
                        .build(),
                method.getServerCallHandler());
    }

    private record TolerantMarshaller<T>(Marshaller<T> marshaller) implements Marshaller<T> {

        @Override
        public InputStream stream(T value) {
            return marshaller.stream(value);
        }

        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // never reaches code that knows the type
        public T parse(InputStream stream) {
            try {
                return marshaller.parse(stream);
            } catch (StatusRuntimeException e) {
                return (T) new UndecodableRequest(e.getStatus().withCause(CallerMistake.INSTANCE));
            } catch (RuntimeException e) {
                return (T) new UndecodableRequest(Status.INTERNAL
                        .withDescription("The request cannot be decoded.")
                        .withCause(CallerMistake.INSTANCE));
            }
        }
    }
}
