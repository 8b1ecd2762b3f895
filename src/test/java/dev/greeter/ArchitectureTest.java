package dev.greeter;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The house rules: features know neither each other nor the server, and the server knows no feature. */
@AnalyzeClasses(packages = "dev.greeter", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule featuresAndServerAreIndependent = slices().matching("dev.greeter.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(
                    DescribedPredicate.alwaysTrue(),
                    JavaClass.Predicates.resideInAnyPackage(
                            "dev.greeter.naming..", "dev.greeter.error..", "dev.greeter.proto.."));

    @ArchTest
    static final ArchRule publicTypesAreTheFewThatOthersCall = classes()
            .that()
            .resideOutsideOfPackages("dev.greeter.proto..", "dev.greeter.naming..", "dev.greeter.error..")
            .and()
            .areNotAnnotatedWith("net.devh.boot.grpc.server.advice.GrpcAdvice")
            .and()
            .doNotHaveSimpleName("GreeterApplication")
            .and()
            .areTopLevelClasses()
            .should()
            .notBePublic();
}
