"""Tables and a plot of what was measured: medians over the rounds, ratios to what ran in turn with it."""

import re
from statistics import median

BASE = "bare-direct"
SHIPPED = "shipped"
VERTX = "vertx"
PEERS = (BASE, "bare", "plain", VERTX, SHIPPED)
BARE_TLS = "bare-tls"
PRODUCTION = "production"
# the titles of what _main returns
MAIN = ("", "calls/s", "×", "CPU per call", "×", "allocated per call", "×")


def write(results, markdown, plot, summary, readme):
    runs = _Runs(results["runs"])
    costs = _costs(runs, results)
    if costs:
        plot.write_text(_svg(costs))
    markdown.write_text(_page(results, runs, costs, plot.name))
    _replace(summary, "bench", _summary(results, runs) + "\n" + _targets(runs))
    _replace(readme, "why", _why(runs))
    print(f"\n{_comparison(results, runs)}\n{_targets(runs)}\nMore in {markdown}.")


def _replace(page, mark, block):
    marks = re.compile(rf"(<!-- {mark}:begin -->\n).*?(<!-- {mark}:end -->)", re.DOTALL)
    page.write_text(marks.sub(lambda found: f"{found[1]}{block}{found[2]}", page.read_text()))


class _Runs:
    """The measurements by server and round."""

    def __init__(self, runs):
        self.by_server = {}
        for run in runs:
            self.by_server.setdefault(run["server"], {})[run["round"]] = run

    def has(self, server):
        return server in self.by_server

    def values(self, server, *path):
        return [value for run in self.by_server[server].values() if (value := _at(run, path)) is not None]

    def median(self, server, *path):
        values = self.values(server, *path)
        return median(values) if values else None

    def ratios(self, server, *path):
        """To the base; of a variant, to Greeter as it ships."""
        return self.values(server, *path[:-1], "times", path[-1])

    def quotients(self, server, other, *path):
        """To another server, in the rounds that had both: each was measured in turn with the base."""
        path = (*path[:-1], "times", path[-1])
        rounds = self.by_server[server].keys() & self.by_server[other].keys()
        return [
            _at(self.by_server[server][number], path) / _at(self.by_server[other][number], path)
            for number in sorted(rounds)
        ]

    def differences(self, server, *path):
        return self.values(server, *path[:-1], "more", path[-1])


def _at(value, path):
    for key in path:
        value = value.get(key) if value is not None else None
    return value


