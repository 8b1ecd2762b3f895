package dev.greeter.server.web;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.greeter.server.MethodDetail;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Describes the served methods and their messages as JSON, with the comments of their contracts, as far as the build of
 * an application writes a descriptor set with them.
 */
final class ServiceCatalog {

    /** Where a jar has the descriptor set of its contracts, with source information. */
    static final String DESCRIPTORS = "META-INF/grpc/descriptors.binpb";

    /** The numbers of the fields of {@code descriptor.proto} by which a source location names a part of its file. */
    private static final int MESSAGES = 4;

    private static final int ENUMS = 5;
    private static final int SERVICES = 6;
    private static final int MEMBERS = 2;
    private static final int NESTED_MESSAGES = 3;
    private static final int NESTED_ENUMS = 4;

    private final List<MethodDetail> details;
    private final Map<String, Map<List<Integer>, String>> comments = comments();
    private final JsonObject messages = new JsonObject();
    private final JsonObject enums = new JsonObject();

    /** @param details of each method, which the catalog has by their keys */
    ServiceCatalog(List<MethodDetail> details) {
        this.details = details;
    }

    JsonObject describe(Server server) {
        JsonArray services = new JsonArray();
        server.getServices().stream()
                .sorted(Comparator.comparing(ServiceCatalog::isOfGrpc).thenComparing(ServiceCatalog::name))
                .forEach(service -> services.add(service(service)));
        JsonObject all = new JsonObject();
        all.add("services", services);
        all.add("messages", messages);
        all.add("enums", enums);
        return all;
    }

    /** Returns the contracts with all that they import, each after its imports. */
    static FileDescriptorSet contracts(Server server) {
        Map<String, FileDescriptorProto> files = new LinkedHashMap<>();
        server.getServices().forEach(service -> {
            if (service.getServiceDescriptor().getSchemaDescriptor() instanceof ProtoFileDescriptorSupplier schema) {
                add(schema.getFileDescriptor(), files);
            }
        });
        return FileDescriptorSet.newBuilder().addAllFile(files.values()).build();
    }

    private static void add(FileDescriptor file, Map<String, FileDescriptorProto> files) {
        if (!files.containsKey(file.getName())) {
            file.getDependencies().forEach(imported -> add(imported, files));
            files.put(file.getName(), file.toProto());
        }
    }

    private static String name(ServerServiceDefinition service) {
        return service.getServiceDescriptor().getName();
    }

    /** Health and reflection come last. */
    private static boolean isOfGrpc(ServerServiceDefinition service) {
        return name(service).startsWith("grpc.");
    }

