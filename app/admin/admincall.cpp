// SPDX-License-Identifier: MIT
#include "app/admin/admincall.h"

#include "app/admin/adminviews.h"

#include <utility>

namespace kirotray {

namespace {

int httpStatusOf(const Error &error)
{
    switch (error.code) {
    case Error::Code::BadInput:
        return 400;
    case Error::Code::Cancelled:
        return 409;
    case Error::Code::Unauthorized:
        return 403; // of the account, not of the caller
    case Error::Code::RateLimited:
        return 429;
    case Error::Code::Network:
    case Error::Code::Upstream:
        return 502;
    case Error::Code::Timeout:
        return 504;
    case Error::Code::Storage:
        return 500;
    }
    return 500;
}

QString codeName(const Error &error)
{
    switch (error.code) {
    case Error::Code::BadInput:
        return u"bad_input"_s;
    case Error::Code::Cancelled:
        return u"cancelled"_s;
    case Error::Code::Unauthorized:
        return u"sign_in_needed"_s;
    case Error::Code::RateLimited:
        return u"rate_limited"_s;
    case Error::Code::Network:
        return u"network"_s;
    case Error::Code::Upstream:
        return u"upstream"_s;
    case Error::Code::Timeout:
        return u"timeout"_s;
    case Error::Code::Storage:
        return u"storage"_s;
    }
    return u"error"_s;
}

std::string errorBody(const QString &code, const QString &message, const QString &path)
{
    std::string text;
    JsonWriter json(text);
    json.beginObject().key("error").beginObject();
    json.member("code", code.toStdString()).member("message", message.toStdString());
    if (!path.isEmpty())
        json.member("path", path.toStdString());
    json.endObject().endObject();
    return text;
}

} // namespace

AdminCall::AdminCall(AdminServices &services, AdminRequest request, QObject *context,
                     std::function<void(const AdminReply &)> done)
    : m_state(
        std::make_shared<State>(State {services, std::move(request), context, std::move(done), {}}))
{
}

AdminCall::AdminCall(const AdminCall &original, AdminRequest request)
    : AdminCall(original.services(), std::move(request), original.context(),
                [original](const AdminReply &reply) { original.reply(reply); })
{
}

QString AdminCall::query(const QString &name) const
{
    return m_state->request.query.queryItemValue(name, QUrl::FullyDecoded);
}

std::optional<JsonDocument> AdminCall::body() const
{
    const QByteArray text = m_state->request.body.trimmed();
    Result<JsonDocument> document =
        JsonDocument::parse(text.isEmpty() ? std::string("{}") : text.toStdString());
    if (!document) {
        refuse(document.error());
        return std::nullopt;
    }
    if (!document.value().root().isObject()) {
        refuse({Error::Code::BadInput, u"expected an object"_s, u"$"_s});
        return std::nullopt;
    }
    return std::move(document).value();
}

void AdminCall::reply(int status, std::string json) const
{
    reply(AdminReply {status, "application/json", QByteArray::fromStdString(json)});
}

void AdminCall::reply(const AdminReply &reply) const
{
    const auto done = std::exchange(m_state->done, {});
    if (done && m_state->context)
        done(reply);
}

void AdminCall::done() const
{
    reply(200, R"({"ok":true})");
}

void AdminCall::refuse(const Error &error) const
{
    reply(httpStatusOf(error), errorBody(codeName(error), error.what, error.path));
}

void AdminCall::refuse(int status, const QString &code, const QString &message) const
{
    reply(status, errorBody(code, message, {}));
}

void replyForEach(const AdminCall &call, const std::vector<AccountId> &accounts,
                  const AskAccount &ask, MoreMembers more)
{
    struct Round
    {
        std::vector<std::optional<Error>> errors;
        std::size_t left = 0;
    };
    auto round = std::make_shared<Round>();
    round->errors.resize(accounts.size());
    round->left = accounts.size();
    const auto conclude = [call, round, accounts, more = std::move(more)] {
        std::string text;
        JsonWriter json(text);
        json.beginObject().key("results").beginArray();
        for (std::size_t i = 0; i < accounts.size(); ++i) {
            json.beginObject().member("id", accounts[i].value.toStdString());
            json.memberBoolean("ok", !round->errors[i]);
            if (more)
                more(json, accounts[i]);
            json.key("error");
            if (round->errors[i])
                writeError(json, *round->errors[i]);
            else
                json.null();
            json.endObject();
        }
        json.endArray().endObject();
        call.reply(200, std::move(text));
    };
    if (accounts.empty())
        return conclude();
    for (std::size_t i = 0; i < accounts.size(); ++i)
        ask(accounts[i], [round, i, conclude](std::optional<Error> error) {
            round->errors[i] = std::move(error);
            if (--round->left == 0)
                conclude();
        });
}

const Account *accountOf(const AdminCall &call)
{
    const Account *account = call.services().accounts.find({call.captured()});
    if (account == nullptr)
        call.refuse(404, u"not_found"_s, u"there is no account '%1'"_s.arg(call.captured()));
    return account;
}

} // namespace kirotray