def _page(results, runs, costs, plot):
    parts = [
        "# Results",
        f"Written by `{results['command']}` ({results['rounds']} rounds, with {results['processes']} of Greeter, "
        f"Vert.x and bare grpc-java on its event loop, {results['seconds'] / 60:.0f} minutes); no figure is written by hand.",
        _table(["", ""], [[key, value] for key, value in results["machine"].items()]),
        "The servers have a core of their own, on which one at a time is under load, and the same JVM flags; their "
        "compilers run on the core of the load, and the measurements begin when they have hardly anything left to do. "
        "Each is measured in turn with another, by short loads one after the other, so that what disturbs the machine "
        "disturbs both: Greeter and its peers with bare grpc-java on its event loop, to which their ratios (×) are. "
        "Ratios are medians of a round's turns; figures and ratios are medians over the rounds, in brackets the range "
        "over the rounds, each with new processes. Every load checks the bytes of all replies, and a generated stub "
        "checks all four kinds of call.",
        "## Targets",
        _targets(runs),
        "## Greeter beside others",
        "`SayHello`, 10 connections with 10 streams each. Half load is half the calls per second that bare grpc-java "
        "on its event loop reaches, sent at a fixed rate over 50 connections; a server that cannot keep up is saturated. "
        "The start is the time from `java` to the first answered call.",
        _comparison(results, runs),
        "## In production",
        "Greeter with what services turn on in production, in turn with bare grpc-java that has the same TLS and nothing "
        "else: a token of the development issuer with each call, the metrics scraped each second, 10 % of the calls "
        "traced to a collector that drops them, and the access log written to a file.",
        _production(results, runs),
        *_production_profile(runs),
        "## What each feature costs",
        "Greeter with a feature switched off (−) or on (+), in turn with Greeter as it ships: "
        "the CPU time of the server per call under load, and JMH's time and allocation of the interceptor chain "
        "without a transport. What has no switch is in all of them: limits, deadlines that the server sets, the mapping "
        "of errors, the choice of the language.",
        f"![Cost per feature]({plot})",
        _features(runs, results, costs),
        "## Where the time goes",
        "CPU time per call by JFR's samples, in the library whose code runs or has called the JDK's; `SayHello`, "
        "10 connections with 10 streams each.",
        _profile(runs, {BASE: "bare, event loop", SHIPPED: "Greeter"}),
        "## Streaming",
        "Messages per second; a call of the server kind has 20 replies, of the client kind 100 requests, of the "
        "bidirectional kind 100 of both.",
        _matrix(runs, "streaming", "kind", lambda load: load["messages"], servers=PEERS),
        "## Connections",
        "`SayHello` with 4 streams per connection.",
        _matrix(runs, "connections", "connections"),
        "## Streams",
        "`SayHello` over 10 connections.",
        _matrix(runs, "streams", "streams per connection"),
        "## Payload",
        "Bytes of the request. Up to 1 kB they are the name, which comes back in the reply; a name can be no longer, "
        "so beyond it they are an unknown field.",
        _matrix(runs, "payloads", "request"),
    ]
    if runs.has(SHIPPED) and runs.values(SHIPPED, "web"):
        parts += [
            "## The web port",
            "`SayHello` over HTTP/2, 10 connections with 10 streams each, in turn with the same call by gRPC on the same "
            "server, to which the ratios (×) are.",
            _web(runs),
        ]
    if results.get("jmh"):
        parts += [
            "## Without a transport (JMH)",
            "One `SayHello` through the interceptors and the service (`chain`), through the service alone, "
            "and through the bare service, which leaves to the transport to encode the text of its reply, as Greeter's "
            "does not.",
            _jmh(results["jmh"]),
        ]
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"


def _comparison(results, runs):
    rows = []
    for server in PEERS:
        if not runs.has(server):
            continue
        saturated = (runs.median(server, "half", "saturated") or 0) > 0.5
        rows.append(
            [
                *_main(results, runs, server),
                "saturated" if saturated else f"{runs.median(server, 'half', 'mean') * 1e3:.2f} ms",
                "" if saturated else f"{runs.median(server, 'half', 'p99') * 1e3:.2f} ms",
                "" if saturated else _ratio(runs.ratios(server, "half", "p99")),
                f"{runs.median(server, 'idle_rss') / 2**20:.0f} / {runs.median(server, 'loaded_rss') / 2**20:.0f} MB",
                f"{runs.median(server, 'start'):.2f} s",
            ]
        )
    return _table([*MAIN, "mean at half load", "p99 at half load", "×", "memory idle / loaded", "start"], rows)


def _main(results, runs, server):
    """The title of a server, and what it does under the load of the targets."""
    return [
        results["titles"][server],
        f"{runs.median(server, 'main', 'rate'):,.0f}",
        _ratio(runs.ratios(server, "main", "rate")),
        f"{runs.median(server, 'main', 'cpu_per_call') * 1e6:.1f} µs",
        _ratio(runs.ratios(server, "main", "cpu_per_call")),
        f"{runs.median(server, 'main', 'allocated'):,.0f} B",
        _ratio(runs.ratios(server, "main", "allocated")),
    ]


def _production(results, runs):
    rows = [
        [
            *_main(results, runs, server),
            f"{runs.median(server, 'loaded_rss') / 2**20:.0f} MB",
        ]
        for server in (BARE_TLS, PRODUCTION)
        if runs.has(server)
    ]
    return _table([*MAIN, "memory under load"], rows)


