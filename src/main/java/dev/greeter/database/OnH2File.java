package dev.greeter.database;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether {@code spring.datasource.url} is an H2 database in a file of this machine. */
final class OnH2File implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        return JdbcUrl.isH2File(context.getEnvironment().getProperty("spring.datasource.url", ""));
    }
}
