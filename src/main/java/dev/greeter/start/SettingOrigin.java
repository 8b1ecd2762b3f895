package dev.greeter.start;

import java.io.IOException;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;

/** Says where a setting comes from: a line of a file, a variable, or the command line. */
public final class SettingOrigin {

    private static final Pattern NAME = Pattern.compile("[a-z][\\w-]*(\\.\\[[^]]+]|\\[[^]]+]|\\.[\\w-]+)+");

    private static final Pattern SECRET = Pattern.compile("(?i).*(password|secret|token(?!s)|credential).*");

    /** A password within a URL, or a private key instead of the name of its file. */
    private static final Pattern SECRET_PART =
            Pattern.compile("(?i)(password|secret|token)=[^&;]|//[^/@]*:[^/@]*@|-----BEGIN");

    private SettingOrigin() {}

    static boolean isSecret(String name) {
        return SECRET.matcher(name).matches();
    }

    /** Returns what a setting is, without its value if that is, or contains, a secret. */
    static String assignment(String name, @Nullable Object value) {
        boolean secret =
                isSecret(name) || SECRET_PART.matcher(String.valueOf(value)).find();
        return name + (secret ? " is set" : " is \"" + value + "\"");
    }

    /** Returns a line for each setting that the text names, where it is set: {@code name: the command line}. */
    public static String ofNamed(String text, @Nullable Environment environment) {
        if (environment == null) {
            return "";
        }
        return NAME.matcher(text)
                .results()
                .map(MatchResult::group)
                .distinct()
                .map(name -> line(name, environment))
                .filter(Objects::nonNull)
                .collect(Collectors.joining());
    }

    private static @Nullable String line(String name, Environment environment) {
        ConfigurationPropertyName property = ConfigurationPropertyName.isValid(name)
                ? ConfigurationPropertyName.of(name)
                : ConfigurationPropertyName.adapt(name, '.');
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            ConfigurationProperty found = source.getConfigurationProperty(property);
            if (found != null) {
                return "\n    " + name + ": " + text(found.getOrigin());
            }
        }
        return null;
    }

    static String text(@Nullable Origin origin) {
        if (origin instanceof TextResourceOrigin file && file.getResource() != null) {
            String line = file.getLocation() == null
                    ? ""
                    : "line " + (file.getLocation().getLine() + 1) + " of ";
            return line + path(file.getResource());
        }
        if (origin instanceof SystemEnvironmentOrigin variable) {
            return "the environment variable " + variable.getProperty();
        }
        if (origin instanceof PropertySourceOrigin source) {
            return source.getOrigin() == null ? text(source) : text(source.getOrigin());
        }
        return String.valueOf(origin);
    }

    private static String text(PropertySourceOrigin origin) {
        return switch (origin.getPropertySource().getName()) {
            case CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME -> "the command line";
            case StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME -> "a system property";
            case StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME ->
                "the environment variable " + origin.getPropertyName();
            default -> origin.getPropertySource().getName();
        };
    }

    /** Returns the path of a file, or what else the resource is. */
    static String path(Resource resource) {
        try {
            return resource instanceof ClassPathResource
                    ? resource.getDescription()
                    : resource.getFile().getPath();
        } catch (IOException noFile) {
            return resource.getDescription();
        }
    }
}