def _summary(results, runs):
    def cell(server, figure, *path):
        ratios = runs.ratios(server, *path)
        return figure + (f" ({median(ratios):.2f} ×)" if ratios else "")

    rows = [
        [
            results["titles"][server],
            cell(server, f"{runs.median(server, 'main', 'rate'):,.0f}", "main", "rate"),
            cell(server, f"{runs.median(server, 'main', 'cpu_per_call') * 1e6:.1f} µs", "main", "cpu_per_call"),
            cell(server, f"{runs.median(server, 'main', 'allocated') / 1000:.1f} kB", "main", "allocated"),
            f"{runs.median(server, 'loaded_rss') / 2**20:.0f} MB",
            f"{runs.median(server, 'start'):.1f} s",
        ]
        for server in (PRODUCTION, BARE_TLS, *PEERS)
        if runs.has(server)
    ]
    return _table(["", "calls/s", "CPU per call", "allocated per call", "memory under load", "start"], rows)


def _why(runs):
    """Three lines for the first screen; empty unless the run had all servers."""
    if not all(runs.has(server) for server in (SHIPPED, "plain")):
        return ""

    def ratio(*path):
        return f"{median(runs.ratios(SHIPPED, *path)):.2f} ×"

    production = ""
    if runs.has(PRODUCTION):
        production = (
            "- With TLS, a token, metrics, traces and an access log it answers"
            f" {median(runs.ratios(PRODUCTION, 'main', 'rate')):.2f} × the calls per second of bare\n"
            "  grpc-java with TLS alone.\n"
        )
    starter = runs.median(SHIPPED, "main", "rate") / runs.median("plain", "main", "rate")
    return production + (
        f"- It answers {starter:.1f} × the calls per second of the starter with its defaults, and"
        f" {ratio('main', 'rate')} those of bare grpc-java.\n"
        f"- A call costs {ratio('main', 'cpu_per_call')} the CPU time and {ratio('main', 'allocated')} the memory of bare"
        " grpc-java, with deadlines, limits, metrics and access\n  control on.\n"
        f"- At half load its 99th percentile is {ratio('half', 'p99')} that of bare grpc-java.\n"
    )


def _targets(runs):
    if not runs.has(SHIPPED):
        return ""
    targets = [
        ("Throughput", ">=", 0.90, runs.ratios(SHIPPED, "main", "rate")),
        ("CPU per call", "<=", 1.12, runs.ratios(SHIPPED, "main", "cpu_per_call")),
        ("p99 at half load", "<=", 1.20, runs.ratios(SHIPPED, "half", "p99")),
        ("Allocation per call", "<=", 1.25, runs.ratios(SHIPPED, "main", "allocated")),
    ]
    for kind in ("server", "client", "bidirectional"):
        targets.append((f"{kind.capitalize()} streaming", ">=", 0.95, runs.ratios(SHIPPED, "streaming", kind, "rate")))
    if runs.has(VERTX):
        targets.append(("Throughput, to Vert.x", ">=", 1.00, runs.quotients(SHIPPED, VERTX, "main", "rate")))
    if runs.has(PRODUCTION):
        targets.append(("Throughput in production", ">=", 0.60, runs.ratios(PRODUCTION, "main", "rate")))
    rows = []
    for title, comparison, target, ratios in targets:
        if ratios:
            value = median(ratios)
            met = value >= target if comparison == ">=" else value <= target
            sign = "at least" if comparison == ">=" else "at most"
            rows.append([title, f"{sign} {target:.2f} ×", _ratio(ratios), "met" if met else "**missed**"])
    return _table(["Greeter as it ships", "target", "measured", ""], rows)


