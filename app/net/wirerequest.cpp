// SPDX-License-Identifier: MIT
#include "app/net/wirerequest.h"

#include "app/base/limits.h"

#include <QIODevice>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QNetworkReply>
#include <QNetworkRequest>

#include <algorithm>
#include <cstring>

namespace kirotray {

namespace {

/// A request body that cannot be rewound once a byte was taken. Qt sends a request again, up to
/// twice, when the connection closes before an answer; with this body it reports an error instead.
class OneTimeBody : public QIODevice
{
public:
    explicit OneTimeBody(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
        open(ReadOnly | Unbuffered);
    }

    qint64 size() const override { return m_bytes.size(); }
    bool seek(qint64 offset) override { return m_taken == 0 && QIODevice::seek(offset); }

protected:
    qint64 readData(char *data, qint64 maxSize) override
    {
        const qint64 length = std::min<qint64>(maxSize, m_bytes.size() - m_taken);
        std::memcpy(data, m_bytes.constData() + m_taken, static_cast<std::size_t>(length));
        m_taken += length;
        return length;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    QByteArray m_bytes;
    qint64 m_taken = 0;
};

/// RFC 9110 §5.6.2
bool isHttpToken(const QByteArray &text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
    });
}

bool hasLineBreak(const QByteArray &value)
{
    return value.contains('\r') || value.contains('\n') || value.contains('\0');
}

/// For plain http through an HTTP proxy, which Qt would send again after a 407. For https Qt signs
/// in to the proxy before the request is sent.
std::optional<QByteArray> proxyCredentials(const QNetworkProxy &proxy, const QUrl &url)
{
    if (proxy.type() != QNetworkProxy::HttpProxy || proxy.user().isEmpty()
        || url.scheme() != "http"_L1)
        return std::nullopt;
    return "Basic " + (proxy.user() + u':' + proxy.password()).toUtf8().toBase64();
}

void setFields(QNetworkRequest &wire, const OutboundRequest &request)
{
    const auto fallback = [&wire](const QByteArray &name, const QByteArray &value) {
        if (!wire.hasRawHeader(name))
            wire.setRawHeader(name, value);
    };
    for (const auto &[name, value] : request.headers) {
        const QByteArray before = wire.rawHeader(name);
        wire.setRawHeader(name, before.isNull() ? value : before + ", " + value);
    }
    wire.setRawHeader("Accept-Encoding", "identity");
    fallback("Accept-Language", "*");
    fallback("User-Agent", "KiroTray/" KIROTRAY_VERSION);
    if (!request.body.isEmpty())
        fallback("Content-Type", "application/octet-stream");
}

void setAttributes(QNetworkRequest &wire)
{
    // HTTP/2 in Qt has no back-pressure and 100 streams a connection.
    wire.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    wire.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    wire.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    wire.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    wire.setAttribute(QNetworkRequest::RedirectPolicyAttribute,
                      QNetworkRequest::ManualRedirectPolicy);
    wire.setAttribute(QNetworkRequest::ConnectionCacheExpiryTimeoutSecondsAttribute,
                      static_cast<int>(limits::IdleManagerLifetime.count()));
}

QNetworkReply *sendBody(QNetworkAccessManager &manager, const QNetworkRequest &wire,
                        const OutboundRequest &request)
{
    auto *body = new OneTimeBody(request.body);
    QNetworkReply *reply = nullptr;
    if (request.method == "POST")
        reply = manager.post(wire, body);
    else if (request.method == "PUT")
        reply = manager.put(wire, body);
    else
        reply = manager.sendCustomRequest(wire, request.method, body);
    body->setParent(reply);
    return reply;
}

} // namespace

std::optional<Error> refusedRequest(const OutboundRequest &request)
{
    const auto refused = [](const QString &what) { return Error {Error::Code::BadInput, what}; };
    const QString scheme = request.url.scheme();
    if ((scheme != "https"_L1 && scheme != "http"_L1) || request.url.host().isEmpty())
        return refused(u"not an http or https address"_s);
    if (!request.url.userInfo().isEmpty())
        return refused(u"the address holds a user name"_s);
    if (!isHttpToken(request.method))
        return refused(u"not an HTTP method"_s);
    for (const auto &[name, value] : request.headers) {
        if (!isHttpToken(name))
            return refused(u"not a header name"_s);
        if (hasLineBreak(value))
            return refused(u"header %1 holds a line break"_s.arg(QString::fromLatin1(name)));
    }
    return std::nullopt;
}

QNetworkReply *sendOverWire(QNetworkAccessManager &manager, const OutboundRequest &request)
{
    QNetworkRequest wire(request.url);
    setFields(wire, request);
    if (const auto credentials = proxyCredentials(manager.proxy(), request.url))
        wire.setRawHeader("Proxy-Authorization", *credentials);
    setAttributes(wire);
    if (!request.body.isEmpty())
        return sendBody(manager, wire, request);
    // Qt must know HEAD to expect no body, and the others to send no length or a length of zero.
    if (request.method == "GET")
        return manager.get(wire);
    if (request.method == "HEAD")
        return manager.head(wire);
    if (request.method == "POST")
        return manager.post(wire, QByteArray());
    if (request.method == "PUT")
        return manager.put(wire, QByteArray());
    if (request.method == "DELETE")
        return manager.deleteResource(wire);
    return manager.sendCustomRequest(wire, request.method);
}

std::optional<Error> transportFailure(const QNetworkReply &reply)
{
    const QNetworkReply::NetworkError code = reply.error();
    if (code == QNetworkReply::NoError)
        return std::nullopt;
    // 201–299, 401–499 and InvalidOperation (400, 418) are made from a status; 1–99 is the
    // connection, 101–199 the proxy.
    const bool isFromStatus = code == QNetworkReply::ProtocolInvalidOperationError
        || (code > QNetworkReply::UnknownProxyError && code <= QNetworkReply::UnknownContentError)
        || code >= QNetworkReply::InternalServerError;
    if (isFromStatus && reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).isValid())
        return std::nullopt;
    // Qt puts the whole address into some texts; its query may hold a code.
    QString what = reply.errorString();
    what.replace(reply.url().toString(), reply.url().host());
    return Error {Error::Code::Network, what};
}

} // namespace kirotray
