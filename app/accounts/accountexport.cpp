// SPDX-License-Identifier: MIT
#include "app/accounts/accountexport.h"

#include "app/accounts/importers/ownexport.h"
#include "app/accounts/privatefile.h"
#include "app/base/limits.h"

#include <QFileInfo>
#include <QTimer>

#include <optional>

namespace kirotray {

namespace {

Error badRequest(const QString &what, const QString &member)
{
    return {Error::Code::BadInput, what, member};
}

/// What the request lacks.
std::optional<Error> exportObstacle(const ExportRequest &request)
{
    if (request.plain) {
        if (request.confirmation != QLatin1StringView(PlainExportConfirmation))
            return badRequest(u"secrets in plain text need the sentence \"%1\""_s.arg(
                                  QLatin1StringView(PlainExportConfirmation)),
                              u"confirm"_s);
        if (request.file.isEmpty())
            return badRequest(u"secrets in plain text need a file"_s, u"path"_s);
        return std::nullopt;
    }
    if (request.form != ExportForm::KiroTray)
        return badRequest(u"only our own form can be sealed"_s, u"format"_s);
    if (QString::fromUtf8(request.passphrase.reveal()).size() < limits::MinExportPassphrase)
        return badRequest(u"needs at least %1 characters"_s.arg(limits::MinExportPassphrase),
                          u"passphrase"_s);
    return std::nullopt;
}

} // namespace

AccountExport::AccountExport(AccountStore &store, TokenKeeper &keeper, ExportRequest request,
                             QObject *parent, Callback done)
    : QObject(parent)
    , m_store(store)
    , m_keeper(keeper)
    , m_request(std::move(request))
    , m_done(std::move(done))
{
}

void AccountExport::start()
{
    QMetaObject::invokeMethod(this, &AccountExport::begin, Qt::QueuedConnection);
}

void AccountExport::begin()
{
    if (const std::optional<Error> obstacle = exportObstacle(m_request)) {
        conclude(*obstacle);
        return;
    }
    if (m_request.accounts.empty()) {
        for (const Account &account : m_store.accounts())
            m_request.accounts.push_back(account.id);
    }
    if (!m_keeper.isBusy()) {
        gatherNext();
        return;
    }
    // What is being renewed now would be void by the time the file is read.
    const auto go = [this] {
        if (!std::exchange(m_isGathering, true))
            gatherNext();
    };
    connect(&m_keeper, &TokenKeeper::settled, this, go);
    QTimer::singleShot(limits::VaultTimeout, this, go);
}

void AccountExport::gatherNext()
{
    m_isGathering = true;
    if (m_next == m_request.accounts.size()) {
        finish();
        return;
    }
    const AccountId id = m_request.accounts[m_next++];
    const Account *found = m_store.find(id);
    if (found == nullptr) {
        conclude(badRequest(u"there is no account '%1'"_s.arg(id.value), u"accounts"_s));
        return;
    }
    m_keeper.credential(id, this, [this, account = *found](const Result<Credential> &credential) {
        gathered(account, credential);
    });
}

void AccountExport::gathered(const Account &account, const Result<Credential> &credential)
{
    if (!credential && credential.error().code != Error::Code::BadInput) {
        conclude(credential.error());
        return;
    }
    ImportedAccount exported {account, credential ? credential.value() : Credential {}};
    const QString obstacle = obstacleIn(m_request.form, exported);
    if (obstacle.isEmpty())
        m_accounts.push_back(std::move(exported));
    else
        m_outcome.leftOut.append(account.label + u": "_s + obstacle);
    gatherNext();
}

void AccountExport::finish()
{
    if (m_accounts.empty()) {
        conclude(badRequest(m_outcome.leftOut.isEmpty() ? u"there is no account"_s
                                                        : m_outcome.leftOut.join(u"; "_s),
                            u"accounts"_s));
        return;
    }
    m_outcome.accounts = static_cast<int>(m_accounts.size());
    const Secret plain = plainText(m_request.form, m_accounts);
    const Result<QByteArray> bytes =
        m_request.plain ? plain.reveal() : sealedExportText(plain, m_request.passphrase);
    if (!bytes) {
        conclude(bytes.error());
        return;
    }
    if (bytes.value().size() > limits::MaxExportFile) {
        conclude(badRequest(u"is too large for one file"_s, u"accounts"_s));
        return;
    }
    if (m_request.file.isEmpty()) {
        m_outcome.sealed = bytes.value();
        conclude(m_outcome);
        return;
    }
    m_outcome.file = QFileInfo(m_request.file).absoluteFilePath();
    const Result<Done> written = writePrivateFile(m_outcome.file, bytes.value());
    conclude(written ? Result<ExportOutcome>(m_outcome) : written.error());
}

void AccountExport::conclude(const Result<ExportOutcome> &result)
{
    deleteLater();
    std::exchange(m_done, {})(result);
}

} // namespace kirotray
