// SPDX-License-Identifier: MIT
#include "app/http/httpframing.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace kirotray {

namespace {

template <typename Number>
void appendHttpNumber(QByteArray &out, Number number, int base)
{
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out.append(digits.data(), end - digits.data());
}

bool isTokenByte(char byte)
{
    return byte > ' ' && byte != 0x7f && !QByteArrayView("\"(),/:;<=>?@[\\]{}").contains(byte);
}

bool isFieldSafe(const QByteArray &name, const QByteArray &value)
{
    const auto breaks = [](char byte) { return byte == '\r' || byte == '\n' || byte == '\0'; };
    return !name.isEmpty() && std::ranges::all_of(name, isTokenByte)
        && std::ranges::none_of(value, breaks);
}

bool isFramingField(const QByteArray &name)
{
    constexpr std::array<QByteArrayView, 4> names = {"content-length", "transfer-encoding",
                                                     "connection", "keep-alive"};
    return std::ranges::any_of(names, [&name](QByteArrayView framing) {
        return name.compare(framing, Qt::CaseInsensitive) == 0;
    });
}

} // namespace

bool statusHasBody(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

bool isChunkedStream(int status, const HttpFraming &framing)
{
    return !framing.contentLength && framing.versionMinor >= 1 && statusHasBody(status);
}

void appendAnswerHead(QByteArray &out, int status, const HttpHeaders &headers,
                      const HttpFraming &framing)
{
    out.append("HTTP/1.1 ");
    appendHttpNumber(out, status, 10);
    out.append(' ').append(reasonPhrase(status)).append("\r\n");
    for (const auto &[name, value] : headers.fields()) {
        if (isFieldSafe(name, value) && !isFramingField(name))
            out.append(name).append(": ").append(value).append("\r\n");
    }
    if (framing.contentLength && statusHasBody(status)) {
        out.append("Content-Length: ");
        appendHttpNumber(out, *framing.contentLength, 10);
        out.append("\r\n");
    }
    if (isChunkedStream(status, framing))
        out.append("Transfer-Encoding: chunked\r\n");
    if (!framing.keepAlive)
        out.append("Connection: close\r\n");
    else if (framing.versionMinor == 0)
        out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
}

void appendChunk(QByteArray &out, QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return;
    appendHttpNumber(out, bytes.size(), 16);
    out.append("\r\n").append(bytes).append("\r\n");
}

void appendLastChunk(QByteArray &out)
{
    out.append("0\r\n\r\n");
}

} // namespace kirotray
