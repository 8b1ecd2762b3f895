import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;

/**
 * Writes a new service on the library: the project in the folder new-service beside this file, under other names.
 * Requires a JDK (17 or later) and nothing else.
 */
public final class NewService {

    private static final String USAGE = """
            Writes a new gRPC service on dev.greeter:greeter.

            usage: java NewService.java PACKAGE NAME FOLDER [--with-database | --proto FILE] [--dry-run]

              PACKAGE          Java package, such as com.example.inventory
              NAME             name of the service, such as Inventory
              FOLDER           folder of the project, new or empty
              --with-database  adds a table, on H2 and PostgreSQL
              --proto FILE     implements each method of a service of this contract
              --dry-run        lists the files and writes none
            """;

    private static final int BAD_INPUT = 2;

    public static void main(String[] arguments) {
        if (List.of(arguments).contains("--help") || List.of(arguments).contains("-h")) {
            System.out.print(USAGE);
            return;
        }
        try {
            Request request = Request.of(arguments);
            Map<String, String> files = new Project(request).files();
            if (!request.dryRun()) {
                write(files, request.folder());
            }
            report(request, files);
        } catch (Refusal refusal) {
            System.err.println(refusal.getMessage());
            System.exit(BAD_INPUT);
        }
    }

    private static void report(Request request, Map<String, String> files) {
        long lines = 0;
        for (Map.Entry<String, String> file : files.entrySet()) {
            long own = Project.isWrapper(file.getKey())
                    ? 0
                    : file.getValue().lines().count();
            lines += own;
            if (request.dryRun()) {
                System.out.println(file.getKey() + (own == 0 ? "" : " (" + own + " lines)"));
            }
        }
        System.out.printf(
                "%s %d files in %s, with %d lines beside Maven's wrapper.%n",
                request.dryRun() ? "Would write" : "Wrote", files.size(), request.folder(), lines);
        if (!request.dryRun()) {
            System.out.println("Start it there by: ./mvnw spring-boot:run");
        }
    }

    /** Writes all files, or none. */
    private static void write(Map<String, String> files, Path folder) {
        Deque<Path> created = new ArrayDeque<>();
        try {
            for (Map.Entry<String, String> file : files.entrySet()) {
                Path path = folder.resolve(file.getKey());
                createFolders(path.getParent(), created);
                created.push(path);
                Files.writeString(path, file.getValue());
                if (file.getKey().equals("mvnw") && Files.getFileStore(path).supportsFileAttributeView("posix")) {
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
            }
        } catch (IOException | RuntimeException e) {
            created.forEach(path -> path.toFile().delete());
            throw new Refusal("The project cannot be written: " + e);
        }
    }

    private static void createFolders(Path folder, Deque<Path> created) throws IOException {
        if (!Files.isDirectory(folder)) {
            createFolders(folder.getParent(), created);
            Files.createDirectory(folder);
            created.push(folder);
        }
    }

    /** What the user has to change. */
    private static final class Refusal extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Refusal(String problem) {
            super(problem, null, false, false);
        }
    }

    /** What the command line asks for. */
    private record Request(String pack, String name, Path folder, boolean database, Path proto, boolean dryRun) {

        private static final Pattern PACKAGE = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*");
        private static final Pattern NAME = Pattern.compile("[A-Z][A-Za-z0-9]*");

