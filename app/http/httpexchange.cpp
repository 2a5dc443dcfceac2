// SPDX-License-Identifier: MIT
#include "app/http/httpexchange.h"

#include "app/http/httpconnection.h"

namespace kirotray {

HttpExchange::HttpExchange(HttpConnection *connection, HttpRequest request)
    : m_connection(connection)
    , m_request(std::move(request))
{
}

HttpExchange::HttpExchange(HttpExchange &&other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr))
    , m_request(std::move(other.m_request))
{
}

HttpExchange &HttpExchange::operator=(HttpExchange &&other) noexcept
{
    if (this != &other) {
        release();
        m_connection = std::exchange(other.m_connection, nullptr);
        m_request = std::move(other.m_request);
    }
    return *this;
}

HttpExchange::~HttpExchange()
{
    release();
}

void HttpExchange::release()
{
    if (HttpConnection *connection = std::exchange(m_connection, nullptr))
        connection->drop();
}

const HttpRequest &HttpExchange::request() const
{
    return m_request;
}

HttpRequest HttpExchange::takeRequest()
{
    return std::exchange(m_request, {});
}

// Each call that ends the answer lets go of the connection first: it may have the next request in
// flight by the time this object is used again.

void HttpExchange::respond(const HttpResponse &response)
{
    if (isStreaming())
        return; // too late for another status; the stream goes on
    if (HttpConnection *connection = std::exchange(m_connection, nullptr))
        connection->respond(response);
}

void HttpExchange::beginStream(int status, const HttpHeaders &headers)
{
    if (m_connection)
        m_connection->beginStream(status, headers);
}

void HttpExchange::write(QByteArrayView bytes)
{
    if (m_connection)
        m_connection->write(bytes);
}

void HttpExchange::end()
{
    if (!isStreaming())
        return;
    std::exchange(m_connection, nullptr)->end();
}

void HttpExchange::abort()
{
    if (HttpConnection *connection = std::exchange(m_connection, nullptr))
        connection->abort();
}

bool HttpExchange::isOpen() const
{
    return m_connection && m_connection->isOpen();
}

bool HttpExchange::isStreaming() const
{
    return m_connection && m_connection->isStreaming();
}

qint64 HttpExchange::unsentBytes() const
{
    return m_connection ? m_connection->unsentBytes() : 0;
}

HttpExchangeEvents *HttpExchange::events() const
{
    return m_connection ? m_connection->events() : nullptr;
}

} // namespace kirotray