    private static Map<String, Map<List<Integer>, String>> comments() {
        Map<String, Map<List<Integer>, String>> comments = new HashMap<>();
        try {
            for (URL set :
                    Collections.list(ServiceCatalog.class.getClassLoader().getResources(DESCRIPTORS))) {
                try (InputStream content = set.openStream()) {
                    FileDescriptorSet.parseFrom(content).getFileList().forEach(file -> {
                        Map<List<Integer>, String> ofFile =
                                comments.computeIfAbsent(file.getName(), n -> new HashMap<>());
                        file.getSourceCodeInfo()
                                .getLocationList()
                                .forEach(place -> ofFile.put(
                                        place.getPathList(), place.getLeadingComments() + place.getTrailingComments()));
                    });
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return comments;
    }

    private JsonObject service(ServerServiceDefinition definition) {
        JsonObject service = new JsonObject();
        service.addProperty("name", name(definition));
        if (definition.getServiceDescriptor().getSchemaDescriptor() instanceof ProtoServiceDescriptorSupplier schema) {
            ServiceDescriptor described = schema.getServiceDescriptor();
            describe(
                    service,
                    described,
                    described.getOptions().getDeprecated(),
                    List.of(SERVICES, described.getIndex()));
        }
        JsonArray methods = new JsonArray();
        definition.getMethods().stream()
                .sorted(Comparator.comparingInt(ServiceCatalog::position))
                .forEach(method -> methods.add(method(method)));
        service.add("methods", methods);
        return service;
    }

    /** Returns the place of a method in its contract, which a definition does not keep. */
    private static int position(ServerMethodDefinition<?, ?> method) {
        return method.getMethodDescriptor().getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema
                ? schema.getMethodDescriptor().getIndex()
                : 0;
    }

    private JsonObject method(ServerMethodDefinition<?, ?> definition) {
        io.grpc.MethodDescriptor<?, ?> called = definition.getMethodDescriptor();
        JsonObject method = new JsonObject();
        method.addProperty("name", called.getBareMethodName());
        method.addProperty("kind", called.getType().name().toLowerCase(Locale.ROOT));
        details.forEach(detail -> method.addProperty(detail.key(), detail.describe(called)));
        if (called.getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema) {
            MethodDescriptor described = schema.getMethodDescriptor();
            describe(
                    method,
                    described,
                    described.getOptions().getDeprecated(),
                    List.of(SERVICES, described.getService().getIndex(), MEMBERS, described.getIndex()));
            if (described.getOptions().getIdempotencyLevel() != IdempotencyLevel.IDEMPOTENCY_UNKNOWN) {
                method.addProperty(
                        "idempotency",
                        described.getOptions().getIdempotencyLevel().name());
            }
            method.addProperty("request", add(described.getInputType()));
            method.addProperty("response", add(described.getOutputType()));
        }
        return method;
    }

    /** Adds the message with all that it contains, once. The well-known ones have a JSON mapping of their own. */
    private String add(Descriptor type) {
        String name = type.getFullName();
        if (messages.has(name) || type.getFile().getPackage().equals("google.protobuf")) {
            return name;
        }
        JsonObject message = new JsonObject();
        messages.add(name, message);
        describe(message, type, type.getOptions().getDeprecated(), path(type));
        JsonArray fields = new JsonArray();
        type.getFields().forEach(field -> fields.add(field(field)));
        message.add("fields", fields);
        return name;
    }

    private JsonObject field(FieldDescriptor described) {
        JsonObject field = new JsonObject();
        field.addProperty("name", described.getName());
        field.addProperty("json", described.getJsonName());
        field.addProperty("number", described.getNumber());
        FieldDescriptor value = described;
        if (described.isMapField()) {
            Descriptor entry = described.getMessageType();
            field.addProperty("key", type(entry.findFieldByNumber(1)));
            value = entry.findFieldByNumber(2);
        } else if (described.isRepeated()) {
            field.addProperty("repeated", true);
        } else if (described.toProto().getProto3Optional()) {
            field.addProperty("optional", true);
        }
        field.addProperty("type", type(value));
        @Nullable OneofDescriptor choice = described.getRealContainingOneof();
        if (choice != null) {
            field.addProperty("oneof", choice.getName());
        }
        describe(
                field,
                described,
                described.getOptions().getDeprecated(),
                join(path(described.getContainingType()), MEMBERS, described.getIndex()));
        return field;
    }

    private String type(FieldDescriptor field) {
        if (field.getJavaType() == JavaType.MESSAGE) {
            return add(field.getMessageType());
        }
        return field.getJavaType() == JavaType.ENUM
                ? add(field.getEnumType())
                : field.getType().name().toLowerCase(Locale.ROOT);
    }

    private String add(EnumDescriptor type) {
        String name = type.getFullName();
        if (enums.has(name) || type.getFile().getPackage().equals("google.protobuf")) {
            return name;
        }
        JsonObject described = new JsonObject();
        enums.add(name, described);
        describe(described, type, type.getOptions().getDeprecated(), path(type));
        JsonArray values = new JsonArray();
        for (EnumValueDescriptor value : type.getValues()) {
            JsonObject named = new JsonObject();
            named.addProperty("name", value.getName());
            named.addProperty("number", value.getNumber());
            describe(named, value, value.getOptions().getDeprecated(), join(path(type), MEMBERS, value.getIndex()));
            values.add(named);
        }
        described.add("values", values);
        return name;
    }

    private void describe(JsonObject part, GenericDescriptor described, boolean deprecated, List<Integer> path) {
        String comment =
                comments.getOrDefault(described.getFile().getName(), Map.of()).getOrDefault(path, "");
        if (!comment.isBlank()) {
            part.addProperty("comment", comment.replaceAll("(?m)^ ", "").strip());
        }
        if (deprecated) {
            part.addProperty("deprecated", true);
        }
    }

    private static List<Integer> path(Descriptor type) {
        Descriptor outer = type.getContainingType();
        return outer == null ? List.of(MESSAGES, type.getIndex()) : join(path(outer), NESTED_MESSAGES, type.getIndex());
    }

    private static List<Integer> path(EnumDescriptor type) {
        Descriptor outer = type.getContainingType();
        return outer == null ? List.of(ENUMS, type.getIndex()) : join(path(outer), NESTED_ENUMS, type.getIndex());
    }

    private static List<Integer> join(List<Integer> path, int kind, int index) {
        List<Integer> joined = new ArrayList<>(path);
        joined.add(kind);
        joined.add(index);
        return joined;
    }
}
