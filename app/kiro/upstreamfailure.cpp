// SPDX-License-Identifier: MIT
#include "app/kiro/upstreamfailure.h"

#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/base/secret.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>

namespace kirotray {

namespace {

constexpr qsizetype MaxRefusalMessage = 200; ///< characters; §2.8
constexpr qsizetype MaxRefusalText = 4 * MaxRefusalMessage; ///< the same in bytes, at most

QString refusalText(std::string_view utf8)
{
    const QByteArrayView bytes(utf8.data(), static_cast<qsizetype>(utf8.size()));
    QString text = QString::fromUtf8(bytes.first(std::min(bytes.size(), MaxRefusalText))).trimmed();
    if (text.size() > MaxRefusalMessage)
        text.truncate(text.at(MaxRefusalMessage - 1).isHighSurrogate() ? MaxRefusalMessage - 1
                                                                       : MaxRefusalMessage);
    return text;
}

/// "namespace#Class" and "Class:extra" are both the class (§3.1).
QString bareClass(std::string_view name)
{
    name = name.substr(0, name.find(':'));
    if (const std::size_t hash = name.find('#'); hash != std::string_view::npos)
        name.remove_prefix(hash + 1);
    return refusalText(name);
}

/// Takes from one object what is not known yet.
void readRefusalObject(const JsonValue &object, UpstreamRefusal &refusal)
{
    const auto take = [&object](QString &field, std::string_view key) {
        if (field.isEmpty())
            field = refusalText(object[key].string());
    };
    take(refusal.reason, "reason");
    take(refusal.message, "message");
    take(refusal.message, "Message");
    take(refusal.message, "error_description"); // OAuth, RFC 6749 §5.2
    if (refusal.errorClass.isEmpty())
        refusal.errorClass = bareClass(object["__type"].string());
}

std::optional<std::chrono::seconds> readRetryAfter(const QByteArray &header)
{
    if (header.isEmpty())
        return std::nullopt;
    bool isNumber = false;
    qint64 seconds = header.trimmed().toLongLong(&isNumber);
    if (!isNumber) {
        QDateTime date = QLocale::c().toDateTime(QString::fromLatin1(header.trimmed()),
                                                 u"ddd, dd MMM yyyy hh:mm:ss 'GMT'"_s);
        if (!date.isValid())
            return std::nullopt;
        date.setTimeSpec(Qt::UTC);
        seconds = QDateTime::currentDateTimeUtc().secsTo(date);
    }
    return std::clamp(std::chrono::seconds(seconds), std::chrono::seconds(0),
                      std::chrono::seconds(limits::MaxRetryAfter));
}

struct ClassStatus
{
    QLatin1StringView errorClass;
    int status;
};
/// §3.1; the last two are codes of error frames. Inside a stream there is no status but this.
constexpr std::array ClassStatuses {
    ClassStatus {"ValidationException"_L1, 400},
    ClassStatus {"ServiceQuotaExceededException"_L1, 402},
    ClassStatus {"AccessDeniedException"_L1, 403},
    ClassStatus {"ResourceNotFoundException"_L1, 404},
    ClassStatus {"ConflictException"_L1, 409},
    ClassStatus {"ThrottlingException"_L1, 429},
    ClassStatus {"InternalServerException"_L1, 500},
    ClassStatus {"ServiceUnavailableException"_L1, 503},
    ClassStatus {"InternalFailure"_L1, 500},
    ClassStatus {"ServiceUnavailable"_L1, 503},
};

int judgedStatus(const UpstreamRefusal &refusal)
{
    if (refusal.status != 0)
        return refusal.status;
    for (const ClassStatus &known : ClassStatuses)
        if (known.errorClass == refusal.errorClass)
            return known.status;
    return 0;
}

bool matchesStatus(int wanted, int status)
{
    return wanted == 0 || wanted == status || (wanted < 10 && wanted == status / 100);
}

bool matchesRow(const KiroReaction &row, const UpstreamRefusal &refusal, int status)
{
    return (row.reason.isEmpty() || row.reason == refusal.reason)
        && (row.errorClass.isEmpty() || row.errorClass == refusal.errorClass)
        && matchesStatus(row.status, status)
        && (row.messageContains.isEmpty()
            || refusal.message.contains(row.messageContains, Qt::CaseInsensitive));
}

QString clientText(const KiroReaction &row, const UpstreamRefusal &refusal)
{
    if (!row.clientMessage.isEmpty())
        return row.clientMessage;
    if (!refusal.message.isEmpty())
        return redacted(refusal.message);
    if (!refusal.reason.isEmpty())
        return u"The upstream refused the request: "_s + refusal.reason;
    if (!refusal.errorClass.isEmpty())
        return u"The upstream refused the request: "_s + refusal.errorClass;
    return u"The upstream refused the request with status %1"_s.arg(refusal.status);
}

} // namespace

UpstreamRefusal parseRefusal(int status, const QByteArray &body, const QByteArray &errorTypeHeader,
                             const QByteArray &retryAfterHeader)
{
    UpstreamRefusal refusal;
    refusal.status = status;
    refusal.retryAfter = readRetryAfter(retryAfterHeader);
    const std::string_view text(body.constData(), static_cast<std::size_t>(body.size()));
    const Result<JsonDocument> document = JsonDocument::parse(text);
    if (document && document.value().root().isObject()) {
        const JsonValue root = document.value().root();
        readRefusalObject(root, refusal);
        readRefusalObject(root["error"], refusal);
        if (refusal.reason.isEmpty()) // OAuth: {"error":"invalid_grant"}
            refusal.reason = refusalText(root["error"].string());
    } else {
        refusal.message = refusalText(text);
    }
    if (refusal.errorClass.isEmpty())
        refusal.errorClass = bareClass(errorTypeHeader.toStdString());
    return refusal;
}

namespace {

/// §3.2: content errors never move, a model without capacity has none for others either, and no
/// account has a better network.
int usualOtherAccounts(const KiroReaction &row)
{
    const bool isBusy =
        row.action == KiroAction::RetryBackoff && row.client != ChatError::Kind::Overloaded;
    return row.effect != AccountEffect::None || isBusy ? limits::MaxAccountsPerRequest - 1 : 0;
}

} // namespace

UpstreamFailure classify(const KiroTables &tables, const UpstreamRefusal &refusal)
{
    static const KiroReaction unlisted; // Fail, None, Upstream
    const int status = judgedStatus(refusal);
    const auto match =
        std::find_if(tables.reactions.begin(), tables.reactions.end(),
                     [&](const KiroReaction &row) { return matchesRow(row, refusal, status); });
    const KiroReaction &row = match == tables.reactions.end() ? unlisted : *match;

    UpstreamFailure failure;
    failure.action = row.action;
    failure.effect = row.effect;
    failure.refusal = refusal;
    failure.otherAccounts = row.otherAccounts.value_or(usualOtherAccounts(row));
    failure.error.kind = row.client;
    failure.error.message = clientText(row, refusal).toStdString();
    failure.error.retryAfter = refusal.retryAfter;
    if (row.effect == AccountEffect::CoolDown) {
        failure.coolDown = std::max(row.coolDown, refusal.retryAfter.value_or(row.coolDown));
        failure.error.retryAfter = failure.coolDown;
    }
    return failure;
}

UpstreamFailure classifyTransport(const Error &error)
{
    struct Judgement
    {
        KiroAction action = KiroAction::Fail;
        ChatError::Kind kind = ChatError::Kind::Upstream;
        QString message;
    };
    const auto judge = [&error]() -> Judgement {
        using Kind = ChatError::Kind;
        switch (error.code) {
        case Error::Code::Timeout:
            return {KiroAction::RetryNextHost, Kind::Timeout, u"The upstream did not answer"_s};
        case Error::Code::Network:
            return {KiroAction::RetryNextHost, Kind::Upstream, u"The upstream is out of reach"_s};
        case Error::Code::Upstream:
            return {KiroAction::RetryBackoff, Kind::Upstream, u"The upstream's answer is bad"_s};
        case Error::Code::RateLimited:
            return {KiroAction::RetryBackoff, Kind::RateLimited, u"The upstream is busy"_s};
        case Error::Code::Unauthorized:
            return {KiroAction::Fail, Kind::Authentication, u"The upstream wants a sign-in"_s};
        case Error::Code::BadInput:
            return {KiroAction::Fail, Kind::InvalidRequest, u"The request cannot be sent"_s};
        case Error::Code::Cancelled:
            return {KiroAction::Fail, Kind::Internal, u"The request was given up"_s};
        case Error::Code::Storage:
            return {KiroAction::Fail, Kind::Internal, u"The request cannot be sent"_s};
        }
        return {};
    };
    const Judgement judgement = judge();
    UpstreamFailure failure;
    failure.action = judgement.action;
    failure.error.kind = judgement.kind;
    failure.error.message = judgement.message.toStdString();
    if (!error.what.isEmpty())
        failure.error.message += ": " + redacted(error.what).toStdString();
    failure.refusal.status = error.httpStatus;
    return failure;
}

} // namespace kirotray
