package dev.greeter.server.web;

import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.Descriptors.Descriptor;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A method that can be called from the web, with encoded messages.
 *
 * @param request type of its requests, or null if it is unknown, and JSON is not supported
 * @param response type of its responses
 * @param safe whether it has no side effects and may be called with GET
 */
record ServedMethod(
        MethodDescriptor<InputStream, InputStream> descriptor,
        @Nullable Descriptor request,
        @Nullable Descriptor response,
        boolean safe) {

    private static final Marshaller<InputStream> AS_IT_IS = new Marshaller<>() {
        @Override
        public InputStream stream(InputStream message) {
            return message;
        }

        @Override
        public InputStream parse(InputStream message) {
            return message;
        }
    };

    static ServedMethod of(MethodDescriptor<?, ?> method) {
        MethodDescriptor<InputStream, InputStream> descriptor =
                method.toBuilder(AS_IT_IS, AS_IT_IS).build();
        if (!(method.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)) {
            return new ServedMethod(descriptor, null, null, false);
        }
        var described = schema.getMethodDescriptor();
        return new ServedMethod(
                descriptor,
                described.getInputType(),
                described.getOutputType(),
                described.getOptions().getIdempotencyLevel() == IdempotencyLevel.NO_SIDE_EFFECTS);
    }

    String path() {
        return "/" + descriptor.getFullMethodName();
    }

    boolean isUnary() {
        return descriptor.getType() == MethodType.UNARY;
    }

    boolean allowsGet() {
        return safe && isUnary();
    }

    boolean takesOneRequest() {
        return descriptor.getType().clientSendsOneMessage();
    }
}
