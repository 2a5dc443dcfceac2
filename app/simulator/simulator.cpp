// SPDX-License-Identifier: MIT
#include "app/simulator/simulator.h"

#include "app/base/json.h"
#include "app/simulator/scenario.h"
#include "app/simulator/simulatedservice.h"

#include <QThread>

namespace kirotray {

class Simulator::Private
{
public:
    Private()
        : server(new SimulatedService)
    {
        thread.setObjectName(u"simulator"_s);
        server->moveToThread(&thread);
        QObject::connect(&thread, &QThread::finished, server, &QObject::deleteLater);
    }

    /// Runs `work` on the server's thread and waits for it; here when that has not started.
    template <typename Work>
    auto ask(const Work &work)
    {
        decltype(work(*server)) answer = {};
        if (thread.isRunning()) {
            QMetaObject::invokeMethod(
                server, [&] { answer = work(*server); }, Qt::BlockingQueuedConnection);
        } else {
            answer = work(*server);
        }
        return answer;
    }

    ~Private()
    {
        if (!thread.isRunning()) {
            delete server;
            return;
        }
        ask([](SimulatedService &running) {
            running.close();
            return Done();
        });
        thread.quit();
        thread.wait();
    }

    QThread thread;
    SimulatedService *server; ///< lives on `thread`, deleted when that ends
    QUrl url;
};

Simulator::Simulator()
    : d(std::make_unique<Private>())
{
}

Simulator::~Simulator() = default;

Result<QUrl> Simulator::start(quint16 port)
{
    if (d->url.isValid())
        return d->url;
    d->thread.start();
    const auto listening = d->ask(
        [port](SimulatedService &server) { return std::make_optional(server.listen(port)); });
    if (!*listening)
        return listening->error();
    d->url.setScheme(u"http"_s);
    d->url.setHost(u"127.0.0.1"_s);
    d->url.setPort(listening->value());
    return d->url;
}

QUrl Simulator::url() const
{
    return d->url;
}

Result<Done> Simulator::setScript(const QByteArray &json)
{
    const Result<Scenario> scenario = parseScenario(json);
    if (!scenario)
        return scenario.error();
    return d->ask([&](SimulatedService &server) {
        server.setScenario(scenario.value());
        return Done();
    });
}

SimulatorStatistics Simulator::statistics() const
{
    return d->ask([](SimulatedService &server) { return server.statistics(); });
}

std::vector<SimulatorRequest> Simulator::requests() const
{
    return d->ask([](SimulatedService &server) { return server.requests(); });
}

QByteArray Simulator::endpointsJson() const
{
    const std::string base = d->url.toString().toStdString();
    std::string out;
    JsonWriter writer(out);
    writer.beginObject();
    for (const char *purpose :
         {"chat", "control", "mcp", "socialAuth", "portal", "ssoPortal", "identityProviders"})
        writer.key(purpose).beginArray().string(base).endArray();
    // The region decides who answers (kiro-protocol §4.4).
    writer.key("oidc").beginArray().string(base + "/{region}").endArray();
    writer.endObject();
    return QByteArray::fromStdString(out);
}

QByteArray Simulator::demoAccessToken()
{
    return TokenBook::demoAccessToken();
}

QByteArray Simulator::demoRefreshToken()
{
    return TokenBook::demoRefreshToken();
}

} // namespace kirotray
