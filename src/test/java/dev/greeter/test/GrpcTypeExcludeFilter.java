package dev.greeter.test;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import net.devh.boot.grpc.server.advice.GrpcAdvice;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.util.ClassUtils;

/** Includes in a {@link GrpcTest} only its services and the configuration and advice of their packages. */
final class GrpcTypeExcludeFilter extends TypeExcludeFilter {

    private final Set<String> services;
    private final Set<String> packages;

    GrpcTypeExcludeFilter(Class<?> testClass) {
        GrpcTest slice = MergedAnnotations.from(testClass, MergedAnnotations.SearchStrategy.TYPE_HIERARCHY)
                .get(GrpcTest.class)
                .synthesize();
        this.services = Arrays.stream(slice.value()).map(Class::getName).collect(Collectors.toUnmodifiableSet());
        this.packages = Arrays.stream(slice.value()).map(Class::getPackageName).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public boolean match(MetadataReader reader, MetadataReaderFactory factory) {
        AnnotationMetadata type = reader.getAnnotationMetadata();
        boolean support =
                (type.isAnnotated(Configuration.class.getName()) || type.isAnnotated(GrpcAdvice.class.getName()))
                        && packages.contains(ClassUtils.getPackageName(type.getClassName()));
        return !support && !services.contains(type.getClassName());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GrpcTypeExcludeFilter filter && services.equals(filter.services);
    }

    @Override
    public int hashCode() {
        return services.hashCode();
    }
}
