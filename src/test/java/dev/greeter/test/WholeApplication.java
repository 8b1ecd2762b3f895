package dev.greeter.test;

import dev.greeter.GreeterApplication;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;

/** Starts the application as its main method does, on free ports and with a database of its own unless its URL is given. */
public final class WholeApplication {

    private WholeApplication() {}

    public static ConfigurableApplicationContext start(String... settings) {
        return start(List.of(), settings);
    }

    /** Starts it with more configuration, as a user of the application may add. */
    public static ConfigurableApplicationContext start(List<Class<?>> additions, String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--grpc.server.port=0", "--server.port=0", "--service.web.port=0", "--greeter.client.enabled=false"));
        if (Stream.of(settings).noneMatch(setting -> setting.startsWith("--spring.datasource.url="))) {
            arguments.add("--spring.datasource.url=" + TestDatabases.h2().get());
        }
        arguments.addAll(List.of(settings));
        return new SpringApplicationBuilder(GreeterApplication.class)
                .sources(additions.toArray(Class<?>[]::new))
                .initializers(
                        context -> context.getBeanFactory().registerSingleton("testClassFilter", new TestClassFilter()))
                .run(arguments.toArray(String[]::new));
    }

    /** Keeps the configuration of tests, which is in the application's packages, out of it. */
    private static final class TestClassFilter extends TypeExcludeFilter {

        @Override
        public boolean match(MetadataReader reader, MetadataReaderFactory factory) throws IOException {
            return reader.getResource().getURI().getPath().contains("/test-classes/");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof TestClassFilter;
        }

        @Override
        public int hashCode() {
            return TestClassFilter.class.hashCode();
        }
    }
}
