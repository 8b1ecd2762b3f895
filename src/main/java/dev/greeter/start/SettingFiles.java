package dev.greeter.start;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.env.PropertySourceLoader;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.Resource;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads files of settings as Spring Boot does, and says which one cannot be read, and where the fault is. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class SettingFiles implements PropertySourceLoader {

    private static final List<PropertySourceLoader> LOADERS =
            List.of(new PropertiesPropertySourceLoader(), new YamlPropertySourceLoader());

    @Override
    public String[] getFileExtensions() {
        List<String> extensions = new ArrayList<>();
        LOADERS.forEach(loader -> extensions.addAll(List.of(loader.getFileExtensions())));
        return extensions.toArray(String[]::new);
    }

    @Override
    public List<PropertySource<?>> load(String name, Resource file) {
        String path = String.valueOf(file.getFilename());
        PropertySourceLoader loader = LOADERS.stream()
                .filter(candidate ->
                        List.of(candidate.getFileExtensions()).contains(path.substring(path.lastIndexOf('.') + 1)))
                .findFirst()
                .orElse(LOADERS.get(0));
        try {
            if (file.isFile() && file.getFile().isDirectory()) {
                // Docker makes one where the file to mount is missing.
                throw new IOException("it is a folder");
            }
            List<PropertySource<?>> settings = loader.load(name, file);
            for (PropertySource<?> document : settings) {
                // What Spring Boot makes of a document that is a text or a list.
                if (document.containsProperty("document") || document.containsProperty("document[0]")) {
                    throw new IOException("a document has no names of settings");
                }
            }
            return settings;
        } catch (IOException | RuntimeException e) {
            throw new SettingException(
                    "The settings in " + SettingOrigin.path(file) + " cannot be read: " + problem(e) + ".",
                    "Correct the file, or remove it.",
                    e);
        }
    }

    private static String problem(Exception failure) {
        if (NestedExceptionUtils.getMostSpecificCause(failure) instanceof CharacterCodingException) {
            return "it is not in UTF-8";
        }
        if (failure instanceof MarkedYAMLException yaml && yaml.getProblem() != null) {
            Mark mark = yaml.getProblemMark();
            return (mark == null ? "" : "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ": ")
                    + yaml.getProblem();
        }
        String message = String.valueOf(failure.getMessage());
        return message.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
