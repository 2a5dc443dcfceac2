// SPDX-License-Identifier: MIT
#include "app/net/httpclient.h"

#include "app/base/limits.h"
#include "app/net/managerpool.h"
#include "app/net/systemproxy.h"

#include <QThread>

#include <utility>

namespace kirotray {

namespace {

/// Gathers one reply and answers once. A child of the context, with the call as its child: when the
/// context goes, both go without an answer.
class ReplyCollector : public QObject
{
public:
    ReplyCollector(QObject *context, std::function<void(Result<HttpReply>)> done)
        : QObject(context)
        , m_done(std::move(done))
    {
    }

    void follow(HttpCall *call)
    {
        m_call = call;
        connect(call, &HttpCall::readyRead, this, [this] { gather(); });
        connect(call, &HttpCall::finished, this, [this](bool ok) {
            if (ok)
                answer(HttpReply {m_call->status(), std::move(m_body), m_call->headers()});
            else
                answer(m_call->error());
        });
    }

private:
    void gather()
    {
        m_body += m_call->readAll();
        if (m_body.size() > limits::MaxReplyBody)
            answer(Error {Error::Code::Upstream,
                          u"the reply is larger than %1 bytes"_s.arg(limits::MaxReplyBody),
                          {},
                          m_call->status()});
    }

    void answer(Result<HttpReply> result)
    {
        m_call->disconnect(this);
        m_call->abort(); // nothing more is wanted, if anything is still coming
        deleteLater();
        if (const auto done = std::exchange(m_done, nullptr))
            done(std::move(result)); // may destroy this
    }

    std::function<void(Result<HttpReply>)> m_done;
    HttpCall *m_call = nullptr;
    QByteArray m_body;
};

} // namespace

QByteArray HttpReply::header(const QByteArray &name) const
{
    return headerValue(headers, name);
}

HttpClient::HttpClient(QObject *parent)
    : QObject(parent)
    , m_pool(std::make_shared<ManagerPool>())
    , m_systemProxy(new SystemProxy(SystemProxy::askSystem, this))
{
}

HttpClient::~HttpClient()
{
    m_pool->close();
}

HttpCall *HttpClient::start(const OutboundRequest &request, QObject *parent)
{
    Q_ASSERT(thread() == QThread::currentThread());
    auto *call = new HttpCall(parent);
    call->begin(request, m_pool, *m_systemProxy);
    return call;
}

void HttpClient::fetch(const OutboundRequest &request, QObject *context,
                       std::function<void(Result<HttpReply>)> done)
{
    auto *collector = new ReplyCollector(context, std::move(done));
    collector->follow(start(request, collector));
}

int HttpClient::managerCount() const
{
    return m_pool->managerCount();
}

int HttpClient::activeCalls() const
{
    return m_pool->leaseCount();
}

} // namespace kirotray

#include "moc_httpclient.cpp"
