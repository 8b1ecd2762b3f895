package dev.greeter.greeting;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Chooses the caller's language by {@code accept-language} and names it in {@code content-language}. */
final class LanguageInterceptor implements ServerInterceptor {

    static final Metadata.Key<String> ACCEPT_LANGUAGE =
            Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER);
    static final Metadata.Key<String> CONTENT_LANGUAGE =
            Metadata.Key.of("content-language", Metadata.ASCII_STRING_MARSHALLER);

    private final Context.Key<Language> key;
    private final Languages languages;

    /** @param key holds the language for the service; its default must be the fallback of the languages */
    LanguageInterceptor(Context.Key<Language> key, Languages languages) {
        this.key = key;
        this.languages = languages;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        Language language = language(headers);
        ServerCall<ReqT, RespT> named = new NamedLanguageCall<>(call, language);
        if (language.equals(languages.fallback())) {
            return next.startCall(named, headers);
        }
        return Contexts.interceptCall(Context.current().withValue(key, language), named, headers, next);
    }

    private Language language(Metadata headers) {
        if (!headers.containsKey(ACCEPT_LANGUAGE)) {
            return languages.fallback();
        }
        Iterable<String> values = headers.getAll(ACCEPT_LANGUAGE);
        return values == null ? languages.fallback() : languages.bestMatch(String.join(",", values));
    }

    /** Overrides the methods for messages: all wrappers share the code of the superclass, so it cannot be inlined. */
    private static final class NamedLanguageCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

        private final ServerCall<ReqT, RespT> call;
        private final Language language;

        NamedLanguageCall(ServerCall<ReqT, RespT> call, Language language) {
            super(call);
            this.call = call;
            this.language = language;
        }

        @Override
        public void sendHeaders(Metadata headers) {
            headers.put(CONTENT_LANGUAGE, language.tag());
            call.sendHeaders(headers);
        }

        @Override
        public void sendMessage(RespT message) {
            call.sendMessage(message);
        }

        @Override
        public void request(int messages) {
            call.request(messages);
        }

        @Override
        public boolean isReady() {
            return call.isReady();
        }
    }
}
