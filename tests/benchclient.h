// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QElapsedTimer>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>
#include <QUrl>

#include <functional>
#include <memory>
#include <vector>

namespace kirotray::bench {

/// What a set of streams that started together did. Milliseconds since their start.
struct Streams
{
    std::vector<double> firstMs; ///< first content byte of each that got one
    double allLiveMs = 0; ///< when the last of them got it
    double longestGapMs = 0; ///< between two pieces of one stream
    int complete = 0; ///< ended regularly
};

/// kirotrayctl and the simulator as processes, and a client that speaks to either. Blocks; one
/// thread.
class Bench
{
public:
    Bench(const QString &kirotrayctl, const QString &simulator);
    ~Bench();

    bool isReady() const { return m_isReady; }
    void script(const QByteArray &json);

    struct Load
    {
        int count = 1;
        int apartMs = 0; ///< between the starts of two streams
        std::function<void()> whenLive = {}; ///< called when each has got its first content
    };
    Streams run(bool isProxied, const Load &load);
    Streams runBesideLargeRequests(int count, qsizetype bytes);
    /// Resident KB of the proxy after a client has stopped reading for three seconds.
    double residentBesideStalledClient();
    double clientGoneToAbortMs();

    double startMs() const { return m_startMs; }
    double proxyResidentKb() const;
    double proxyCpuSeconds() const;
    double
    wakeUpsPerSecond() const; ///< voluntary context switches of all threads, over five seconds

private:
    bool startSimulator(const QString &program);
    bool startProxy(const QString &program);
    QByteArray ask(const QByteArray &command);
    QByteArray request(bool isProxied, const QByteArray &content) const;
    int abortedStreams();

    QTemporaryDir m_folder;
    QProcess m_simulator;
    QProcess m_proxy;
    QUrl m_simulatorUrl;
    QUrl m_proxyUrl;
    QByteArray m_accessToken;
    QByteArray m_refreshToken;
    QByteArray m_endpoints;
    QByteArray m_upstreamBody; ///< what the proxy made of our request: sent straight as it is
    double m_startMs = 0;
    bool m_isReady = false;
};

} // namespace kirotray::bench
