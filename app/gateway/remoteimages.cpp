// SPDX-License-Identifier: MIT
#include "app/gateway/remoteimages.h"

#include "app/base/limits.h"

#include <QHostInfo>
#include <QTimer>
#include <QUrl>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

namespace kirotray {

using namespace std::chrono_literals;

namespace {

constexpr int ImagesAtOnce = 4; ///< few enough to leave a connection for everything else
constexpr std::chrono::milliseconds FetchDeadline = 30s; ///< all pictures of a request
constexpr std::string_view NotPublic = "the host is not on the public internet";
constexpr int MaxImageRedirects = 3; ///< a shortened link, http to https, a storage host
constexpr std::size_t MaxImageUrl = 8192; ///< bytes; signed addresses of storage hosts are long

template <typename Visit>
void visitImages(std::vector<ImagePart> &images, const Visit &visit)
{
    for (ImagePart &image : images)
        visit(image);
}

/// Every picture of the message in its order.
template <typename Visit>
void visitImages(Message &message, const Visit &visit)
{
    for (Part &part : message.parts) {
        if (auto *image = std::get_if<ImagePart>(&part))
            visit(*image);
        else if (auto *result = std::get_if<ToolResultPart>(&part))
            visitImages(result->images, visit);
    }
}

bool isRemote(const ImagePart &image)
{
    return image.data.empty() && !image.url.empty();
}

struct AddressRange
{
    QHostAddress address;
    int prefix;
};

bool isWithinAny(const QHostAddress &address, const std::vector<AddressRange> &ranges)
{
    return std::any_of(ranges.begin(), ranges.end(), [&address](const AddressRange &range) {
        return address.isInSubnet(range.address, range.prefix);
    });
}

std::vector<AddressRange> rangesOf(std::initializer_list<std::pair<const char *, int>> rows)
{
    std::vector<AddressRange> ranges;
    for (const auto &[address, prefix] : rows)
        ranges.push_back({QHostAddress(QString::fromLatin1(address)), prefix});
    return ranges;
}

/// The IANA registries of special-purpose addresses (RFC 6890 and its successors).
bool isPublicFour(quint32 number)
{
    static const std::vector<AddressRange> special = rangesOf({{"0.0.0.0", 8},
                                                               {"10.0.0.0", 8},
                                                               {"100.64.0.0", 10},
                                                               {"127.0.0.0", 8},
                                                               {"169.254.0.0", 16},
                                                               {"172.16.0.0", 12},
                                                               {"192.0.0.0", 24},
                                                               {"192.0.2.0", 24},
                                                               {"192.88.99.0", 24},
                                                               {"192.168.0.0", 16},
                                                               {"198.18.0.0", 15},
                                                               {"198.51.100.0", 24},
                                                               {"203.0.113.0", 24},
                                                               {"224.0.0.0", 4},
                                                               {"240.0.0.0", 4}});
    return !isWithinAny(QHostAddress(number), special);
}

bool isPublicSix(const QHostAddress &address)
{
    static const std::vector<AddressRange> translated = rangesOf({{"64:ff9b::", 96}});
    static const std::vector<AddressRange> global = rangesOf({{"2000::", 3}});
    // Teredo and other protocol assignments, documentation, 6to4.
    static const std::vector<AddressRange> special =
        rangesOf({{"2001::", 23}, {"2001:db8::", 32}, {"2002::", 16}, {"3fff::", 20}});
    if (isWithinAny(address, translated)) { // how an IPv6-only network names the others
        const Q_IPV6ADDR bytes = address.toIPv6Address();
        quint32 four = 0;
        for (int i = 12; i < 16; ++i)
            four = four << 8U | bytes[i];
        return isPublicFour(four);
    }
    return isWithinAny(address, global) && !isWithinAny(address, special);
}

/// What stands in the way of asking `url` at all; empty: nothing.
std::string refusalOf(const QUrl &url)
{
    if (!url.isValid() || url.host().isEmpty())
        return "its address is not valid";
    if (url.scheme() != "https"_L1 && url.scheme() != "http"_L1)
        return "only http and https are fetched";
    if (!url.userInfo().isEmpty())
        return "an address with a user name is not fetched";
    return {};
}

/// One picture on its way.
struct RemoteImage
{
    ImagePart *part = nullptr;
    QUrl url;
    bool isNew = false; ///< of the last message: without it the request makes no sense
    int redirectsLeft = MaxImageRedirects;
};

/// All pictures of one request. Deletes itself after `done`; lives in the caller's context.
class RemoteImageFetch : public QObject
{
public:
    using OnFetched = std::function<void(std::optional<ChatError>)>;
    using AddressCheck = std::function<bool(const QHostAddress &)>;

