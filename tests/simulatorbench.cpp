// SPDX-License-Identifier: MIT
#include "tests/simulatorbench.h"

#include "app/base/json.h"

#include <QTest>

namespace kirotray {

QByteArray chatBody(const QByteArray &text, const QByteArray &model)
{
    return R"({"conversationState":{"conversationId":"c-1","chatTriggerType":"MANUAL",)"
           R"("currentMessage":{"userInputMessage":{"content":")"
        + text + R"(","modelId":")" + model + R"("}}}})";
}

QByteArray refreshBody(const QByteArray &token)
{
    return R"({"refreshToken":")" + token + R"("})";
}

QByteArray member(const QByteArray &json, std::string_view key)
{
    const auto document = JsonDocument::parse(json.toStdString());
    if (!document)
        return {};
    const JsonValue value = document.value().root()[key];
    return QByteArray::fromStdString(std::string(value.isString() ? value.string() : value.raw()));
}

void SimulatorBench::init()
{
    m_simulator = std::make_unique<Simulator>();
    QVERIFY(m_simulator->start());
    m_calls = std::make_unique<QObject>();
}

void SimulatorBench::cleanup()
{
    m_calls.reset();
    m_simulator.reset();
}

RawCall *SimulatorBench::post(const QByteArray &path, const QByteArray &body,
                              const QByteArray &token, const QByteArrayList &extraHeaders)
{
    const QByteArrayList headers =
        QByteArrayList {"Content-Type: application/json", "Authorization: Bearer " + token}
        + extraHeaders;
    return new RawCall(m_simulator->url(), "POST " + path, headers, body, m_calls.get());
}

void SimulatorBench::setScript(const QByteArray &json)
{
    const Result<Done> set = m_simulator->setScript(json);
    QVERIFY2(set, set ? "" : qPrintable(describe(set.error())));
}

} // namespace kirotray
