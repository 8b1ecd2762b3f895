package dev.greeter.server.web;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.JsonFormat.TypeRegistry;
import com.google.rpc.ErrorDetailsProto;
import io.grpc.Status;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.util.function.SingletonSupplier;

/** Converts messages between protobuf and its JSON mapping, with all types of the served files. */
final class JsonMessages {

    private final SingletonSupplier<TypeRegistry> types;
    private final SingletonSupplier<JsonFormat.Parser> parser;
    private final SingletonSupplier<JsonFormat.Printer> printer;

    /** Reads the types of the methods at the first message. */
    JsonMessages(Collection<ServedMethod> methods) {
        this.types = SingletonSupplier.of(() -> {
            TypeRegistry.Builder known = TypeRegistry.newBuilder();
            known.add(ErrorDetailsProto.getDescriptor().getMessageTypes());
            methods.forEach(method -> {
                if (method.request() != null && method.response() != null) {
                    known.add(method.request()).add(method.response());
                }
            });
            return known.build();
        });
        this.parser = SingletonSupplier.of(() -> JsonFormat.parser().usingTypeRegistry(types.obtain()));
        this.printer = SingletonSupplier.of(
                () -> JsonFormat.printer().usingTypeRegistry(types.obtain()).omittingInsignificantWhitespace());
    }

    byte[] toProtobuf(byte[] json, Descriptor type) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(json))
                    .toString();
            requireOneObject(text);
            parser.obtain().merge(text, message);
        } catch (CharacterCodingException e) {
            throw malformed("it is not UTF-8");
        } catch (InvalidProtocolBufferException e) {
            throw malformed(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw malformed("it is not one object of JSON");
        }
        return message.build().toByteArray();
    }

    /** The parser of protobuf ignores text after the object, and has no limit for the parts that it skips. */
    private static void requireOneObject(String text) throws IOException {
        JsonReader json = new JsonReader(new StringReader(text));
        json.setStrictness(Strictness.STRICT);
        json.skipValue();
        if (json.peek() != JsonToken.END_DOCUMENT) {
            throw new MalformedJsonException("There is more than one value");
        }
    }

    byte[] toJson(byte[] message, Descriptor type) {
        try {
            return print(DynamicMessage.parseFrom(type, message)).getBytes(StandardCharsets.UTF_8);
        } catch (InvalidProtocolBufferException e) {
            throw Status.INTERNAL
                    .withDescription("The response cannot be written as JSON.")
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    /** Returns the detail of an error as JSON, or null if its type is unknown. */
    @Nullable
    JsonElement describe(Any detail) {
        try {
            Descriptor type = types.obtain()
                    .find(detail.getTypeUrl().substring(detail.getTypeUrl().lastIndexOf('/') + 1));
            return type == null
                    ? null
                    : JsonParser.parseString(print(DynamicMessage.parseFrom(type, detail.getValue())));
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    private String print(MessageOrBuilder message) throws InvalidProtocolBufferException {
        return printer.obtain().print(message);
    }

    private static RuntimeException malformed(String why) {
        return Status.INVALID_ARGUMENT
                .withDescription("The JSON of the request does not fit its message: " + why)
                .asRuntimeException();
    }
}