    RemoteImageFetch(HttpClient &http, ProxyChoice proxy, OnFetched done, AddressCheck isAllowed,
                     QObject *context)
        : QObject(context)
        , m_http(http)
        , m_proxy(std::move(proxy))
        , m_done(std::move(done))
        , m_isAllowed(std::move(isAllowed))
    {
    }

    void start(ChatRequest &request)
    {
        for (Message &message : request.messages)
            visitImages(message, [&](ImagePart &part) {
                if (isRemote(part))
                    m_waiting.push_back({&part, urlOf(part), &message == &request.messages.back()});
            });
        constexpr auto Most = static_cast<std::size_t>(limits::MaxRemoteImages);
        const auto newOnes = std::count_if(m_waiting.begin(), m_waiting.end(),
                                           [](const RemoteImage &one) { return one.isNew; });
        if (newOnes > limits::MaxRemoteImages) {
            fail(m_waiting.back(),
                 "at most " + std::to_string(Most) + " images of a request are fetched");
            return;
        }
        // Of a long conversation the newest: what stays away is left out of the history.
        m_next = m_waiting.size() - std::min(m_waiting.size(), Most);
        QTimer::singleShot(FetchDeadline, this, [this] { onDeadline(); });
        startMore();
    }

private:
    static QUrl urlOf(const ImagePart &part)
    {
        return part.url.size() > MaxImageUrl ? QUrl() : QUrl(QString::fromStdString(part.url));
    }

    /// Clients hear nothing until the pictures are there.
    void onDeadline()
    {
        const auto missing =
            std::find_if(m_waiting.begin(), m_waiting.end(),
                         [](const RemoteImage &one) { return one.isNew && isRemote(*one.part); });
        if (missing == m_waiting.end())
            finish(std::nullopt);
        else
            fail(*missing, "it takes too long");
    }

    void startMore()
    {
        while (m_next < m_waiting.size() && m_running < ImagesAtOnce && m_done) {
            ++m_running;
            lookUp(m_waiting[m_next++]);
        }
        if (m_running == 0 && m_next == m_waiting.size())
            finish(std::nullopt);
    }

    void lookUp(RemoteImage image)
    {
        if (const std::string refusal = refusalOf(image.url); !refusal.empty()) {
            fail(image, refusal);
            return;
        }
        const QString host = image.url.host();
        if (const QHostAddress literal(host); !literal.isNull()) {
            onAddresses(image, {literal});
            return;
        }
        QHostInfo::lookupHost(host, this, [this, image](const QHostInfo &answer) {
            onAddresses(image, answer.addresses());
        });
    }

    void onAddresses(const RemoteImage &image, const QList<QHostAddress> &addresses)
    {
        if (!m_done)
            return;
        if (addresses.isEmpty()) {
            // RFC 6761 §6.3: that name is this machine, also where no list of hosts says so.
            const bool isHere = image.url.host() == "localhost"_L1;
            fail(image, isHere ? std::string(NotPublic) : "the host is not known");
            return;
        }
        if (!std::all_of(addresses.begin(), addresses.end(), m_isAllowed)) {
            fail(image, std::string(NotPublic));
            return;
        }
        const auto four =
            std::find_if(addresses.begin(), addresses.end(), [](const QHostAddress &address) {
                return address.protocol() == QAbstractSocket::IPv4Protocol;
            });
        fetch(image, four == addresses.end() ? addresses.front() : *four);
    }

    void fetch(const RemoteImage &image, const QHostAddress &address)
    {
        OutboundRequest request;
        request.method = "GET";
        request.url = image.url;
        request.url.setFragment({});
        request.headers = {{"Accept", "image/png, image/jpeg, image/gif, image/webp"}};
        const bool looksUpItself =
            m_proxy.kind == ProxyChoice::Kind::Http || m_proxy.kind == ProxyChoice::Kind::Socks5;
        if (image.url.scheme() == "http"_L1 && !looksUpItself) {
            request.headers.emplace_back("Host", hostField(image.url));
            request.url.setHost(address.toString());
        }
        request.lane = u"remote images"_s; // apart from every account
        request.proxy = m_proxy;
        request.firstByteTimeout = limits::RemoteImageTimeout;
        request.idleTimeout = limits::RemoteImageTimeout;
        request.totalTimeout = limits::RemoteImageTimeout;
        m_http.fetch(request, this,
                     [this, image](const Result<HttpReply> &reply) { onReply(image, reply); });
    }

