// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/bodydecoder.h"
#include "app/http/httpframing.h"
#include "app/http/httpparser.h"
#include "app/http/httpservershared.h"

#include <memory>
#include <optional>

namespace kirotray {

/// The requests of one connection, checked: from bytes to a request with its body decoded, or to
/// the answer that refuses it. Counts its body in HttpServerShared::bodyBytes. No socket, no clock.
class HttpRequestReader
{
public:
    enum class Event {
        NeedMore, ///< everything was consumed
        Head, ///< a request was let in; see wantsContinue()
        Body, ///< a part of its body
        Request, ///< it is complete: takeRequest()
        Refused, ///< refusal() is the answer
    };

    explicit HttpRequestReader(std::shared_ptr<HttpServerShared> shared);
    ~HttpRequestReader();
    HttpRequestReader(const HttpRequestReader &) = delete;
    HttpRequestReader &operator=(const HttpRequestReader &) = delete;

    /// Like HttpParser::next(). After Request and Refused call reset() before the next request.
    Event next(QByteArrayView &bytes, const QHostAddress &peer);
    /// Refuses the request at hand for a reason that is not in its bytes (time, end of service).
    void refuse(int status, const QByteArray &message);
    void reset();

    bool isIdle() const { return m_parser.isIdle(); }
    bool wantsContinue() const { return m_wantsContinue; } ///< send 100, then the body comes
    HttpRequest takeRequest(); ///< its body stays counted until releaseBody()
    void releaseBody();
    const HttpResponse &refusal() const { return m_refusal; }
    /// For the answer. After a refusal keepAlive is false when unread bytes may follow.
    const HttpFraming &framing() const { return m_framing; }

private:
    struct Fault
    {
        int status;
        const char *message;
    };

    Event takeHead(const QHostAddress &peer);
    std::optional<Fault> findFault() const;
    Event takeBody();
    Event takeEnd();
    Event refused(int status, const QByteArray &message);
    void countBody(qsizetype size);

    std::shared_ptr<HttpServerShared> m_shared;
    HttpParser m_parser;
    std::unique_ptr<BodyDecoder> m_decoder;
    HttpRequest m_request;
    HttpFraming m_framing;
    HttpResponse m_refusal;
    qsizetype m_countedBody = 0;
    bool m_wantsContinue = false;
};

} // namespace kirotray
