// SPDX-License-Identifier: MIT
#pragma once

#include <QByteArrayView>

namespace kirotray {

/// The first look at each byte of a request's head, before llhttp sees it: line ends, folding,
/// control characters and sizes (RFC 9112 §2.2, §5.2). Remembers where it is, so that pieces may
/// have any size.
class HttpHeadScan
{
public:
    /// How many of the bytes belong to the head and are clean. Fewer than all of them when the head
    /// is complete or a fault was found.
    qsizetype scan(QByteArrayView bytes);

    bool isComplete() const { return m_isComplete; } ///< the empty line was seen
    bool hasBegun() const { return m_lines > 0 || m_lineLength > 0; }
    bool hasRequestLine() const { return m_lines > 0; }
    int faultStatus() const { return m_faultStatus; } ///< 0, 400, 414 or 431
    const char *faultMessage() const { return m_faultMessage; }

private:
    void take(char byte);
    void takeInLine(char byte);
    void endLine();
    void fail(int status, const char *message);

    qsizetype m_bytes = 0;
    qsizetype m_lineLength = 0;
    int m_lines = 0; ///< complete ones, from the request line on
    quint64 m_lastBytes = 0; ///< eight of the request line: llhttp also lets RTSP and ICE in
    bool m_isAfterCr = false;
    bool m_isComplete = false;
    int m_faultStatus = 0;
    const char *m_faultMessage = "";
};

} // namespace kirotray
