package dev.greeter.greeting;

import io.grpc.Context;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.ResourcePatternResolver;

/** Reads the languages at the start and declares how the language of a call is selected. */
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
