package dev.greeter.database;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether {@code spring.datasource.url}, or the URL of the pool that replaces it, is an H2 database in a file of this machine. */
final class OnH2File implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        Environment environment = context.getEnvironment();
        String url = environment.getProperty("spring.datasource.url", "");
        return JdbcUrl.isH2File(environment.getProperty("spring.datasource.hikari.jdbc-url", url));
    }
}
