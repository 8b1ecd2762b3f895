package dev.greeter.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.test.context.support.TestPropertySourceUtils;

/** A profile is known if anything uses it. */
class UnknownProfileListenerTest {

    @TempDir
    private Path folder;

    @Test
    void aNameThatNothingKnowsStopsTheStart() {
        assertThatThrownBy(() -> start("prdo"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("Unknown profile \"prdo\"");
        assertThatThrownBy(() -> start("onclass", "prdo")).hasMessageContaining("prdo");
    }

    @Test
    void aFileOfItsNameIsEnoughWhateverItContains() throws IOException {
        write("application-staging.yml", "# nothing yet\n");
        write("application-prod.properties", "a=b\n");

        assertStarts("staging", "prod");
    }

    @Test
    void aFileOfItsNameIsFoundAtTheRootOfAJar() throws IOException {
        Path jar = folder.resolve("application.jar");
        try (JarOutputStream entries = new JarOutputStream(Files.newOutputStream(jar))) {
            entries.putNextEntry(new JarEntry("application-packed.yml"));
        }
        Thread thread = Thread.currentThread();
        ClassLoader usual = thread.getContextClassLoader();
        try (URLClassLoader packed = new URLClassLoader(new URL[] {jar.toUri().toURL()}, usual)) {
            thread.setContextClassLoader(packed);
            new SpringApplicationBuilder(Beans.class)
                    .web(WebApplicationType.NONE)
                    .run("--spring.profiles.active=packed")
                    .close();
        } finally {
            thread.setContextClassLoader(usual);
        }
    }

    @Test
    void aDocumentForItIsEnough() throws IOException {
        write("application.yml", """
                a: b
                ---
                spring.config.activate.on-profile: prod & eu-west
                a: c
                """);

        assertStarts("prod", "eu-west");
    }

    @Test
    void aDocumentForItAndOthersIsEnough() throws IOException {
        write("application.yml", """
                spring.config.activate.on-profile: prod & eu-west
                a: b
                """);

        assertStarts("prod");
    }

    @Test
    void anImportedFolderOrFileKnowsItsProfiles() throws IOException {
        Files.createDirectory(folder.resolve("more"));
        write("application.yml", "spring.config.import: [\"optional:more/\", extra.yml]\n");
        write("more/application-staging.yml", "# nothing yet\n");
        write("extra.yml", "a: b\n---\nspring.config.activate.on-profile: prod & eu-west\n");
        write("extra-eu-north.yml", "# nothing yet\n");

        assertStarts("staging", "prod", "eu-north");
        assertThatThrownBy(() -> start("stagign")).hasMessageContaining("stagign");
    }

    @Test
    void aGroupAndItsMembersAreKnown() throws IOException {
        write("application.yml", """
                spring.profiles.group.production: [eu, billing]
                """);

        assertStarts("production");
    }

    @Test
    void aBeanForItIsEnough() {
        assertStarts("onclass", "onmethod");
    }

    @Test
    void aTestMayNameItsProfilesAsItLikes() {
        SpringApplicationBuilder test = new SpringApplicationBuilder(Beans.class)
                .web(WebApplicationType.NONE)
                .initializers(context -> TestPropertySourceUtils.addInlinedPropertiesToEnvironment(context, "a=b"))
                .profiles("test");

        try (ConfigurableApplicationContext context = test.run()) {
            assertThat(context.getEnvironment().getActiveProfiles()).contains("test");
        }
    }

    private void assertStarts(String... profiles) {
        try (ConfigurableApplicationContext context = start(profiles)) {
            assertThat(context.getEnvironment().getActiveProfiles()).contains(profiles);
        }
    }

    private ConfigurableApplicationContext start(String... profiles) {
        return new SpringApplicationBuilder(Beans.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.profiles.active=" + String.join(",", profiles),
                        "--spring.config.location=" + folder + "/");
    }

    private void write(String file, String text) throws IOException {
        Files.writeString(folder.resolve(file), text);
    }

    @Configuration(proxyBeanMethods = false)
    static class Beans {

        @Bean
        @Profile("!onmethod | onmethod")
        String method() {
            return "method";
        }

        @Configuration(proxyBeanMethods = false)
        @Profile("onclass")
        static class OnClass {}
    }
}
