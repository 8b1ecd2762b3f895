package dev.greeter.database;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A JDBC URL whose options can be read and changed. */
final class JdbcUrl {

    static final String H2_MEMORY = "jdbc:h2:mem:";

    private final String database;
    private final String first;
    private final String separator;
    private final boolean ignoresCase;
    private final List<String> options = new ArrayList<>();

    private JdbcUrl(String url, String first, String separator, boolean ignoresCase) {
        int end = url.indexOf(first);
        this.database = end < 0 ? url : url.substring(0, end);
        this.first = first;
        this.separator = separator;
        this.ignoresCase = ignoresCase;
        if (end >= 0) {
            Splitter.onPattern(separator)
                    .omitEmptyStrings()
                    .split(url.substring(end + 1))
                    .forEach(options::add);
        }
    }

    private JdbcUrl(JdbcUrl other, String database) {
        this.database = database;
        this.first = other.first;
        this.separator = other.separator;
        this.ignoresCase = other.ignoresCase;
        this.options.addAll(other.options);
    }

    /** {@code jdbc:postgresql://host,host/database?option=value&option=value} */
    static JdbcUrl postgresql(String url) {
        return new JdbcUrl(url, "?", "&", false);
    }

    /** {@code jdbc:h2:file:path;OPTION=value;OPTION=value} */
    static JdbcUrl h2(String url) {
        // A backslash keeps a semicolon of INIT=... from ending the option.
        return new JdbcUrl(url, ";", "(?<!\\\\);", true);
    }

    /** Returns whether this is the URL of an H2 database in a file of this machine. */
    static boolean isH2File(String url) {
        return List.of("file:", ".", "/", "~").stream().anyMatch(path -> url.startsWith("jdbc:h2:" + path));
    }

    /** Returns whether this is the URL of an H2 database in memory. */
    static boolean isH2Memory(String url) {
        return url.startsWith(H2_MEMORY);
    }

    /** Returns any URL without its options, which may contain passwords. */
    static String name(String url) {
        return url.replaceFirst("[?;].*", "").replaceFirst("//[^/]*@", "//");
    }

    /** Returns one URL for each host of a PostgreSQL URL. */
    List<JdbcUrl> hosts() {
        int begin = database.indexOf("//") + 2;
        int end = database.indexOf('/', begin);
        if (begin < 2) {
            return List.of(this);
        }
        String path = end < 0 ? "" : database.substring(end);
        return Splitter.on(',')
                .splitToStream(database.substring(begin, end < 0 ? database.length() : end))
                .map(host -> new JdbcUrl(this, database.substring(0, begin) + host + path))
                .toList();
    }

    /** Returns the names of the options. */
    List<String> names() {
        return options.stream().map(JdbcUrl::nameOf).toList();
    }

    @Nullable
    String get(String option) {
        for (String given : options) {
            if (isNamed(given, option)) {
                return given.substring(given.indexOf('=') + 1);
            }
        }
        return null;
    }

    void put(String option, String value) {
        options.add(option + "=" + value);
    }

    /** Returns the URL with another value of an option. */
    String with(String option, String value) {
        JdbcUrl changed = new JdbcUrl(this, database);
        changed.remove(option);
        changed.put(option, value);
        return changed.toString();
    }

    void remove(String option) {
        options.removeIf(given -> isNamed(given, option));
    }

    @Override
    public String toString() {
        return options.isEmpty() ? database : database + first + String.join(ignoresCase ? ";" : separator, options);
    }

    private boolean isNamed(String given, String option) {
        String name = nameOf(given);
        return ignoresCase ? name.strip().equalsIgnoreCase(option) : name.equals(option);
    }

    private static String nameOf(String given) {
        int end = given.indexOf('=');
        return end < 0 ? given : given.substring(0, end);
    }
}
