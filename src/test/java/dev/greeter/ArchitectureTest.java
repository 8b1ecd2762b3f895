package dev.greeter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import net.devh.boot.grpc.common.codec.GrpcCodec;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import net.devh.boot.grpc.server.advice.GrpcExceptionHandler;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.stereotype.Component;

/** The rules of packages: features depend neither on each other nor on the server, and the server on no feature. */
@AnalyzeClasses(packages = "dev.greeter", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    /** The packages that features and the server share, and the generated contract: public, and open to all. */
    private static final String[] SHARED = {
        "dev.greeter.credentials..",
        "dev.greeter.database..",
        "dev.greeter.person..",
        "dev.greeter.service..",
        "dev.greeter.start..",
        "dev.greeter.proto.."
    };

    /** What another service adds as one dependency: pom.xml lists the same packages. */
    private static final String[] LIBRARY = {
        "dev.greeter.credentials..",
        "dev.greeter.database..",
        "dev.greeter.server..",
        "dev.greeter.service..",
        "dev.greeter.start.."
    };

    /** A class together with its nested ones, unless it is generated. */
    private static final SliceAssignment EACH_CLASS = new SliceAssignment() {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            if (type.getPackageName().startsWith("dev.greeter.proto")) {
                return SliceIdentifier.ignore();
            }
            JavaClass outer = type;
            while (outer.getEnclosingClass().isPresent()) {
                outer = outer.getEnclosingClass().get();
            }
            return SliceIdentifier.of(outer.getName());
        }

        @Override
        public String getDescription() {
            return "each class";
        }
    };

    @ArchTest
    static final ArchRule theLibraryKnowsNoExample = noClasses()
            .that()
            .resideInAnyPackage(LIBRARY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.greeter",
                    "dev.greeter.client..",
                    "dev.greeter.greeting..",
                    "dev.greeter.person..",
                    "dev.greeter.proto..",
                    "dev.greeter.users..");

    @ArchTest
    static final ArchRule theLibraryIsMadeOfAutoConfigurations = noClasses()
            .that()
            .resideInAnyPackage(LIBRARY)
            .and()
            .areTopLevelClasses()
            .and()
            .areNotAnnotatedWith(AutoConfiguration.class)
            .and()
            .areNotAnnotatedWith(ManagementContextConfiguration.class)
            .and()
            .areNotAnnotatedWith(GrpcCodec.class)
            .and()
            .areNotAnnotatedWith(GrpcAdvice.class)
            .should()
            .beMetaAnnotatedWith(Component.class);

    @ArchTest
    static final ArchRule featuresAndServerAreIndependent = slices().matching("dev.greeter.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(DescribedPredicate.alwaysTrue(), JavaClass.Predicates.resideInAnyPackage(SHARED));

    @ArchTest
    static final ArchRule packagesDependOnEachOtherInNoCircle =
            slices().matching("dev.greeter.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule classesDependOnEachOtherInNoCircle =
            slices().assignedFrom(EACH_CLASS).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule roomsNeedNoOther = slices().matching("dev.greeter.server.(*)..")
            .should()
            .notDependOnEachOther()
            // open calls of services that never block stay on the event loop
            .ignoreDependency(
                    JavaClass.Predicates.resideInAPackage("dev.greeter.server.threads"),
                    JavaClass.Predicates.simpleName("AuthorizationRules"))
            // the limits and the TLS of connections are the same on each port
            .ignoreDependency(
                    JavaClass.Predicates.resideInAPackage("dev.greeter.server.web"),
                    JavaClass.Predicates.simpleName("OtherPort"));

    @ArchTest
    static final ArchRule theServerItselfKnowsNoRoom = noClasses()
            .that()
            .resideInAPackage("dev.greeter.server")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.greeter.server.*..");

    @ArchTest
    static void fewTypesOfTheServerArePublic(JavaClasses classes) {
        assertThat(classes.stream()
                        .filter(type -> type.getPackageName().startsWith("dev.greeter.server"))
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && type.isTopLevelClass())
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "AuthorizationRules",
                        "ChainOrder",
                        "ManagementProtocol",
                        "MethodDetail",
                        "OtherPort",
                        "ServiceDefinitions",
                        "TokenAutoConfiguration",
                        "UnmappedExceptionAdvice");
    }

    @ArchTest
    static final ArchRule adviceIsPublicAsTheStarterCallsItByReflection = methods()
            .that()
            .areAnnotatedWith(GrpcExceptionHandler.class)
            .should()
            .bePublic()
            .andShould()
            .beDeclaredInClassesThat()
            .arePublic();

    @ArchTest
    static final ArchRule publicTypesAreTheFewThatOthersCall = classes()
            .that()
            .resideOutsideOfPackages(SHARED)
            .and()
            .resideOutsideOfPackage("dev.greeter.server..")
            .and()
            .areNotAnnotatedWith(GrpcAdvice.class)
            .and()
            .areNotAnnotatedWith(SpringBootApplication.class)
            .and()
            // the main method adds it
            .doNotHaveSimpleName("ClientMode")
            .and()
            .areTopLevelClasses()
            .should()
            .notBePublic();
}
