// SPDX-License-Identifier: MIT
#pragma once

#include "app/context/contextfit.h"

#include <QTest>

#include <memory>
#include <vector>

namespace kirotray {

inline std::string padding(std::size_t size)
{
    return std::string(size, 'x');
}

/// Questions and answers of that many characters each, and a last question.
inline ChatRequest talk(int exchanges, std::size_t size = 100)
{
    ChatRequest request;
    request.model = "claude-sonnet-4-5";
    request.system = "Be brief.";
    for (int at = 0; at < exchanges; ++at) {
        request.messages.push_back({Role::User, {TextPart {padding(size)}}});
        request.messages.push_back({Role::Assistant, {TextPart {padding(size)}}});
    }
    request.messages.push_back({Role::User, {TextPart {"And now?"}}});
    return request;
}

/// One question and that many rounds of tool calls.
inline ChatRequest work(int rounds, std::size_t size = 100)
{
    ChatRequest request;
    request.messages.push_back({Role::User, {TextPart {"Repair it."}}});
    for (int at = 0; at < rounds; ++at) {
        const std::string id = "t" + std::to_string(at);
        request.messages.push_back({Role::Assistant, {ToolUsePart {id, "f", "{}"}}});
        request.messages.push_back({Role::User, {ToolResultPart {id, padding(size)}}});
    }
    return request;
}

inline std::string firstText(const ChatRequest &request, std::size_t message = 0)
{
    return std::get<TextPart>(request.messages[message].parts.front()).text;
}

/// A fit of one request after another, with a model that is played here.
class ContextFitBench : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_settings = {};
        m_settings.maxMessages = 8;
        m_settings.maxChars = 10'000;
        m_cache.clear();
        m_asks.clear();
        m_pending.clear();
        m_written = std::string("They talked.");
        m_isPending = false;
        m_timeout = std::chrono::seconds(10);
        m_window = 200'000;
        m_client.clear();
    }

protected:
    void begin(ChatRequest request, const QString &conversation = u"c"_s)
    {
        m_dones.clear();
        m_request = std::make_shared<ChatRequest>(std::move(request));
        ContextFit::Services services {
            m_cache,
            [this](SummaryAsk ask, SummaryDone done) {
                m_asks.push_back(std::move(ask));
                if (m_isPending)
                    m_pending.push_back(std::move(done));
                else
                    done(m_written);
            },
            [this](QObject *context, std::function<void()> work, std::function<void()> done) {
                work();
                if (m_isDeferred)
                    QTimer::singleShot(0, context, done);
                else
                    done();
            },
            m_timeout};
        m_fit = std::make_unique<ContextFit>(std::move(services), m_settings, nullptr);
        m_fit->start({m_request, conversation, m_window, m_client},
                     [this](bool changed) { m_dones.push_back(changed); });
    }

    bool refuse()
    {
        return m_fit->shortenAfterRefusal([this](bool changed) { m_dones.push_back(changed); });
    }

    QString lastNote() const
    {
        return m_request->notes.empty() ? QString()
                                        : QString::fromStdString(m_request->notes.back());
    }

    ContextSettings m_settings;
    SummaryCache m_cache;
    std::vector<SummaryAsk> m_asks;
    std::vector<SummaryDone> m_pending;
    Result<std::string> m_written = std::string();
    bool m_isPending = false;
    bool m_isDeferred = false;
    std::chrono::milliseconds m_timeout {0};
    qint64 m_window = 0;
    QString m_client;
    std::shared_ptr<ChatRequest> m_request;
    std::vector<bool> m_dones;
    std::unique_ptr<ContextFit> m_fit;
};

} // namespace kirotray
