// SPDX-License-Identifier: MIT
// The real programs on this machine: a client talks to the simulator straight and through the
// proxy, in one run. Prints one line a figure: name, value, unit. Arguments: the paths of
// kirotrayctl and kirotray-simulator.
#include "tests/benchclient.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <string>

namespace {

using namespace kirotray::bench;

double percentile(std::vector<double> values, double part)
{
    std::sort(values.begin(), values.end());
    return values.empty() ? -1 : values[std::size_t(part * double(values.size() - 1))];
}

void print(const char *name, double value, const char *unit)
{
    std::printf("%s\t%.2f\t%s\n", name, value, unit);
    std::fflush(stdout);
}

/// First content byte of sixteen streams that run together, straight and through the proxy in turn.
/// They start a little apart, as clients do, or all in the same moment.
void benchFirstByte(Bench &bench, int apartMs, const char *name)
{
    bench.script(
        R"({"rules":[{"steps":[{"burst":{"text":"Hello ","count":20,"intervalMs":5}}]}]})");
    std::vector<double> straight;
    std::vector<double> proxied;
    for (int round = 0; round < 42; ++round) {
        for (const bool isProxied : {false, true}) {
            const Streams streams = bench.run(isProxied, {16, apartMs});
            if (round < 2)
                continue; // connections and caches warm up
            auto &into = isProxied ? proxied : straight;
            into.insert(into.end(), streams.firstMs.begin(), streams.firstMs.end());
        }
    }
    const auto line = [&](const char *what, double value) {
        print((std::string(name) + what).c_str(), value, "ms");
    };
    line("_straight_p50_ms", percentile(straight, 0.5));
    line("_proxied_p50_ms", percentile(proxied, 0.5));
    print((std::string(name) + "_ratio").c_str(),
          percentile(proxied, 0.5) / percentile(straight, 0.5), "x straight");
    line("_added_p50_ms", percentile(proxied, 0.5) - percentile(straight, 0.5));
    line("_added_p99_ms", percentile(proxied, 0.99) - percentile(straight, 0.99));
}

void benchOneStream(Bench &bench)
{
    std::vector<double> straight;
    std::vector<double> proxied;
    for (int round = 0; round < 60; ++round) {
        straight.push_back(bench.run(false, {}).firstMs.front());
        proxied.push_back(bench.run(true, {}).firstMs.front());
    }
    print("first_byte_added_alone_p50_ms", percentile(proxied, 0.5) - percentile(straight, 0.5),
          "ms");
}

void benchEvents(Bench &bench)
{
    bench.script(
        R"({"rules":[{"steps":[{"burst":{"text":"Hello, world ","count":300,"intervalMs":5}}]}]})");
    const double before = bench.proxyCpuSeconds();
    const Streams streams = bench.run(true, {64});
    const double cpu = bench.proxyCpuSeconds() - before;
    print("cpu_per_event_us", cpu * 1e6 / (64.0 * 300.0),
          "us (64 streams, an event every 5 ms each)");
    print("events_delivered", double(streams.complete), "streams complete of 64");
}

void benchThousand(Bench &bench)
{
    bench.script(
        R"({"rules":[{"steps":[{"burst":{"text":"tick ","count":12,"intervalMs":1000}}]}]})");
    const double before = bench.proxyResidentKb();
    double during = 0;
    const Streams streams = bench.run(true, {1000, 0, [&] { during = bench.proxyResidentKb(); }});
    print("streams_live", double(streams.firstMs.size()), "of 1000");
    print("streams_all_live_after_s", streams.allLiveMs / 1000, "s");
    print("memory_per_stream_kb", (during - before) / 1000, "KB resident");
    print("streams_complete", double(streams.complete), "of 1000");
}

/// The longest silence on other streams while 5 MB requests are translated.
void benchGap(Bench &bench)
{
    bench.script(R"({"rules":[{"match":{"text":"Go on."},"steps":[{"text":"ok"}]},)"
                 R"({"steps":[{"burst":{"text":"tick ","count":400,"intervalMs":5}}]}]})");
    const Streams calm = bench.run(true, {8});
    const Streams busy = bench.runBesideLargeRequests(8, 5 * 1024 * 1024);
    print("longest_gap_calm_ms", calm.longestGapMs, "ms (events every 5 ms)");
    print("longest_gap_beside_5mb_ms", busy.longestGapMs, "ms");
}

void benchSlowClient(Bench &bench)
{
    bench.script(R"({"rules":[{"steps":[{"burst":{"text":")" + QByteArray(20'000, 'x')
                 + R"(","count":10000,"intervalMs":1}}]}]})");
    const double before = bench.proxyResidentKb();
    print("slow_client_growth_mb", (bench.residentBesideStalledClient() - before) / 1024,
          "MB after 3 s of 20 MB/s that nobody reads");
    print("client_gone_to_abort_ms", bench.clientGoneToAbortMs(), "ms");
}

} // namespace

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    if (argc != 3) {
        std::fprintf(stderr, "usage: bench_proxy KIROTRAYCTL KIROTRAY-SIMULATOR\n");
        return 2;
    }
    Bench bench(QString::fromLocal8Bit(argv[1]), QString::fromLocal8Bit(argv[2]));
    if (!bench.isReady())
        return 1;
    print("start_to_listening_ms", bench.startMs(),
          "ms from exec, key derivation of the file vault included");
    print("idle_resident_mb", bench.proxyResidentKb() / 1024, "MB");
    print("idle_wakeups_per_s", bench.wakeUpsPerSecond(), "1/s");
    benchFirstByte(bench, 5, "first_byte_16");
    benchFirstByte(bench, 0, "first_byte_16_same_moment");
    benchOneStream(bench);
    benchEvents(bench);
    benchThousand(bench);
    benchGap(bench);
    benchSlowClient(bench);
    return 0;
}