    static QByteArray hostField(const QUrl &url)
    {
        return url
            .toEncoded(QUrl::RemoveScheme | QUrl::RemoveUserInfo | QUrl::RemovePath
                       | QUrl::RemoveQuery | QUrl::RemoveFragment)
            .mid(2); // behind the slashes
    }

    void onReply(const RemoteImage &image, const Result<HttpReply> &reply)
    {
        if (!m_done)
            return;
        if (!reply) {
            fail(image, transportText(reply.error()));
            return;
        }
        static constexpr std::array redirects {301, 302, 303, 307, 308};
        const int status = reply.value().status;
        if (std::find(redirects.begin(), redirects.end(), status) != redirects.end()) {
            follow(image, reply.value().header("location"));
            return;
        }
        if (status != 200 || reply.value().body.isEmpty()) {
            fail(image,
                 status == 200 ? "the answer is empty"
                               : "the server answers with status " + std::to_string(status));
            return;
        }
        image.part->data = reply.value().body.toBase64().toStdString();
        image.part->url.clear();
        --m_running;
        startMore();
    }

    static std::string transportText(const Error &error)
    {
        switch (error.code) {
        case Error::Code::Timeout:
            return "the server did not answer in time";
        case Error::Code::Upstream:
            return "it is larger than " + std::to_string(limits::MaxReplyBody / limits::MiB)
                + " MiB, or the answer is broken";
        case Error::Code::Network:
        case Error::Code::Cancelled:
        case Error::Code::Unauthorized:
        case Error::Code::RateLimited:
        case Error::Code::BadInput:
        case Error::Code::Storage:
            return "the server cannot be reached";
        }
        return {};
    }

    void follow(RemoteImage image, const QByteArray &location)
    {
        if (image.redirectsLeft-- == 0) {
            fail(image, "there are too many redirects");
            return;
        }
        const QUrl target = image.url.resolved(QUrl::fromEncoded(location));
        if (location.isEmpty() || static_cast<std::size_t>(location.size()) > MaxImageUrl
            || (image.url.scheme() == "https"_L1 && target.scheme() == "http"_L1)) {
            fail(image, "the server redirects to where it must not");
            return;
        }
        image.url = target;
        lookUp(image);
    }

    void fail(const RemoteImage &image, const std::string &why)
    {
        if (!image.isNew) { // a dead address in an old turn must not block the conversation
            --m_running;
            startMore();
            return;
        }
        const std::string host = image.url.host().left(255).toStdString();
        finish(ChatError {ChatError::Kind::InvalidRequest,
                          "the image" + (host.empty() ? host : " at " + host)
                              + " cannot be fetched: " + why,
                          image.part->path,
                          {}});
    }

    void finish(std::optional<ChatError> error)
    {
        if (!m_done)
            return;
        // Later: `done` may destroy the context, and this with it.
        QMetaObject::invokeMethod(
            this,
            [this, done = std::exchange(m_done, nullptr), error = std::move(error)] {
                deleteLater();
                done(error);
            },
            Qt::QueuedConnection);
    }

    HttpClient &m_http;
    ProxyChoice m_proxy;
    OnFetched m_done; ///< null once it was called
    AddressCheck m_isAllowed;
    std::vector<RemoteImage> m_waiting;
    std::size_t m_next = 0;
    int m_running = 0;
};

} // namespace

bool hasRemoteImages(const ChatRequest &request)
{
    const auto inPart = [](const Part &part) {
        if (const auto *image = std::get_if<ImagePart>(&part))
            return isRemote(*image);
        const auto *result = std::get_if<ToolResultPart>(&part);
        return result != nullptr
            && std::any_of(result->images.begin(), result->images.end(), isRemote);
    };
    return std::any_of(request.messages.begin(), request.messages.end(),
                       [&inPart](const Message &message) {
                           return std::any_of(message.parts.begin(), message.parts.end(), inPart);
                       });
}

bool isPublicAddress(const QHostAddress &address)
{
    bool isFour = false;
    const quint32 number = address.toIPv4Address(&isFour); // mapped ones too
    return isFour ? isPublicFour(number) : isPublicSix(address);
}

void fetchRemoteImages(HttpClient &http, const ProxyChoice &proxy, ChatRequest &request,
                       QObject *context, std::function<void(std::optional<ChatError>)> done,
                       std::function<bool(const QHostAddress &)> isAllowed)
{
    auto *fetch = new RemoteImageFetch(http, proxy, std::move(done), std::move(isAllowed), context);
    fetch->start(request);
}

} // namespace kirotray
