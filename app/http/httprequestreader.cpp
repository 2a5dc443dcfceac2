// SPDX-License-Identifier: MIT
#include "app/http/httprequestreader.h"

#include "app/base/limits.h"

#include <algorithm>

namespace kirotray {

HttpRequestReader::HttpRequestReader(std::shared_ptr<HttpServerShared> shared)
    : m_shared(std::move(shared))
{
}

HttpRequestReader::~HttpRequestReader()
{
    countBody(0);
}

HttpRequestReader::Event HttpRequestReader::next(QByteArrayView &bytes, const QHostAddress &peer)
{
    switch (m_parser.next(bytes)) {
    case HttpParser::Event::NeedMore:
        return Event::NeedMore;
    case HttpParser::Event::Head:
        return takeHead(peer);
    case HttpParser::Event::Body:
        return takeBody();
    case HttpParser::Event::Complete:
        return takeEnd();
    case HttpParser::Event::Fault:
        break;
    }
    m_request.head = m_parser.head();
    m_request.head.peer = peer;
    m_framing.isHead = m_request.head.method == "HEAD";
    return refused(m_parser.faultStatus(), m_parser.faultMessage());
}

HttpRequestReader::Event HttpRequestReader::takeHead(const QHostAddress &peer)
{
    HttpRequestHead &head = m_request.head;
    head = m_parser.head();
    head.peer = peer;
    m_framing.versionMinor = head.versionMinor;
    m_framing.keepAlive = m_parser.keepAlive();
    m_framing.isHead = head.method == "HEAD";
    if (m_shared->headFilter) {
        if (std::optional<HttpResponse> response = m_shared->headFilter(head)) {
            m_refusal = std::move(*response);
            m_framing.keepAlive = m_framing.keepAlive && !m_parser.hasBody();
            return Event::Refused;
        }
    }
    if (const std::optional<Fault> fault = findFault())
        return refused(fault->status, fault->message);
    const auto coding = BodyDecoder::codingOf(head.headers).value_or(BodyDecoder::Coding::Identity);
    m_decoder = std::make_unique<BodyDecoder>(coding, m_shared->limits.maxBody);
    // An HTTP/1.0 client cannot expect anything (RFC 9110 §10.1.1).
    m_wantsContinue =
        m_parser.hasBody() && head.versionMinor > 0 && head.headers.contains("expect");
    const qint64 announced = head.contentLength.value_or(0);
    m_request.body.reserve(
        static_cast<size_t>(std::min<qint64>(announced, limits::MaxBodyReserve)));
    return Event::Head;
}

std::optional<HttpRequestReader::Fault> HttpRequestReader::findFault() const
{
    const HttpRequestHead &head = m_request.head;
    const qint64 announced = head.contentLength.value_or(0);
    if (announced > m_shared->limits.maxBody)
        return Fault {413, "The request body is too large"};
    if (announced > m_shared->limits.maxBodiesTotal - m_shared->bodyBytes)
        return Fault {503, "Too many large requests at once"};
    if (!BodyDecoder::codingOf(head.headers))
        return Fault {415, "Unsupported Content-Encoding; use gzip, deflate or zstd"};
    const bool isExpecting = head.headers.contains("expect") && head.versionMinor > 0;
    const QByteArray expectation = head.headers.value("expect");
    if (isExpecting && expectation.compare("100-continue", Qt::CaseInsensitive) != 0)
        return Fault {417, "Unknown expectation"};
    return {};
}

HttpRequestReader::Event HttpRequestReader::takeBody()
{
    for (const QByteArrayView piece : m_parser.pieces()) {
        switch (m_decoder->append(piece, m_request.body)) {
        case BodyDecoder::Status::Ok:
            break;
        case BodyDecoder::Status::TooLarge:
            return refused(413, "The request body is too large");
        case BodyDecoder::Status::Corrupt:
            return refused(400, "The request body is not in its Content-Encoding");
        }
    }
    countBody(static_cast<qsizetype>(m_request.body.size()));
    if (m_shared->bodyBytes > m_shared->limits.maxBodiesTotal)
        return refused(503, "Too many large requests at once");
    return Event::Body;
}

HttpRequestReader::Event HttpRequestReader::takeEnd()
{
    if (m_decoder->finish() != BodyDecoder::Status::Ok)
        return refused(400, "The compressed request body is truncated");
    return Event::Request;
}

HttpRequestReader::Event HttpRequestReader::refused(int status, const QByteArray &message)
{
    refuse(status, message);
    return Event::Refused;
}

void HttpRequestReader::refuse(int status, const QByteArray &message)
{
    m_framing.keepAlive = false;
    m_refusal = m_shared->renderError(m_request.head, status, message);
}

void HttpRequestReader::reset()
{
    m_parser.reset();
    m_decoder.reset();
    m_request = {};
    m_framing = {};
    m_refusal = {};
    m_wantsContinue = false;
    releaseBody();
}

HttpRequest HttpRequestReader::takeRequest()
{
    m_decoder.reset();
    return std::exchange(m_request, {});
}

void HttpRequestReader::releaseBody()
{
    countBody(0);
}

void HttpRequestReader::countBody(qsizetype size)
{
    m_shared->bodyBytes += size - m_countedBody;
    m_countedBody = size;
}

} // namespace kirotray
