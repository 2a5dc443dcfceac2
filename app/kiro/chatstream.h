// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/limits.h"
#include "app/kiro/answertranslator.h"
#include "app/kiro/chattap.h"
#include "app/kiro/requestbuilder.h"
#include "app/net/httpclient.h"

#include <QObject>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace kirotray {

/// One attempt to get a streamed answer from one host: POST, frames, events. Ends with exactly one
/// of succeeded() and failed(), unless destroyed before; destroying it aborts the call, also from a
/// slot of its signals. Caller's thread.
class ChatStream : public QObject
{
    Q_OBJECT
public:
    struct Timeouts
    {
        /// From the start to the reply's header: this much for a small request, growing with its
        /// size up to firstByteMax at limits::FirstByteFullSize.
        std::chrono::milliseconds firstByte = limits::FirstByteTimeout;
        std::chrono::milliseconds firstByteMax = limits::FirstByteTimeoutMax;
        std::chrono::milliseconds idle = limits::StreamIdleTimeout; ///< between two pieces
        std::chrono::milliseconds total = limits::StreamTotalTimeout;
    };
    struct Attempt
    {
        KiroTablesPtr tables;
        KiroIdentity identity;
        QString baseUrl; ///< "{region}" replaced
        std::optional<QString> profileArn = {}; ///< empty: none; absent: profileArnFor()
        std::shared_ptr<const BuiltRequest> request;
        QByteArray invocationId; ///< kept across the retries of one request
        ProxyChoice proxy;
        AnswerTranslator::Options answer;
        /// This host has closed this model's answers with metadata, context usage or metering
        /// before: one that ends without any of them was cut off. Qt 6.4 reports a chunked reply
        /// over plain HTTP as complete when the peer drops it between two chunks.
        bool expectsClosingEvents = false;
        Timeouts timeouts = {};
        std::shared_ptr<ChatTap> tap = {}; ///< null: nobody watches
    };
    ChatStream(HttpClient &http, Attempt attempt, QObject *parent);
    ~ChatStream() override;

    void start();
    void pause(); ///< the client is slow
    void resume();
    bool hasContent() const; ///< something visible was emitted: no retry any more
    bool hasClosingEvents() const; ///< see Attempt::expectsClosingEvents
    /// When the reply's header came and when the first content came, since start(); -1: not yet.
    qint64 headerMs() const;
    qint64 firstContentMs() const;

signals:
    /// The events of one arrival, in order. Direct connections only: the vector is reused.
    void events(const std::vector<ChatEvent> &events);
    void succeeded(); ///< after the events that end with Finished
    void failed(const UpstreamFailure &failure);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
