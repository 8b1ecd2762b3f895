package dev.greeter.server.security;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.rpc.ErrorDetailsProto;
import com.google.rpc.StatusProto;
import dev.greeter.service.NonBlocking;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ServerReflectionProto;
import java.util.ArrayList;
import java.util.List;
import net.devh.boot.grpc.server.autoconfigure.GrpcServerFactoryAutoConfiguration;
import net.devh.boot.grpc.server.service.GrpcService;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.NoneNestedConditions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/** Declares server reflection in both versions, unless it is off. */
@AutoConfiguration(before = GrpcServerFactoryAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "service.enabled", matchIfMissing = true)
class ReflectionAutoConfiguration {

    @Bean
    @GrpcService
    @NonBlocking
    @Conditional(ReflectionOn.class)
    BindableService reflection() {
        return () -> withErrorDetails(ProtoReflectionServiceV1.newInstance().bindService());
    }

    /**
     * Returns the service with a file that imports the details of errors: both versions of reflection describe what the
     * files of the services import, and no contract imports messages that occur only in its errors.
     */
    private static ServerServiceDefinition withErrorDetails(ServerServiceDefinition service) {
        ServiceDescriptor descriptor = service.getServiceDescriptor();
        FileDescriptor file = importing(
                ServerReflectionProto.getDescriptor(), ErrorDetailsProto.getDescriptor(), StatusProto.getDescriptor());
        ServiceDescriptor.Builder described = ServiceDescriptor.newBuilder(descriptor.getName())
                .setSchemaDescriptor((ProtoFileDescriptorSupplier) () -> file);
        descriptor.getMethods().forEach(described::addMethod);
        ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(described.build());
        service.getMethods().forEach(definition::addMethod);
        return definition.build();
    }

    private static FileDescriptor importing(FileDescriptor file, FileDescriptor... more) {
        FileDescriptorProto.Builder proto = file.toProto().toBuilder();
        List<FileDescriptor> imports = new ArrayList<>(file.getDependencies());
        for (FileDescriptor imported : more) {
            proto.addDependency(imported.getName());
            imports.add(imported);
        }
        try {
            return FileDescriptor.buildFrom(proto.build(), imports.toArray(new FileDescriptor[0]));
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For clients that support no other version. */
    @Bean
    @GrpcService
    @NonBlocking
    @Conditional(ReflectionOn.class)
    @SuppressWarnings("deprecation")
    BindableService reflectionV1Alpha() {
        return ProtoReflectionService.newInstance();
    }

    /** Matches unless reflection is off, which YAML reads as false. */
    static final class ReflectionOn extends NoneNestedConditions {

        ReflectionOn() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnProperty(name = "service.reflection", havingValue = "off")
        static final class Off {}

        @ConditionalOnProperty(name = "service.reflection", havingValue = "false")
        static final class False {}

        @ConditionalOnProperty(name = "grpc.server.reflection-service-enabled", havingValue = "false")
        static final class OffByTheStarter {}
    }
}
