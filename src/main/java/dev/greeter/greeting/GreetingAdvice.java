package dev.greeter.greeting;

import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.LocalizedMessage;
import dev.greeter.service.ErrorStatus;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;

/** Maps the Greeter's refusals to INVALID_ARGUMENT. Public, because the starter calls it by reflection. */
@GrpcAdvice
public class GreetingAdvice {

    private final Languages languages;

    GreetingAdvice(Languages languages) {
        this.languages = languages;
    }

    @GrpcExceptionHandler
    public StatusRuntimeException refused(GreetingRefusedException refusal) {
        String message = languages.fallback().say(refusal.reason(), refusal.value());
        String reason = refusal.reason().name();
        BadRequest violation = BadRequest.newBuilder()
                .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                        .setField("name")
                        .setReason(reason)
                        .setDescription(message))
                .build();
        LocalizedMessage localized = LocalizedMessage.newBuilder()
                .setLocale(refusal.language().tag())
                .setMessage(refusal.language().say(refusal.reason(), refusal.value()))
                .build();
        Map<String, String> metadata = Map.of(refusal.subject(), refusal.value());
        return ErrorStatus.of(Code.INVALID_ARGUMENT, reason, metadata, message, violation, localized);
    }
}
