// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QHostAddress>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kirotray {

/// Header fields in the order of arrival; names compare without case (RFC 9110 §5.1).
class HttpHeaders
{
public:
    void append(QByteArray name, QByteArray value);
    /// The value of the first field of that name; null when there is none.
    QByteArray value(QByteArrayView name) const;
    bool contains(QByteArrayView name) const;
    qsizetype count(QByteArrayView name) const;
    const std::vector<std::pair<QByteArray, QByteArray>> &fields() const { return m_fields; }

private:
    std::vector<std::pair<QByteArray, QByteArray>> m_fields;
};

/// A request up to its empty line.
struct HttpRequestHead
{
    QByteArray method; ///< upper case, as sent
    QByteArray path; ///< raw (still percent-encoded), without the query
    QByteArray query; ///< raw, without '?'
    HttpHeaders headers;
    int versionMinor = 1; ///< HTTP/1.x
    QHostAddress peer;
    std::optional<qint64> contentLength; ///< absent: no body, or chunked
};

struct HttpRequest
{
    HttpRequestHead head;
    std::string body; ///< de-chunked and decompressed; within limits::MaxBody
};

/// A whole answer. The server adds Date-free framing: Content-Length, Connection.
struct HttpResponse
{
    int status = 200;
    HttpHeaders headers; ///< without Content-Length, Transfer-Encoding, Connection
    QByteArray body;
};

/// The value of `name` in a raw query string, percent-decoded; null when absent.
QByteArray queryValue(const QByteArray &query, QByteArrayView name);
/// The reason phrase of a status code; "Unknown" for one that is not in RFC 9110 or 6585.
QByteArray reasonPhrase(int status);

} // namespace kirotray