def _costs(runs, results):
    """What each feature costs: microseconds of CPU per call by round, and JMH's nanoseconds and bytes."""
    chains = {score["variant"]: score for score in results.get("jmh", []) if score["benchmark"] == "chain"}
    shipped = chains.get(SHIPPED)
    costs = []
    for server in runs.by_server:
        if server[0] not in "+-":
            continue
        sign = 1 if server[0] == "+" else -1
        chain = chains.get(server)
        costs.append(
            {
                "server": server,
                "name": server[1:].replace("_", " "),
                "shipped": sign < 0,
                "cpu": [sign * cost * 1e6 for cost in runs.differences(server, "main", "cpu_per_call")],
                "allocated": [sign * cost for cost in runs.differences(server, "main", "allocated")],
                "nanoseconds": sign * (chain["nanoseconds"] - shipped["nanoseconds"]) if chain and shipped else None,
                "bytes": sign * (chain["bytes"] - shipped["bytes"]) if chain and shipped else None,
            }
        )
    return sorted((cost for cost in costs if cost["cpu"]), key=lambda cost: -median(cost["cpu"]))


def _features(runs, results, costs):
    rows = [
        [
            ("−" if cost["shipped"] else "+") + " " + cost["name"],
            "on" if cost["shipped"] else "off",
            _ratio(runs.ratios(cost["server"], "main", "rate")),
            f"{median(cost['cpu']):+.2f} µs ({min(cost['cpu']):+.2f} to {max(cost['cpu']):+.2f})",
            f"{median(cost['allocated']):+,.0f} B",
            "" if cost["nanoseconds"] is None else f"{cost['nanoseconds']:+,.0f} ns",
            "" if cost["bytes"] is None else f"{cost['bytes']:+,.0f} B",
        ]
        for cost in costs
    ]
    titles = ["Greeter", "as it ships", "calls/s of the variant, × shipped", "CPU per call for the feature"]
    return _table([*titles, "allocated for it", "in the chain (JMH)", "allocated (JMH)"], rows)


def _profile(runs, servers):
    """The time by library of two servers."""
    bare, greeter = ([profile["libraries"] for profile in _profiles(runs, server)] for server in servers)
    if not bare or not greeter:
        return ""

    def time(profiles, library):
        return median(profile.get(library, 0) for profile in profiles) * 1e6

    libraries = sorted({library for profile in greeter + bare for library in profile})
    rows = [
        [library, f"{time(bare, library):.2f} µs", f"{time(greeter, library):.2f} µs"]
        + [f"{time(greeter, library) - time(bare, library):+.2f} µs"]
        for library in sorted(libraries, key=lambda library: -time(greeter, library))
    ]
    return _table(["", *servers.values(), "difference"], rows)


def _profiles(runs, server):
    return runs.values(server, "profile") if runs.has(server) else []


def _production_profile(runs):
    profiles = _profiles(runs, PRODUCTION)
    if not profiles:
        return []
    methods, classes = profiles[0]["methods"].items(), profiles[0]["classes"].items()
    return [
        "Where its time goes, by JFR's samples:",
        _profile(runs, {BARE_TLS: "bare with TLS", PRODUCTION: "in production"}),
        "The methods that run most, and the classes that are allocated most, per call in production:",
        _table(["method", "CPU time"], [[f"`{name}`", f"{seconds * 1e6:.2f} µs"] for name, seconds in methods]),
        _table(["class", "allocated"], [[f"`{name}`", f"{size:,.0f} B"] for name, size in classes]),
    ]


