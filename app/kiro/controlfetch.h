// SPDX-License-Identifier: MIT
#pragma once

#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/kiro/identity.h"
#include "app/kiro/requestbuilder.h"
#include "app/net/httpclient.h"

#include <functional>
#include <memory>
#include <vector>

/// What the REST calls of ControlCalls share. Everything is called once, on the caller's thread,
/// and never after its context is gone.
namespace kirotray::controlfetch {

using OnReply = std::function<void(Result<HttpReply>)>;

/// Where and as whom a call is made.
struct Caller
{
    HttpClient *http = nullptr;
    KiroTablesPtr tables;
    KiroIdentity identity;
    ProxyChoice generalProxy;
    QObject *context = nullptr;
};

/// One candidate for a call: base URL, path and query.
struct Place
{
    QString baseUrl;
    QString path; ///< with the leading slash, query included, encoded
};

/// A request with the headers of its kind; `body` null makes it a GET.
OutboundRequest requestAt(const Caller &caller, const Place &place, KiroCallKind kind,
                          const QByteArray &body);

/// Sends the requests in order until one is answered by anything but 404 and 5xx, or the last was
/// tried; `done` gets that answer. Error::BadInput when there is none to send.
void fetchFirst(const Caller &caller, std::vector<OutboundRequest> requests, OnReply done);

/// Calls `done` with an error from the event loop.
template <typename Value>
void failLater(QObject *context, const std::function<void(Result<Value>)> &done, const Error &error)
{
    QMetaObject::invokeMethod(
        context, [done, error] { done(error); }, Qt::QueuedConnection);
}

/// What a status that is no success means: Unauthorized, RateLimited or Upstream by the reaction
/// table.
Error refusalError(const KiroTables &tables, const HttpReply &reply);

/// The JSON object of a 200 reply, or the reason why there is none.
Result<JsonDocument> objectOf(const KiroTables &tables, const HttpReply &reply);
Error badReply(const QString &what); ///< Error::Upstream

/// The new kind of control host, whose paths are spelt another way (§5).
bool isManagementHost(const QString &baseUrl);
/// "key=value" pairs, percent-encoded; pairs of an empty value are left out.
QString queryOf(const std::vector<std::pair<QString, QString>> &pairs);

/// A list that comes in pages. Requests of a page for a token (empty: the first one); `take` reads
/// the items of a page.
struct PagedList
{
    std::function<std::vector<OutboundRequest>(const QString &token)> requests;
    std::function<void(JsonReader &reader, const JsonValue &root)> take;
    std::function<void(Result<Done>)> done;
    int pagesLeft = limits::MaxListPages;
};
void fetchPages(const Caller &caller, const std::shared_ptr<PagedList> &list,
                const QString &token = {});

QString textOf(std::string_view utf8);

} // namespace kirotray::controlfetch
