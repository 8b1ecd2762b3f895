package dev.greeter.greeting;

import io.grpc.Context;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.ResourcePatternResolver;

/** Reads the languages at start and declares how a call gets its own. */
@Configuration(proxyBeanMethods = false)
class GreetingConfiguration {

    @Bean
    Languages languages(ResourcePatternResolver resources) {
        return new MessageFiles(resources, "classpath:").read();
    }

    @Bean
    Context.Key<Language> language(Languages languages) {
        return Context.keyWithDefault("language", languages.fallback());
    }

    @Bean
    LanguageInterceptor languageInterceptor(Context.Key<Language> language, Languages languages) {
        return new LanguageInterceptor(language, languages);
    }
}
