package dev.greeter.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.kustomize.v1beta1.Kustomization;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KubernetesTest {

    private static final Map<String, String> LABELS = Map.of("app.kubernetes.io/name", "greeter");

    private Deployment deployment;
    private PodSpec pod;
    private Container container;
    private Container withTls;
    private Settings own;
    private Settings settings;

    @BeforeEach
    void read() throws IOException {
        deployment = deployment("deployment.yaml");
        pod = deployment.getSpec().getTemplate().getSpec();
        container = pod.getContainers().get(0);
        withTls = deployment("tls/deployment.yaml")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .get(0);
        own = Settings.of(Manifests.FOLDER.resolve("application.yml"));
        settings = own.over(Settings.shipped());
    }

    @Test
    void refusesAFieldThatTheTypeDoesNotHave() {
        Map<String, Object> document =
                Map.of("apiVersion", "v1", "kind", "Service", "spec", Map.of("selektor", LABELS));
        assertThatThrownBy(() -> Manifests.typed(document)).hasMessageContaining("selektor");
    }

    @Test
    void everythingNeededIsThere() throws IOException {
        assertThat(Manifests.all())
                .extracting(KubernetesResource::getClass)
                .map(Class::getSimpleName)
                .contains(
                        "Deployment",
                        "Service",
                        "ServiceAccount",
                        "HorizontalPodAutoscaler",
                        "PodDisruptionBudget",
                        "NetworkPolicy",
                        "ServiceMonitor",
                        "Kustomization");
    }

    @Test
    void kustomizationsNameTheFilesBesideThem() throws IOException {
        for (Path file : Manifests.files()) {
            if (file.endsWith("kustomization.yaml")) {
                Kustomization kustomization =
                        (Kustomization) Manifests.read(file).get(0);
                List<String> named = new ArrayList<>(kustomization.getResources());
                kustomization.getPatches().forEach(patch -> named.add(patch.getPath()));
                assertThat(Manifests.files())
                        .filteredOn(other -> !other.equals(file))
                        .filteredOn(other -> file.getParent().equals(other.getParent()))
                        .extracting(other -> other.getFileName().toString())
                        .as("files beside %s", file)
                        .containsExactlyInAnyOrderElementsOf(named);
            }
        }
    }

    @Test
    void selectorsFindThePods() throws IOException {
        assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels()).isEqualTo(LABELS);
        assertThat(deployment.getSpec().getSelector().getMatchLabels()).isEqualTo(LABELS);
        assertThat(Manifests.all(Service.class))
                .allSatisfy(
                        service -> assertThat(service.getSpec().getSelector()).isEqualTo(LABELS));
        assertThat(Manifests.only(PodDisruptionBudget.class)
                        .getSpec()
                        .getSelector()
                        .getMatchLabels())
                .isEqualTo(LABELS);
        assertThat(Manifests.only(NetworkPolicy.class)
                        .getSpec()
                        .getPodSelector()
                        .getMatchLabels())
                .isEqualTo(LABELS);
        assertThat(pod.getTopologySpreadConstraints())
                .isNotEmpty()
                .allSatisfy(
                        constraint -> assertThat(constraint.getLabelSelector().getMatchLabels())
                                .isEqualTo(LABELS));
        assertThat(Manifests.only(HorizontalPodAutoscaler.class)
                        .getSpec()
                        .getScaleTargetRef()
                        .getName())
                .isEqualTo(deployment.getMetadata().getName());
        assertThat(Manifests.only(ServiceAccount.class).getMetadata().getName()).isEqualTo(pod.getServiceAccountName());
    }

    @Test
    void portsAreThoseOfTheApplication() throws IOException {
        Map<String, Integer> ports = container.getPorts().stream()
                .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort));
        assertThat(ports)
                .isEqualTo(Map.of(
                        "grpc",
                        settings.number("grpc.server.port"),
                        "web",
                        Integer.valueOf(
                                new SettingsCatalogue().find("service.web.port").standard()),
                        "management",
                        settings.number("server.port")));
        for (Service service : Manifests.all(Service.class)) {
            for (ServicePort port : service.getSpec().getPorts()) {
                assertThat(ports)
                        .containsEntry(port.getTargetPort().getStrVal(), port.getPort())
                        .containsEntry(port.getName(), port.getPort());
            }
        }
        assertThat(Manifests.only(NetworkPolicy.class).getSpec().getIngress())
                .flatMap(rule -> rule.getPorts())
                .extracting(port -> port.getPort().getStrVal())
                .containsExactlyInAnyOrderElementsOf(ports.keySet());
        assertThat(Manifests.only(ServiceMonitor.class).getSpec().getEndpoints())
                .allSatisfy(endpoint -> assertThat(endpoint.getPort()).isEqualTo("management"));
    }

    @Test
    void aHeadlessServiceNamesEveryReplica() throws IOException {
        assertThat(Manifests.all(Service.class))
                .filteredOn(service -> "None".equals(service.getSpec().getClusterIP()))
                .hasSize(1);
    }

    @Test
    void probesAskTheServerAsAWhole() {
        assertThat(List.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe()))
                .extracting(Probe::getGrpc)
                .allSatisfy(probe -> {
                    assertThat(probe.getPort()).isEqualTo(settings.number("grpc.server.port"));
                    assertThat(probe.getService()).isNull();
                });
    }

    /** The gRPC probes of Kubernetes do not support TLS. */
    @Test
    void probesAskTheManagementPortWhenThereIsTls() {
        assertThat(withTls.getName()).isEqualTo(container.getName());
        assertThat(List.of(withTls.getStartupProbe(), withTls.getReadinessProbe(), withTls.getLivenessProbe()))
                .extracting(Probe::getHttpGet)
                .allSatisfy(probe -> {
                    assertThat(probe.getPort().getStrVal()).isEqualTo("management");
                    assertThat(probe.getPath()).startsWith("/actuator/health/");
                });
    }

    @Test
    void drainingEndsBeforeTheKill() {
        Duration drain = settings.duration("service.drain.delay");
        Duration grace = settings.duration("grpc.server.shutdown-grace-period");
        Duration killed = Duration.ofSeconds(pod.getTerminationGracePeriodSeconds());
        assertThat(killed).isGreaterThanOrEqualTo(drain.plus(grace).plusSeconds(5));
    }

    @Test
    void readinessIsNoticedWhileDraining() {
        Probe probe = container.getReadinessProbe();
        assertThat(Duration.ofSeconds((long) probe.getPeriodSeconds() * probe.getFailureThreshold()))
                .isLessThanOrEqualTo(settings.duration("service.drain.delay"));
    }

    @Test
    void everySettingExists() throws IOException {
        SettingsCatalogue catalogue = new SettingsCatalogue();
        assertThat(own.values().keySet())
                .filteredOn(name -> catalogue.find(name) == null)
                .isEmpty();
        List<EnvVar> variables = new ArrayList<>(container.getEnv());
        variables.addAll(withTls.getEnv());
        assertThat(variables)
                .filteredOn(variable -> catalogue.findVariable(variable.getName()) == null)
                .isEmpty();
    }

    @Test
    void settingsAreMountedWhereTheApplicationLooks() throws IOException {
        String home = Dockerfile.workingDirectory();
        assertThat(container.getVolumeMounts())
                .filteredOn(mount -> mount.getName().equals("settings"))
                .singleElement()
                .satisfies(mount -> assertThat(mount.getMountPath()).isEqualTo(home + "/config"));
        assertThat(container.getVolumeMounts())
                .allSatisfy(mount -> assertThat(pod.getVolumes())
                        .anySatisfy(volume -> assertThat(volume.getName()).isEqualTo(mount.getName())));
    }

    @Test
    void keepsToTheRestrictedProfile() throws IOException {
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser() + ":"
                        + pod.getSecurityContext().getRunAsGroup())
                .isEqualTo(Dockerfile.user());
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    }

    @Test
    void memoryIsWhatTheImageNeeds() throws IOException {
        Matcher least = Pattern.compile("at least (\\d+) MiB").matcher(Files.readString(Path.of("docs/OPERATIONS.md")));
        assertThat(least.find()).isTrue();
        assertThat(container.getResources().getRequests().get("memory").getNumericalAmount())
                .isGreaterThanOrEqualTo(new BigDecimal(least.group(1)).multiply(new BigDecimal(1 << 20)));
    }

    @Test
    void memoryIsBounded() {
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
        assertThat(container.getResources().getLimits().get("memory").getNumericalAmount())
                .isGreaterThanOrEqualTo(
                        container.getResources().getRequests().get("memory").getNumericalAmount());
    }

    @Test
    void allReplicasGetTheirConnectionsFromAPostgresAsItComes() throws IOException {
        int replicas = Manifests.only(HorizontalPodAutoscaler.class).getSpec().getMaxReplicas();
        int changing = 2; // one that starts, one that drains
        int connections = settings.number("spring.datasource.hikari.maximum-pool-size") + 1; // for the watch
        int reserved = 3;
        assertThat((replicas + changing) * connections).isLessThanOrEqualTo(100 - reserved);
    }

    /** Such as GRPC_SERVER_PORT=tcp://... of a Service named grpc-server. */
    @Test
    void servicesDoNotBecomeSettings() {
        assertThat(pod.getEnableServiceLinks()).isFalse();
    }

    private static Deployment deployment(String file) throws IOException {
        return (Deployment) Manifests.read(Manifests.FOLDER.resolve(file)).get(0);
    }
}
