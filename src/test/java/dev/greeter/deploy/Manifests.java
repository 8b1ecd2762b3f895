package dev.greeter.deploy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.kustomize.v1beta1.Kustomization;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The documents of deploy/kubernetes as typed objects; a field that the type does not have is refused. */
final class Manifests {

    static final Path FOLDER = Path.of("deploy/kubernetes");

    private static final Map<String, Class<? extends KubernetesResource>> TYPES = Map.of(
            "v1/Service", Service.class,
            "v1/ServiceAccount", ServiceAccount.class,
            "apps/v1/Deployment", Deployment.class,
            "autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class,
            "kustomize.config.k8s.io/v1alpha1/Component", Kustomization.class,
            "kustomize.config.k8s.io/v1beta1/Kustomization", Kustomization.class,
            "monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
            "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class);

    private static final ObjectMapper STRICT = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setAnnotationIntrospector(new NoAnySetter());

    private Manifests() {}

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    static List<KubernetesResource> all() throws IOException {
        List<KubernetesResource> all = new ArrayList<>();
        for (Path file : files()) {
            all.addAll(read(file));
        }
        return all;
    }

    static <T extends KubernetesResource> List<T> all(Class<T> type) throws IOException {
        return all().stream().filter(type::isInstance).map(type::cast).toList();
    }

    static <T extends KubernetesResource> T only(Class<T> type) throws IOException {
        List<T> found = all(type);
        if (found.size() != 1) {
            throw new AssertionError("Expected one " + type.getSimpleName() + ", but there are " + found.size());
        }
        return found.get(0);
    }

    /** Returns the documents of a file, in which no key may be repeated. */
    static List<KubernetesResource> read(Path file) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<KubernetesResource> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(Files.readString(file))) {
            try {
                documents.add(typed(STRICT.convertValue(document, new TypeReference<>() {})));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
            }
        }
        return documents;
    }

    static KubernetesResource typed(Map<String, Object> document) {
        String type = document.get("apiVersion") + "/" + document.get("kind");
        Class<? extends KubernetesResource> known = TYPES.get(type);
        if (known == null) {
            throw new IllegalArgumentException("No type is known for " + type);
        }
        return STRICT.convertValue(document, known);
    }

    /** By default the types keep unknown fields in a map of additional properties. */
    private static final class NoAnySetter extends JacksonAnnotationIntrospector {

        private static final long serialVersionUID = 1L;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }
    }
}