def _matrix(runs, section, title, messages=lambda load: 1, servers=(BASE, SHIPPED)):
    present = [server for server in servers if runs.has(server) and runs.values(server, section)]
    if not present:
        return ""
    names = {BASE: "bare, event loop", "bare": "bare", "plain": "starter", VERTX: "Vert.x", SHIPPED: "Greeter"}
    unit = "messages" if section == "streaming" else "calls"
    rows = []
    for key, load in runs.values(present[0], section)[0].items():
        row = [key]
        for server in present:
            row.append(f"{runs.median(server, section, key, 'rate') * messages(load):,.0f}")
            cpu = runs.median(server, section, key, "cpu_per_call") / messages(load)
            row.append(f"{cpu * 1e6:.2f} µs")
            if server != BASE:
                row.append(_ratio(runs.ratios(server, section, key, "rate")))
                row.append(_ratio(runs.ratios(server, section, key, "cpu_per_call")))
        rows.append(row)
    heads = [title]
    for server in present:
        heads += [f"{names[server]}: {unit}/s", f"CPU per {unit[:-1]}"]
        if server != BASE:
            heads += ["×", "CPU ×"]
    return _table(heads, rows)


def _web(runs):
    rows = [
        [
            protocol,
            f"{runs.median(SHIPPED, 'web', protocol, 'rate'):,.0f}",
            _ratio(runs.ratios(SHIPPED, "web", protocol, "rate")),
            f"{runs.median(SHIPPED, 'web', protocol, 'cpu_per_call') * 1e6:.1f} µs",
            _ratio(runs.ratios(SHIPPED, "web", protocol, "cpu_per_call")),
            f"{runs.median(SHIPPED, 'web', protocol, 'allocated'):,.0f} B",
            _ratio(runs.ratios(SHIPPED, "web", protocol, "allocated")),
        ]
        for protocol in runs.values(SHIPPED, "web")[0]
    ]
    return _table(["", "calls/s", "×", "CPU per call", "×", "allocated per call", "×"], rows)


def _jmh(scores):
    rows = [
        [score["benchmark"], score["variant"], f"{score['nanoseconds']:,.0f} ns", f"{score['bytes']:,.0f} B"]
        for score in scores
    ]
    return _table(["", "variant", "time", "allocated"], rows)


def _ratio(values):
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.2f}"
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def _table(titles, rows):
    if not rows:
        return ""
    lines = [titles, ["---"] + ["---:"] * (len(titles) - 1), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def _svg(costs):
    """Bars of the median, whiskers from the least to the most of the rounds."""
    left, width, step, top = 150, 420, 30, 44
    low = min(0.0, *(min(cost["cpu"]) for cost in costs))
    high = max(0.1, *(max(cost["cpu"]) for cost in costs))
    height = top + step * len(costs) + 34

    def x(value):
        return left + (value - low) / (high - low) * width

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 110} {height}" '
        'font-family="sans-serif" font-size="13" fill="#777">',
        '<text x="10" y="20" font-size="15">CPU time of the server per call, by feature (µs)</text>',
        f'<line x1="{x(0):.1f}" y1="{top - 8}" x2="{x(0):.1f}" y2="{height - 26}" stroke="#777"/>',
    ]
    for i, cost in enumerate(costs):
        y, value = top + step * i, median(cost["cpu"])
        colour = "#2f7fd0" if cost["shipped"] else "#d98a1f"
        start, end = sorted((x(0), x(value)))
        middle = y + 9
        lines += [
            f'<text x="{left - 10}" y="{y + 14}" text-anchor="end">{cost["name"]}</text>',
            f'<rect x="{start:.1f}" y="{y}" width="{max(1, end - start):.1f}" height="18" fill="{colour}"/>',
            f'<line x1="{x(min(cost["cpu"])):.1f}" y1="{middle}" x2="{x(max(cost["cpu"])):.1f}" y2="{middle}" '
            'stroke="#777"/>',
            f'<text x="{left + width + 14}" y="{y + 14}">{value:+.2f} µs</text>',
        ]
    lines += [
        f'<rect x="10" y="{height - 18}" width="12" height="12" fill="#2f7fd0"/>',
        f'<text x="28" y="{height - 8}">as Greeter ships</text>',
        f'<rect x="160" y="{height - 18}" width="12" height="12" fill="#d98a1f"/>',
        f'<text x="178" y="{height - 8}">when switched on; the line is the range over the rounds</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
