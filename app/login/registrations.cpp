// SPDX-License-Identifier: MIT
#include "app/login/registrations.h"

#include "app/base/json.h"
#include "app/base/limits.h"
#include "app/base/log.h"

#include <QCryptographicHash>

namespace kirotray {

namespace {

using OnRegistration = std::function<void(Result<Registrations::Found>)>;

Secret keptForm(const OidcRegistration &registration)
{
    std::string text;
    JsonWriter writer(text);
    writer.beginObject();
    writer.member("clientId", registration.clientId.toStdString());
    writer.member("clientSecret", registration.clientSecret.reveal().toStdString());
    if (registration.endsAt.isValid())
        writer.memberInteger("endsAt", registration.endsAt.toSecsSinceEpoch());
    writer.endObject();
    return Secret(QByteArray::fromStdString(text));
}

std::optional<OidcRegistration> registrationKept(const Secret &text)
{
    const Result<JsonDocument> document = JsonDocument::parse(text.reveal().toStdString());
    if (!document)
        return std::nullopt;
    const JsonValue root = document.value().root();
    JsonReader reader;
    OidcRegistration registration;
    registration.clientId = QString::fromStdString(reader.requiredString(root, "clientId"));
    registration.clientSecret =
        Secret(QByteArray::fromStdString(reader.requiredString(root, "clientSecret")));
    if (const std::optional<qint64> ends = reader.optionalInteger(root, "endsAt"))
        registration.endsAt = QDateTime::fromSecsSinceEpoch(*ends, Qt::UTC);
    if (reader.failed() || registration.clientId.isEmpty() || registration.clientSecret.isEmpty())
        return std::nullopt;
    return registration;
}

/// Long enough that an account made with it need not sign in again soon. One whose end was not told
/// is not trusted: nobody would know when it stops working.
bool lastsLongEnough(const OidcRegistration &registration, const QDateTime &now)
{
    return registration.endsAt.isValid()
        && registration.endsAt
        > now.addSecs(std::chrono::seconds(limits::RegistrationWarning).count());
}

void registerAnew(Vault &vault, const OidcCalls &calls, const OidcSite &site, OidcGrant grant,
                  QObject *context, const OnRegistration &done)
{
    calls.registerClient(
        site, grant, context,
        [&vault, site, grant, context, done](const Result<OidcRegistration> &registered) {
            if (!registered)
                return done(registered.error());
            const OidcRegistration registration = registered.value();
            vault.write(Registrations::key(site, grant), keptForm(registration), context,
                        [registration, done](const Result<Done> &written) {
                            if (!written)
                                qCWarning(logAccounts) << "a registration could not be kept:"
                                                       << describe(written.error());
                            done(Registrations::Found {registration, false});
                        });
        });
}

} // namespace

Registrations::Registrations(Vault &vault, OidcCalls calls, Clock clock)
    : m_vault(vault)
    , m_calls(std::move(calls))
    , m_clock(std::move(clock))
{
}

QString Registrations::key(const OidcSite &site, OidcGrant grant)
{
    const QString place = site.region + u'\n' + site.startUrl + u'\n'
        + (grant == OidcGrant::DeviceCode ? u"device"_s : u"code"_s);
    const QByteArray hash =
        QCryptographicHash::hash(place.toUtf8(), QCryptographicHash::Sha256).toHex().left(32);
    return u"registration/"_s + QString::fromLatin1(hash);
}

void Registrations::find(const OidcSite &site, OidcGrant grant, QObject *context,
                         std::function<void(Result<Found>)> done)
{
    m_vault.read(key(site, grant), context,
                 [&vault = m_vault, calls = m_calls, now = m_clock(), site, grant, context,
                  done = std::move(done)](const Result<Secret> &text) {
                     const auto kept =
                         text ? registrationKept(text.value()) : std::optional<OidcRegistration>();
                     if (kept && lastsLongEnough(*kept, now))
                         return done(Found {*kept, true});
                     registerAnew(vault, calls, site, grant, context, done);
                 });
}

void Registrations::renew(const OidcSite &site, OidcGrant grant, QObject *context,
                          std::function<void(Result<Found>)> done)
{
    registerAnew(m_vault, m_calls, site, grant, context, done);
}

void Registrations::forget(const OidcSite &site, OidcGrant grant, QObject *context)
{
    // Left behind it costs the next sign-in a try, no more.
    m_vault.remove(key(site, grant), context, [](const Result<Done> &) {});
}

} // namespace kirotray
