// SPDX-License-Identifier: MIT
#pragma once

#include "app/http/httpmessage.h"

namespace kirotray {

/// How one answer is delimited and what happens to its connection.
struct HttpFraming
{
    int versionMinor = 1; ///< of the request
    bool keepAlive = true;
    bool isHead = false; ///< the request was HEAD: the length is told, the body is not sent
    std::optional<qint64> contentLength; ///< absent: a stream
};

/// False for 1xx, 204 and 304 (RFC 9110 §6.4.1).
bool statusHasBody(int status);
/// A stream to HTTP/1.1 is chunked; to HTTP/1.0 it ends with the connection.
bool isChunkedStream(int status, const HttpFraming &framing);
/// Status line, fields and the empty line. Framing fields among `headers` are left out, and so are
/// fields that would break the header (a line end in a value that came from somewhere else).
void appendAnswerHead(QByteArray &out, int status, const HttpHeaders &headers,
                      const HttpFraming &framing);
/// One chunk; nothing for no bytes, because an empty chunk is the end.
void appendChunk(QByteArray &out, QByteArrayView bytes);
void appendLastChunk(QByteArray &out);

} // namespace kirotray