        static Request of(String[] arguments) {
            List<String> words = new ArrayList<>();
            boolean database = false;
            boolean dryRun = false;
            Path proto = null;
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--with-database" -> database = true;
                    case "--dry-run" -> dryRun = true;
                    case "--proto" -> {
                        if (++i == arguments.length) {
                            throw new Refusal("--proto needs a file.");
                        }
                        proto = path(arguments[i]);
                    }
                    default -> {
                        if (arguments[i].startsWith("-")) {
                            throw new Refusal("There is no option " + arguments[i] + "; --help lists them.");
                        }
                        words.add(arguments[i]);
                    }
                }
            }
            if (words.size() != 3) {
                throw new Refusal("A package, a name and a folder are needed, such as: java NewService.java"
                        + " com.example.inventory Inventory ../inventory");
            }
            if (database && proto != null) {
                throw new Refusal("--with-database and --proto cannot be combined: the table is for the contract that"
                        + " --proto replaces.");
            }
            return new Request(
                    checkedPackage(words.get(0)),
                    checkedName(words.get(1)),
                    checkedFolder(words.get(2)),
                    database,
                    proto,
                    dryRun);
        }

        private static String checkedPackage(String name) {
            if (!PACKAGE.matcher(name).matches() || !SourceVersion.isName(name)) {
                throw new Refusal("\"" + name + "\" is no package: com.example.inventory is one.");
            }
            if ((name + ".").matches("(javax?|dev\\.greeter)\\..*")) {
                throw new Refusal("The package " + name + " belongs to others: com.example.inventory does not.");
            }
            return name;
        }

        private static String checkedName(String name) {
            if (!NAME.matcher(name).matches() || name.equals("Service")) {
                throw new Refusal("\"" + name + "\" is no name of a service: Inventory or InventoryService is one.");
            }
            return name;
        }

        private static Path checkedFolder(String name) {
            Path folder = path(name).toAbsolutePath().normalize();
            if (Files.exists(folder)) {
                try (Stream<Path> content = Files.list(folder)) {
                    if (content.findAny().isPresent()) {
                        throw new Refusal("The folder " + folder + " is not empty.");
                    }
                } catch (IOException notAFolder) {
                    throw new Refusal("The folder " + folder + " cannot be read.");
                }
            }
            return folder;
        }

        private static Path path(String name) {
            try {
                return Path.of(name);
            } catch (InvalidPathException e) {
                throw new Refusal("\"" + name + "\" is no path.");
            }
        }
    }

    /** The files of the project: the templates under the names of the request. */
    private static final class Project {

        private static final String PACKAGE = "com.example.inventory";
        private static final Pattern VERSION = Pattern.compile("@([a-z-]+)\\.version@");
        private static final Pattern MARK = Pattern.compile("#(if|else|end)( (\\w+))?");

        /** The classes of the example that a given contract replaces, and those that only a database needs. */
        private static final List<String> OF_SAMPLE = List.of("Items.java", "stock_room.proto");

        private static final List<String> OF_DATABASE = List.of("V1__items.sql", "StockRoomOnPostgresTest.java");

        private final Request request;
        private final Path home = home();
        private final String service;
        private final Contract contract;

        Project(Request request) {
            this.request = request;
            this.contract = request.proto() == null ? null : Contract.read(request.proto(), request);
            this.service = contract == null ? request.name() : contract.service();
        }

        static boolean isWrapper(String file) {
            return file.startsWith("mvnw");
        }

        Map<String, String> files() {
            Map<String, String> files = new TreeMap<>();
            Path templates = home.resolve("new-service");
            try (Stream<Path> paths = Files.walk(templates)) {
                for (Path path : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
                    String name = templates.relativize(path).toString().replace('\\', '/');
                    if (isWanted(path.getFileName().toString())) {
                        files.put(renamed(name), text(path));
                    }
                }
            } catch (IOException e) {
                throw new Refusal("The folder " + templates + " cannot be read.");
            }
            for (String wrapper : List.of("mvnw", "mvnw.cmd", ".mvn/wrapper/maven-wrapper.properties")) {
                String text = read(home.resolve(wrapper));
                files.put(wrapper, wrapper.endsWith(".cmd") ? text.replace("\n", "\r\n") : text);
            }
            if (contract == null) {
                refuseMessageOfTheName(files);
            } else {
                files.putAll(contract.files());
                String folder = "java/" + request.pack().replace('.', '/') + "/" + base();
                files.put(
                        "src/main/" + folder + "Service.java", new Skeleton(request.pack(), contract).service(base()));
                files.put(
                        "src/test/" + folder + "ServiceTest.java",
                        new Skeleton(request.pack(), contract).test(base(), kebab()));
            }
            return files;
        }

        private boolean isWanted(String name) {
            return (contract == null || !OF_SAMPLE.contains(name))
                    && (request.database() || !OF_DATABASE.contains(name));
        }

        private void refuseMessageOfTheName(Map<String, String> files) {
            String proto = files.get("src/main/protobuf/" + snake() + ".proto");
            if (Pattern.compile("(?m)^message " + service + " ").matcher(proto).find()) {
                throw new Refusal(
                        "The service cannot be named " + service + ": its contract has a message of this name.");
            }
        }

        private String text(Path template) {
            List<String> lines = new ArrayList<>();
            Deque<Boolean> wanted = new ArrayDeque<>(List.of(true));
            for (String line : (Iterable<String>) read(template).lines()::iterator) {
                Matcher mark = MARK.matcher(line);
                if (!mark.matches()) {
                    if (!wanted.contains(false)) {
                        lines.add(line);
                    }
                } else if (mark.group(1).equals("if")) {
                    wanted.push(mark.group(3).equals("database") ? request.database() : contract == null);
                } else if (mark.group(1).equals("else")) {
                    wanted.push(!wanted.pop());
                } else {
                    wanted.pop();
                }
            }
            String text = renamed(String.join("\n", lines) + "\n");
            if (contract != null) {
                text = text.replace("@methods@\n", contract.accessRows()).replace("@method@", contract.firstMethod());
            }
            return template.toString().endsWith(".java") ? sortedImports(text) : withVersions(text);
        }

        private String renamed(String text) {
            return text.replace(PACKAGE, request.pack())
                    .replace(PACKAGE.replace('.', '/'), request.pack().replace('.', '/'))
                    .replaceAll("(?<=service |v1\\.)StockRoom\\b|StockRoom(?=Grpc|ImplBase|BlockingStub|Stub)", service)
                    .replace("StockRoom", base())
                    .replace("stockRoom", Character.toLowerCase(base().charAt(0)) + base().substring(1))
                    .replace("stock-room", kebab())
                    .replace("stock_room", snake());
        }

        /** Returns the versions of the library that this file comes with. */
        private String withVersions(String text) {
            String pom = read(home.resolve("pom.xml"));
            return VERSION.matcher(text).replaceAll(version -> switch (version.group(1)) {
                case "spring-boot" ->
                    first("<artifactId>spring-boot-starter-parent</artifactId>\\s*<version>(.*)</version>", pom);
                case "greeter" -> first("<artifactId>greeter</artifactId>\\s*<version>(.*)</version>", pom);
                default -> first("<" + version.group(1) + "\\.version>(.*)</", pom);
            });
        }

        private static String first(String pattern, String text) {
            Matcher matcher = Pattern.compile(pattern).matcher(text);
            if (!matcher.find()) {
                throw new Refusal("The pom.xml beside NewService.java is not that of Greeter.");
            }
            return Matcher.quoteReplacement(matcher.group(1));
        }

        /** Returns the name without "Service", which those of the classes end with. */
        private String base() {
            return request.name().replaceFirst("(?<=.)Service$", "");
        }

        private String kebab() {
            return base().replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-")
                    .toLowerCase(Locale.ROOT);
        }

        private String snake() {
            return kebab().replace('-', '_');
        }

        static String sortedImports(String text) {
            return Pattern.compile("(?m)(^import (?!static ).*\n)+")
                    .matcher(text)
                    .replaceFirst(imports -> Matcher.quoteReplacement(
                            imports.group().lines().sorted().collect(Collectors.joining("\n", "", "\n"))));
        }

        /** Returns the folder with the templates, which this file is in. */
        private static Path home() {
            Path file;
            try {
                file = Path.of(NewService.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI());
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
            for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
                if (Files.isDirectory(folder.resolve("new-service"))) {
                    return folder;
                }
            }
            throw new Refusal(
                    "The folder new-service is not beside NewService.java; it is in the repository of Greeter.");
        }

        static String read(Path file) {
            try {
                return Files.readString(file).replace("\r\n", "\n");
            } catch (IOException e) {
                throw new Refusal("The file " + file + " cannot be read.");
            }
        }
    }

    /** A service of a contract that the user has, and the files that the contract consists of. */
    private record Contract(String service, String javaPackage, List<Method> methods, Map<String, String> files) {

        static Contract read(Path path, Request request) {
            Path file = path.toAbsolutePath().normalize();
            ProtoFile main = new ProtoFile(file.getFileName().toString(), Project.read(file));
            Path root = root(file, main);
            Map<String, ProtoFile> all = new LinkedHashMap<>();
            add(root.relativize(file).toString().replace('\\', '/'), root, all);
            main = all.values().iterator().next();
            Map<String, String> files = new HashMap<>();
            all.forEach(
                    (name, proto) -> files.put("src/main/protobuf/" + name, proto.textFor(request.pack() + ".proto")));
            String service = service(main, request.name());
            Types types = new Types(all.values(), request.pack() + ".proto");
            List<Method> methods = main.services.get(service).stream()
                    .map(call -> call.resolved(types, main(all), service))
                    .toList();
            if (methods.isEmpty()) {
                throw new Refusal("The service " + service + " of " + path + " has no methods.");
            }
            return new Contract(service, main.javaPackage(request.pack() + ".proto"), methods, files);
        }

        private static ProtoFile main(Map<String, ProtoFile> files) {
            return files.values().iterator().next();
        }

        /** Returns the nearest folder from which all imports can be found. */
        private static Path root(Path file, ProtoFile proto) {
            for (Path folder = file.getParent(); folder != null; folder = folder.getParent()) {
                if (proto.imports.stream().map(folder::resolve).allMatch(Files::isRegularFile)) {
                    return folder;
                }
            }
            return file.getParent();
        }

        private static void add(String name, Path root, Map<String, ProtoFile> files) {
            if (!files.containsKey(name)) {
                ProtoFile file = new ProtoFile(name, Project.read(root.resolve(name)));
                files.put(name, file);
                file.imports.forEach(imported -> add(imported, root, files));
            }
        }

        private static String service(ProtoFile file, String wanted) {
            Set<String> services = file.services.keySet();
            for (String name : List.of(wanted, wanted + "Service")) {
                if (services.contains(name)) {
                    return name;
                }
            }
            if (services.size() != 1) {
                throw new Refusal(file.name + " has no service " + wanted
                        + (services.isEmpty() ? "." : ", but " + String.join(", ", services) + "."));
            }
            return services.iterator().next();
        }

        String accessRows() {
            return methods.stream()
                    .map(method -> "    \"[" + method.fullName() + "]\": authenticated\n")
                    .collect(Collectors.joining());
        }

        String firstMethod() {
            return methods.stream()
                    .filter(method -> !method.requests() && !method.replies())
                    .findFirst()
                    .orElse(methods.get(0))
                    .fullName();
        }
    }

    /** A class that the code generator makes: its package, and its name with those around it. */
    private record Type(String pack, String name) {

        String topLevel() {
            return name.replaceFirst("\\..*", "");
        }
    }

    /**
     * A method of a service.
     *
     * @param requests whether it takes a stream
     * @param replies whether it returns a stream
     */
    private record Method(
            String fullName,
            String name,
            Type request,
            Type reply,
            boolean requests,
            boolean replies,
            boolean deprecated) {

        private static final Pattern ENDLESS = Pattern.compile("(Watch|Subscribe)([A-Z_].*)?");

        /** Returns whether its name says that its stream does not end by itself. */
        boolean endless() {
            return replies
                    && ENDLESS.matcher(fullName.substring(fullName.indexOf('/') + 1))
                            .matches();
        }
    }

    /** Finds the classes of types by the names that a contract uses. */
    private static final class Types {

        private final Map<String, Type> types = new HashMap<>();

        Types(Iterable<ProtoFile> files, String otherwise) {
            for (ProtoFile file : files) {
                String prefix = file.pack.isEmpty() ? "" : file.pack + ".";
                file.messages.forEach(message -> types.put(
                        prefix + message, new Type(file.javaPackage(otherwise), file.outerClass() + message)));
            }
        }

        /** Looks the name up in the scope and in those around it. */
        Type find(String name, String scope) {
            if (name.startsWith(".")) {
                return find(name.substring(1), "");
            }
            for (String around = scope; ; around = around.contains(".") ? around.replaceFirst("\\.[^.]*$", "") : "") {
                String full = around.isEmpty() ? name : around + "." + name;
                if (types.containsKey(full)) {
                    return types.get(full);
                }
                if (full.startsWith("google.")) {
                    int end = full.lastIndexOf('.');
                    return new Type("com." + full.substring(0, end), full.substring(end + 1));
                }
                if (around.isEmpty()) {
                    return null;
                }
            }
        }
    }

    /** What a file in the language of Protocol Buffers declares, as far as its Java classes depend on it. */
    private static final class ProtoFile {

        private static final Pattern TOKEN = Pattern.compile(
                "//[^\n]*|/\\*.*?\\*/|\"(?:[^\"\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\n]|\\\\.)*'|[\\w.]+|\\S", Pattern.DOTALL);

        private final String name;
        private final String text;
        private final List<String> imports = new ArrayList<>();
        private final Set<String> messages = new LinkedHashSet<>();
        private final Set<String> names = new TreeSet<>();
        private final Map<String, List<Call>> services = new LinkedHashMap<>();
        private final Map<String, String> options = new HashMap<>();
        private final Deque<String> rest = new ArrayDeque<>();
        private final Deque<Integer> ends = new ArrayDeque<>();
        private int position;
        private int endOfSyntax;
        private boolean edition2024;
        private String pack = "";

        ProtoFile(String name, String text) {
            this.name = name;
            this.text = text;
            Matcher tokens = TOKEN.matcher(text);
            while (tokens.find()) {
                if (!tokens.group().startsWith("//") && !tokens.group().startsWith("/*")) {
                    rest.add(tokens.group());
                    ends.add(tokens.end());
                }
            }
            while (!rest.isEmpty()) {
                declaration("");
            }
        }

        /** A method as it is written. */
        private record Call(
                String name, String request, String reply, boolean requests, boolean replies, boolean deprecated) {

            Method resolved(Types types, ProtoFile file, String service) {
                String scope = file.pack.isEmpty() ? service : file.pack + "." + service;
                return new Method(
                        scope + "/" + name,
                        javaName(),
                        type(request, types, file, scope),
                        type(reply, types, file, scope),
                        requests,
                        replies,
                        deprecated);
            }

            private Type type(String written, Types types, ProtoFile file, String scope) {
                Type type = types.find(written, scope);
                if (type == null) {
                    throw new Refusal(file.name + " has no message " + written + ", which " + name + " needs.");
                }
                return type;
            }

            /** Returns the name that the code generator gives to it. */
            private String javaName() {
                String upper = Pattern.compile("_+(.?)")
                        .matcher(name)
                        .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
                String lower = Character.toLowerCase(upper.charAt(0)) + upper.substring(1);
                return SourceVersion.isKeyword(lower) ? lower + "_" : lower;
            }
        }

        private void declaration(String around) {
            switch (next()) {
                case "syntax", "edition" -> {
                    expect("=");
                    edition2024 = unquoted(next()).compareTo("2024") >= 0 && !text.contains("syntax");
                    expect(";");
                    endOfSyntax = position;
                }
                case "package" -> {
                    pack = next();
                    expect(";");
                }
                case "import" -> {
                    String imported = next();
                    if (List.of("public", "weak", "option").contains(imported)) {
                        imported = next();
                    }
                    if (!unquoted(imported).startsWith("google/")) {
                        imports.add(unquoted(imported));
                    }
                    expect(";");
                }
                case "option" -> option(options);
                case "export", "local" -> declaration(around);
                case "message" -> message(around);
                case "enum" -> {
                    names.add(next());
                    skipBlock();
                }
                case "service" -> service();
                case ";" -> {}
                default -> skipStatement();
            }
        }

        private void message(String around) {
            String message = next();
            names.add(message);
            messages.add(around + message);
            expect("{");
            while (!"}".equals(rest.peek())) {
                if (List.of("message", "enum").contains(rest.peek())) {
                    declaration(around + message + ".");
                } else {
                    skipStatement();
                }
            }
            next();
        }

        private void service() {
            String service = next();
            names.add(service);
            List<Call> calls = new ArrayList<>();
            services.put(service, calls);
            expect("{");
            while (!"}".equals(rest.peek())) {
                if (next().equals("rpc")) {
                    calls.add(call());
                } else {
                    skipStatement();
                }
            }
            next();
        }

        private Call call() {
            String call = next();
            expect("(");
            boolean requests = stream();
            String request = next();
            expect(")");
            expect("returns");
            expect("(");
            boolean replies = stream();
            String reply = next();
            expect(")");
            Map<String, String> ofCall = new HashMap<>();
            if (next().equals("{")) {
                while (!"}".equals(rest.peek())) {
                    if (next().equals("option")) {
                        option(ofCall);
                    }
                }
                next();
            }
            return new Call(call, request, reply, requests, replies, "true".equals(ofCall.get("deprecated")));
        }

        private boolean stream() {
            boolean stream = "stream".equals(rest.peek());
            if (stream) {
                next();
            }
            return stream;
        }

        private void option(Map<String, String> into) {
            String option = next();
            if (option.equals("(")) {
                skipStatement();
            } else {
                expect("=");
                into.put(option, unquoted(rest.peek() == null ? "" : rest.peek()));
                skipStatement();
            }
        }

        private void skipStatement() {
            while (true) {
                String token = next();
                if (token.equals("{")) {
                    endBlock();
                    if (!";".equals(rest.peek())) {
                        return;
                    }
                } else if (token.equals(";")) {
                    return;
                }
            }
        }

        private void skipBlock() {
            expect("{");
            endBlock();
        }

        private void endBlock() {
            for (int depth = 1; depth > 0; ) {
                String token = next();
                depth += token.equals("{") ? 1 : token.equals("}") ? -1 : 0;
            }
        }

        private void expect(String token) {
            String found = next();
            if (!found.equals(token)) {
                throw new Refusal(
                        name + " cannot be read: line " + line() + " has " + found + " instead of " + token + ".");
            }
        }

        private String next() {
            if (rest.isEmpty()) {
                throw new Refusal(name + " cannot be read: it ends too early.");
            }
            position = ends.remove();
            return rest.remove();
        }

        private long line() {
            return text.substring(0, position).lines().count();
        }

        private static String unquoted(String token) {
            return token.replaceAll("^[\"']|[\"']$", "");
        }

        /** @param otherwise for a file without any package, whose classes no other class could import */
        String javaPackage(String otherwise) {
            return options.getOrDefault("java_package", pack.isEmpty() ? otherwise : pack);
        }

        String textFor(String otherwise) {
            return options.containsKey("java_package") || !pack.isEmpty()
                    ? text
                    : text.substring(0, endOfSyntax) + "\n\noption java_package = \"" + otherwise + "\";"
                            + text.substring(endOfSyntax);
        }

        /** Returns the class around those of the messages, with a dot, or nothing if each has its own file. */
        private String outerClass() {
            if (options.getOrDefault("java_multiple_files", "" + edition2024).equals("true")) {
                return "";
            }
            String outer = options.get("java_outer_classname");
            if (outer == null) {
                outer = Pattern.compile("(?:^|[^A-Za-z0-9]+|(?<=[0-9]))([a-z]?)")
                        .matcher(name.replaceFirst(".*/", "").replaceFirst("\\.proto$", ""))
                        .replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
                outer += names.contains(outer) ? "OuterClass" : "";
            }
            return outer + ".";
        }
    }

    /** A service that answers each call with an empty message, and its test. */
    private static final class Skeleton {

        private static final Set<String> TAKEN = Set.of(
                "Override",
                "Deprecated",
                "SuppressWarnings",
                "String",
                "Throwable",
                "Object",
                "StreamObserver",
                "GrpcService",
                "EndlessStream",
                "Test",
                "GrpcTest",
                "GrpcClient",
                "ReplyRecorder",
                "Awaitility");

        private final String pack;
        private final Contract contract;
        private final Set<String> imports = new TreeSet<>();
        private final Map<String, String> imported = new HashMap<>();

        Skeleton(String pack, Contract contract) {
            this.pack = pack;
            this.contract = contract;
        }

        String service(String base) {
            String grpc = contract.service() + "Grpc";
            imports.addAll(List.of(
                    contract.javaPackage() + "." + grpc,
                    "io.grpc.stub.StreamObserver",
                    "net.devh.boot.grpc.server.service.GrpcService"));
            imported.put(base + "Service", pack + "." + base + "Service");
            String methods = contract.methods().stream().map(this::method).collect(Collectors.joining("\n"));
            return file("""
                    /** Answers each call with an empty message, until its answers are written. */
                    @GrpcService
                    final class %sService extends %s.%sImplBase {

                    %s}
                    """.formatted(base, grpc, contract.service(), methods));
        }

        private String method(Method method) {
            String request = reference(method.request());
            String reply = reference(method.reply());
            StringBuilder code =
                    new StringBuilder(method.deprecated() ? "    @Deprecated\n" : "").append("    @Override\n");
            if (method.endless()) {
                imports.add("dev.greeter.service.EndlessStream");
                code.append("    @EndlessStream\n");
            }
            if (method.requests()) {
                String answer = "replies.onNext(" + reply + ".getDefaultInstance());";
                return code.append("""
                            public StreamObserver<%1$s> %2$s(StreamObserver<%3$s> replies) {
                                return new StreamObserver<>() {
                                    @Override
                                    public void onNext(%1$s request) {%4$s}

                                    @Override
                                    public void onError(Throwable failure) {}

                                    @Override
                                    public void onCompleted() {
                        %5$s                replies.onCompleted();
                                    }
                                };
                            }
                        """.formatted(
                                        request,
                                        method.name(),
                                        reply,
                                        method.replies() ? "\n                " + answer + "\n            " : "",
                                        method.replies() ? "" : "                " + answer + "\n"))
                        .toString();
            }
            return code.append("""
                        public void %s(%s request, StreamObserver<%s> replies) {
                            replies.onNext(%s.getDefaultInstance());
                    %s    }
                    """.formatted(
                                    method.name(),
                                    request,
                                    reply,
                                    reply,
                                    method.endless() ? "" : "        replies.onCompleted();\n"))
                    .toString();
        }

        String test(String base, String client) {
            String grpc = contract.javaPackage() + "." + contract.service() + "Grpc." + contract.service();
            imports.addAll(List.of(
                    "dev.greeter.test.GrpcTest",
                    "net.devh.boot.grpc.client.inject.GrpcClient",
                    "org.junit.jupiter.api.Test"));
            String tests = contract.methods().stream().map(this::testOf).collect(Collectors.joining("\n"));
            StringBuilder stubs = new StringBuilder();
            for (String name : List.of("calls", "streams")) {
                if (tests.contains(name + ".")) {
                    String kind = name.equals("calls") ? "BlockingStub" : "Stub";
                    imports.add(grpc + kind);
                    stubs.append("""
                                @GrpcClient("%s")
                                private %s%s %s;

                            """.formatted(client, contract.service(), kind, name));
                }
            }
            return file("""
                    /** The contract, as callers see it. */
                    @GrpcTest(%1$sService.class)
                    class %1$sServiceTest {

                    %2$s%3$s}
                    """.formatted(base, stubs, tests)).replaceFirst("\nimport ", """

                    import static org.assertj.core.api.Assertions.assertThat;

                    import\s""");
        }

        private String testOf(Method method) {
            String request = reference(method.request());
            String reply = reference(method.reply());
            StringBuilder code = new StringBuilder("    @Test\n")
                    .append(method.deprecated() ? "    @SuppressWarnings(\"deprecation\")\n" : "")
                    .append("    void " + method.name() + "Answers() {\n");
            if (method.requests() || method.endless()) {
                imports.add("dev.greeter.test.ReplyRecorder");
                code.append("        ReplyRecorder<" + reply + "> replies = new ReplyRecorder<>();\n\n");
            }
            if (method.requests()) {
                imports.add("io.grpc.stub.StreamObserver");
                code.append("        StreamObserver<" + request + "> requests = streams." + method.name()
                        + "(replies);\n"
                        + "        requests.onNext(" + request + ".getDefaultInstance());\n"
                        + "        requests.onCompleted();\n\n"
                        + "        assertThat(replies.all()).containsExactly(" + reply + ".getDefaultInstance());\n");
            } else if (method.endless()) {
                imports.add("org.awaitility.Awaitility");
                code.append("        streams." + method.name() + "(" + request + ".getDefaultInstance(), replies);\n\n"
                        + "        Awaitility.await().untilAsserted(() -> assertThat(replies.soFar()).hasSize(1));\n");
            } else if (method.replies()) {
                code.append("        assertThat(calls." + method.name() + "(" + request + ".getDefaultInstance()))\n"
                        + "                .toIterable()\n"
                        + "                .containsExactly(" + reply + ".getDefaultInstance());\n");
            } else {
                code.append("        assertThat(calls." + method.name() + "(" + request + ".getDefaultInstance()))\n"
                        + "                .isEqualTo(" + reply + ".getDefaultInstance());\n");
            }
            return code.append("    }\n").toString();
        }

        /** Returns the name of the class in the code, imported unless another has the same. */
        private String reference(Type type) {
            String full = type.pack() + "." + type.topLevel();
            if (TAKEN.contains(type.topLevel())
                    || !imported.computeIfAbsent(type.topLevel(), name -> full).equals(full)) {
                return type.pack() + "." + type.name();
            }
            imports.add(full);
            return type.name();
        }

        private String file(String type) {
            return imports.stream()
                    .filter(name -> !name.substring(0, name.lastIndexOf('.')).equals(pack))
                    .map(name -> "import " + name + ";\n")
                    .collect(Collectors.joining("", "package " + pack + ";\n\n", "\n" + type));
        }
    }
}
