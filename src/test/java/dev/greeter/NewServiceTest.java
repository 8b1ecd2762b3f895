package dev.greeter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What NewService.java writes and refuses; src/test/library/run builds and starts what it writes. */
class NewServiceTest {

    private static final String PROTO = "src/test/library/orders.proto";

    /** Compiled once: java NewService.java would compile it each time. */
    @TempDir(factory = InTheBuild.class)
    private static Path classes;

    @TempDir
    private Path folder;

    @BeforeAll
    static void compile() {
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-Xlint:all", "-Werror", "-d", classes.toString(), "NewService.java"))
                .isZero();
    }

    /** Below the folder with the templates. */
    static final class InTheBuild implements TempDirFactory {

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            return Files.createTempDirectory(Path.of("target"), "new-service").toAbsolutePath();
        }
    }

    /** What a run has printed, and the folder that it was to write. */
    private record Run(int exitCode, String output, String errors, Path project) {

        List<Path> files() throws IOException {
            try (Stream<Path> paths = Files.walk(project)) {
                return paths.filter(Files::isRegularFile).toList();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', maxCharsPerColumn = 500, textBlock = """
                    com.Example Inventory new                                     | "com.Example" is no package
                    com.example.class Inventory new                               | "com.example.class" is no package
                    dev.greeter.inventory Inventory new                           | belongs to others
                    com.example inventory new                                     | "inventory" is no name of a service
                    com.example Item new                                          | its contract has a message of this name
                    com.example Inventory                                         | A package, a name and a folder are needed
                    com.example Inventory full                                    | is not empty
                    com.example Inventory full/file/new                           | cannot be written
                    com.example Inventory new --with-databse                      | no option --with-databse
                    com.example Inventory new --with-database --proto x.proto     | cannot be combined
                    com.example Inventory new --proto missing.proto               | missing.proto cannot be read
                    com.example Inventory new --proto broken.proto                | broken.proto cannot be read: line 3
                    com.example Inventory new --proto src/test/library/orders.proto | has no service Inventory, but OrderService, Returns
                    """)
    void badInputIsRefusedInOneLineAndNothingIsWritten(String arguments, String problem) throws Exception {
        Files.createDirectory(folder.resolve("full"));
        Files.writeString(folder.resolve("full/file"), "");
        Files.writeString(
                folder.resolve("broken.proto"), "syntax = \"proto3\";\nservice Broken {\n  rpc Call Request;\n}\n");

        Run run = run(arguments.split(" "));

        assertThat(run.errors()).contains(problem).endsWith("\n").hasLineCount(1);
        assertThat(run.output()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(folder.resolve("new")).doesNotExist();
        assertThat(folder.resolve("full")).isDirectoryContaining("glob:**/file");
    }

    @Test
    void helpExplainsTheOptions() throws Exception {
        Run run = run("--help");

        assertThat(run.output()).contains("--with-database", "--proto FILE", "--dry-run");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void aDryRunListsTheFilesAndWritesNone() throws Exception {
        Run run = run("com.example.inventory", "Inventory", "new", "--dry-run");

        assertThat(run.output()).contains("src/main/java/com/example/inventory/InventoryService.java (", "Would write");
        assertThat(run.project()).doesNotExist();
    }

    @Test
    void aServiceIsSmallAndHasItsNameEverywhere() throws Exception {
        Run run = run("org.shop.books", "OrderBookService", "new");

        assertThat(run.errors()).isEmpty();
        assertThat(run.files()).hasSizeLessThanOrEqualTo(20);
        long lines = 0;
        for (Path file : run.files()) {
            String text = Files.readString(file);
            assertThat(text).as(file.toString()).doesNotContainIgnoringCase("stockroom", "stock-room", "stock_room");
            assertThat(text.replaceAll("dev[.:]greeter(:greeter)?|>greeter<|greeter\\.version", ""))
                    .as(file.toString())
                    .doesNotContainIgnoringCase("greeter");
            assertThat(text).as(file.toString()).doesNotContainPattern("(?m)^#(if|else|end)|@[a-z-]+(\\.version)?@");
            if (!file.getFileName().toString().startsWith("mvnw")) {
                lines += text.lines().count();
            }
        }
        assertThat(lines).isLessThanOrEqualTo(600);
        assertThat(run.project().resolve("mvnw")).isExecutable();
        assertThat(run.project().resolve("src/main/protobuf/order_book.proto"))
                .content()
                .contains("package order_book.v1;", "service OrderBookService {");
        assertThat(run.project().resolve("src/main/java/org/shop/books/OrderBookService.java"))
                .content()
                .contains("class OrderBookService extends OrderBookServiceGrpc.OrderBookServiceImplBase");
    }

    @Test
    void aServiceWithADatabaseHasFewFiles() throws Exception {
        Run run = run("com.example.ledger", "Ledger", "new", "--with-database");

        assertThat(run.files()).hasSizeLessThanOrEqualTo(20);
        assertThat(run.project().resolve("src/main/resources/db/migration/V1__items.sql"))
                .exists();
    }

    @Test
    void aGivenContractComesWithItsImports() throws Exception {
        Run run = run("com.example.shop", "OrderService", "new", "--proto", PROTO);

        assertThat(run.project().resolve("src/main/protobuf"))
                .isDirectoryContaining("glob:**/orders.proto")
                .isDirectoryContaining("glob:**/money.proto");
        assertThat(run.project().resolve("src/main/java/com/example/shop/OrderService.java"))
                .content()
                .contains(
                        "public void placeOrder(Orders.Order request, StreamObserver<Orders.Order.Receipt> replies)",
                        "public StreamObserver<Orders.Order.Line.Offer> negotiate(",
                        "import shop.common.MoneyOuterClass;",
                        "    @EndlessStream\n    public void watchOrders(Empty request,");
    }

    private Run run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes.toString(),
                "NewService"));
        for (String argument : arguments) {
            command.add(argument.equals(PROTO) ? Path.of(PROTO).toAbsolutePath().toString() : argument);
        }
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        int exitCode = process.waitFor();
        return new Run(exitCode, Files.readString(output), Files.readString(errors), folder.resolve("new"));
    }
}
