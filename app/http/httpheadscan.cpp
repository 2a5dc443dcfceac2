// SPDX-License-Identifier: MIT
#include "app/http/httpheadscan.h"

#include "app/base/limits.h"

namespace kirotray {

namespace {

bool isHeadControl(char byte)
{
    const auto value = static_cast<unsigned char>(byte);
    return value < 0x20 || value == 0x7f;
}

constexpr quint64 packBytes(const char (&text)[9])
{
    quint64 packed = 0;
    for (int i = 0; i < 8; ++i)
        packed = packed << 8 | static_cast<unsigned char>(text[i]);
    return packed;
}

} // namespace

qsizetype HttpHeadScan::scan(QByteArrayView bytes)
{
    qsizetype size = 0;
    while (size < bytes.size() && !m_isComplete) {
        take(bytes[size]);
        if (m_faultStatus != 0)
            break;
        ++size;
    }
    return size;
}

void HttpHeadScan::take(char byte)
{
    if (++m_bytes > limits::MaxHeaderBytes)
        return fail(431, "The header is too large");
    if (m_isAfterCr) {
        if (byte != '\n')
            return fail(400, "Carriage return without line feed");
        m_isAfterCr = false;
        return endLine();
    }
    if (byte == '\r')
        m_isAfterCr = true;
    else if (byte == '\n')
        fail(400, "Line feed without carriage return");
    else
        takeInLine(byte);
}

void HttpHeadScan::takeInLine(char byte)
{
    const bool isRequestLine = m_lines == 0;
    if (isHeadControl(byte) && (byte != '\t' || isRequestLine))
        return fail(400, "Control character in the header");
    if (isRequestLine && static_cast<unsigned char>(byte) > 0x7f)
        return fail(400, "The request line is not ASCII");
    if (!isRequestLine && m_lineLength == 0 && (byte == ' ' || byte == '\t'))
        return fail(400, "Folded header line");
    if (!isRequestLine && m_lineLength == 0 && byte == ':')
        return fail(400, "Header field without a name");
    ++m_lineLength;
    if (isRequestLine)
        m_lastBytes = m_lastBytes << 8 | static_cast<unsigned char>(byte);
    if (isRequestLine && m_lineLength > limits::MaxRequestLine)
        fail(414, "The request line is too long");
}

void HttpHeadScan::endLine()
{
    if (m_lineLength == 0) {
        m_isComplete = m_lines > 0; // empty lines before the request line are skipped
        return;
    }
    m_lineLength = 0;
    ++m_lines;
    if (m_lines == 1 && m_lastBytes != packBytes("HTTP/1.1")
        && m_lastBytes != packBytes("HTTP/1.0"))
        return fail(400, "Unsupported protocol version");
    if (m_lines - 1 > limits::MaxHeaderFields)
        fail(431, "Too many header fields");
}

void HttpHeadScan::fail(int status, const char *message)
{
    m_faultStatus = status;
    m_faultMessage = message;
}

} // namespace kirotray
