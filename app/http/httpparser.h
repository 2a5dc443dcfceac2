// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"

#include <memory>
#include <vector>

namespace kirotray {

/// HTTP/1.x requests from bytes (RFC 9112), strictly: llhttp, and the refusals that it leaves to
/// its user. Pure: no socket, no clock. Bytes may come in pieces of any size with the same result.
///
/// A fault is final until reset(): after it nobody knows where the next request begins.
class HttpParser
{
public:
    enum class Event {
        NeedMore, ///< everything was consumed
        Head, ///< head() is complete; the caller decides before it asks for more
        Body, ///< pieces() holds parts of the body, valid as long as the bytes passed in
        Complete, ///< the message is over; reset() before the next one
        Fault, ///< faultStatus(), faultMessage()
    };

    HttpParser();
    ~HttpParser();
    HttpParser(const HttpParser &) = delete;
    HttpParser &operator=(const HttpParser &) = delete;

    /// Takes bytes from the front of `bytes` until there is something to tell. To be called again,
    /// even with no bytes left, until it says NeedMore.
    Event next(QByteArrayView &bytes);
    /// Makes ready for another message.
    void reset();

    /// From Head to reset(); after a fault as much as is known. `peer` is not filled.
    const HttpRequestHead &head() const;
    const std::vector<QByteArrayView> &pieces() const;
    bool hasBody() const; ///< chunked, or a Content-Length above 0
    bool keepAlive() const; ///< the client wants to go on using the connection
    bool isIdle() const; ///< between messages; empty lines before a request do not count

    int faultStatus() const; ///< 400, 414 or 431
    QByteArray faultMessage() const; ///< English, without anything that was sent

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace kirotray
